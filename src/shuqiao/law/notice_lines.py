"""The yearly notice of days off as people type or paste it: one day or run of days on a line.

2027-01-01..2027-01-03,休,元旦
2027-02-20,班,春节调休
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.law.calendar import YearNotice, days_of

OFF_WORDS = frozenset({"休", "放假", "off"})
WORK_WORDS = frozenset({"班", "上班", "work"})
MOST_OFF = 60  # the longest year so far had 41; twice that is a typing error


@dataclass(frozen=True, slots=True)
class _Line:
    """One line that was understood: where it stands, its days, whether they are off."""

    where: str
    days: tuple[date, ...]
    off: bool


def notice_from_lines(year: int, source: str, text: str) -> YearNotice:
    """The notice of a year. Raises InvalidInput that names every wrong line by its number: a day that is written
    wrongly or twice, does not belong to the year, a working day on a weekday that is one anyway, a statutory
    holiday that is missing."""
    problems: list[Problem] = []
    lines = list(_lines(text, problems))
    if not lines and not problems:
        problems.append(Problem("内容", "一行也没有"))
    seen: dict[date, str] = {}
    for line in lines:
        problems += _problems_of(line, year, seen)
    off = [day for line in lines if line.off for day in line.days]
    work = [day for line in lines if not line.off for day in line.days]
    if len(off) > MOST_OFF:
        problems.append(Problem("内容", f"一年放假 {len(off)} 天，超过 {MOST_OFF} 天，请核对"))
    if problems:
        raise InvalidInput(problems)
    form = {"year": year, "source": source, "off": [str(day) for day in off], "work": [str(d) for d in work]}
    return YearNotice.from_json(form)


def _lines(text: str, problems: list[Problem]) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        where = f"第 {number} 行"
        words = raw.replace("，", ",").replace("\t", ",").replace(" ", ",").split(",")
        words = [word.strip() for word in words if word.strip()]
        if not words or words[0].startswith("#") or (number == 1 and words[0] in {"日期", "date"}):
            continue
        if len(words) < 2 or words[1] not in OFF_WORDS | WORK_WORDS:
            problems.append(Problem(where, f"应写作“2027-01-01,休”或“2027-02-20,班”，得到“{raw.strip()}”"))
            continue
        try:
            yield _Line(where, tuple(days_of(words[0])), words[1] in OFF_WORDS)
        except ValueError as error:
            problems.append(Problem(where, str(error)))


def _problems_of(line: _Line, year: int, seen: dict[date, str]) -> Iterator[Problem]:
    for day in line.days:
        late_december = day.year == year - 1 and (day.month, day.day) >= (12, 20)
        if day.year != year and not late_december:
            yield Problem(line.where, f"{day} 不属于 {year} 年")
        if day in seen:
            yield Problem(line.where, f"{day} 在{seen[day]}已经列出")
        seen[day] = line.where
        if not line.off and day.weekday() < 5:
            yield Problem(line.where, f"{day} 是周一至周五，本来就上班")
