"""The sieve: chunks of text cells in, typed columns out, and every row that cannot be right set aside.

A chunk in which nothing is wrong passes column by column; rows are looked at one by one only to say why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.building.quarantine import Quarantine, Reason
from shuqiao.store.cells import Parser, arrow_type, parser_of
from shuqiao.store.checks import CHECKS
from shuqiao.store.reading.chunks import NOT_TEXT, Cells, Chunk
from shuqiao.store.reading.layout import Kind, Layout, unique_names
from shuqiao.store.types import Column, ColumnPlan, Format, Recipe

Reasons = dict[int, list[Reason]]
Aside = Kind | list[Reason]


def columns_of(recipe: Recipe) -> tuple[Column, ...]:
    """The kept columns with their codes, in order."""
    return tuple(
        Column(plan.name, f"c{place}", plan.type, plan.form, plan.scale)
        for place, plan in enumerate(recipe.kept, start=1)
    )


@dataclass(slots=True)
class _Slot:
    """One kept column: where it stands in a row and what its cells are held to."""

    place: int
    plan: ColumnPlan
    type: pa.DataType
    missing: frozenset[str]
    parse: Parser | None
    checks: list[tuple[str, Callable[[str], bool], str]] = field(default_factory=list)

    @classmethod
    def of(cls, place: int, plan: ColumnPlan) -> _Slot:
        checks = [(name, CHECKS[name].holds, CHECKS[name].failure) for name in plan.checks]
        return cls(
            place,
            plan,
            arrow_type(plan.type, plan.scale),
            frozenset(plan.null_markers),
            parser_of(plan),
            checks,
        )

    def read(self, cells: Sequence[str | None], reasons: Reasons) -> list[Any]:
        """The typed values of this column; cells that do not fit become None and a reason."""
        missing = self.missing
        values: list[Any] = [None if cell in missing else cell for cell in cells]
        for name, holds, failure in self.checks:
            for index, value in enumerate(values):
                if value is not None and not holds(value):
                    reasons[index].append(Reason(name, self.plan.name, failure))
        if self.parse is not None:
            self._parse(values, self.parse, reasons)
        return values

    def _parse(self, values: list[Any], parse: Parser, reasons: Reasons) -> None:
        for index, value in enumerate(values):
            if value is not None:
                try:
                    values[index] = parse(value)
                except ValueError:
                    values[index] = None
                    reasons[index].append(Reason("type", self.plan.name, f"不是{self.plan.type.label}"))


class Sieve:
    """Sifts chunk after chunk under one recipe. Raises InvalidInput when the header is not the recipe's."""

    def __init__(self, recipe: Recipe, quarantine: Quarantine) -> None:
        self._recipe = recipe
        self._quarantine = quarantine
        self._sources = tuple(plan.source for plan in recipe.columns)
        self._slots = [_Slot.of(place, plan) for place, plan in enumerate(recipe.columns) if plan.keep]
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
        tabular = recipe.format not in (Format.JSON, Format.NDJSON)
        self._layout = Layout(recipe.header_row if tabular else 0, self._sources, banners=tabular)
        self._header_seen = self._layout.header_row == 0
        self.rows = 0

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
        numbers = range(self.rows + 1, self.rows + count + 1)
        self.rows += count
        if not count:
            return None
        arrays: list[Any] = [pa.array(numbers, pa.int64())]
        arrays += [pa.array(column, slot.type) for column, slot in zip(columns, self._slots, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

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
            if layout.banners and (banner or not after_header):
                kind = self._kind(chunk.lines[index], row, faulty=index in chunk.faults)
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
