"""A difference as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from shuqiao.store.differences.types import RowChange

BLOCK = 1 << 18


def csv_pieces(key: tuple[str, ...], changes: Iterable[RowChange], *, bom: bool) -> Iterator[bytes]:
    """One line a cell: what happened, the key, the column, the old value, the new value. RFC 4180, UTF-8; all text
    is quoted, so that a missing value and an empty text stay two things."""
    held = ["﻿" if bom else "", _line(("变化", *key, "列", "原值", "新值"))]
    size = 0
    for change in changes:
        head = [change.change.label, *change.key.values()]
        for column, old, new in _cells(change):
            line = _line((*head, column, old, new))
            held.append(line)
            size += len(line)
        if size >= BLOCK:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def ndjson_pieces(changes: Iterable[RowChange]) -> Iterator[bytes]:
    """One JSON object a line: `change`, `key`, then `cells` or the whole `row`."""
    encode, held, size = msgspec.json.Encoder().encode, list[bytes](), 0
    for change in changes:
        line = encode(change) + b"\n"
        held.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def plain(value: Any) -> Any:
    """A typed value in a form JSON has."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, date | Decimal) else value


def _cells(change: RowChange) -> Iterator[tuple[str, Any, Any]]:
    if change.cells:
        yield from ((cell.column, cell.old, cell.new) for cell in change.cells)
        return
    added = change.change.value == "added"
    beside = [(name, value) for name, value in change.row.items() if name not in change.key]
    for name, value in beside or [("", None)]:
        yield (name, None, value) if added else (name, value, None)


def _line(values: Iterable[Any]) -> str:
    return ",".join(_field(value) for value in values) + "\n"


def _field(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return '"' + str(value).replace('"', '""') + '"'
