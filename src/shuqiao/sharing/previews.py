"""What the grantee would read: one row through the scope, and how many rows it reaches. For the provider's eyes
only; who asks sees in words what a mask does, never a value before there is a grant."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from shuqiao.resources import queries as resources
from shuqiao.sharing.offers import Listing
from shuqiao.sharing.types import Scope
from shuqiao.store import ColumnScope, Condition, Mask, Query, Store
from shuqiao.store import Scope as StoreScope

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
