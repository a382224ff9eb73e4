"""What a record of a read says about the row of a key: that it was named, that it may have been among others, or
nothing. Pure.

A lookup names a key in its address, a batch in `extra.keys` (columns in `extra.by`), a filter in its query. A page,
an aggregate or an export that did not name the key may have contained the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

_EXACT = frozenset({"", "eq", "in"})
_NOT_FILTERS = frozenset({"by", "select", "sort", "limit", "cursor", "count", "group", "aggregate", "bom"})


class How(StrEnum):
    """What a record says about the row."""

    READ = "read"
    ASKED = "asked"
    MAY = "may"

    @property
    def label(self) -> str:
        """The words screens and the command line show."""
        return {How.READ: "读到", How.ASKED: "查过，没有给出", How.MAY: "可能包含"}[self]


@dataclass(frozen=True, slots=True)
class Question:
    """Whose row: the values of its key, and the columns they stand in where that is known.

    `first`: the columns of the resource's first declared key, which a lookup means that names none. Without columns
    a value counts wherever a record names it.
    """

    resource: str
    values: tuple[str, ...]
    year: int
    by: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


class Facts(msgspec.Struct):
    """What is read of a record to answer the question."""

    kind: str
    at: str
    grant: str = ""
    key: str = ""
    resource: str = ""
    action: str = ""
    rows: int = 0
    query: str = ""
    purpose: str = ""
    case: str = ""
    client: str = ""
    extra: dict[str, Any] = {}

    @property
    def keys(self) -> list[list[str]]:
        """The keys of a batch."""
        keys = self.extra.get("keys")
        return [_parts(one) for one in keys] if isinstance(keys, list) else []


def how_it_concerns(facts: Facts, asked: Question) -> How | None:
    """What a record of the resource says about the row asked for; None when nothing."""
    if facts.kind not in ("read", "refusal"):
        return None
    given = facts.kind == "read" and (facts.rows > 0 or facts.extra.get("phase") == "begun")
    fits = [_fit(columns, values, asked) for columns, values in _keys(facts, asked)]
    if not fits:
        fits = [_filters(facts.query, asked)]
    if _NAMED in fits:
        return How.READ if given else How.ASKED
    return How.MAY if given and _OPEN in fits else None


_NAMED, _OPEN, _OTHER = "named", "open", "other"
"""The row asked for; maybe the row asked for, maybe not; another row."""


def _keys(facts: Facts, asked: Question) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The keys a record names, with the columns of each; none for pages and exports."""
    path, _, parameters = facts.query.partition("?")
    _, found, key = path.partition("/rows/")
    if found:
        named = dict(parse_qsl(parameters)).get("by", "")
        yield tuple(named.split(",")) if named else asked.first, [unquote(part) for part in key.split(",")]
    by = facts.extra.get("by")
    columns = tuple(map(str, by)) if isinstance(by, list) else asked.first
    for values in facts.keys:
        yield columns, values


def _fit(columns: Sequence[str], values: Sequence[str], asked: Question) -> str:
    """Does a key name the row? Where columns are known on both sides they have to agree."""
    if not asked.by or len(columns) != len(values):
        return _NAMED if set(asked.values) <= set(values) else _OTHER
    named = dict(zip(columns, values, strict=True))
    known = [
        named[column] == value
        for column, value in zip(asked.by, asked.values, strict=True)
        if column in named
    ]
    if not all(known):
        return _OTHER
    return _NAMED if len(known) == len(asked.by) else _OPEN


def _filters(query: str, asked: Question) -> str:
    """Do the filters of a page, an aggregate or an export name the row, leave it open, or leave it out?"""
    named: dict[str, list[str]] = {}
    everywhere: set[str] = set()
    for name, text in parse_qsl(query.partition("?")[2], keep_blank_values=True):
        column, _, op = name.rpartition("__") if "__" in name else (name, "", "")
        if op not in _EXACT or name in _NOT_FILTERS:
            continue
        values = [text, *text.split(",")] if op == "in" else [text]
        named.setdefault(column, []).extend(values)
        everywhere |= set(values)
    if any(
        column in named and value not in named[column]
        for column, value in zip(asked.by, asked.values, strict=False)
    ):
        return _OTHER
    return _NAMED if set(asked.values) <= everywhere else _OPEN


def _parts(key: Any) -> list[str]:
    return [str(part) for part in key] if isinstance(key, list) else [str(key)]
