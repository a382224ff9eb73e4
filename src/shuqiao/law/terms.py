"""A running term (期限): when it opened, which rule it runs under, when it is due, what the clock shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from shuqiao.kernel import Article, Decision, IllegalMove
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law.calendar import DueDate, WorkCalendar, default_calendar
from shuqiao.law.regimes import ResolvedTerm
from shuqiao.law.vocabulary import TERMS


class ClockColour(StrEnum):
    """How the clock ring is drawn."""

    JADE = "jade"
    OCHRE = "ochre"
    LATE = "late"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ClockState:
    """What a clock ring needs, in working days: `total` = `elapsed` + today (if it counts) + `left`.

    `left` are the whole days after today; `late_by` the working days since the last one (0 on the days
    off right after it, although the colour is already late).
    """

    total: int
    elapsed: int
    left: int
    today: bool
    late_by: int
    colour: ClockColour
    provisional: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """The term rests from `began_on` until the day before `ended_on`: that day counts again.

    So a pause begun and ended on one day wins nothing, and a term paused on its last day still has
    the day on which it resumes.
    """

    began_on: date
    ended_on: date | None = None

    def days(self) -> Iterator[date]:
        """The days of an ended pause."""
        if self.ended_on is not None:
            for step in range((self.ended_on - self.began_on).days):
                yield self.began_on + timedelta(days=step)


@dataclass(frozen=True, slots=True)
class Extension:
    """More days, given once, on a day, under an article."""

    days: int
    given_on: date
    source: Article


@dataclass(frozen=True, slots=True)
class RunningTerm:
    """A term in course. Every step returns a new one; the rule it opened under stays with it.

    Steps that do not follow raise IllegalMove; an extension the rule does not give raises RuleRefused.
    `calendar` is the published one unless the caller has a better one (an administrator's notice).
    While paused, `due` is what it was before the pause.
    """

    rule: ResolvedTerm
    opened_on: date
    due: DueDate
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    closed_on: date | None = None

    @classmethod
    def open(cls, rule: ResolvedTerm, opened_on: date, calendar: WorkCalendar | None = None) -> RunningTerm:
        """The clock starts: the day of receipt is not counted."""
        return cls(rule, opened_on, _or_default(calendar).due_on(opened_on, rule.days))

    @property
    def term_id(self) -> str:
        """Which term of the vocabulary runs."""
        return self.rule.term_id

    @property
    def days(self) -> int:
        """Working days in all, with the extension."""
        return self.rule.days + (self.extension.days if self.extension else 0)

    @property
    def source(self) -> Article:
        """The article the term runs under."""
        return self.rule.source

    @property
    def paused(self) -> bool:
        """A pause is open."""
        return bool(self.pauses) and self.pauses[-1].ended_on is None

    @property
    def closed(self) -> bool:
        """The duty has been done, or fell away."""
        return self.closed_on is not None

    def pause(self, on: date) -> RunningTerm:
        """The term rests from `on`, e.g. until missing material arrives."""
        self._check_open("暂停")
        if self.paused:
            raise IllegalMove(self._name, "已暂停", "暂停")
        self._check_after(on)
        return replace(self, pauses=(*self.pauses, Pause(on)))

    def resume(self, on: date, calendar: WorkCalendar | None = None) -> RunningTerm:
        """The term goes on from `on`; the working days of the pause are not counted."""
        self._check_open("恢复")
        if not self.paused:
            raise IllegalMove(self._name, "进行中", "恢复")
        self._check_after(on)
        ended = replace(self.pauses[-1], ended_on=on)
        return replace(self, pauses=(*self.pauses[:-1], ended)).recompute(calendar)

    def may_extend(self, days: int, on: date) -> Decision:
        """Whether the rule gives `days` more on the day: once, within its limit, before the term is over."""
        rule = self.rule
        basis = rule.extension_source or rule.source
        if rule.extension_days is None:
            return refuse(self.term_id, f"{rule.source_title}没有规定可以延期", basis)
        if self.closed:
            return refuse(self.term_id, "期限已办结，不能延期", basis)
        if self.extension is not None:
            return refuse(self.term_id, "已经延期过一次，不能再次延期", basis)
        if not 1 <= days <= rule.extension_days:
            limit = f"{rule.extension_title}规定延期为 1 至 {rule.extension_days} 个工作日"
            return refuse(self.term_id, f"{limit}，申请的是 {days} 个", basis)
        if self.overdue(on):
            return refuse(self.term_id, "期限已过，不能延期", basis)
        return allow(self.term_id, f"依{rule.extension_title}延期 {days} 个工作日", basis)

    def extend(self, days: int, on: date, calendar: WorkCalendar | None = None) -> RunningTerm:
        """The term gets `days` more working days, once, within the limit. Raises RuleRefused."""
        decision = self.may_extend(days, on).or_raise()
        return replace(self, extension=Extension(days, on, decision.basis[0])).recompute(calendar)

    def close(self, on: date, calendar: WorkCalendar | None = None) -> RunningTerm:
        """The duty is done on `on`; an open pause ends that day."""
        self._check_open("办结")
        if on < self.opened_on:
            raise ValueError(f"closed on {on}, before it opened on {self.opened_on}")
        ended = self.resume(on, calendar) if self.paused else self
        return replace(ended, closed_on=on)

    def recompute(self, calendar: WorkCalendar | None = None) -> RunningTerm:
        """The same term under another calendar, e.g. once a notice has arrived. A closed term stays."""
        if self.closed:
            return self
        due = _or_default(calendar).due_counting(self.opened_on, self.days, self._paused_days())
        return replace(self, due=due)

    def overdue(self, on: date) -> bool:
        """The last day has passed without the duty done; not while resting on a pause begun in time."""
        if self.closed_on is not None:
            return self.closed_on > self.due.on
        resting = self.paused and self.pauses[-1].began_on <= self.due.on
        return not resting and on > self.due.on

    def days_left(self, on: date, calendar: WorkCalendar | None = None) -> int:
        """Whole working days after `on` up to the last; negative when it has passed; 0 when closed.

        While paused: as many as on the day before the pause began.
        """
        if self.closed:
            return 0
        calendar = _or_default(calendar)
        if self._resting(on):
            return self._counted(calendar, self.pauses[-1].began_on - timedelta(days=1), self.due.on)
        if on > self.due.on:
            return calendar.workdays_between(on, self.due.on)
        return self._counted(calendar, on, self.due.on)

    def state(self, on: date, calendar: WorkCalendar | None = None) -> ClockState:
        """What the clock ring shows on the day."""
        calendar = _or_default(calendar)
        left = max(0, self.days_left(on, calendar))
        late = self.overdue(on)
        last_day = self.closed_on or on
        today = (
            not self.closed
            and not self._resting(on)
            and self._counted(calendar, on - timedelta(days=1), on) == 1
            and self.opened_on < on <= self.due.on
        )
        return ClockState(
            total=self.days,
            elapsed=self._elapsed(calendar, last_day) if self.closed else self.days - left - int(today),
            left=left,
            today=today,
            late_by=max(0, calendar.workdays_between(self.due.on, last_day)) if late else 0,
            colour=self._colour(left + int(today), left, late, on),
            provisional=self.due.provisional,
        )

    def to_json(self) -> dict[str, Any]:
        """The form rows keep."""
        extension = self.extension
        return {
            "rule": self.rule.to_json(),
            "opened_on": self.opened_on.isoformat(),
            "due_on": self.due.on.isoformat(),
            "provisional": self.due.provisional,
            "pauses": [
                [pause.began_on.isoformat(), pause.ended_on.isoformat() if pause.ended_on else None]
                for pause in self.pauses
            ],
            "extension": extension
            and [extension.days, extension.given_on.isoformat(), str(extension.source)],
            "closed_on": self.closed_on.isoformat() if self.closed_on else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RunningTerm:
        """Read what `to_json` wrote."""
        extension = value["extension"]
        return cls(
            rule=ResolvedTerm.from_json(value["rule"]),
            opened_on=date.fromisoformat(value["opened_on"]),
            due=DueDate(date.fromisoformat(value["due_on"]), value["provisional"]),
            pauses=tuple(
                Pause(date.fromisoformat(began), date.fromisoformat(ended) if ended else None)
                for began, ended in value["pauses"]
            ),
            extension=Extension(extension[0], date.fromisoformat(extension[1]), Article.parse(extension[2]))
            if extension
            else None,
            closed_on=date.fromisoformat(value["closed_on"]) if value["closed_on"] else None,
        )

    @property
    def _name(self) -> str:
        return f"期限（{TERMS[self.term_id]}）"

    def _check_open(self, wanted: str) -> None:
        if self.closed:
            raise IllegalMove(self._name, "已办结", wanted)

    def _check_after(self, on: date) -> None:
        """Pauses stand in order: none before the opening, none before the last one."""
        last = self.pauses[-1] if self.pauses else None
        earliest = (last.ended_on or last.began_on) if last else self.opened_on
        if on < earliest:
            raise ValueError(f"{on} lies before {earliest}, the last step of this term")

    def _paused_days(self) -> frozenset[date]:
        return frozenset(day for pause in self.pauses for day in pause.days())

    def _resting(self, on: date) -> bool:
        return self.paused and self.pauses[-1].began_on <= min(on, self.due.on)

    def _counted(self, calendar: WorkCalendar, after: date, until: date) -> int:
        """Working days after `after` up to `until` that no ended pause takes out; none before the opening."""
        after = max(after, self.opened_on)
        skipped = self._paused_days()
        days = (after + timedelta(days=step) for step in range(1, (until - after).days + 1))
        return sum(calendar.is_workday(day) and day not in skipped for day in days)

    def _elapsed(self, calendar: WorkCalendar, until: date) -> int:
        return self._counted(calendar, self.opened_on, min(until, self.due.on))

    def _colour(self, unspent: int, left: int, late: bool, on: date) -> ClockColour:
        """Today is not spent until it is over, so it counts towards the half, not towards the last two."""
        if self.closed:
            return ClockColour.DONE
        if late:
            return ClockColour.LATE
        if self._resting(on):
            return ClockColour.PAUSED
        plenty = unspent * 2 > self.days and left > 2
        return ClockColour.JADE if plenty else ClockColour.OCHRE


def _or_default(calendar: WorkCalendar | None) -> WorkCalendar:
    return calendar if calendar is not None else default_calendar()
