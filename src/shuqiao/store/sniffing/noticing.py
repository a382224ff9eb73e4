"""What is noticed of a column that stays text: numbers written with signs or units, moments with parts of seconds,
months, and a type that all but a few values fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from shuqiao.store.casting import all_fit, cast_texts
from shuqiao.store.cells import TypeFit, parser_for
from shuqiao.store.checks import UNIT, find_check, matching
from shuqiao.store.compute import compute as pc
from shuqiao.store.days import MONTH_FORMS
from shuqiao.store.types import ColumnType, Hint

_LOOKED_AT = 200
_MOST = 0.8
_NUMBER = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_WITH_UNIT = rf"\A{_NUMBER} ?(?P<unit>\p{{L}}[^\d,，;；\s]{{0,7}}|[%％‰℃°])\z"
_SOME_UNIT = re.compile(rf"{_NUMBER} ?(?:[^\W\d_][^\d,，;；\s]{{0,7}}|[%％‰℃°])")
_PLAIN = re.compile(_NUMBER)
_MARKS = {
    "grouped": (re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"), "按千分位写的数"),
    "bracketed": (re.compile(rf"[(（]{_NUMBER}[)）]"), "写在括号里的数（通常表示负数）"),
    "wide_digits": (re.compile(r"[-－＋]?[0-9]*[０-９][0-9０-９]*(?:[.．][0-9０-９]+)?"), "含全角数字的数"),
}
_FRACTION = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[-+][0-9:]{2,5})?"
)
_KEPT = "按文本原样保存"
_UNITS_SHOWN = 3
_MONTHS = tuple(TypeFit(ColumnType.DATE, form) for form in MONTH_FORMS)
_TRIED, _TRIED_MISFITS = 20, 2
_FEW, _SHOWN, _SHOWN_CHARS = 0.05, 3, 40


class Numbers:
    """Counts numbers written in ways no typed column keeps, over all values."""

    def __init__(self) -> None:
        self._seen = self._plain = self._fractions = 0
        self._units: Counter[str] = Counter()
        self._marks = dict.fromkeys(_MARKS, 0)
        self._months = list(_MONTHS)
        self._possible = True

    def skip(self, count: int) -> None:
        """Values that are plain numbers."""
        self._seen += count
        self._plain += count
        self._months = []

    def update(self, solid: Any) -> None:
        """Look at more values of a column that is none of numbers only; one that holds few is given up."""
        if not self._possible:
            return
        if not self._worth(solid.slice(0, _LOOKED_AT).to_pylist()):
            self._possible = False
            return
        self._seen += len(solid)
        found = pc.extract_regex(solid, _WITH_UNIT)
        for pair in pc.value_counts(pc.struct_field(found.drop_null(), "unit")).to_pylist():
            self._units[pair["values"]] += pair["counts"]
        self._plain += int(_PLAIN_ALL(solid).sum())
        self._fractions += int(_FRACTIONS_ALL(solid).sum())
        for name, holds in _MARKS_ALL.items():
            self._marks[name] += int(holds(solid).sum())
        self._months = [fit for fit in self._months if all_fit(solid, fit)]

    def _worth(self, sample: list[str]) -> bool:
        found = sum(1 for text in sample if _looks(text))
        return found * 2 >= len(sample) and len(self._units) <= 50

    def hints(self, header_is_code: bool) -> tuple[Hint, ...]:
        """What to say, the most frequent first."""
        if not self._possible or not self._seen:
            return ()
        if self._months:
            form = self._months[0].form
            said = f"所有值都是年月（{form}），没有日；{_KEPT}，也可以设为日期（记作当月 1 日）"
            return (Hint(text=said, type=ColumnType.DATE, form=form),)
        if self._fractions == self._seen:
            return (Hint(text=f"所有值都是带小数秒或时区的时间，{_KEPT}"),)
        numbers = self._units.total() + self._plain + sum(self._marks.values())
        if numbers < _MOST * self._seen or header_is_code:
            return ()
        units = [(count, unit, UNIT + unit) for unit, count in self._units.most_common(_UNITS_SHOWN)]
        found = [
            *((count, _unit_words(unit), name) for count, unit, name in units if find_check(name)),
            *((count, _MARKS[name][1], name) for name, count in self._marks.items() if count),
        ]
        found.sort(reverse=True)
        return tuple(self._hint(*one) for one in found[:_UNITS_SHOWN])

    def _hint(self, count: int, words: str, check: str) -> Hint:
        said = f"{count:,} 个值（{count / self._seen:.0%}）是{words}，{_KEPT}"
        return Hint(text=f"{said}；需要时可选相应校验", check=check)


def _unit_words(unit: str) -> str:
    return f"百分数（{unit}）" if unit in "%％" else f"带单位“{unit}”的数"


def _looks(text: str) -> bool:
    if _SOME_UNIT.fullmatch(text) or _PLAIN.fullmatch(text) or _FRACTION.fullmatch(text):
        return True
    return text[:4].isdigit() or any(pattern.fullmatch(text) for pattern, _ in _MARKS.values())


_PLAIN_ALL, _FRACTIONS_ALL = matching(_PLAIN), matching(_FRACTION)
_MARKS_ALL = {name: matching(pattern) for name, (pattern, _) in _MARKS.items()}


class Nearly:
    """A type that all but a few values fit, with the first of those that do not."""

    def __init__(self) -> None:
        self._misfits: dict[TypeFit, int] = {}
        self._examples: dict[TypeFit, list[tuple[int, str]]] = {}
        self._seen = 0

    def update(self, solid: Any, dropped: Sequence[TypeFit], line_of: Callable[[int], int]) -> None:
        """Look at more values. `dropped`: the types that fitted until now and do not any more."""
        if dropped:
            tried = solid.slice(0, _TRIED).to_pylist()
            for fit in dropped:
                if _fails(tried, fit) <= _TRIED_MISFITS:
                    self._misfits.setdefault(fit, 0)
        self._seen += len(solid)
        for fit in list(self._misfits):
            _, wrong = cast_texts(solid, fit)
            if wrong is None:
                continue
            self._misfits[fit] += int(wrong.sum())
            shown = self._examples.setdefault(fit, [])
            for place in np.flatnonzero(wrong)[: _SHOWN - len(shown)].tolist():
                shown.append((line_of(place), solid[place].as_py()[:_SHOWN_CHARS]))
            if self._misfits[fit] > max(_TRIED_MISFITS, _FEW * self._seen):
                del self._misfits[fit]

    def hint(self) -> tuple[Hint, ...]:
        """The type with the fewest misfits, if they are few."""
        few = [(count, fit) for fit, count in self._misfits.items() if 0 < count <= _FEW * self._seen]
        if not few:
            return ()
        count, fit = min(few, key=lambda one: one[0])
        shown = "、".join(
            f"第 {line:,} 行“{text}”" if line else f"“{text}”" for line, text in self._examples[fit]
        )
        words = f"写作 {fit.form} 的{fit.type.label}" if fit.form else fit.type.label
        said = f"除 {count:,} 个值外都是{words}：{shown}{' 等' if count > _SHOWN else ''}"
        said += f"；{_KEPT}，也可以把类型设为{fit.type.label}，这些行将被隔离"
        return (Hint(text=said, type=fit.type, form=fit.form),)


def _fails(texts: list[str], fit: TypeFit) -> int:
    parse = parser_for(fit)
    failed = 0
    for text in texts:
        try:
            if parse is not None:
                parse(text)
        except ValueError:
            failed += 1
            if failed > _TRIED_MISFITS:
                break
    return failed
