"""Looking at an uploaded file: what `store.sniff` sees, and the first rows as they stand. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from shuqiao import store
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.resources.contents import unpacked_size
from shuqiao.store.reading import Source, open_reader, readable
from shuqiao.store.reading.chunks import NOT_TEXT
from shuqiao.store.types import Preview, Recipe

Checks = Mapping[str, tuple[str, ...]]
HEAD_ROWS = 20
HEAD_CHARS = 80
# A file this small (bytes unpacked, as far as its size tells) is looked at while the sender waits: about two
# seconds at 2.5 MB/s. A bigger one is looked at by the worker.
INLINE_BYTES = 6 * 1024 * 1024
GZIP_RATIO = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A file looked at: the proposal, its first rows as `{"line", "cells"}`, and where it was asked to look.
    `given_up` says why it could not be looked at where the last one had its table."""

    preview: Preview
    head: list[dict[str, Any]]
    reading: dict[str, Any]
    given_up: str = ""


def is_small(path: Path, filename: str) -> bool:
    """Whether the file is looked at at once."""
    usual = path.stat().st_size * (GZIP_RATIO if filename.lower().endswith((".gz", ".zst", ".zip")) else 1)
    return max(usual, unpacked_size(path)) <= INLINE_BYTES


def look_at(path: Path, filename: str, reading: dict[str, Any], checks: Checks | None = None) -> Seen:
    """Look at a whole file. `reading` may name member (of a ZIP archive), sheet, path (of a JSON list
    or XML element), header_row, encoding, delimiter and quote; `checks` those whose failures are counted, by the
    columns' headers.

    Raises InvalidInput when the file is no table that can be read.
    """
    preview = store.sniff(
        path,
        filename=filename,
        sheet=str(reading.get("sheet", "")),
        list_path=reading.get("path"),
        header_row=reading.get("header_row"),
        member=str(reading.get("member", "")),
        encoding=str(reading.get("encoding", "")),
        delimiter=str(reading.get("delimiter", "")),
        quote=str(reading.get("quote", '"')),
        checks=checks,
    )
    spoiled = [
        Problem(f"第 {place} 列", f"表头“{_shown(column.header)}”含有乱码或控制字符，请在文件里改正")
        for place, column in enumerate(preview.columns, 1)
        if NOT_TEXT.search(column.header)
    ]
    if spoiled:
        raise InvalidInput(spoiled)
    return Seen(preview, _head(path, filename, preview), reading)


def look_again(path: Path, filename: str, reading: dict[str, Any], checks: Checks | None = None) -> Seen:
    """Look at a file where the last one of its resource had its table; a file that has no such place is looked at
    as if it were the first, and why is said. Raises InvalidInput when it is no table either way."""
    if not reading:
        return look_at(path, filename, {}, checks)
    try:
        return look_at(path, filename, reading, checks)
    except InvalidInput as error:
        seen = look_at(path, filename, {}, checks)
        return replace(seen, given_up="；".join(str(problem) for problem in error.problems))


def _shown(text: str) -> str:
    """A text with what is no character written out, so that it can be kept and shown."""
    return NOT_TEXT.sub(lambda found: f"\\x{ord(found[0]):02x}", readable(text))


def _head(path: Path, filename: str, preview: Preview) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for chunk in open_reader(Source(path, filename), preview.recipe()).chunks():
        for line, cells in zip(chunk.lines, chunk.rows, strict=True):
            shown = [_shown(cell or "")[:HEAD_CHARS] for cell in cells]
            rows.append({"line": line, "cells": shown})
            if len(rows) == HEAD_ROWS:
                return rows
    return rows


def to_json(preview: Preview) -> dict[str, Any]:
    """The form kept with the version. A NUL in a header or sample cannot stand in a database text."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(preview).replace(b"\\u0000", b"\\u2400"))
    return plain


def from_json(value: dict[str, Any]) -> Preview:
    """Read what `to_json` wrote."""
    return msgspec.convert(value, type=Preview)


def recipe_from_json(value: dict[str, Any]) -> Recipe:
    """The recipe as a version keeps it."""
    return msgspec.convert(value, type=Recipe)
