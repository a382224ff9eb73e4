"""What any table, scope and query may be, and the naive answer: row by row in Python, with nothing of the store's
reading, masks or SQL. The tests of scopes compare with it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from shuqiao.store import (
    ColumnPlan,
    ColumnScope,
    ColumnType,
    Condition,
    Format,
    Mask,
    Op,
    Page,
    Predicate,
    Query,
    Recipe,
    Scope,
    SortKey,
    Store,
    VersionHandle,
    build,
)

KEY = b"0123456789abcdef0123456789abcdef"
TYPES = {
    "名称": ColumnType.TEXT,
    "代码": ColumnType.TEXT,
    "数": ColumnType.INTEGER,
    "额": ColumnType.DECIMAL,
    "日": ColumnType.DATE,
    "时": ColumnType.DATETIME,
    "否": ColumnType.BOOLEAN,
}
NAMES = tuple(TYPES)
MASKS = {
    ColumnType.TEXT: tuple(Mask),
    ColumnType.INTEGER: (Mask.NONE, Mask.KEEP_ENDS, Mask.HASH, Mask.DROP),
    ColumnType.DECIMAL: (Mask.NONE, Mask.DROP),
    ColumnType.DATE: tuple(Mask),
    ColumnType.DATETIME: tuple(Mask),
    ColumnType.BOOLEAN: (Mask.NONE, Mask.DROP),
}
texts = st.one_of(
    st.text(alphabet="aA张营口0%_'\";\\é𡐓 =,\n\r\t<&>", min_size=1, max_size=8),
    st.sampled_from(
        ["2012", "2012-01-1", "20120101", "210102001012", "13800138000", "0", "00", "_x0041_", "]]>"]
    ),
)
decimals = st.integers(-10_000, 10_000).map(lambda n: Decimal(n) / 100)
values: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.TEXT: texts,
    ColumnType.INTEGER: st.one_of(st.integers(-5, 5), st.sampled_from([2**63 - 1, -(2**63), 1234567])),
    ColumnType.DECIMAL: decimals,
    ColumnType.DATE: st.dates(date(1999, 12, 30), date(2000, 1, 3)),
    ColumnType.DATETIME: st.datetimes(datetime(2000, 1, 1), datetime(2000, 1, 1, 0, 0, 9)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    ColumnType.BOOLEAN: st.booleans(),
}


def written(value: Any) -> Any:
    """A value as answers carry it."""
    if isinstance(value, Decimal):
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


rows_of = st.lists(
    st.fixed_dictionaries({name: st.none() | values[kind] for name, kind in TYPES.items()}), max_size=9
)


@st.composite
def predicates(draw: Callable[..., Any]) -> Predicate:
    name = draw(st.sampled_from(NAMES))
    kind = TYPES[name]
    ops = [Op.EQ, Op.NE, Op.IN, Op.ISNULL]
    if kind is not ColumnType.BOOLEAN:
        ops += [Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN]
    if kind is ColumnType.TEXT:
        ops += [Op.CONTAINS, Op.STARTSWITH]
    op = draw(st.sampled_from(ops))
    if op is Op.ISNULL:
        return Predicate(name, op, (draw(st.booleans()),))
    count = {Op.BETWEEN: 2, Op.IN: draw(st.integers(1, 3))}.get(op, 1)
    chosen = [written(draw(values[kind])) for _ in range(count)]
    return Predicate(name, op, tuple(chosen))


@st.composite
def scopes(draw: Callable[..., Any]) -> Scope:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    columns = tuple(ColumnScope(name, draw(st.sampled_from(MASKS[TYPES[name]]))) for name in names)
    where = tuple(draw(st.lists(predicates(), max_size=2)))
    return Scope(columns, Condition(where), KEY)


queries = st.builds(
    Query,
    select=st.none() | st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(tuple),
    filters=st.lists(predicates(), max_size=2).map(tuple),
    sort=st.lists(st.builds(SortKey, st.sampled_from(NAMES), st.booleans()), max_size=2).map(tuple),
    limit=st.sampled_from([1, 2, 5, 100]),
    count=st.sampled_from(["none", "exact"]),
)


def naive_mask(value: Any, mask: Mask) -> Any:
    shown = written(value)
    if shown is None or mask is Mask.NONE:
        return shown
    text = str(shown)
    if mask is Mask.HASH:
        return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    if mask is Mask.YEAR:
        if isinstance(value, date):
            return text[:4]
        digits = len(text) - len(text.lstrip("0123456789"))
        return (
            text[:4]
            if digits in (4, 8) and text[:2] in ("18", "19", "20") and (digits == 4 or len(text) == 8)
            else None
        )
    head, tail = {0: (0, 0), 1: (0, 0), 2: (1, 0)}.get(len(text), (1, 1))
    if len(text) >= 7:
        head, tail = (3, 4) if len(text) >= 11 else (2, 2)
    return "".join(
        char if place < head or place >= len(text) - tail else "*" for place, char in enumerate(text)
    )


def holds(row: dict[str, Any], predicate: Predicate) -> bool:
    value = row[predicate.column]
    if predicate.op is Op.ISNULL:
        return (value is None) == predicate.values[0]
    if value is None:
        return False
    given_values = [parse(TYPES[predicate.column], given) for given in predicate.values]
    first = given_values[0]
    return {
        Op.EQ: lambda: value == first,
        Op.NE: lambda: value != first,
        Op.LT: lambda: value < first,
        Op.LTE: lambda: value <= first,
        Op.GT: lambda: value > first,
        Op.GTE: lambda: value >= first,
        Op.IN: lambda: value in given_values,
        Op.BETWEEN: lambda: first <= value <= given_values[1],
        Op.CONTAINS: lambda: first in value,
        Op.STARTSWITH: lambda: value.startswith(first),
    }[predicate.op]()


def parse(kind: ColumnType, given: Any) -> Any:
    match kind:
        case ColumnType.DECIMAL:
            return Decimal(given)
        case ColumnType.DATE:
            return date.fromisoformat(given)
        case ColumnType.DATETIME:
            return datetime.fromisoformat(given)
        case _:
            return given


def found_by(rows: list[dict[str, Any]], scope: Scope, query: Query) -> list[dict[str, Any]]:
    return [row for row in rows if all(holds(row, p) for p in (*scope.where.all, *query.filters))]


def ordered(rows: list[dict[str, Any]], sort: Iterable[SortKey]) -> list[dict[str, Any]]:
    for key in reversed(tuple(sort)):
        present = [row for row in rows if row[key.column] is not None]
        missing = [row for row in rows if row[key.column] is None]
        present.sort(key=lambda row: row[key.column], reverse=key.descending)  # stable both ways
        rows = [*present, *missing]
    return rows


def naive(rows: list[dict[str, Any]], scope: Scope, query: Query) -> list[dict[str, Any]]:
    found = ordered(found_by(rows, scope, query), query.sort)
    masks = granted(scope)
    names = query.select if query.select is not None else tuple(masks)
    return [{name: naive_mask(row[name], masks[name]) for name in dict.fromkeys(names)} for row in found]


def granted(scope: Scope) -> dict[str, Mask]:
    return {column.name: column.mask for column in scope.columns if column.mask is not Mask.DROP}


def is_refused(scope: Scope, query: Query) -> bool:
    masks = granted(scope)
    if not masks:
        return True
    tested = [*(p.column for p in query.filters), *(key.column for key in query.sort)]
    if any(name not in masks for name in [*(query.select or ()), *tested]):
        return True
    return any(masks[name] is not Mask.NONE for name in tested)


def version_of(rows: list[dict[str, Any]], root: Path) -> VersionHandle:
    def cell(value: Any) -> Any:
        return value if isinstance(value, bool) else None if value is None else str(written(value))

    source = root / "rows.ndjson"
    source.write_text("".join(json.dumps({k: cell(v) for k, v in row.items()}) + "\n" for row in rows))
    forms = {
        ColumnType.DECIMAL: {"form": "minimal", "scale": 2},
        ColumnType.DATETIME: {"form": "YYYY-MM-DDThh:mm:ss"},
    }
    plans = tuple(
        ColumnPlan(source=name, name=name, type=kind, null_markers=(), **forms.get(kind, {}))
        for name, kind in TYPES.items()
    )
    recipe = Recipe(format=Format.NDJSON, columns=plans, header_row=0, keys=(("代码",), ("名称", "数")))
    built = build(source, recipe, root / "store")
    assert built.meta.rows == len(rows)
    assert built.meta.quarantined == 0
    return Store(root / "store").open(built.id)


def all_pages(
    ask: Callable[..., Page], query: Query, scope: Scope, engine: str | None
) -> tuple[list[Any], set[Any]]:
    """Every row of every page, walked by cursor, and the totals said on the way."""
    rows: list[Any] = []
    totals = set()
    asked = query
    for _ in range(50):
        page = ask(asked, scope, engine=engine)
        assert len(page.rows) <= query.limit
        rows += page.rows
        totals.add(page.total)
        if page.next_cursor is None:
            return rows, totals
        asked = msgspec.structs.replace(query, cursor=page.next_cursor)
    raise AssertionError("pages never end")
