"""Which single characters could separate the cells of a text, beyond the four usual ones."""

from __future__ import annotations

from collections.abc import Sequence

from shuqiao.store.reading.layout import looks_like_header

USUAL = (",", "\t", ";", "|")
# Signs found inside ordinary values (points, hyphens, slashes, brackets, quotes) are never taken for delimiters.
# Columns of times or addresses look like cells between colons; then the first line does not, or is no header.
_UNUSUAL = "\x01^~¦§¬!#$%&*+=?@\\`:"
_SURE = frozenset("\x01^~¦§¬")
_LINES = 300
_AGREEING = 0.9


def unusual_delimiters(lines: Sequence[str]) -> tuple[str, ...]:
    """Characters that stand equally often on nearly every line, the first included, best first.

    `lines` are the first lines of the file. All but a few characters also need a first line that reads like a
    header. Empty for a table of one column.
    """
    lines = [line for line in lines[:_LINES] if line.strip()]
    if len(lines) < 2:
        return ()
    found = []
    for char in _UNUSUAL:
        times = lines[0].count(char)
        if not times:
            continue
        agreeing = sum(line.count(char) == times for line in lines) / len(lines)
        named = looks_like_header([*lines[0].split(char)])
        if agreeing >= _AGREEING and (named or char in _SURE):
            found.append((-agreeing, -times, char))
    return tuple(char for *_, char in sorted(found))
