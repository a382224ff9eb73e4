"""Where the table stands on the page: titles above the header, separators inside, notes below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import Cells

LOOKED_AT = 300
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DAY = re.compile(r"[0-9]{2,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_UNIT = re.compile(r"[（(\[【].{1,12}[)）\]】]|[A-Za-z_][A-Za-z0-9_]{0,63}")
_LONGEST_HEADER = 100
_GAP = r"[\s\x{3000}\x{A0}]*"
TOTAL_WORDS = rf"^{_GAP}(?:本页)?(?:合{_GAP}计|总{_GAP}计|小{_GAP}计|累{_GAP}计){_GAP}[:：]?{_GAP}$"
"""How the first cell of a row of sums reads, for Arrow (RE2) and, by `_for_python`, for Python."""
FOOTER_WORDS = (
    rf"^{_GAP}(?:注|附注|备注|说明|填报人|填表人|制表人|经办人|审核人|复核人|单位负责人|填报单位|填报日期"
    rf"|资料来源|数据来源){_GAP}[:：]"
)
"""How the first cell of a line below a table begins."""


def _for_python(words: str) -> re.Pattern[str]:
    return re.compile(words.replace(r"\x{3000}", "\u3000").replace(r"\x{A0}", "\xa0"), re.ASCII)


_TOTAL, _FOOTER = _for_python(TOTAL_WORDS), _for_python(FOOTER_WORDS)


class Kind(StrEnum):
    """What a record is on the page."""

    DATA = "data"
    TITLE = "title"
    HEADER = "header"
    REPEATED_HEADER = "repeated_header"
    SEPARATOR = "separator"
    TOTAL = "total"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Layout:
    """`header_row` is the line of the header (0: none); `headers` its cells as written."""

    header_row: int
    headers: tuple[str, ...]
    banners: bool = True

    @property
    def width(self) -> int:
        """How many cells a data row has."""
        return len(self.headers)

    def kind(self, line: int, cells: Cells) -> Kind:
        """What the record on `line` is. Notes are separators after the last data row: the caller sees that."""
        if line <= self.header_row:
            return Kind.HEADER if line == self.header_row else Kind.TITLE
        if not self.banners:
            return Kind.DATA
        if self.width >= 3 and is_banner(cells):
            return Kind.SEPARATOR
        if self.header_row and len(cells) == self.width and tuple(cells) == self.headers:
            return Kind.REPEATED_HEADER
        if self.width >= 3 and len(cells) > 2 and cells[0] and not cells[1]:
            return _below(cells[0])
        return Kind.DATA

    def below(self, cells: Cells) -> Kind:
        """What a row that would be data is when no data follows it: a note, or in a table of two columns a sum."""
        filled = sum(1 for cell in cells if cell)
        first = cells[0] if cells else ""
        if first and _FOOTER.match(first) and (filled <= 2 or filled * 2 <= self.width):
            return Kind.SEPARATOR
        if self.width == len(cells) == 2 and first and _TOTAL.match(first):
            return Kind.TOTAL if _NUMBER.fullmatch((cells[1] or "").strip()) else Kind.DATA
        return Kind.DATA


def _below(first: str) -> Kind:
    """What a row with an empty second cell is by its first: sums, a line below the table, or data. A row whose
    second cell is filled is always data: 合计 is then one of the things the table speaks of."""
    if _TOTAL.match(first):
        return Kind.TOTAL
    return Kind.SEPARATOR if _FOOTER.match(first) else Kind.DATA


def is_banner(cells: Cells) -> bool:
    """One cell of text at the left and nothing else."""
    return bool(cells and cells[0]) and not any(cells[1:])


def find_layout(lines: Sequence[int], rows: Sequence[Cells], header_row: int | None = None) -> Layout:
    """The layout told by the first records of a delimited file or a sheet, or by the publisher's choice of the
    header line (0: none). Raises InvalidInput when there is no record on the chosen line."""
    if header_row:
        chosen = next((row for line, row in zip(lines, rows, strict=False) if line == header_row), None)
        if chosen is None:
            raise InvalidInput.one("header_row", f"第 {header_row} 行没有内容，不能作表头")
        return Layout(header_row, tuple(cell or "" for cell in chosen))
    rows = rows[:LOOKED_AT]
    if not rows:
        return Layout(0, ())
    filled = [sum(1 for cell in row if cell) for row in rows]
    typical = median(filled)
    full = max(1, typical * 0.7)
    widths = Counter(len(row) for row, count in zip(rows, filled, strict=True) if count >= full)
    width = max(widths or {len(row): 1 for row in rows}, key=lambda size: (widths[size], size))
    for line, row, count in zip(lines, rows, filled, strict=False):
        if count < full:
            continue
        if header_row is None and looks_like_header(row):
            return Layout(line, tuple(cell or "" for cell in row))
        break
    return Layout(0, ("",) * width)


def looks_like_header(cells: Cells) -> bool:
    """Words, short, different from each other; no measurement, day or identifier among them."""
    words = [cell.strip() for cell in cells if cell and cell.strip()]
    if not words or len(words) < len(cells) * 0.5:
        return False
    if any(len(word) > _LONGEST_HEADER or _is_value(word) for word in words):
        return False
    if all(_YEAR.fullmatch(word) for word in words):
        return False
    return len(set(words)) >= len(words) * 0.6


def _is_value(word: str) -> bool:
    if _YEAR.fullmatch(word):
        return False
    return any(shape.fullmatch(word) for shape in (_NUMBER, _DAY, _UUID))


def is_unit_or_code(word: str) -> bool:
    """A unit in brackets, or a name as programs write them."""
    return bool(_UNIT.fullmatch(word.strip()))


def second_header(lines: Sequence[int], rows: Sequence[Cells], layout: Layout) -> str:
    """A remark where the line below the header looks like another one, of units or codes; empty where it does not."""
    if not layout.header_row or layout.header_row not in lines:
        return ""
    place = lines.index(layout.header_row)
    below = [[cell for cell in row if cell and cell.strip()] for row in rows[place : place + 3]]
    if len(below) < 2 or not below[1] or not all(map(is_unit_or_code, below[1])):
        return ""
    units = not any(word[:1].isascii() and word[:1].isalpha() for word in below[1])
    named = sum(map(is_unit_or_code, below[0])) == 0 and len(below[1]) >= len(below[0])
    differs = len(below) > 2 and not all(map(is_unit_or_code, below[2]))
    if not units and not (named and differs and len(set(below[1])) == len(below[1])):
        return ""
    shown = "、".join(below[1][:5])
    return (
        f"第 {lines[place + 1]} 行像是第二行表头（{shown}），现在读作数据；"
        "不是数据就请在文件里去掉，或在下面指定表头行"
    )


def unique_names(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Headers made unique (case differences count as different), and what was renamed: (written, used)."""
    used: set[str] = set()
    numbers: dict[str, int] = {}
    names, renamed = [], []
    taken = {header.strip() for header in headers}
    for place, header in enumerate(headers, start=1):
        printable = "".join(char if char.isprintable() else " " for char in header)
        wanted = " ".join(printable.split()) or f"列{place}"
        name, number = wanted, numbers.get(wanted, 1)
        while name in used or (number > 1 and name in taken):
            number += 1
            name = f"{wanted}_{number}"
        numbers[wanted] = number
        used.add(name)
        names.append(name)
        if name != header:
            renamed.append((header, name))
    return tuple(names), tuple(renamed)
