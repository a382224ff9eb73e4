"""The masks as plain functions on text. SQLite calls these; DuckDB runs the same rules as SQL (engines/duckdb)."""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shuqiao.store.cells import render_decimal
from shuqiao.store.scope import Mask
from shuqiao.store.types import Column, ColumnType

ENDS = ((11, 3, 4), (7, 2, 2), (3, 1, 1), (2, 1, 0), (0, 0, 0))
"""(from this many characters on, characters kept at the head, at the tail)."""

YEAR = r"^(?:1[89]|20)[0-9]{2}(?:[^0-9]|[0-9]{4}\z|\z)"
"""A text that begins with a year: ``2012``, ``2012-01-1``, ``20120101``; not the head of a longer number.
In RE2's spelling; Python's `re` writes the end of the text as ``\\Z``."""

_YEAR = re.compile(YEAR.replace(r"\z", r"\Z"))


def keep_ends(text: str | None) -> str | None:
    """Head and tail with a star for each character between: 138****0000, 张*."""
    if text is None:
        return None
    size = len(text)
    head, tail = next((head, tail) for least, head, tail in ENDS if size >= least)
    return text[:head] + "*" * (size - head - tail) + text[size - tail :]


def keyed_hash(text: str | None, key: bytes) -> str | None:
    """HMAC-SHA256 in hex: equal values stay equal within one grant, nothing can be read back."""
    return None if text is None else hmac.digest(key, text.encode(), "sha256").hex()


def year(text: str | None) -> str | None:
    """The year a text begins with; missing where it does not begin with one."""
    return text[:4] if text is not None and _YEAR.match(text) else None


def masked(value: Any, mask: Mask, column: Column, key: bytes) -> Any:
    """What a scope shows of a typed value: the one definition both engines are tested against."""
    shown = shown_value(value, column)
    if shown is None or mask is Mask.NONE:
        return shown
    match mask:
        case Mask.KEEP_ENDS:
            return keep_ends(str(shown))
        case Mask.HASH:
            return keyed_hash(str(shown), key)
        case Mask.YEAR:
            return shown[:4] if column.type is not ColumnType.TEXT else year(shown)
        case Mask.DROP:
            raise AssertionError(f"{column.name} is not given")


def shown_value(value: Any, column: Column) -> Any:
    """A typed value as answers carry it: decimals, days and moments as exact text."""
    match value:
        case Decimal():
            return render_decimal(int(value.scaleb(column.scale)), column.scale, column.form)
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return value
