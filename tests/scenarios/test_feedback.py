"""What the public says: a correction without account to its new version; a refuted one; a demand; a question.

Only Yingkou sets a term for a correction (five working days); elsewhere no clock runs, but somebody always has it.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog.models import Entry
from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.opening.feedback import services
from shuqiao.opening.feedback.types import FeedbackKind
from shuqiao.opening.models import Feedback
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures import owning
from shuqiao.resources.tests import factories as tables
from tests.scenarios.browser import Visitor
from tests.scenarios.steps import due_of, events_of, night, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
WRONG = "第三行的地址写错了门牌号"
WANTED = "公交线路和站点"


def at(name: str, *args: object) -> str:
    return reverse(f"opening:{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock
        self.code = ""

    def say(self, kind: FeedbackKind, entry: Entry | None, text: str, *, signed_in: bool = False) -> Feedback:
        words = services.Words(kind=kind, text=text, once=uuid4(), entry_id=entry.pk if entry else None)
        if kind == FeedbackKind.DEMAND:
            words = services.Words(
                kind=kind, text=text, once=uuid4(), division=self.place.division.code, title=WANTED
            )
        actor = self.place.city.actor("citizen") if signed_in else ANONYMOUS
        taken = services.say(actor=actor, words=words, on=self.clock.on)
        self.code = taken.code
        return taken.feedback

    def step(self, who: str, case: Feedback, name: str, text: str = "") -> None:
        services.take_step(
            actor=self.place.actor(who), feedback_id=case.pk, step=name, text=text, on=self.clock.on
        )

    def too_early(self, who: str, case: Feedback, name: str, text: str) -> None:
        with pytest.raises((RuleRefused, InvalidInput)):
            self.step(who, case, name, text)

    def follow(self, case: Feedback, words: str) -> None:
        own = owning.find_by_code(case.number, self.code)
        assert own.case_id == case.pk
        case.refresh_from_db()
        assert words in case.answer


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor, self.anybody = place, visitor, Visitor()
        self.code = ""

    def says(self, kind: str) -> tuple[str, ...]:
        """The article that the page names: of corrections everywhere, of demands where a text speaks of them."""
        own = None
        if kind == FeedbackKind.CORRECTION:
            own = self.place.own(yingkou="yingkou-2022:23", other="national-2025:26")
        elif kind == FeedbackKind.DEMAND:
            own = self.place.own(
                yingkou="yingkou-2022:4", shenyang="shenyang-2020:6", dongchangfu="dongchangfu-2020:21"
            )
        return (self.place.title(own),) if own else ()

    def say(self, kind: FeedbackKind, entry: Entry | None, text: str, *, signed_in: bool = False) -> Feedback:
        by = Visitor(self.place.city.user("citizen")) if signed_in else self.anybody
        if kind == FeedbackKind.DEMAND:
            given = {"division": self.place.division.code, "title": WANTED, "text": text}
            led = by.take(at("demand"), "", given)
        else:
            page = at("say", entry.pk, kind.value)
            assert page in by.open(at("entry", entry.pk)).html, "the way there is on the page of the data"
            led = by.take(page, "", {"text": text}, self.says(kind))
        shown = by.open(led)
        found = Feedback.objects.latest("id")
        shown.says(found.number)
        self.code = re.findall(r"<code>(.*?)</code>", shown.html)[0]
        return found

    def given(self, case: Feedback, name: str, text: str) -> Any:
        """The page has one form for each step; the one whose hidden field names it is filled in."""

        def send(visitor: Visitor) -> Any:
            page = visitor.open(at("feedback", case.pk))
            page.says(*self.says(case.kind))
            form = next(one for one in page.forms if one.holds.get("step") == [name])
            assert form.action == at("feedback-step", case.pk)
            filled = {"text": text} if text else {}
            assert set(filled) <= form.names
            return visitor.client.post(form.action, form.holds | filled)

        return send

    def step(self, who: str, case: Feedback, name: str, text: str = "") -> None:
        assert self.given(case, name, text)(self.visitor(who)).status_code == 302

    def too_early(self, who: str, case: Feedback, name: str, text: str) -> None:
        assert self.given(case, name, text)(self.visitor(who)).status_code in {400, 409}

    def follow(self, case: Feedback, words: str) -> None:
        anybody = Visitor()
        answer = anybody.send(at("lookup"), "", {"number": case.number, "code": self.code})
        assert answer.status_code == 200
        anybody.page_of(at("lookup"), answer).says(case.number, words)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    make_party(place.city)
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.fixture
def table(place: Any, clock: Any, tmp_path: Path) -> Any:
    """An open table with its rows."""
    clock.to(date(2025, 12, 1))
    resource = tables.mount(place.stage(), opening="unconditional")
    tables.publish(place.stage(), tables.upload_text(place.stage(), resource, tables.SMALL, tmp_path))
    return resource


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
def test_a_correction_over_the_end_of_the_year_ends_in_a_new_version(place, clock, table, how, tmp_path):
    entry = Entry.objects.get(pk=table.entry_id)
    clock.to(date(2025, 12, 29))
    case = how.say(FeedbackKind.CORRECTION, entry, WRONG)
    # 30, 31 December, 4 (Sunday, worked), 5, 6 January.
    due = place.own(yingkou=date(2026, 1, 6))
    assert due_of(case) == due
    assert waits_for(case) == [(place.provider.short_name, "核实纠错")]
    assert night(clock, date(2026, 1, 6)) == 0
    assert night(clock, date(2026, 1, 7)) == (1 if due else 0)
    how.step("editor", case, "accept", "确有笔误，着手更正")
    assert due_of(case) is None
    assert waits_for(case) == [(place.provider.short_name, "发布更正版本")]
    how.too_early("editor", case, "correct", "已更正")
    right = tables.SMALL.replace("甲", "丙")
    tables.publish(place.stage(), tables.upload_text(place.stage(), table, right, tmp_path))
    how.step("editor", case, "correct", "已发布第 2 版")
    case.refresh_from_db()
    assert case.status == "corrected"
    how.follow(case, "已发布第 2 版")
    over(case)
    nothing_left()
    late = ["term.overdue"] if due else []
    assert events_of(case) == [
        *("feedback.received", *late, "feedback.answered", "feedback.answered"),
    ]


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("yingkou-2022", "4")
@pytest.mark.article("shenyang-2020", "6")
@pytest.mark.article("dongchangfu-2020", "21")
def test_refuted_with_reasons_a_demand_answered_and_a_question_published(place, clock, table, how):
    entry = Entry.objects.get(pk=table.entry_id)
    clock.to(date(2026, 2, 13))
    case = how.say(FeedbackKind.CORRECTION, entry, WRONG)
    # 14 (Saturday, worked), 24, 25, 26, 27 February.
    assert due_of(case) == place.own(yingkou=date(2026, 2, 27))
    how.too_early("giver", case, "refute", "")
    how.step("giver", case, "refute", "与登记档案一致")
    case.refresh_from_db()
    assert (case.status, case.decision_json["allowed"]) == ("rejected", False)
    assert "national-2025:26" in case.decision_json["basis"]
    how.follow(case, "与登记档案一致")
    over(case)

    wish = how.say(FeedbackKind.DEMAND, None, "做一张换乘地图，现在要逐站去抄")
    assert [who for who, _ in waits_for(wish)] == [place.bureau.short_name]
    assert due_of(wish) is None, "no text sets a term for it"
    how.step("bureau", wish, "settle", "已编入目录")
    how.follow(wish, "已编入目录")
    over(wish)

    question = how.say(FeedbackKind.QUESTION, entry, "多久更新一次？", signed_in=True)
    assert [who for who, _ in waits_for(question)] == [place.provider.short_name]
    how.step("editor", question, "answer", "每月五日")
    assert [who for who, _ in waits_for(question)] == [place.bureau.short_name]
    how.step("bureau", question, "publish")
    Visitor().open(at("entry", entry.pk)).says("每月五日")
    over(question)
    nothing_left()
    assert events_of(case) == ["feedback.received", "feedback.answered"]
    assert events_of(wish) == ["feedback.received", "feedback.answered"]
    assert events_of(question) == ["feedback.received", "feedback.answered", "feedback.moderated"]
