"""Records whose values have names, put into columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shuqiao.store.reading.chunks import Cells, Chunk
from shuqiao.store.types import check_width

UNKNOWN_SHOWN = 5


class NamedColumns:
    """The columns of such records. `growing`: a name not seen before is a new column, else a fault of its record;
    `filename` is what an error names when they become too many."""

    def __init__(self, names: list[str], filename: str, *, growing: bool) -> None:
        self.names = names
        self._filename = filename
        self._growing = growing
        self._places = {name: place for place, name in enumerate(names)}

    def add(
        self,
        chunk: Chunk,
        line: int,
        record: dict[str, Any],
        raw: str,
        *,
        cell_of: Callable[[Any, Chunk], str | None],
    ) -> None:
        """Append a record to the chunk, each value as `cell_of` writes it (or says in the chunk what is wrong). Raises
        InvalidInput when there are more columns than a table may have."""
        if self._growing:
            self._grow(record)
        cells: Cells = [None] * len(self.names)
        unknown = []
        for name, value in record.items():
            place = self._places.get(name)
            if place is None:
                unknown.append(name)
            else:
                cells[place] = cell_of(value, chunk)
        if unknown:
            said = f"有读取方案里没有的字段：{'、'.join(unknown[:UNKNOWN_SHOWN])}"
            chunk.faults.setdefault(len(chunk), ("fields", said))
        chunk.add(line, cells, raw)

    def _grow(self, record: dict[str, Any]) -> None:
        for name in record:
            if name not in self._places:
                self._places[name] = len(self.names)
                self.names.append(name)
        check_width(len(self.names), self._filename)
