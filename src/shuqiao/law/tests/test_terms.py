"""A running term: due date, pause, extension, closing, what its clock shows, and its JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.law import Binding, ClockColour, RunningTerm, regime_of

CALENDAR = law.default_calendar()
# Mon 2026-06-01 to Fri 2026-06-12: two plain weeks.
MONDAY = date(2026, 6, 1)


def rule(term_id: str = "sharing.reply.conditional", *packs: str) -> law.ResolvedTerm:
    bindings = [Binding(pack) for pack in packs or ("yingkou-2022", "national-2025")]
    return regime_of(bindings, date(2026, 1, 5)).term(term_id)


def june(day: int) -> date:
    return date(2026, 6, day)


@pytest.mark.article("yingkou-2022", "20")
def test_a_request_in_yingkou_runs_five_days_and_keeps_its_sources():
    term = RunningTerm.open(rule(), MONDAY)
    assert (term.days, term.due, str(term.source)) == (5, law.DueDate(june(8), False), "yingkou-2022:20")
    assert [source.days for source in term.rule.considered] == [5, 10]


def test_the_clock_from_receipt_to_lateness():
    term = RunningTerm.open(rule(), MONDAY)
    shown = {
        day: (s.elapsed, s.today, s.left, s.late_by, s.colour.value)
        for day in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
        for s in [term.state(june(day))]
    }
    assert shown == {
        1: (0, False, 5, 0, "jade"),
        2: (0, True, 4, 0, "jade"),
        3: (1, True, 3, 0, "jade"),
        4: (2, True, 2, 0, "ochre"),
        5: (3, True, 1, 0, "ochre"),
        6: (4, False, 1, 0, "ochre"),
        7: (4, False, 1, 0, "ochre"),
        8: (4, True, 0, 0, "ochre"),
        9: (5, False, 0, 1, "late"),
        10: (5, False, 0, 2, "late"),
    }
    assert term.days_left(june(10)) == -2
    assert not term.overdue(june(8))
    assert term.overdue(june(9))


def test_late_on_the_weekend_after_the_last_day_without_a_working_day_yet():
    term = RunningTerm.open(rule(), date(2026, 5, 29))
    assert term.due.on == june(5)
    state = term.state(june(6))
    assert (state.colour, state.late_by, state.left) == (ClockColour.LATE, 0, 0)


@pytest.mark.article("national-2025", "21")
def test_half_of_a_long_term_turns_it_ochre():
    term = RunningTerm.open(rule("sharing.reply.conditional", "national-2025"), MONDAY)
    colours = [(term.state(june(day)).left, term.state(june(day)).colour.value) for day in (8, 9, 10)]
    assert colours == [(5, "jade"), (4, "ochre"), (3, "ochre")]


def test_one_day_is_ochre_from_the_start():
    term = RunningTerm.open(rule("sharing.reply.unconditional"), MONDAY)
    assert term.state(MONDAY).colour is ClockColour.OCHRE
    assert term.state(june(2)).left == 0


def test_paused_working_days_are_not_counted():
    paused = RunningTerm.open(rule(), MONDAY).pause(june(3))
    state = paused.state(june(17))
    assert (state.colour, state.left, state.elapsed, state.total) == (ClockColour.PAUSED, 4, 1, 5)
    assert paused.days_left(june(17)) == 4
    assert not paused.overdue(june(17))
    resumed = paused.resume(june(10))
    # 2 June was day 1; 10, 11, 12 and 15 June are days 2 to 5.
    assert resumed.due.on == june(15)
    assert resumed.days_left(june(10)) == 3


def test_a_pause_begun_and_ended_on_one_day_wins_nothing():
    term = RunningTerm.open(rule(), MONDAY)
    assert term.pause(june(3)).resume(june(3)).due == term.due


def test_a_pause_on_the_last_day_leaves_the_day_it_resumes():
    term = RunningTerm.open(rule(), MONDAY).pause(june(8)).resume(june(16))
    assert term.due.on == june(16)
    assert not term.overdue(june(16))
    assert term.overdue(june(17))


def test_a_pause_does_not_heal_lateness():
    term = RunningTerm.open(rule(), MONDAY).pause(june(10))
    assert term.overdue(june(11))
    assert term.state(june(11)).colour is ClockColour.LATE
    assert term.resume(june(24)).due.on == june(8)


@pytest.mark.article("national-2025", "21")
def test_an_extension_is_given_once_and_within_the_limit():
    term = RunningTerm.open(rule(), MONDAY)
    longer = term.extend(10, june(5))
    assert (longer.days, longer.due.on) == (15, date(2026, 6, 23))
    assert str(longer.extension.source) == "national-2025:21"
    for wanted, days, on, reason in (
        (term, 11, june(5), "1 至 10 个工作日"),
        (term, 0, june(5), "1 至 10 个工作日"),
        (term, 5, june(9), "期限已过"),
        (longer, 1, june(5), "已经延期过一次"),
        (term.close(june(5)), 1, june(5), "已办结"),
    ):
        with pytest.raises(RuleRefused, match=reason) as caught:
            wanted.extend(days, on)
        assert caught.value.decision.rule == "sharing.reply.conditional"
        assert [str(article) for article in caught.value.decision.basis] == ["national-2025:21"]


def test_a_text_without_an_extension_gives_none():
    term = RunningTerm.open(rule("opening.reply"), MONDAY)
    decision = term.may_extend(1, MONDAY)
    assert not decision.allowed
    assert "营口办法 第二十九条" in decision.reason
    assert [str(article) for article in decision.basis] == ["yingkou-2022:29"]


def test_closing_in_time_and_late():
    term = RunningTerm.open(rule(), MONDAY)
    done = term.close(june(4))
    assert not done.overdue(date(2030, 1, 1))
    state = done.state(june(30))
    assert (state.colour, state.elapsed, state.left, state.late_by) == (ClockColour.DONE, 3, 0, 0)
    late = term.close(june(10))
    assert late.overdue(june(10))
    assert late.state(june(30)).late_by == 2
    assert late.state(june(30)).colour is ClockColour.DONE


def test_closing_a_paused_term_ends_the_pause():
    done = RunningTerm.open(rule(), MONDAY).pause(june(3)).close(june(10))
    assert done.pauses[-1].ended_on == june(10)
    assert not done.overdue(june(10))


def test_steps_that_do_not_follow_are_refused():
    term = RunningTerm.open(rule(), MONDAY)
    with pytest.raises(IllegalMove, match="恢复"):
        term.resume(june(2))
    with pytest.raises(IllegalMove, match="已暂停"):
        term.pause(june(2)).pause(june(3))
    done = term.close(june(2))
    for step in (done.pause, done.resume, done.close):
        with pytest.raises(IllegalMove, match="已办结"):
            step(june(3))
    with pytest.raises(ValueError, match="2026-05-31"):
        term.pause(date(2026, 5, 31))
    with pytest.raises(ValueError, match="2026-05-31"):
        term.close(date(2026, 5, 31))
    with pytest.raises(ValueError, match="2026-06-02"):
        term.pause(june(3)).resume(june(2))


def test_a_provisional_term_settles_when_the_calendar_arrives():
    known = law.WorkCalendar({2026: CALENDAR.notices[2026]})
    term = RunningTerm.open(rule(), date(2026, 12, 30), known)
    assert term.due == law.DueDate(date(2027, 1, 7), True)
    assert term.state(date(2026, 12, 31), known).provisional
    off = ["2027-01-01..2027-01-05", "2027-05-01", "2027-10-01..2027-10-03"]
    arrived = known.with_notice(law.YearNotice.from_json({"year": 2027, "source": "测试", "off": off}))
    assert term.recompute(arrived).due == law.DueDate(date(2027, 1, 11), False)
    assert term.close(date(2026, 12, 31), known).recompute(arrived).due == term.due, "what is closed stays"


@st.composite
def courses(draw: st.DrawFn) -> tuple[RunningTerm, date]:
    """A term after a random walk of pauses, resumptions, one extension and perhaps a close."""
    term_id = draw(st.sampled_from(["sharing.reply.conditional", "catalog.update", "sharing.delivery"]))
    on = draw(st.dates(date(2024, 1, 1), date(2027, 1, 31)))
    term = RunningTerm.open(rule(term_id), on)
    for step in draw(st.lists(st.sampled_from(["rest", "extend"]), max_size=5)):
        on += timedelta(days=draw(st.integers(0, 6)))
        if step == "rest":
            term = term.resume(on) if term.paused else term.pause(on)
        elif term.may_extend(3, on).allowed:
            term = term.extend(3, on)
    if draw(st.booleans()):
        on += timedelta(days=draw(st.integers(0, 30)))
        term = term.close(on)
    return term, on


@given(courses())
def test_a_term_survives_json(course):
    term, _ = course
    assert RunningTerm.from_json(json.loads(json.dumps(term.to_json()))) == term


@given(courses(), st.integers(0, 60))
def test_the_segments_of_an_open_clock_always_add_up(course, later):
    term, last = course
    state = term.state(last + timedelta(days=later))
    assert min(state.elapsed, state.left, state.late_by) >= 0
    if not term.closed:
        assert state.elapsed + int(state.today) + state.left == state.total == term.days
    assert (state.colour is ClockColour.DONE) == term.closed


@given(courses())
def test_pauses_and_extensions_never_bring_the_due_date_forward(course):
    term, _ = course
    assert term.due.on >= RunningTerm.open(term.rule, term.opened_on).due.on


@given(courses())
def test_exactly_the_days_of_the_term_lie_before_its_due_date(course):
    term, _ = course
    skipped = {day for pause in term.pauses for day in pause.days()}
    span = range(1, (term.due.on - term.opened_on).days + 1)
    days = [term.opened_on + timedelta(days=step) for step in span]
    counted = [day for day in days if CALENDAR.is_workday(day) and day not in skipped]
    assert len(counted) == term.days
    assert counted[-1] == term.due.on
