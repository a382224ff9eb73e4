"""What the spreadsheet reader does not tell of the cells of an .xlsx: errors, formulas without a result, numbers shown
with leading zeros. The sheet's own XML is looked through in a stream; cells of no interest cost no Python."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from html import unescape
from pathlib import Path
from posixpath import join, normpath
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from shuqiao.store.reading.archives import DAMAGE, Capped, part_blocks

_BLOCK = 1 << 18
_MOST_INDEX = 32 << 20
"""Bytes of a part that is held whole: the list of sheets, the formats."""
_LONGEST_CELL = 8 << 20
_ZEROS = re.compile(r"(0{2,18})(?:_.|;@)*")
_PREFIX = re.compile(rb"<(\w+:|)worksheet\b")
_PLACE = re.compile(rb"""\sr=["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_STYLE = re.compile(rb"""\ss=["']([0-9]+)["']""")


class Mark(Enum):
    """What there is to say of a cell."""

    ERROR = auto()
    NO_RESULT = auto()
    ZEROS = auto()


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell by its row and column from 0, and the text it has to be read as (none for a formula without result)."""

    row: int
    column: int
    mark: Mark
    text: str


@dataclass(slots=True)
class Marks:
    """Counts marked cells for the publisher, with the first of each kind."""

    counts: Counter[Mark] = field(default_factory=Counter)
    first: dict[Mark, MarkedCell] = field(default_factory=dict)
    zeros: Counter[int] = field(default_factory=Counter)

    def add(self, cell: MarkedCell) -> None:
        """Count one more."""
        self.counts[cell.mark] += 1
        self.first.setdefault(cell.mark, cell)
        if cell.mark is Mark.ZEROS:
            self.zeros[cell.column] += 1

    def remarks(self) -> Iterator[str]:
        """What was found, in words."""
        if count := self.counts[Mark.ERROR]:
            cell = self.first[Mark.ERROR]
            yield f"有 {count:,} 个单元格是错误值（首个在 {place(cell)}：{cell.text}），照原样读作文字"
        if count := self.counts[Mark.NO_RESULT]:
            yield (
                f"有 {count:,} 个公式单元格没有保存计算结果（首个在 {place(self.first[Mark.NO_RESULT])}），读作空；"
                "请在表格软件中打开并保存后再传"
            )
        if self.zeros:
            columns = "、".join(
                f"{letters(column)} 列 {count:,} 个" for column, count in self.zeros.most_common(10)
            )
            yield f"有数字以补零的格式显示（{columns}，如 {self.first[Mark.ZEROS].text}），按显示的样子读作文字"


def letters(column: int) -> str:
    """A column from 0 as the spreadsheet program names it."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def place(cell: MarkedCell) -> str:
    """A cell as the spreadsheet program names it."""
    return f"{letters(cell.column)}{cell.row + 1}"


def marked_cells(file: Path | io.BytesIO, sheet: str) -> Iterator[MarkedCell]:
    """The marked cells of a sheet of an .xlsx, in the order they are written. Nothing for a file that is none, or is
    damaged: the spreadsheet reader says so."""
    try:
        with Capped.of(file) as raw, zipfile.ZipFile(raw) as archive:
            part = _part_of(archive, sheet)
            if part is not None:
                yield from _Cells(_zero_formats(archive)).of(part_blocks(archive, part, _BLOCK))
    except (*DAMAGE, ParseError, DefusedXmlException, LookupError):
        return


def _read(archive: zipfile.ZipFile, name: str) -> Element:
    held = b""
    for block in part_blocks(archive, _info(archive, name), _BLOCK):
        held += block
        if len(held) > _MOST_INDEX:
            raise LookupError(name)
    root: Element = fromstring(held)
    return root


def _info(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    found = next((info for info in archive.infolist() if info.filename.lower() == name.lower()), None)
    if found is None:
        raise LookupError(name)
    return found


def _of(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if each.tag.rpartition("}")[2] == name)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> zipfile.ZipInfo | None:
    """The part that holds the sheet of that name."""
    for each in _of(_read(archive, "xl/workbook.xml"), "sheet"):
        if each.get("name") != sheet:
            continue
        relation = next((value for key, value in each.items() if key.endswith("}id")), "")
        for target in _of(_read(archive, "xl/_rels/workbook.xml.rels"), "Relationship"):
            if target.get("Id") == relation:
                path = target.get("Target", "")
                return _info(archive, path[1:] if path.startswith("/") else normpath(join("xl", path)))
    return None


def _zero_formats(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """The styles that show whole numbers with leading zeros, with how many digits."""
    if "xl/styles.xml" not in {name.lower() for name in archive.namelist()}:
        return {}
    styles = _read(archive, "xl/styles.xml")
    digits: dict[str, int] = {}
    for each in _of(styles, "numFmt"):
        if shown := zero_digits(each.get("formatCode", "")):
            digits[each.get("numFmtId", "")] = shown
    formats = next((list(each) for each in _of(styles, "cellXfs")), [])
    return {
        str(number).encode(): digits[each.get("numFmtId", "")]
        for number, each in enumerate(formats)
        if each.get("numFmtId", "") in digits
    }


class _Cells:
    """The marked cells of one sheet's XML."""

    def __init__(self, zeros: dict[bytes, int]) -> None:
        self._zeros = zeros
        self._row = self._column = -1
        self._placed = True

    def of(self, blocks: Iterator[bytes]) -> Iterator[MarkedCell]:
        """Look through the XML block by block."""
        text, patterns, end = b"", None, b""
        for block in blocks:
            text += block
            if patterns is None:
                found = _PREFIX.search(text)
                if found is None or (cell := re.search(rb"<%sc\b[^<>]*>" % found[1], text)) is None:
                    text = text[-_LONGEST_CELL:]
                    continue
                end = b"</%sc>" % found[1]
                self._placed = _PLACE.search(cell[0]) is not None
                patterns = self._patterns(found[1])
            cut = text.rfind(end) + len(end)
            if cut < len(end):
                text = text[-_LONGEST_CELL:]
                continue
            yield from self._look(text[:cut], patterns)
            text = text[cut:]

    def _patterns(self, prefix: bytes) -> re.Pattern[bytes]:
        """What to look for: cells that may be marked; every row and cell where cells do not say where they stand."""
        styles = b"|".join(self._zeros)
        marks = rb"""\s(?:t=["']e["']%s)""" % (rb"""|s=["'](?:%s)["']""" % styles if styles else b"")
        marked = rb"<%(p)sc(?=\s)([^<>]*" + marks + rb"[^<>]*)(?<!/)>(.*?)</%(p)sc>"
        formula = (
            rb"<%(p)sc((?:\s[^<>]*)?)(?<!/)>(\s*<%(p)sf\b(?:[^<>]*/>|[^<>]*>[^<]*</%(p)sf>)\s*"
            rb"(?:<%(p)sv\s*/>|<%(p)sv\b[^<>]*>\s*</%(p)sv>)?\s*)</%(p)sc>"
        )
        every = rb"<%(p)srow\b([^<>]*)>()|<%(p)sc((?:\s[^<>]*)?)(?:(?<=/)>|>(.*?)</%(p)sc>)"
        chosen = marked + b"|" + formula if self._placed else every
        return re.compile(chosen.replace(b"%(p)s", re.escape(prefix)), re.DOTALL)

    def _look(self, text: bytes, pattern: re.Pattern[bytes]) -> Iterator[MarkedCell]:
        for match in pattern.finditer(text):
            attributes, body = next(
                (pair for pair in (match.group(1, 2), match.group(3, 4)) if pair[0] is not None), (b"", b"")
            )
            where = _PLACE.search(attributes)
            if not self._placed and match[1] is not None:
                self._row, self._column = int(where[2]) - 1 if where else self._row + 1, -1
                continue
            if where:
                self._row, self._column = int(where[2]) - 1, _number(where[1])
            else:
                self._column += 1
            cell = self._judge(attributes, body or b"")
            if cell is not None:
                yield cell

    def _judge(self, attributes: bytes, body: bytes) -> MarkedCell | None:
        value = re.search(rb"<(?:\w+:)?v\b[^<>]*>([^<]*)<", body)
        text = unescape(value[1].decode("utf-8", "replace")).strip() if value else ""
        kind = found[1] if (found := _TYPE.search(attributes)) else b"n"
        if not text:
            formula = re.search(rb"<(?:\w+:)?f\b", body) and kind != b"str"
            return MarkedCell(self._row, self._column, Mark.NO_RESULT, "") if formula else None
        if kind == b"e":
            return MarkedCell(self._row, self._column, Mark.ERROR, text)
        style = _STYLE.search(attributes)
        digits = self._zeros.get(style[1], 0) if style and kind == b"n" else 0
        shown = padded(text, digits) if digits else ""
        return MarkedCell(self._row, self._column, Mark.ZEROS, shown) if shown else None


def _number(name: bytes) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + letter - 64
    return number - 1


def zero_digits(code: str) -> int:
    """How many digits a number format fills up with leading zeros; 0 for a format of another kind."""
    found = _ZEROS.fullmatch(code)
    return len(found[1]) if found else 0


def padded(number: float | str, digits: int) -> str:
    """The number as it is shown; empty where it shows no leading zero."""
    try:
        value = float(number)
    except ValueError:
        return ""
    if not 0 <= value < 10**digits or not value.is_integer():
        return ""
    shown = str(int(value))
    return shown.zfill(digits) if len(shown) < digits else ""
