"""The clock ring: how many working days of a term are past, today, and left, as strokes of one circle.

The circle has pathLength 100; each working day is one slot of it, drawn shorter by a gap. Numbers follow
the style guide: 5 days are strokes of 17.4 with gaps of 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.kernel.time import today
from shuqiao.portal.wording import cn_day

MOST_SEGMENTS = 20
RADIUS = {"sm": "20.5", "md": "20.6", "lg": "22.2"}
SIZES = frozenset(RADIUS)


@dataclass(frozen=True, slots=True)
class Clock:
    """A term as a reader of a list needs it. Days are working days unless `unit` says otherwise.

    `left`: whole days after today until the last day; 0 on the last day. `late`: the last day has passed, by
    `overdue` days (0 on the days off right after it).
    `today`: whether today is one of the counted days (false on a weekend, on the day of receipt, while paused).
    `used`: days used when `done`. `note`: what stands small beneath instead of the date.
    `tone`: jade, ochre, … when the caller knows better than the rule of `tone_of`.
    """

    total: int
    left: int = 0
    overdue: int = 0
    late: bool = False
    paused: bool = False
    done: bool = False
    provisional: bool = False
    due_on: date | None = None
    today: bool = True
    used: int | None = None
    note: str = ""
    unit: str = "个工作日"
    tone: str = ""

    @classmethod
    def read(cls, value: Any, on: date | None = None) -> Clock:
        """A clock from a clock, a running term as it stands on a day, a row that has one (`clock()`), a mapping,
        or any object with attributes of these names."""
        if isinstance(value, cls):
            return value
        if isinstance(value, law.RunningTerm):
            return cls._of_term(value, on or today())
        if callable(running := getattr(value, "clock", None)):
            return cls.read(running(), on)
        if isinstance(value, Mapping):
            return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})
        return cls(**{f.name: getattr(value, f.name) for f in fields(cls) if hasattr(value, f.name)})

    @classmethod
    def _of_term(cls, term: law.RunningTerm, on: date) -> Clock:
        state = term.state(on)
        return cls(
            total=state.total,
            left=state.left,
            overdue=state.late_by,
            late=term.overdue(on),
            paused=state.colour is law.ClockColour.PAUSED,
            done=term.closed,
            provisional=state.provisional,
            due_on=term.due.on,
            today=state.today,
            used=state.elapsed + state.late_by if term.closed else None,
            tone=state.colour.value,
        )

    @property
    def is_late(self) -> bool:
        """The last day has passed."""
        return self.late or self.overdue > 0


@dataclass(frozen=True, slots=True)
class Arc:
    """One circle of the drawing: class `sq-ring__<part>`, with its dashes; no dashes means closed."""

    part: str
    dashes: str = ""
    offset: str = ""


def tone_of(clock: Clock) -> str:
    """jade while more than half is left, ochre at half or less or two days or less; late, paused, done."""
    if clock.tone:
        return clock.tone
    if clock.done:
        return "done"
    if clock.is_late:
        return "late"
    if clock.paused:
        return "paused"
    return "ochre" if clock.left <= 2 or clock.left * 2 <= clock.total else "jade"


def arcs(clock: Clock) -> list[Arc]:
    """The circles to draw, past first. Finished and late terms are one closed circle."""
    if clock.done or clock.is_late:
        return [Arc("left")]
    segments, past, today, left = _slots(clock)
    drawn = [
        _arc("past", segments, 0, past),
        _arc("today", segments, past, today),
        _arc("left", segments, past + today, left),
    ]
    return [arc for arc in drawn if arc is not None]


def number(clock: Clock) -> str:
    """What stands in the middle: days left, 今 on the last day, 停 while paused, days late or used."""
    if clock.done:
        return "✓" if clock.used is None else str(clock.used)
    if clock.is_late:
        return str(clock.overdue) if clock.overdue else "逾"
    if clock.paused:
        return "停"
    return str(clock.left) if clock.left else "今"


def words(clock: Clock) -> str:
    """The clock in one short phrase, as it stands beside the ring."""
    if clock.done:
        return "已办结" if clock.used is None else f"用 {clock.used} {clock.unit}"
    if clock.is_late:
        return f"逾期 {clock.overdue} {clock.unit}" if clock.overdue else "已逾期"
    if clock.paused:
        return (
            f"已暂停，剩 {clock.left} 个"
            if clock.unit.startswith("个")
            else f"已暂停，剩 {clock.left} {clock.unit}"
        )
    if not clock.left:
        return "今天到期（暂定）" if clock.provisional else "今天到期"
    return f"剩 {clock.left} {clock.unit}" + ("（暂定）" if clock.provisional else "")


def spoken(clock: Clock) -> str:
    """The clock for a screen reader."""
    if clock.done:
        return "已办结" if clock.used is None else f"已办结，用 {clock.used} {clock.unit}"
    if clock.is_late:
        return f"逾期 {clock.overdue} {clock.unit}" if clock.overdue else "已逾期"
    whole = f"共 {clock.total} {clock.unit if not clock.left else clock.unit[:1]}"
    prefix = "暂定" if clock.provisional else ""
    if clock.paused:
        return f"已暂停，{prefix}剩余 {clock.left} {clock.unit}，{whole}"
    if not clock.left:
        return f"{prefix}今天到期，{whole}"
    return f"{prefix}剩余 {clock.left} {clock.unit}，{whole}"


def small(clock: Clock) -> str:
    """What stands small beneath the words: the note, or the last day."""
    if clock.note or clock.due_on is None:
        return clock.note or ("已按时办结" if clock.done and not clock.is_late else "")
    if clock.done:
        return "已逾期办结" if clock.is_late else "已按时办结"
    if clock.is_late:
        return f"应于 {cn_day(clock.due_on)}"
    if not clock.left and not clock.paused:
        return f"{clock.due_on.month}月{clock.due_on.day}日 24:00"
    return cn_day(clock.due_on)


def due_says(clock: Clock, on: date | None) -> str:
    """What stands beside the large ring under the last day."""
    if clock.done:
        return "已办结"
    if clock.paused:
        return "期限已暂停"
    if clock.is_late:
        return words(clock)
    return "今天 24:00 止" if on is not None and on == clock.due_on else "24:00 止"


def _slots(clock: Clock) -> tuple[int, int, int, int]:
    """How many segments there are, and how many of them are past, today and left."""
    total = max(
        clock.total, clock.left + int(clock.today and not clock.paused and clock.left < clock.total), 1
    )
    left = min(clock.left, total)
    today = int(clock.today and not clock.paused and left < total)
    if total <= MOST_SEGMENTS:
        return total, total - left - today, today, left
    scaled = min(MOST_SEGMENTS - today, max(1 if left else 0, round(left * MOST_SEGMENTS / total)))
    return MOST_SEGMENTS, MOST_SEGMENTS - scaled - today, today, scaled


def _arc(part: str, segments: int, start: int, count: int) -> Arc | None:
    """`count` strokes beginning at slot `start`; None when there is nothing to draw."""
    if count <= 0:
        return None
    slot = 100 / segments
    gap = 0.0 if segments == 1 else 2.6 if segments < 8 else 1.7 if segments < 15 else 1.1
    stroke = slot - gap
    dashes = [stroke, gap] * (count - 1) + [stroke, 100 - (count * slot - gap)]
    return Arc(part, " ".join(f"{dash:.4g}" for dash in dashes), f"{-(gap / 2 + start * slot):.4g}")
