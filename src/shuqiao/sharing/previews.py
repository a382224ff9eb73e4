"""What the grantee would read: one row through the scope, and how many rows it reaches, for the provider's eyes only.
Who asks sees real rows of unconditional data alone; of all other data examples made up in the shape of its columns."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shuqiao.resources import queries as resources
from shuqiao.sharing.offers import Listing
from shuqiao.sharing.types import Scope
from shuqiao.store import Column as StoreColumn
from shuqiao.store import ColumnScope, ColumnType, Condition, Mask, Query, Store
from shuqiao.store import Scope as StoreScope
from shuqiao.store.masks import masked

IN_WORDS: Mapping[str, str] = {
    "none": "原值",
    "keep_ends": "首尾可见，中间为 *",
    "hash": "散列值，可比对不可还原",
    "year": "只有年份",
    "drop": "不给",
}


def words_of(scope: Scope) -> dict[str, str]:
    """What each column would look like, in words."""
    return {name: IN_WORDS[mask] for name, mask in scope.items}


def sample_of(listing: Listing, scope: Scope) -> tuple[dict[str, str], int | None]:
    """The first row that the scope reaches, by column, and how many rows it reaches; nothing when the version's
    files are not on this node. Raises InvalidInput on a condition that the columns cannot carry."""
    store, table = Store(resources.store_root()), listing.table
    if table is None or table.file or not scope.items or not store.has(table.store_version):
        return {}, None
    inside = StoreScope(
        columns=tuple(ColumnScope(name, Mask(mask)) for name, mask in scope.items),
        where=Condition.from_json([dict(predicate) for predicate in scope.where]),
        hash_key=secrets.token_bytes(32),
    )
    with store.open(table.store_version) as version:
        page = version.rows(Query(limit=1, count="exact"), inside)
    shown = {name: _shown(value) for name, value in page.rows[0].items()} if page.rows else {}
    return shown, page.total


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


# ---- what the asker sees before there is an answer ----

EXAMPLES = 3
_DIGITS, _LATIN, _IDEOGRAPHS = "1234567890", "abcdefghij", "示例文字"
_PART = re.compile(r"([9aA汉])(?:\{([0-9]+)\})?|(.)")
_PLAIN_SIGNS = frozenset(" -_/.,:;()（）、，。：；〔〕[]+*#@%")


@dataclass(frozen=True, slots=True)
class Preview:
    """A few rows as they would be read, by column. `real`: rows of the table; else values made up in the shape of its
    columns. `why` says in words which."""

    rows: tuple[Mapping[str, str], ...]
    real: bool
    why: str


def preview_for_asker(listing: Listing, scope: Scope) -> Preview:
    """What whoever asks may see before the answer: of unconditional data a few real rows through the scope, of
    everything else made-up values in the columns' shapes, masked like the real ones, never a value of a row
    (Decree 20: only what is necessary)."""
    shown = tuple((name, mask) for name, mask in scope.items if mask != Mask.DROP)
    names = tuple(name for name, _ in shown)
    # The condition is on columns too: a real row would tell what it holds in them.
    touched = names + tuple(predicate["column"] for predicate in scope.where)
    if not shown:
        return Preview((), real=False, why="还没有选信息项")
    store, table = Store(resources.store_root()), listing.table
    there = table is not None and table.file is None and store.has(table.store_version)
    if table and there and listing.offer().type_of(touched) == "unconditional":
        rows = _real_rows(store, table.store_version, replace(scope, items=shown))
        return Preview(rows, real=True, why=f"无条件共享：前 {len(rows)} 行真实数据，已按所选程度脱敏")
    shapes = _shapes(store, table.store_version) if table and there else {}
    row = {name: _made_up(listing, name, mask, shapes.get(name, "")) for name, mask in shown}
    why = "虚构的例子，只按列的格式生成；得到授权之前不显示真实数据"
    return Preview((row,), real=False, why=why)


def _real_rows(store: Store, version: str, scope: Scope) -> tuple[Mapping[str, str], ...]:
    inside = StoreScope(
        columns=tuple(ColumnScope(name, Mask(mask)) for name, mask in scope.items),
        where=Condition.from_json([dict(predicate) for predicate in scope.where]),
        hash_key=secrets.token_bytes(32),
    )
    with store.open(version) as handle:
        page = handle.rows(Query(limit=EXAMPLES), inside)
    return tuple({name: _shown(value) for name, value in row.items()} for row in page.rows)


def _shapes(store: Store, version: str) -> dict[str, str]:
    """The most frequent shape of each column, where it is frequent enough to belong to no single row."""
    profile = store.kept_profile(version)
    if profile is None:
        return {}
    return {
        column.name: column.shapes[0].text
        for column in profile.columns
        if column.shapes and column.shapes[0].share >= 0.2 and column.looked_at >= 20
    }


def _made_up(listing: Listing, name: str, mask: str, shape: str) -> str:
    column = next(column for column in listing.columns if column.name == name)
    kind = ColumnType(column.type)
    plain: Any = {
        ColumnType.DATE: "2001-02-03",
        ColumnType.DATETIME: "2001-02-03T04:05:06",
        ColumnType.INTEGER: 123,
        ColumnType.DECIMAL: "123.45",
        ColumnType.BOOLEAN: True,
        ColumnType.TEXT: _in_shape(shape) or "示例文字",
    }[kind]
    shown = _shown(masked(plain, Mask(mask), StoreColumn(name, "c1", kind), b"\0" * 32))
    return shown if mask == Mask.NONE else f"{shown}（{IN_WORDS[mask]}）"


def _in_shape(shape: str) -> str:
    """A text of this shape that stands in no table: 9{4}-汉 becomes 1234-示."""
    made = []
    for sign, count, other in _PART.findall(shape):
        times = min(int(count or 1), 40)
        if sign == "9":
            made.append((_DIGITS * 4)[:times])
        elif sign:
            letters = _IDEOGRAPHS if sign == "汉" else _LATIN.upper() if sign == "A" else _LATIN
            made.append((letters * 10)[:times])
        else:
            made.append(other if other in _PLAIN_SIGNS else "·")
    return "".join(made)[:60]
