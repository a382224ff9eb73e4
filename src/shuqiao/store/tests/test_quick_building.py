"""A version built the quick way is, byte for byte, the version built the careful way."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shuqiao.kernel import InvalidInput
from shuqiao.store import CHECKS, BuiltVersion, ColumnPlan, ColumnType, Format, Recipe, build
from shuqiao.store.cells import FORMS
from shuqiao.store.reading.chunks import Chunk
from shuqiao.store.reading.delimited import DelimitedReader

TRICKY = [
    *["", "0", "-0", "1", "-1", "+1", "01", " 1", "1 ", "1e3", "0x1F", "9223372036854775807", "9223372036854775808"],
    *["-9223372036854775808", "0.5", ".5", "5.", "-0.0", "-0.10", "1.50", "1.5", "1.500", "123456789012345678"],
    *["12345678901234567.8", "0.0000001", "0.10000000", "１", "٣", "NaN", "inf", "true", "false", "True", "TRUE"],
    *["2012-01-01", "2012-1-1", "2012-01-1", "2012/01/01", "2012/1/1", "2012.1.1", "2012年1月1日", "2012年01月01日"],
    *["0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2012-02-30", "2012-2-29", "2013-02-29", "2012-01/01"],
    *["2012-01-01 08:00:00", "2012-01-01T08:00:00", "2012-01-01 08:00", "2012/01/01 08:00:00", "2012-01-01 24:00:00"],
    *["2012/01/01 08:00", "2012-01-01 08:00:60", "2012-01-01 08:00:00Z", "2012-01-01 08:00:00.0", "0000-01-01 00:00"],
    *["91211422123510422P", "912114221235104220", "91211422123510422p", "11010519491231002X", "110105194912310021"],
    *["440524188001010014", "11010500001231002X", "13800138000", "23800138000", "210800", "2108", "99", "营口", "N/A"],
    *["-", "五五五五五五", '"', "a\nb", "a\r\nb", "\t", "\u3000", "\x07", "\ufffd", "甲"],
]  # fmt: skip
PLANS = [
    *[(ColumnType.TEXT, "", 0), (ColumnType.INTEGER, "", 0)],
    *[(ColumnType.DECIMAL, form, scale) for form in FORMS[ColumnType.DECIMAL] for scale in (0, 1, 2, 7, 17)],
    *[(kind, form, 0) for kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.BOOLEAN) for form in FORMS[kind]],
]  # fmt: skip
cells = st.sampled_from(TRICKY) | st.text("0123456789-./: T年月日", max_size=20)
plans = st.tuples(
    st.sampled_from(PLANS),
    st.sampled_from([("",), ("", "N/A", "-"), ()]),
    st.sampled_from([(), *((name,) for name in CHECKS)]),
)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(char in cell for char in ',"\r\n') else cell


def recipe_of(chosen: list[tuple[tuple[ColumnType, str, int], tuple[str, ...], tuple[str, ...]]]) -> Recipe:
    columns = tuple(
        ColumnPlan(
            source=f"列{place}",
            name=f"列{place}",
            type=kind,
            form=form,
            scale=scale,
            null_markers=marks,
            checks=checks,
        )
        for place, ((kind, form, scale), marks, checks) in enumerate(chosen)
    )
    return Recipe(format=Format.CSV, columns=columns, keys=(("列0",),))


def both_ways(path: Path, recipe: Recipe) -> tuple[BuiltVersion, BuiltVersion]:
    quick = build(path, recipe, path.parent / "quick")

    def carefully(self: DelimitedReader, _width: int, _header: int) -> Iterator[Chunk]:
        yield from self.chunks()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DelimitedReader, "blocks", carefully)
        return quick, build(path, recipe, path.parent / "careful")


def index_of(built: BuiltVersion) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(built.path / "rows.sqlite")) as connection:
        return connection.execute("SELECT * FROM rows ORDER BY n").fetchall()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(plans, min_size=1, max_size=4).flatmap(
        lambda chosen: st.tuples(
            st.just(chosen),
            st.lists(st.lists(cells, min_size=len(chosen), max_size=len(chosen)), max_size=30),
        )
    ),
    st.lists(
        st.sampled_from(["", "营口市（92所）,,,", '5"x,y', '"open', "列0,列1", "列0,列1,列2,列3", ",,,"]),
        max_size=3,
    ),
)
@example(([((ColumnType.DATE, "YYYY-MM-DD", 0), (), ())], [["0000-01-01"]]), [])
def test_any_cells_give_the_same_version_both_ways(
    table: tuple[list[tuple[tuple[ColumnType, str, int], tuple[str, ...], tuple[str, ...]]], list[list[str]]],
    spoil: list[str],
) -> None:
    chosen, rows = table
    header = ",".join(f"列{place}" for place in range(len(chosen)))
    lines = [",".join(map(quoted, row)) for row in rows]
    for place, line in enumerate(spoil):
        lines.insert(place * 3, line)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8", newline="")
        quick, careful = both_ways(path, recipe_of(chosen))
        assert quick.meta.quarantined == careful.meta.quarantined
        assert quick.meta.reasons == careful.meta.reasons
        assert quick.meta.blank_lines == careful.meta.blank_lines
        assert quick.id == careful.id
        assert index_of(quick) == index_of(careful)


def test_a_large_table_is_the_same_both_ways(tmp_path: Path) -> None:
    lines = [f"{number},2012-{number % 12 + 1:02d}-01,{number / 100:.2f}" for number in range(230_000)]
    for place in range(0, 230_000, 9_973):
        lines[place] = lines[place].replace("2012-", "2012-99")
    lines[120_000] = '120000,"2012-01-01"x,1.00'
    recipe = recipe_of(
        [
            ((ColumnType.INTEGER, "", 0), ("",), ()),
            ((ColumnType.DATE, "YYYY-MM-DD", 0), ("",), ()),
            ((ColumnType.DECIMAL, "fixed", 2), ("",), ()),
        ]
    )
    path = tmp_path / "t.csv"
    path.write_text("列0,列1,列2\n" + "\n".join(lines), encoding="utf-8")
    quick, careful = both_ways(path, recipe)
    assert (quick.meta.rows, quick.meta.quarantined) == (230_000 - 25, 25)
    assert quick.id == careful.id


def test_the_same_rows_cut_otherwise_are_the_same_version(tmp_path: Path) -> None:
    rows = [f"{number},甲{number % 7}" for number in range(120_000)]
    recipe = recipe_of([((ColumnType.INTEGER, "", 0), ("",), ()), ((ColumnType.TEXT, "", 0), ("",), ())])
    ids = set()
    for name, end, encoding in (("a", "\n", "utf-8"), ("b", "\r\n", "gb18030"), ("c", "\n", "utf-16")):
        path = tmp_path / name
        path.write_bytes((end.join(["列0,列1", *rows]) + end).encode(encoding))
        ids.add(
            build(
                path,
                Recipe.from_json(recipe.to_json().replace(b"{", b'{"encoding":"%s",' % encoding.encode(), 1)),
                tmp_path / "s",
            ).id
        )
    assert len(ids) == 1


def test_what_a_lane_raises_ends_the_build_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("broken")

    path = tmp_path / "t.csv"
    path.write_text("列0\n" + "1\n" * 200_000, encoding="utf-8")
    recipe = recipe_of([((ColumnType.INTEGER, "", 0), ("",), ())])
    for name in ("fill_row_index", "_write_parquet"):
        with monkeypatch.context() as patch:
            patch.setattr(f"shuqiao.store.building.build.{name}", fail)
            with pytest.raises(OSError, match="broken"):
                build(path, recipe, tmp_path / "store")
    path.write_text("另外\n1\n", encoding="utf-8")
    with pytest.raises(InvalidInput):
        build(path, recipe, tmp_path / "store")
    assert list((tmp_path / "store" / ".staging").iterdir()) == []
