"""What the spreadsheet reader does not tell of the cells of an old binary workbook (.xls): errors, and numbers shown
with leading zeros. Its records [MS-XLS] are walked in the stream that holds them in a compound file [MS-CFB]."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

from shuqiao.store.reading.marked_cells import Mark, MarkedCell, padded, zero_digits

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_SECTOR = 0xFFFFFFFA  # from here on a number names no sector: the end, a free one, one of the table itself
_ENTRY = 128
_SMALL = 6  # a stream of less than 4,096 bytes lies in sectors of 64
_BOF, _EOF, _SHEET, _FORMAT, _XF = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
_ERROR, _FORMULA, _NUMBER, _RK, _MANY_RK = 0x0205, 0x0006, 0x0203, 0x027E, 0x00BD
_BIFF8 = 0x0600
_NO_NUMBER, _IS_ERROR = 0xFFFF, 2
_HEAD, _WORD, _CELL = struct.Struct("<HH"), struct.Struct("<I"), struct.Struct("<HHH")
_RK_CELL, _DOUBLE = struct.Struct("<HI"), struct.Struct("<d")
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip


def old_marked_cells(file: Path | io.BytesIO, sheet: int) -> Iterator[MarkedCell]:
    """The marked cells of the n-th sheet of an .xls, in the order they are written. Nothing for a file that is none,
    or is damaged: the spreadsheet reader says so."""
    data = file.read_bytes() if isinstance(file, Path) else file.getvalue()
    try:
        stream = _workbook_stream(data)
        start, zeros = _globals(stream, sheet)
        yield from _marked(stream, start, zeros)
    except (LookupError, struct.error, OverflowError):
        return


def _workbook_stream(data: bytes) -> bytes:
    """The stream of the workbook. Raises LookupError and struct.error where there is none."""
    if data[:8] != _MAGIC or data[30] not in (9, 12) or data[32] != _SMALL:
        raise LookupError
    size, total = 1 << data[30], len(data) >> data[30]

    def joined(sectors: list[int]) -> bytes:
        return b"".join(data[(number + 1) * size : (number + 2) * size] for number in sectors[:total])

    lists = list(struct.unpack_from("<109I", data, 76))
    following, left = _word(data, 68), total
    while following < _NO_SECTOR and left:
        more = _words(joined([following]))
        lists += more[:-1]
        following, left = more[-1], left - 1
    table = _words(joined([number for number in lists if number < _NO_SECTOR])[: 4 * total])
    folder = joined(_chain(_word(data, 48), table))
    entries = {
        folder[at : at + max(0, folder[at + 64] - 2)].decode("utf-16-le", "replace").lower(): at
        for at in range(0, len(folder) - _ENTRY + 1, _ENTRY)
    }
    at = entries["workbook"] if "workbook" in entries else entries["book"]
    first, length = _word(folder, at + 116), _word(folder, at + 120)
    if length >= _word(data, 56):
        return joined(_chain(first, table))[:length]
    small = joined(_chain(_word(folder, 116), table))
    places = _words(joined(_chain(_word(data, 60), table))[: len(small) >> _SMALL << 2])
    parts = (small[number << _SMALL : (number + 1) << _SMALL] for number in _chain(first, places))
    return b"".join(parts)[:length]


def _word(data: bytes, at: int) -> int:
    return int(_WORD.unpack_from(data, at)[0])


def _words(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _chain(first: int, table: list[int]) -> list[int]:
    """The sectors of a stream in their order; one that runs in a circle ends."""
    found: list[int] = []
    while first < len(table) and len(found) < len(table):
        found.append(first)
        first = table[first]
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, place, size) of the records of a part of the stream, without its first and last."""
    kind, size = _HEAD.unpack_from(stream, at)
    if kind != _BOF:
        raise LookupError
    while True:
        at += _HEAD.size + size
        kind, size = _HEAD.unpack_from(stream, at)
        if kind in (_EOF, _BOF):  # a chart inside the sheet comes after its cells
            return
        yield kind, at + _HEAD.size, size


def _globals(stream: bytes, sheet: int) -> tuple[int, dict[int, int]]:
    """Where the sheet begins, and the styles that show whole numbers with leading zeros, with how many digits."""
    wide = _HEAD.unpack_from(stream, 4)[0] == _BIFF8
    starts: list[int] = []
    digits: dict[int, int] = {}
    styles: list[int] = []
    for kind, at, size in _records(stream, 0):
        if kind == _SHEET:
            starts.append(_word(stream, at))
        elif kind == _XF:
            styles.append(_HEAD.unpack_from(stream, at)[1])
        elif kind == _FORMAT:
            text = stream[at + (5 if wide else 3) : at + size]
            code = text.decode("utf-16-le" if wide and stream[at + 4] & 1 else "latin-1", "replace")
            digits[_HEAD.unpack_from(stream, at)[0]] = zero_digits(code)
    zeros = {number: digits[each] for number, each in enumerate(styles) if digits.get(each)}
    return starts[sheet], zeros


def _marked(stream: bytes, start: int, zeros: dict[int, int]) -> Iterator[MarkedCell]:
    for kind, at, size in _records(stream, start):
        if kind == _ERROR and stream[at + 7]:
            yield _error(stream, at, stream[at + 6])
        elif kind == _FORMULA and _HEAD.unpack_from(stream, at + 10)[1] == _NO_NUMBER:
            if stream[at + 6] == _IS_ERROR:
                yield _error(stream, at, stream[at + 8])
        elif zeros and kind in (_FORMULA, _NUMBER, _RK, _MANY_RK):
            for row, column, style, value in _numbers(stream, kind, at, size):
                text = padded(value, zeros[style]) if style in zeros else ""
                if text:
                    yield MarkedCell(row, column, Mark.ZEROS, text)


def _error(stream: bytes, at: int, code: int) -> MarkedCell:
    row, column, _ = _CELL.unpack_from(stream, at)
    return MarkedCell(row, column, Mark.ERROR, _ERRORS.get(code, "#UNKNOWN!"))


def _numbers(stream: bytes, kind: int, at: int, size: int) -> Iterator[tuple[int, int, int, float]]:
    """(row, column, style, number) of a record's cells."""
    row, column, style = _CELL.unpack_from(stream, at)
    if kind in (_NUMBER, _FORMULA):
        yield row, column, style, _DOUBLE.unpack_from(stream, at + 6)[0]
        return
    last = at + size - (2 if kind == _MANY_RK else 0)
    for place, cell in enumerate(range(at + 4, last - 5, 6)):
        style, packed = _RK_CELL.unpack_from(stream, cell)
        yield row, column + place, style, _unpacked(packed)


def _unpacked(packed: int) -> float:
    """A number as RK records pack it: the upper 30 bits of a double or a whole number, perhaps a hundredfold."""
    value: float
    if packed & 2:
        value = (packed >> 2) - (1 << 30 if packed >> 31 else 0)
    else:
        value = _DOUBLE.unpack(bytes(4) + _WORD.pack(packed & ~3))[0]
    return value / 100 if packed & 1 else value
