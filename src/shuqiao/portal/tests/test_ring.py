"""The ring says what the mock-ups say, stroke by stroke, and never more or fewer days than there are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao import law
from shuqiao.portal import ring
from shuqiao.portal.ring import Arc, Clock


def drawn(clock: Clock) -> dict[str, tuple[str, str]]:
    return {arc.part: (arc.dashes, arc.offset) for arc in ring.arcs(clock)}


def test_two_of_five_is_drawn_as_in_the_style_guide():
    assert drawn(Clock(total=5, left=2)) == {
        "past": ("17.4 2.6 17.4 62.6", "-1.3"),
        "today": ("17.4 82.6", "-41.3"),
        "left": ("17.4 2.6 17.4 62.6", "-61.3"),
    }


@pytest.mark.parametrize(
    ("clock", "part", "dashes", "offset"),
    [
        (Clock(total=5, left=4), "today", "17.4 82.6", "-1.3"),
        (Clock(total=5, left=4), "left", "17.4 2.6 17.4 2.6 17.4 2.6 17.4 22.6", "-21.3"),
        (Clock(total=5, left=0), "past", "17.4 2.6 17.4 2.6 17.4 2.6 17.4 22.6", "-1.3"),
        (Clock(total=5, left=0), "today", "17.4 82.6", "-81.3"),
        (Clock(total=5, left=3, paused=True), "left", "17.4 2.6 17.4 2.6 17.4 42.6", "-41.3"),
        (Clock(total=10, left=7), "past", "8.3 1.7 8.3 81.7", "-0.85"),
        (Clock(total=10, left=7), "today", "8.3 91.7", "-20.85"),
        (Clock(total=20, left=15), "past", "3.9 1.1 3.9 1.1 3.9 1.1 3.9 81.1", "-0.55"),
        (Clock(total=20, left=15), "today", "3.9 96.1", "-20.55"),
        (Clock(total=12, left=4), "past", "6.633 1.7 " * 6 + "6.633 43.37", "-0.85"),
        (Clock(total=12, left=4), "today", "6.633 93.37", "-59.18"),
        (Clock(total=12, left=4), "left", "6.633 1.7 " * 3 + "6.633 68.37", "-67.52"),
    ],
)
def test_strokes_of_the_mock_ups(clock, part, dashes, offset):
    assert drawn(clock)[part] == (dashes, offset)


def test_a_paused_ring_has_no_today():
    assert "today" not in drawn(Clock(total=5, left=3, paused=True))


def test_late_and_done_close_the_ring():
    assert ring.arcs(Clock(total=5, overdue=3)) == [Arc("left")]
    assert ring.arcs(Clock(total=5, done=True, used=3)) == [Arc("left")]


@pytest.mark.parametrize(
    ("clock", "tone", "number", "words", "spoken"),
    [
        (Clock(total=5, left=4), "jade", "4", "剩 4 个工作日", "剩余 4 个工作日，共 5 个"),
        (Clock(total=5, left=2), "ochre", "2", "剩 2 个工作日", "剩余 2 个工作日，共 5 个"),
        (Clock(total=10, left=5), "ochre", "5", "剩 5 个工作日", "剩余 5 个工作日，共 10 个"),
        (Clock(total=5, left=0), "ochre", "今", "今天到期", "今天到期，共 5 个工作日"),
        (Clock(total=5, overdue=3), "late", "3", "逾期 3 个工作日", "逾期 3 个工作日"),
        (Clock(total=5, late=True), "late", "逾", "已逾期", "已逾期"),
        (
            Clock(total=5, left=3, paused=True),
            "paused",
            "停",
            "已暂停，剩 3 个",
            "已暂停，剩余 3 个工作日，共 5 个",
        ),
        (Clock(total=5, done=True, used=3), "done", "3", "用 3 个工作日", "已办结，用 3 个工作日"),
        (
            Clock(total=5, left=4, provisional=True),
            "jade",
            "4",
            "剩 4 个工作日（暂定）",
            "暂定剩余 4 个工作日，共 5 个",
        ),
        (Clock(total=365, left=105, unit="天"), "ochre", "105", "剩 105 天", "剩余 105 天，共 365 天"),
    ],
)
def test_word_number_and_colour_say_the_same(clock, tone, number, words, spoken):
    assert ring.tone_of(clock) == tone
    assert ring.number(clock) == number
    assert ring.words(clock) == words
    assert ring.spoken(clock) == spoken


def strokes(arc: Arc) -> int:
    return len(arc.dashes.split()) // 2


@given(st.integers(1, 60), st.data())
def test_every_day_is_one_stroke_up_to_twenty(total, data):
    left = data.draw(st.integers(0, total - 1))
    parts = {arc.part: strokes(arc) for arc in ring.arcs(Clock(total=total, left=left))}
    assert sum(parts.values()) == min(total, ring.MOST_SEGMENTS)
    assert parts["today"] == 1
    if total <= ring.MOST_SEGMENTS:
        assert parts.get("left", 0) == left
        assert parts.get("past", 0) == total - left - 1
    else:
        assert (parts.get("left", 0) > 0) == (left > 0)


@given(st.integers(1, 60), st.data())
def test_dashes_close_the_circle(total, data):
    left = data.draw(st.integers(0, total))
    for arc in ring.arcs(Clock(total=total, left=left)):
        assert sum(float(dash) for dash in arc.dashes.split()) == pytest.approx(100, abs=0.1)


@pytest.mark.article("yingkou-2022", "20")
def test_a_running_term_reads_as_its_clock():
    regime = law.regime_of([law.Binding("yingkou-2022", house_rule=False)], date(2026, 11, 18))
    term = law.RunningTerm.open(regime.term("sharing.reply.conditional"), date(2026, 11, 18))
    on_monday = Clock.read(term, date(2026, 11, 23))
    assert (on_monday.total, on_monday.left, on_monday.today) == (5, 2, True)
    assert drawn(on_monday) == drawn(Clock(total=5, left=2))
    assert ring.words(Clock.read(term, date(2026, 11, 25))) == "今天到期"
    assert ring.words(Clock.read(term, date(2026, 11, 30))) == "逾期 3 个工作日"
    on_saturday = Clock.read(term, date(2026, 11, 21))
    assert [arc.part for arc in ring.arcs(on_saturday)] == ["past", "left"]
    assert ring.words(Clock.read(term.pause(date(2026, 11, 20)), date(2026, 12, 20))) == "已暂停，剩 4 个"
    done = Clock.read(term.close(date(2026, 11, 20)), date(2026, 12, 1))
    assert (ring.words(done), ring.small(done)) == ("用 2 个工作日", "已按时办结")
    late = Clock.read(term.close(date(2026, 11, 27)), date(2026, 12, 1))
    assert (ring.words(late), ring.small(late)) == ("用 7 个工作日", "已逾期办结")
