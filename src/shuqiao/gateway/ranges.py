"""Parts of a file by bytes (RFC 9110, 14): one range of a request."""

from __future__ import annotations

import re
from typing import NamedTuple

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII)


class Part(NamedTuple):
    """The bytes from `start` up to and without `end`."""

    start: int
    end: int


class OutsideFile(Exception):
    """No byte of the file is asked for."""


def wanted_part(header: str, size: int) -> Part | None:
    """The part a Range header asks for; None for the whole file, which is also the answer to several ranges and to
    what is no range (RFC 9110 lets a server ignore both). Raises OutsideFile."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        length = int(found[2])
        if length == 0 or size == 0:
            raise OutsideFile
        return Part(max(0, size - length), size)
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise OutsideFile
    return Part(start, min(size, int(found[2]) + 1) if found[2] else size)


def range_holds(if_range: str, tag: str) -> bool:
    """Whether If-Range lets a range be answered: absent, or the strong mark of what there is now."""
    return not if_range or if_range.strip() == tag
