"""The sieve: chunks of text cells in, typed columns out, and every row that cannot be right set aside.

A block of Arrow columns passes whole, around the rows that something is wrong with; a chunk in which nothing is
wrong passes column by column; rows are looked at one by one only to say why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.building.quarantine import Quarantine, Reason
from shuqiao.store.building.slots import Reasons, Slot
from shuqiao.store.reading.blocks import ColumnBlock
from shuqiao.store.reading.chunks import NOT_TEXT, Cells, Chunk
from shuqiao.store.reading.layout import Kind, Layout, unique_names
from shuqiao.store.types import Column, Recipe

Aside = Kind | list[Reason]
_MOST_RUNS = 1_000


def columns_of(recipe: Recipe) -> tuple[Column, ...]:
    """The kept columns with their codes, in order."""
    return tuple(
        Column(plan.name, f"c{place}", plan.type, plan.form, plan.scale)
        for place, plan in enumerate(recipe.kept, start=1)
    )


class Sieve:
    """Sifts chunk after chunk under one recipe. Raises InvalidInput when the header is not the recipe's."""

    def __init__(self, recipe: Recipe, quarantine: Quarantine) -> None:
        self._recipe = recipe
        self._quarantine = quarantine
        self._sources = tuple(plan.source for plan in recipe.columns)
        self._slots = [Slot.of(place, plan) for place, plan in enumerate(recipe.columns) if plan.keep]
        codes = [column.code for column in columns_of(recipe)]
        self.schema = pa.schema(
            [
                pa.field("n", pa.int64(), nullable=False),
                *(
                    pa.field(code, slot.type, metadata={"name": slot.plan.name})
                    for code, slot in zip(codes, self._slots, strict=True)
                ),
            ]
        )
        tabular = recipe.format.is_page
        self._layout = Layout(recipe.header_row if tabular else 0, self._sources, banners=tabular)
        self._header_seen = self._layout.header_row == 0
        self.rows = 0

    @property
    def layout(self) -> Layout:
        """Where the table stands, as far as it is known."""
        return self._layout

    def sift_part(self, part: Chunk | ColumnBlock) -> Iterator[pa.RecordBatch]:
        """The sound rows of what a reader hands on, numbered on from the last one."""
        if isinstance(part, ColumnBlock):
            yield from self.sift_block(part)
        elif (batch := self.sift(part)) is not None:
            yield batch

    def sift(self, chunk: Chunk) -> pa.RecordBatch | None:
        """The sound rows of a chunk, numbered on from the last one; None when there are none."""
        data, aside = self._sort_out(chunk)
        reasons: Reasons = defaultdict(list)
        columns: list[list[Any]] = []
        if data:
            if chunk.has_bad_characters():
                self._find_bad_characters(chunk, data, reasons)
            cells = list(zip(*(chunk.rows[index] for index in data), strict=True))
            columns = [slot.read(cells[slot.place], reasons) for slot in self._slots]
        if reasons:
            aside |= {data[place]: found for place, found in reasons.items()}
            columns = [
                [value for place, value in enumerate(column) if place not in reasons] for column in columns
            ]
        self._report(chunk, data, aside)
        count = len(data) - len(reasons)
        if not count:
            return None
        arrays = [pa.array(column, slot.type) for column, slot in zip(columns, self._slots, strict=True)]
        return self._numbered(arrays, count)

    def sift_block(self, block: ColumnBlock) -> Iterator[pa.RecordBatch]:
        """The sound rows of a block of columns. Rows with anything wrong are sifted as chunks, where they stand."""
        arrays, doubtful = [], block.maybe_no_data(self._layout)
        for slot in self._slots:
            values, wrong = slot.read_block(block.columns[slot.place])
            arrays.append(values)
            if wrong is not None:
                doubtful |= wrong
        runs = block.runs(doubtful)
        if len(runs) > _MOST_RUNS:
            runs = [(0, len(block), True)]
        for start, stop, wrong_somewhere in runs:
            if wrong_somewhere:
                batch = self.sift(block.slice(start, stop).chunk())
                if batch is not None:
                    yield batch
            else:
                yield self._numbered([array.slice(start, stop - start) for array in arrays], stop - start)
                self._quarantine.data_seen()

    def _numbered(self, arrays: list[Any], count: int) -> pa.RecordBatch:
        numbers = pa.array(np.arange(self.rows + 1, self.rows + count + 1))
        self.rows += count
        return pa.RecordBatch.from_arrays([numbers, *arrays], schema=self.schema)

    def finish(self) -> None:
        """All chunks are through. Raises InvalidInput when the header never came."""
        if not self._header_seen:
            raise InvalidInput.one("header_row", f"第 {self._recipe.header_row} 行没有表头")

    def _sort_out(self, chunk: Chunk) -> tuple[list[int], dict[int, Aside]]:
        """Indexes of the rows with the right shape, and what is to be said of all others."""
        layout, width = self._layout, len(self._sources)
        after_header = bool(chunk.lines) and chunk.lines[0] > layout.header_row
        first_header = layout.headers[0] if layout.header_row else None
        data: list[int] = []
        aside: dict[int, Aside] = {}
        for index, row in enumerate(chunk.rows):
            odd = len(row) != width or index in chunk.faults
            banner = odd or row[0] == first_header or (width > 1 and not row[1])
            if layout.banners and (banner or chunk.below or not after_header):
                kind = self._kind(chunk.lines[index], row, faulty=index in chunk.faults)
                if chunk.below and kind is Kind.DATA:
                    kind = layout.below(row)
                if kind is not Kind.DATA:
                    aside[index] = kind
                    continue
            if odd:
                aside[index] = self._shape_reasons(chunk, index)
            else:
                data.append(index)
        return data, aside

    def _report(self, chunk: Chunk, data: list[int], aside: dict[int, Aside]) -> None:
        """Report everything set aside in the order of the file. Banners with no data row after them in this
        chunk wait: they may turn out to be notes below the table."""
        last = max(
            [*data[-1:], *(index for index, said in aside.items() if not isinstance(said, Kind))], default=-1
        )
        if last >= 0:
            self._quarantine.data_seen()
        for index in sorted(aside):
            said = aside[index]
            if not isinstance(said, Kind):
                self._quarantine.row(chunk, index, said)
                continue
            self._quarantine.report(chunk, index, said)
            if index < last:
                self._quarantine.data_seen()

    def _kind(self, line: int, row: Cells, *, faulty: bool) -> Kind:
        layout = self._layout
        if faulty and line > layout.header_row:
            return Kind.DATA
        if line == layout.header_row:
            self._check_header(row)
            self._header_seen = True
            self._layout = Layout(layout.header_row, tuple(cell or "" for cell in row), layout.banners)
        return self._layout.kind(line, row)

    def _check_header(self, row: Cells) -> None:
        """The header names the columns of the recipe, in its order: every difference is named."""
        names, _ = unique_names([cell or "" for cell in row])
        if names == self._sources:
            return
        gone = [
            Problem(name, "读取方案里有这一列，文件里没有") for name in self._sources if name not in names
        ]
        new = [Problem(name, "文件里有这一列，读取方案里没有") for name in names if name not in self._sources]
        raise InvalidInput([*gone, *new] or [Problem("表头", "列的顺序与读取方案不一致")])

    def _shape_reasons(self, chunk: Chunk, index: int) -> list[Reason]:
        reasons = []
        row, width = chunk.rows[index], len(self._sources)
        if index in chunk.faults:
            reasons.append(Reason(chunk.faults[index][0], None, chunk.faults[index][1]))
        elif len(row) != width:
            reasons.append(Reason("fields", None, f"应有 {width} 列，实有 {len(row)} 列"))
        if any(cell and NOT_TEXT.search(cell) for cell in (*row, chunk.raws[index])):
            reasons.append(Reason("characters", None, "有乱码或控制字符"))
        return reasons

    def _find_bad_characters(self, chunk: Chunk, data: list[int], reasons: Reasons) -> None:
        for place, index in enumerate(data):
            for name, cell in zip(self._sources, chunk.rows[index], strict=True):
                if cell and NOT_TEXT.search(cell):
                    reasons[place].append(Reason("characters", name, "有乱码或控制字符"))
