"""Coverage-guided fuzzing of the query language: `make fuzz`.

    python fuzz/query.py [libFuzzer options] [corpus folder]

Any text of parameters gives a page, figures, or one of the errors a query may have; both engines agree on pages. Needs
atheris, which `make fuzz` installs into an environment of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl

import atheris

with atheris.instrument_imports(include=["shuqiao.store"]):
    from shuqiao.kernel import InvalidInput
    from shuqiao.store import (
        ColumnScope,
        Mask,
        NotInScope,
        Query,
        Scope,
        Store,
        VersionHandle,
        build,
        sniff,
    )

TABLE = """编码,名称,数量,金额,日期,时刻,有效
0001,营口,1,1.50,2024-01-02,2024-01-02 03:04:05,true
0002,沈阳,-2,22.05,2024-02-29,2024-02-29 00:00:00,false
0003,,3,0.10,1999-12-31,1999-12-31 23:59:59,true
0004,100%,,9.99,,2000-01-01 00:00:00,
"""
SEEDS = (
    "select=编码,名称&名称__contains=营&limit=2",
    "数量__gte=-2&数量__between=1,3&sort=-数量,名称&count=exact",
    "金额__in=1.50,22.05&日期__lt=2024-02-29&有效=true",
    "名称__isnull=true&时刻__gt=2000-01-01T00:00:00",
    "group=名称,有效&aggregate=count,sum:金额,avg:数量,min:日期,max:时刻&sort=-count",
    "编码__startswith=000&cursor=abc",
)


def opened(folder: Path) -> VersionHandle:
    """A small version with a column of every type and a declared key."""
    source = folder / "t.csv"
    source.write_text(TABLE, encoding="utf-8")
    return Store(folder / "store").open(build(source, sniff(source).recipe(), folder / "store").id)


def scopes_of(handle: VersionHandle) -> list[Scope]:
    """Everything, and a scope with masks."""
    names = [column.name for column in handle.columns]
    masked = (ColumnScope(names[0]), ColumnScope(names[1], Mask.KEEP_ENDS), ColumnScope(names[4], Mask.YEAR))
    return [Scope.whole(handle.columns), Scope(masked)]


def ask(handle: VersionHandle, scopes: list[Scope], text: str) -> None:
    """One query under both scopes."""
    try:
        query = Query.parse(parse_qsl(text, keep_blank_values=True))
    except InvalidInput:
        return
    for scope in scopes:
        try:
            if query.aggregated:
                handle.aggregate(query, scope, engine="duckdb")
                continue
            pages = [handle.rows(query, scope, engine=engine) for engine in ("sqlite", "duckdb", None)]
        except (InvalidInput, NotInScope):
            continue
        assert pages[0] == pages[1] == pages[2], text


def main() -> None:
    """Fuzz, beginning with queries of every kind."""
    with tempfile.TemporaryDirectory(prefix="shuqiao-fuzz-") as name:
        folder = Path(name)
        handle = opened(folder)
        scopes = scopes_of(handle)
        corpus = folder / "seeds"
        corpus.mkdir()
        for place, seed in enumerate(SEEDS):
            (corpus / str(place)).write_text(seed, encoding="utf-8")

        def one(data: bytes) -> None:
            ask(handle, scopes, data.decode("utf-8", "surrogateescape"))

        atheris.Setup([*sys.argv, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
