"""Spreadsheets (.xlsx, .xls): every cell becomes the text a person would have typed for it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import CHUNK_ROWS, Chunk
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

SAFE_INTEGER = 2**53


class SheetReader:
    """One sheet of a workbook. `lossy` counts numeric cells with more digits than a spreadsheet keeps."""

    def __init__(self, source: Source, sheet: str, kind: Format = Format.XLSX) -> None:
        self.format = kind
        self._source = source
        workbook = open_workbook(source)
        self.sheets = tuple(workbook.sheet_names)
        self.sheet = sheet or (self.sheets[0] if self.sheets else "")
        if self.sheet not in self.sheets:
            raise InvalidInput.one(source.filename, f"没有名为“{self.sheet}”的工作表")
        self._sheet = _load(source, workbook, self.sheet)
        self.lossy = 0
        self._size = source.path.stat().st_size

    @property
    def position(self) -> int:
        """A workbook is read whole before its first row."""
        return self._size

    def chunks(self) -> Iterator[Chunk]:
        """All rows; the line is the row number the spreadsheet program shows."""
        chunk = Chunk()
        first = (self._sheet.start or (0, 0))[0]
        for number, row in enumerate(self._sheet.iter_rows(), start=first + 1):
            cells = [self._text(value) for value in row]
            if any(cells):
                chunk.add(number, cells)  # type: ignore[arg-type]  # list is invariant
            else:
                chunk.blanks += 1
            if len(chunk) >= CHUNK_ROWS:
                yield chunk
                chunk = Chunk()
        yield chunk

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, float) and abs(value) >= SAFE_INTEGER:
            self.lossy += 1
        return cell_text(value)


def cell_text(value: Any) -> str:
    """A cell's value as text: whole numbers without a point, days and moments in ISO form."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            whole_day = (value.hour, value.minute, value.second) == (0, 0, 0)
            return value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case None:
            return ""
        case _:
            return str(value)


def open_workbook(source: Source) -> CalamineWorkbook:
    """The workbook, or InvalidInput saying that it cannot be read."""
    content = source.workbook_bytes()
    try:
        if isinstance(content, io.BytesIO):
            return CalamineWorkbook.from_filelike(content)
        return CalamineWorkbook.from_path(content)
    except (CalamineError, OSError, ValueError) as error:
        raise InvalidInput.one(source.filename, f"工作簿打不开：{error}") from None
    except BaseException as error:  # noqa: BLE001  # the Rust reader panics outside Exception; others are re-raised
        raise _unless_panic(error, source) from None


def _load(source: Source, workbook: CalamineWorkbook, sheet: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(sheet)
    except (CalamineError, OSError, ValueError) as error:
        raise InvalidInput.one(source.filename, f"工作表“{sheet}”读不出来：{error}") from None
    except BaseException as error:  # noqa: BLE001
        raise _unless_panic(error, source) from None


def _unless_panic(error: BaseException, source: Source) -> BaseException:
    if type(error).__name__ == "PanicException":
        return InvalidInput.one(source.filename, "工作簿已损坏，读不出来")
    return error
