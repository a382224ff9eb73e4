"""Spreadsheets (.xlsx, .xls): every cell becomes the text a person would have typed for it."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import CHUNK_ROWS, Chunk
from shuqiao.store.reading.layout import LOOKED_AT
from shuqiao.store.reading.marked_cells import Mark, MarkedCell, Marks, marked_cells
from shuqiao.store.reading.merges import MAX_HEADER_ROWS, Merges, Texts
from shuqiao.store.reading.old_cells import old_marked_cells
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

SAFE_INTEGER = 10**15
"""A spreadsheet keeps fifteen digits."""
_MOST_SHEETS = 50
"""Sheets that are looked into for one with data."""


class SheetReader:
    """One sheet of a workbook; of several the first with data that is not hidden, unless one is named.

    `lossy` counts numeric cells with more digits than a spreadsheet keeps, `filled` merged ranges whose value was
    written into each of their rows, `header_rows` how many rows the header took, `hidden` names hidden sheets.
    With `header_row` given, only a header beginning on that row may take several rows.
    """

    def __init__(
        self, source: Source, sheet: str, kind: Format = Format.XLSX, header_row: int | None = None
    ) -> None:
        self.format = kind
        self._source = source
        self.header_row = header_row
        self._content = source.workbook_bytes()
        workbook = open_workbook(source, self._content)
        self.sheets = tuple(workbook.sheet_names)
        self.hidden = tuple(
            each.name for each in workbook.sheets_metadata if each.visible != SheetVisibleEnum.Visible
        )
        self.passed: tuple[str, ...] = ()
        self.sheet, self._sheet = self._choose(workbook, sheet)
        self.lossy = self.filled = 0
        self._marks = Marks()
        self.header_rows = 1
        self._size = source.path.stat().st_size

    def _choose(self, workbook: CalamineWorkbook, sheet: str) -> tuple[str, CalamineSheet]:
        """The named sheet, or the first with anything in it: those not hidden before the hidden ones."""
        if not sheet:
            order = sorted(self.sheets, key=self.hidden.__contains__)
            for place, name in enumerate(order[:_MOST_SHEETS]):
                try:
                    loaded = _load(self._source, workbook, name)
                except InvalidInput:
                    continue  # a chart, or damaged
                if _holds_anything(loaded):
                    self.passed = tuple(order[:place])
                    return name, loaded
            sheet = order[0] if order else ""
        if sheet not in self.sheets:
            raise InvalidInput.one(self._source.filename, f"没有名为“{sheet}”的工作表")
        return sheet, _load(self._source, workbook, sheet)

    @property
    def position(self) -> int:
        """A workbook is read whole before its first row."""
        return self._size

    def chunks(self) -> Iterator[Chunk]:
        """All rows; the line is the row number the spreadsheet program shows."""
        self.lossy = self.filled = 0
        self._marks = Marks()
        chunk = Chunk()
        for number, last, cells in self._rows():
            if any(cells):
                if last > number:
                    chunk.ends[len(chunk)] = last
                chunk.add(number, cells)  # type: ignore[arg-type]  # list is invariant
            else:
                chunk.blanks += 1
            if len(chunk) >= CHUNK_ROWS:
                yield chunk
                chunk = Chunk()
        yield chunk

    def _rows(self) -> Iterator[tuple[int, int, Texts]]:
        """(first row, last row, texts): a header of several rows is one; merged data cells are filled."""
        top, left = self._sheet.start or (0, 0)
        merges = Merges(self._sheet.merged_cell_ranges or (), left)
        rows = self._texts(top, left)
        ahead: deque[Texts] = deque()
        header: Texts | None = None
        row, full = top, False
        while self._look(rows, ahead):
            found = None
            if merges.starts_header(
                row, ahead[0], first=header is not None or not full or self.header_row == row + 1
            ):
                while len(ahead) < MAX_HEADER_ROWS and self._look(rows, ahead, more=True):
                    pass
                found = merges.header(row, list(ahead)) if self._may_be_header(row, header) else None
            if found and (header is None or found[0] == header):
                header, taken = found
                self.header_rows = taken
                yield row + 1, row + taken, header
                for _ in range(taken):
                    ahead.popleft()
                row += taken
                continue
            cells = ahead.popleft()
            full = full or sum(1 for cell in cells if cell) > 1
            merges.fill(row, cells)
            self.filled = merges.filled
            yield row + 1, row + 1, cells
            row += 1

    def _texts(self, top: int, left: int) -> Iterator[Texts]:
        """The rows as texts, with what the spreadsheet reader does not tell of their cells written in."""
        if self.format is Format.XLSX:
            marked = marked_cells(self._content, self.sheet)
        else:
            marked = old_marked_cells(self._content, self.sheets.index(self.sheet))
        following = next(marked, None)
        for number, row in enumerate(self._sheet.iter_rows(), start=top):
            texts = [self._text(value) for value in row]
            while following is not None and following.row <= number:
                self._mark(following, texts, number, left)
                following = next(marked, None)
            yield texts
        while following is not None:
            self._marks.add(following)
            following = next(marked, None)

    def _mark(self, cell: MarkedCell, texts: Texts, number: int, left: int) -> None:
        self._marks.add(cell)
        if cell.mark is Mark.NO_RESULT or not 0 <= cell.column - left < len(texts):
            return
        if cell.row != number:
            raise InvalidInput.one(
                self._source.filename, f"工作表“{self.sheet}”的行没有按次序保存，请在表格软件中另存后再传"
            )
        texts[cell.column - left] = cell.text

    @staticmethod
    def _look(rows: Iterator[Texts], ahead: deque[Texts], *, more: bool = False) -> bool:
        """Have a row ready, or one more; False at the end of the sheet."""
        if ahead and not more:
            return True
        following = next(rows, None)
        if following is not None:
            ahead.append(following)
        return following is not None

    def _may_be_header(self, row: int, header: Texts | None) -> bool:
        if header is not None:
            return True  # the same one again
        return row < LOOKED_AT and self.header_row in (None, row + 1)

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and abs(value) >= SAFE_INTEGER:
            self.lossy += 1
        return cell_text(value)

    def remarks(self) -> tuple[str, ...]:
        """What a publisher should know of this sheet beyond its rows."""
        found = []
        if self.lossy:
            found.append(
                "有超过 15 位的数字单元格：电子表格保不住这么多位，原值可能已经受损，请以文本格式重新导出"
            )
        found += self._marks.remarks()
        if self.header_rows > 1:
            found.append(f"表头占 {self.header_rows} 行，已合为一行，各级名称以“_”相连")
        if self.filled:
            found.append(f"有 {self.filled} 处纵向合并的单元格，合并范围内的每一行都填上了同一个值")
        if self.passed:
            found.append(f"工作表“{'、'.join(self.passed[:10])}”里没有数据，改读“{self.sheet}”")
        if self.hidden:
            found.append(f"有隐藏的工作表：{'、'.join(self.hidden[:10])}")
        return tuple(found)


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


def open_workbook(source: Source, content: io.BytesIO | Path) -> CalamineWorkbook:
    """The workbook, or InvalidInput saying that it cannot be read."""
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


def _holds_anything(sheet: CalamineSheet) -> bool:
    return any(cell not in ("", None) for row in sheet.iter_rows() for cell in row)


def _unless_panic(error: BaseException, source: Source) -> BaseException:
    if type(error).__name__ == "PanicException":
        return InvalidInput.one(source.filename, "工作簿已损坏，读不出来")
    return error
