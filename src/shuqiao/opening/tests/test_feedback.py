"""What the public says: works, stranger, not allowed, refused, twice; under every regime."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from shuqiao.accounts.types import ANONYMOUS, Actor
from shuqiao.catalog.models import Entry
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import Article, IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.opening.feedback import queries, services
from shuqiao.opening.feedback.types import FeedbackKind, FeedbackStatus
from shuqiao.opening.models import Feedback, Rating
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures import owning
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.models import Event, InboxItem, OutgoingMail
from shuqiao.resources.tests import factories as tables

ON = date(2026, 3, 2)
K, S = FeedbackKind, FeedbackStatus


@pytest.fixture
def entry(city: City) -> Entry:
    return entries.published(city, opening_type="unconditional", opening_method="download")


def words(kind: FeedbackKind, entry: Entry | None, text: str = "第三行的地址写错了门牌号") -> services.Words:
    return services.Words(kind=kind, text=text, once=uuid4(), entry_id=entry.pk if entry else None)


def said(actor: Actor, kind: FeedbackKind, entry: Entry | None, on: date = ON) -> Feedback:
    given = words(kind, entry)
    if kind == K.DEMAND:
        given = replace(given, division="210800", title="公交线路和站点")
    return services.say(actor=actor, words=given, on=on).feedback


def step(
    actor: Actor, feedback: Feedback, name: str, text: str = "已核对原始档案", ground: str = ""
) -> Feedback:
    return services.take_step(
        actor=actor, feedback_id=feedback.pk, step=name, text=text, ground=ground, on=ON
    )


@pytest.mark.article("yingkou-2022", "23")
def test_a_correction_comes_without_account_and_ends_in_a_new_version(city: City, tmp_path: Path) -> None:
    resource = tables.mount(city, opening="unconditional")
    tables.publish(city, tables.upload_text(city, resource, tables.SMALL, tmp_path))
    entry = Entry.objects.get(pk=resource.entry_id)
    taken = services.say(actor=ANONYMOUS, words=replace(words(K.CORRECTION, entry), contact="a@b.cn"), on=ON)
    correction = taken.feedback
    term = procedures.open_term_of(correction.case())
    assert term is not None
    assert (term.term_id, term.due_on) == ("opening.correction", date(2026, 3, 9))
    officer = city.actor("provider-cataloguer")
    assert [s.name for s in queries.steps_for(officer, correction)] == ["accept", "refute"]
    assert procedures.list_inbox_for(officer).filter(case_id=correction.pk).get().action == "核实纠错"
    step(officer, correction, "accept", "确有笔误，着手更正")
    assert procedures.open_term_of(correction.case()) is None
    assert procedures.list_inbox_for(officer).filter(case_id=correction.pk).get().action == "发布更正版本"
    with pytest.raises(RuleRefused) as caught:
        step(officer, correction, "correct")
    assert caught.value.decision.basis == (Article("yingkou-2022", "23"), Article("national-2025", "26"))
    tables.publish(city, tables.upload_text(city, resource, tables.SMALL, tmp_path))
    done = step(officer, correction, "correct", "已发布第 2 版")
    assert done.status == S.CORRECTED
    assert not InboxItem.objects.filter(case_id=correction.pk, done_at=None).exists()
    assert OutgoingMail.objects.filter(to="a@b.cn").count() == 2
    assert done.contact == "", "nothing more will be told"
    assert [one.number for one in queries.voices_of(entry.pk).corrections] == [correction.number]
    assert owning.find_by_code(correction.number, taken.code.lower()).case_id == correction.pk


def test_a_refuted_correction_says_why(city: City, entry: Entry) -> None:
    correction = said(ANONYMOUS, K.CORRECTION, entry)
    with pytest.raises(InvalidInput):
        step(city.actor("provider-approver"), correction, "refute", " ")
    done = step(city.actor("provider-approver"), correction, "refute", "与登记档案一致")
    decision = done.decision_json
    assert not decision["allowed"]
    assert decision["reason"] == "与登记档案一致"
    assert "yingkou-2022:23" in decision["basis"]
    with pytest.raises(IllegalMove):
        step(city.actor("provider-approver"), correction, "accept")


def test_a_question_is_answered_by_the_department_and_shown_by_the_bureau(city: City, entry: Entry) -> None:
    party = make_party(city)
    question = said(city.actor("citizen"), K.QUESTION, entry)
    assert queries.voices_of(entry.pk).answered == []
    with pytest.raises(NotAllowed):
        step(city.actor("bureau-reviewer"), question, "answer")
    step(city.actor("provider-cataloguer"), question, "answer", "每月五日更新")
    assert queries.voices_of(entry.pk).answered == []
    with pytest.raises(NotAllowed):
        step(city.actor("provider-cataloguer"), question, "publish")
    step(city.actor("bureau-reviewer"), question, "publish", "")
    shown = queries.voices_of(entry.pk).answered
    assert [one.answer for one in shown] == ["每月五日更新"]
    assert OutgoingMail.objects.filter(to=party.email).count() == 2


@pytest.mark.parametrize(("name", "ground"), [("publish", ""), ("reject", "advertising")])
def test_a_comment_is_read_by_the_bureau_first(city: City, entry: Entry, name: str, ground: str) -> None:
    make_party(city)
    comment = said(city.actor("citizen"), K.COMMENT, entry)
    assert queries.voices_of(entry.pk).comments == []
    if ground:
        with pytest.raises(InvalidInput):
            step(city.actor("bureau-reviewer"), comment, name, "")
    done = step(city.actor("bureau-reviewer"), comment, name, "", ground)
    assert bool(queries.voices_of(entry.pk).comments) == (name == "publish")
    if ground:
        assert "平台留言规则" in done.decision_json["reason"]


@pytest.mark.article("yingkou-2022", "4")
@pytest.mark.article("shenyang-2020", "6")
@pytest.mark.article("dongchangfu-2020", "21")
def test_a_demand_goes_to_the_bureau_of_each_division(city: City) -> None:
    for division, bureau, article in (
        ("210800", "bureau-reviewer", "yingkou-2022:4"),
        ("210100", "shenyang-bureau", "shenyang-2020:6"),
        ("371502", "dongchangfu-bureau", "dongchangfu-2020:21"),
    ):
        given = replace(words(K.DEMAND, None), division=division, title="公交站点")
        demand = services.say(actor=ANONYMOUS, words=given, on=ON).feedback
        received = Event.objects.filter(case_id=demand.pk).get()
        assert received.decision["basis"] == [article]
        actor = city.actor(bureau)
        assert procedures.list_inbox_for(actor).filter(case_id=demand.pk).exists()
        services.take_step(actor=actor, feedback_id=demand.pk, step="forward", forwarded_to="数需1号", on=ON)
        assert procedures.list_inbox_for(actor).filter(case_id=demand.pk).exists()
        assert step(actor, demand, "settle", "已编入目录").status == S.ANSWERED
        assert not procedures.list_inbox_for(actor).filter(case_id=demand.pk).exists()


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (
            date(2026, 2, 13),
            date(2026, 2, 27),
        ),  # make-up Saturday the 14th, holiday from the 15th to the 23rd
        (date(2025, 12, 30), date(2026, 1, 7)),  # over the end of the year, make-up Sunday the 4th
    ],
)
def test_the_clock_of_a_correction(city: City, entry: Entry, on: date, due: date) -> None:
    term = procedures.open_term_of(said(ANONYMOUS, K.CORRECTION, entry, on).case())
    assert term is not None
    assert term.due_on == due


def test_where_the_texts_are_silent_no_clock_runs(city: City) -> None:
    for division, days in (("210800", 5), ("210100", None), ("371502", None)):
        for on in (date(2025, 7, 31), date(2025, 8, 1)):  # the decree says nothing of the public either
            term = organizations.regime_of(division, on).term("opening.correction")
            assert (term.days if term else None) == days


def test_nobody_without_account_comments_or_rates(city: City, entry: Entry) -> None:
    for kind in (K.COMMENT, K.QUESTION):
        with pytest.raises(RuleRefused):
            said(ANONYMOUS, kind, entry)
    for actor in (ANONYMOUS, city.actor("provider-cataloguer")):
        with pytest.raises(NotAllowed):
            services.rate(actor=actor, entry_id=entry.pk, stars=5, at=datetime(2026, 3, 2, tzinfo=UTC))


def test_one_rating_per_party_and_entry(city: City, entry: Entry) -> None:
    make_party(city)
    make_party(city, "legal_person", "firm")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    for username, stars in (("citizen", 1), ("citizen", 4), ("firm", 5)):
        services.rate(actor=city.actor(username), entry_id=entry.pk, stars=stars, at=at)
    assert Rating.objects.count() == 2
    voices = queries.voices_of(entry.pk)
    assert (voices.stars, voices.ratings) == (4.5, 2)
    for stars in (0, 6, -1):
        with pytest.raises(InvalidInput):
            services.rate(actor=city.actor("citizen"), entry_id=entry.pk, stars=stars, at=at)


@pytest.mark.parametrize(
    "text", ["看 http://x.test 这里", "加我 www.spam 有货", "spam.com 便宜", "短", "长" * 501]
)
def test_comments_take_no_links_and_are_bounded(city: City, entry: Entry, text: str) -> None:
    make_party(city)
    with pytest.raises(InvalidInput):
        services.say(actor=city.actor("citizen"), words=words(K.COMMENT, entry, text), on=ON)


def test_nothing_is_said_of_what_the_public_does_not_see(city: City) -> None:
    draft = entries.draft(city).entry
    with pytest.raises(NotFound):
        said(ANONYMOUS, K.CORRECTION, draft)
    with pytest.raises(InvalidInput):
        services.say(
            actor=ANONYMOUS, words=replace(words(K.DEMAND, None), division="000000", title="有"), on=ON
        )


def test_strangers_and_other_parties_do_not_see_it(city: City, entry: Entry) -> None:
    make_party(city)
    make_party(city, "legal_person", "firm")
    question = said(city.actor("citizen"), K.QUESTION, entry)
    for username in ("stranger", "firm", "shenyang-bureau", "consumer-approver"):
        with pytest.raises(NotFound):
            step(city.actor(username), question, "answer")
    with pytest.raises(NotFound):
        step(ANONYMOUS, question, "withdraw", "")
    with pytest.raises(NotAllowed):
        step(city.actor("auditor"), question, "answer")
    with pytest.raises(NotAllowed):
        step(city.actor("provider-cataloguer"), question, "withdraw", "")
    assert step(city.actor("citizen"), question, "withdraw", "").status == S.WITHDRAWN


def test_the_same_form_twice_is_one_case_with_one_working_code(city: City, entry: Entry) -> None:
    given = words(K.CORRECTION, entry)
    first = services.say(actor=ANONYMOUS, words=given, on=ON)
    second = services.say(actor=ANONYMOUS, words=given, on=ON)
    assert first.feedback.pk == second.feedback.pk
    assert Feedback.objects.count() == 1
    assert owning.find_by_code(second.feedback.number, second.code)
    make_party(city)
    with pytest.raises(NotFound):
        services.say(actor=city.actor("citizen"), words=given, on=ON)


def test_events_carry_no_name_and_no_words_of_the_author(city: City, entry: Entry) -> None:
    party = make_party(city)
    said(city.actor("citizen"), K.COMMENT, entry)
    for event in Event.objects.filter(case_kind="feedback"):
        assert party.name not in event.actor_name + str(event.data) + str(event.decision)
        assert "门牌" not in str(event.data) + str(event.decision)
