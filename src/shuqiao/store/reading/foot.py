"""The foot of a table: sums and notes that would be data anywhere else. Whether a row is one is known when no data
follows it, so the last few rows that could be are held back until the file ends."""

from __future__ import annotations

from collections.abc import Iterator

from shuqiao.store.reading.blocks import ColumnBlock
from shuqiao.store.reading.chunks import Chunk
from shuqiao.store.reading.layout import Kind, Layout

MOST_HELD = 20
"""More rows than this are no foot but a table of such rows."""


def with_foot(parts: Iterator[Chunk | ColumnBlock], layout: Layout) -> Iterator[Chunk | ColumnBlock]:
    """The same records in the same order; those of the foot in chunks of their own that say so."""
    if not layout.banners or layout.width < 2:
        yield from parts
        return
    held: list[Chunk] = []
    data = False
    for part in parts:
        if not len(part):
            yield part
            continue
        start = len(part) - _foot_of(part, layout, begun=bool(held))
        if start > 0 or sum(map(len, held)) + len(part) > MOST_HELD:
            yield from held
            data |= bool(held)
            held.clear()
        if start > 0:
            yield part.slice(0, start) if start < len(part) else part
            data |= int(part.lines[start - 1]) > layout.header_row
        if start < len(part):
            rest = part.slice(start, len(part))
            held.append(rest.chunk() if isinstance(rest, ColumnBlock) else rest)
    for chunk in held:
        chunk.below = data
        yield chunk


def _foot_of(part: Chunk | ColumnBlock, layout: Layout, *, begun: bool) -> int:
    """How many of the last records could be the foot: sums and notes, and what is no data anyway among them."""
    first = max(0, len(part) - MOST_HELD - 1)
    last = part.slice(first, len(part))
    chunk = last.chunk() if isinstance(last, ColumnBlock) else last
    found, any_below = 0, begun
    for index in range(len(chunk) - 1, -1, -1):
        line, cells = chunk.lines[index], chunk.rows[index]
        if line <= layout.header_row or index in chunk.faults:
            break
        kind = layout.kind(line, cells)
        below = kind is Kind.DATA and layout.below(cells) is not Kind.DATA
        if not below and kind not in (Kind.SEPARATOR, Kind.TOTAL):
            break
        any_below |= below
        found += 1
    return found if any_below and found <= MOST_HELD else 0
