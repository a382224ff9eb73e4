"""What stands in versions of a table: as a grant shows it, and as it is, for the comparison of a correction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shuqiao.delivery import queries as delivery
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.resources import queries as resources
from shuqiao.sharing.verification.types import Finding, Outcome
from shuqiao.store import Condition, Mask, NotInScope, Op, Predicate, Query, Scope, VersionHandle
from shuqiao.store.masks import masked

MOST_ROWS = 100
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as a grant shows it: the key, and text by column."""

    key: tuple[str, ...]
    values: dict[str, str]


def text_of(value: Any) -> str:
    """A value as pages show it; a missing one is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:LONGEST]


def _of_key(columns: Sequence[str], key: Sequence[str]) -> tuple[Predicate, ...]:
    if len(columns) != len(key):
        raise InvalidInput.one("查询键", f"要给出 {len(columns)} 个值：{'、'.join(columns)}")
    return tuple(Predicate(name, Op.EQ, (value,)) for name, value in zip(columns, key, strict=True))


def look_up(
    grant: Any, store_version: str, by: Sequence[str], keys: Sequence[tuple[str, ...]]
) -> list[SeenRow]:
    """Rows of these keys as the grant shows them, in the order of the keys. Raises InvalidInput for a key that the
    grant does not reach, NotInScope where it does not show the key's columns unmasked."""
    scope = delivery.scope_of(grant)
    found = []
    with resources.shelf().open(store_version) as version:
        for key in keys:
            page = version.rows(Query(filters=_of_key(by, key), limit=MOST_ROWS), scope)
            if not page.rows:
                raise InvalidInput.one("，".join(key), "在授权范围内没有这条记录")
            found += [
                SeenRow(key, {name: text_of(value) for name, value in row.items()}) for row in page.rows
            ]
    return found


def values_of(
    store_version: str, by: Sequence[str], key: Sequence[str], columns: Sequence[str]
) -> list[list[str]]:
    """The true values of columns in the rows of a key, one list a column; for the provider's eyes."""
    with resources.shelf().open(store_version) as version:
        there = {column.name for column in version.columns}
        asked = [name for name in columns if name in there]
        found = version.rows(
            Query(filters=_of_key(by, key), limit=MOST_ROWS), Scope.of(dict.fromkeys((*by, *asked)))
        )
    return [[text_of(row[name]) if name in there else "" for row in found.rows] for name in columns]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one row and what was found about it."""

    by: tuple[str, ...]
    key: tuple[str, ...]
    column: str
    finding: Finding


def _texts(version: VersionHandle, field: Field, *more: Predicate) -> Counter[str]:
    query = Query(filters=(*_of_key(field.by, field.key), *more), limit=MOST_ROWS)
    page = version.rows(query, Scope.of(dict.fromkeys((*field.by, field.column))))
    return Counter(text_of(row[field.column]) for row in page.rows)


def wrong_in(version: VersionHandle, field: Field) -> frozenset[str]:
    """The wrong values of a field in a version: those that are not the right one; empty when the field is right or the
    row is not there. Raises InvalidInput when the right value is not of the column's type."""
    if field.finding.outcome == Outcome.REMOVE:
        return frozenset(_texts(version, field))
    correct = field.finding.correct
    right = Predicate(field.column, Op.EQ, (correct,)) if correct else Predicate(
        field.column, Op.ISNULL, (True,)
    )  # fmt: skip
    return frozenset(_texts(version, field) - _texts(version, field, right))


def is_right_in(version: VersionHandle, field: Field, wrong: frozenset[str]) -> bool:
    """Whether a version carries the correction: of the wrong values none is there any more, and the right one is; or
    the row that was to be removed is gone."""
    everything = _texts(version, field)
    if field.finding.outcome == Outcome.REMOVE:
        return not everything
    still = wrong_in(version, field)
    return wrong.isdisjoint(still) and any(text not in still for text in everything)


def stands_in(store_version: str, field: Field, wrong: frozenset[str]) -> bool:
    """Whether one of the wrong values stood in a version. A column that it did not have held no value."""
    try:
        with resources.shelf().open(store_version) as version:
            return not wrong.isdisjoint(_texts(version, field))
    except (InvalidInput, NotInScope, NotFound):
        return False


def as_seen_by(grant: Any, store_version: str, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Which of these fields a grant shows, as lines to its holder: the row's key as the grant shows it, and the names
    of the fields. Rows outside the grant's condition are none of its lines."""
    scope = delivery.scope_of(grant)
    masks = {one.name: one.mask for one in scope.columns if one.mask is not Mask.DROP}
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    with resources.shelf().open(store_version) as version:
        for field in fields:
            removed = field.finding.outcome == Outcome.REMOVE
            if not (removed or field.column in masks) or not _reaches(version, scope.where, field):
                continue
            line = lines.setdefault(field.key, {"key": _masked_key(version, scope, field), "fields": []})
            line["fields"].append("整条记录" if removed else field.column)
    return list(lines.values())


def _reaches(version: VersionHandle, where: Condition, field: Field) -> bool:
    """Whether a row condition lets the row through; when it cannot be held against this version, it may have."""
    names = dict.fromkeys((*field.by, *(one.column for one in where.all)))
    try:
        query = Query(filters=_of_key(field.by, field.key), limit=1)
        return bool(version.rows(query, Scope.of(names, where)).rows)
    except (InvalidInput, NotInScope):
        return True


def _masked_key(version: VersionHandle, scope: Scope, field: Field) -> str:
    columns = {column.name: column for column in version.columns}
    masks = {one.name: one.mask for one in scope.columns}
    parts = []
    for name, value in zip(field.by, field.key, strict=True):
        mask = masks.get(name, Mask.DROP)
        if mask is Mask.DROP or name not in columns:
            parts.append(f"{name}（不在授权内）")
        else:
            shown = masked(value, mask, columns[name], scope.hash_key) if mask is not Mask.NONE else value
            parts.append(text_of(shown))
    return "，".join(parts)
