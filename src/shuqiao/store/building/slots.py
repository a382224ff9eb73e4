"""One kept column: where it stands in a row, what its cells are held to, and how they become values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shuqiao.store.building.quarantine import Reason
from shuqiao.store.casting import cast_texts
from shuqiao.store.cells import Parser, TypeFit, arrow_type, fit_of, parser_of
from shuqiao.store.checks import demand_check
from shuqiao.store.compute import compute as pc
from shuqiao.store.reading.chunks import NOT_TEXT
from shuqiao.store.types import ColumnPlan

Reasons = dict[int, list[Reason]]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Slot:
    """`read` takes cells one by one and says why one does not fit; `read_block` takes a whole Arrow column and
    only says which."""

    place: int
    plan: ColumnPlan
    type: Any
    fit: TypeFit
    missing: frozenset[str]
    parse: Parser | None
    checks: list[tuple[str, Callable[[str], bool], str]] = field(default_factory=list)

    @classmethod
    def of(cls, place: int, plan: ColumnPlan) -> Slot:
        """The slot of a plan whose cells stand at `place` of each row."""
        found = [(name, demand_check(name)) for name in plan.checks]
        checks = [(name, check.holds, check.failure) for name, check in found]
        return cls(
            place,
            plan,
            arrow_type(plan.type, plan.scale),
            fit_of(plan),
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

    def read_block(self, texts: Any) -> tuple[Any, Mask | None]:
        """The typed values of a column of texts, and which of them do not fit (None: all do)."""
        missing = self._missing(texts)
        if pc.any(missing).as_py():
            texts = pc.if_else(missing, pa.scalar(None, pa.string()), texts)
        values, wrong = cast_texts(texts, self.fit)
        for name, _, _ in self.checks:
            fails = ~demand_check(name).holds_all(texts)
            if texts.null_count:
                fails &= texts.is_valid().to_numpy(zero_copy_only=False)
            if fails.any():
                wrong = fails if wrong is None else wrong | fails
        return values, wrong

    def _missing(self, texts: Any) -> Any:
        marks = [mark for mark in sorted(self.missing) if not NOT_TEXT.search(mark)]
        if len(marks) == 1:
            return pc.equal(texts, marks[0])
        return pc.is_in(texts, value_set=pa.array(marks, pa.string()))
