"""The difference of two versions as files: one JSON line a changed row, an index of pages beside it. No database.

Sensitive columns are masked before anything is written, so that no copy of personal data comes into being here.
"""

from __future__ import annotations

import csv
import io
import shutil
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from shuqiao.kernel.ids import new_id
from shuqiao.resources.queries import shelf
from shuqiao.store.differences import Cell, ChangeKind, Difference, RowChange, diff
from shuqiao.store.failures import telling_full
from shuqiao.store.masks import keep_ends
from shuqiao.store.types import ColumnType

PAGE_LINES = 50
MOST_LINES = 1_000_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLACE = struct.Struct("<Q")


def folder_of(comparison_id: UUID) -> Path:
    """Where the files of one difference lie."""
    return Path(settings.HOME) / "comparisons" / comparison_id.hex


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compare: two versions in the store by a key; `masked` are the sensitive columns."""

    comparison_id: UUID
    old: str
    new: str
    key: tuple[str, ...]
    masked: frozenset[str]


def compute(wanted: Wanted, progress: Callable[[int], None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compare two versions and write what is different; returns the counts and the columns compared.

    Of each kind at most a million rows are written; the counts are of all. `progress` gets the lines written. The
    files appear whole or not at all. Raises InvalidInput, StoreFull.
    """
    versions = shelf()
    with (
        versions.open(wanted.old) as before,
        versions.open(wanted.new) as after,
        diff(before, after, wanted.key) as found,
    ):
        target = folder_of(wanted.comparison_id)
        work = target.with_name(f"{target.name}.{new_id().hex[-8:]}")
        work.mkdir(parents=True, mode=0o700)
        try:
            texts = {column.name for column in after.columns if column.type is ColumnType.TEXT}
            hidden = {name: name in texts for name in wanted.masked}
            with telling_full():
                _write(found, work, hidden, progress)
            shutil.rmtree(target, ignore_errors=True)
            work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        columns = {"key": list(found.key), "compared": list(found.columns)}
        return msgspec.to_builtins(found.counts), columns | msgspec.to_builtins(found.schema)


def _write(
    found: Difference, folder: Path, masked: Mapping[str, bool], progress: Callable[[int], None]
) -> None:
    encode, done = msgspec.json.Encoder().encode, 0
    for kind in ChangeKind:
        with (folder / f"{kind}.ndjson").open("wb") as lines, (folder / f"{kind}.pages").open("wb") as pages:
            for number, change in enumerate(found.changes(kind)):
                if number >= MOST_LINES:
                    break
                if number % PAGE_LINES == 0:
                    pages.write(_PLACE.pack(lines.tell()))
                    progress(done)
                lines.write(encode(_masked(change, masked)) + b"\n")
                done += 1


def _masked(change: RowChange, masked: Mapping[str, bool]) -> RowChange:
    if not masked:
        return change
    return msgspec.structs.replace(
        change,
        key={name: _shown(name, value, masked) for name, value in change.key.items()},
        row={name: _shown(name, value, masked) for name, value in change.row.items()},
        cells=tuple(
            Cell(one.column, _shown(one.column, one.old, masked), _shown(one.column, one.new, masked))
            for one in change.cells
        ),
    )


def _shown(name: str, value: Any, masked: Mapping[str, bool]) -> Any:
    """A value as the preview shows it: of a sensitive text its ends, of any other sensitive value nothing."""
    if name not in masked or value is None:
        return value
    return keep_ends(str(value)) if masked[name] else "***"


def read_page(comparison_id: UUID, kind: ChangeKind, number: int) -> list[RowChange]:
    """One page of fifty rows of one kind, counted from 1; nothing past the end."""
    folder = folder_of(comparison_id)
    try:
        with (folder / f"{kind}.pages").open("rb") as pages:
            pages.seek((number - 1) * _PLACE.size)
            place = pages.read(_PLACE.size)
        if len(place) < _PLACE.size:
            return []
        with (folder / f"{kind}.ndjson").open("rb") as lines:
            lines.seek(_PLACE.unpack(place)[0])
            return [_decode(line) for line, _ in zip(lines, range(PAGE_LINES), strict=False)]
    except FileNotFoundError:
        return []


def _decode(line: bytes) -> RowChange:
    return msgspec.json.decode(line, type=RowChange)


def read_lines(comparison_id: UUID) -> Iterator[bytes]:
    """Everything, one JSON object a line."""
    for kind in ChangeKind:
        with (folder_of(comparison_id) / f"{kind}.ndjson").open("rb") as lines:
            while block := lines.read(1 << 18):
                yield block


def write_csv(comparison_id: UUID, key: list[str]) -> Iterator[str]:
    """Everything as a table for spreadsheet programs: one line a cell. A value that such a program would take for
    a formula is written after an apostrophe."""
    yield "\ufeff" + _row(["变化", *key, "列", "原值", "新值"])
    for kind in ChangeKind:
        with (folder_of(comparison_id) / f"{kind}.ndjson").open("rb") as lines:
            for line in lines:
                change = _decode(line)
                head = [change.change.label, *(_text(change.key.get(name)) for name in key)]
                yield "".join(
                    _row([*head, name, _text(old), _text(new)]) for name, old, new in cells_of(change)
                )


def cells_of(change: RowChange) -> list[tuple[str, Any, Any]]:
    """Column, old value and new value of everything that is different in a row."""
    if change.change is ChangeKind.CHANGED:
        return [(cell.column, cell.old, cell.new) for cell in change.cells]
    beside = [(name, value) for name, value in change.row.items() if name not in change.key] or [("", None)]
    if change.change is ChangeKind.ADDED:
        return [(name, None, value) for name, value in beside]
    return [(name, value, None) for name, value in beside]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return line.getvalue()


def remove(comparison_id: UUID) -> None:
    """Forget the files."""
    shutil.rmtree(folder_of(comparison_id), ignore_errors=True)
