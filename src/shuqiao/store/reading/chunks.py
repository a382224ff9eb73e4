"""What every reader hands on: chunks of records with the place where each stood in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from shuqiao.store.types import Format

CHUNK_ROWS = 8_192
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ud800-\udfff\ufffe\uffff]")
"""What no cell may hold: control characters, what stands for undecodable bytes, what is no character."""

_ESCAPED = re.compile(r"\\(?:u(?:00|[dD][89a-fA-F]|[fF]{3})|[bf])")
"""How JSON writes what no cell may hold, which then does not show in the record as it stood."""

Cells = list[str | None]


@dataclass(slots=True)
class Chunk:
    """Records in the order of the file.

    `lines[i]` is the physical line (sheet row) on which `rows[i]` starts; `ends` holds the last line of
    those that span several; `raws[i]` is the record as it stood, or None where cells are all there is;
    `faults` says what the reader itself found wrong, by index; `blanks` counts empty lines left out, `hollow` those
    among them that hold delimiters and nothing else. `below` says that no data follows: these rows may be the table's
    foot.
    """

    lines: list[int] = field(default_factory=list)
    rows: list[Cells] = field(default_factory=list)
    raws: list[str | None] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    blanks: int = 0
    hollow: int = 0
    below: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, line: int, cells: Cells, raw: str | None = None) -> None:
        """Append one record."""
        self.lines.append(line)
        self.rows.append(cells)
        self.raws.append(raw)

    def slice(self, start: int, stop: int) -> Chunk:
        """Some of the records; blank lines are counted with the first."""

        def moved(found: dict[int, Any]) -> dict[int, Any]:
            return {index - start: value for index, value in found.items() if start <= index < stop}

        part = slice(start, stop)
        blanks, hollow = (self.blanks, self.hollow) if start == 0 else (0, 0)
        return Chunk(
            self.lines[part],
            self.rows[part],
            self.raws[part],
            moved(self.ends),
            moved(self.faults),
            blanks,
            hollow,
        )

    def has_bad_characters(self) -> bool:
        """Whether any cell of the chunk holds what no cell may hold. Quick, for the common clean chunk."""
        if None not in self.raws:
            text = "\n".join(raw or "" for raw in self.raws)
            if NOT_TEXT.search(text) is not None or not _ESCAPED.search(text):
                return NOT_TEXT.search(text) is not None
        return any(NOT_TEXT.search("\n".join(cell or "" for cell in row)) for row in self.rows)


class Reader(Protocol):
    """A source opened for one pass from its first record to its last."""

    format: Format

    def chunks(self) -> Iterator[Chunk]:
        """All records, titles and header included. Raises InvalidInput when the file cannot be read."""
        ...

    @property
    def position(self) -> int:
        """Bytes of the source read so far."""
        ...
