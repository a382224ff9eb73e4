"""Requests: asked, supplemented, extended, agreed to, delivered, renewed; refused; left unanswered; for two entries.

Working days by hand. Spring Festival 2026: off from Sunday 15 to Monday 23 February; Saturdays 14 and 28 February are
worked. National Day 2026: Friday 25 September (Mid-Autumn) to Sunday 27 off, Sunday 20 September and Saturday 10
October are worked, 1 to 7 October off. New Year 2026: 1 to 3 January off, Sunday 4 January is worked. The days of 2027
are not published: 1 January off, weekends off, provisional.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import NotAllowed, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Event, Notice, Term
from shuqiao.sharing import services
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.tests.conftest import draft_of
from tests.scenarios.steps import due_of, events_of, night, nothing_left, over, term_of, waits_for

pytestmark = pytest.mark.django_db

ITEMS = {
    "level-统一社会信用代码": "full", "level-企业名称": "full", "level-联系电话": "mask",
    "where-column": ["地区"], "where-op": ["eq"], "where-value": ["营口"],
}  # fmt: skip
WORDS = {
    "purpose": "社会保险费核定", "scenario": "窗口逐户核对", "legal_basis": "社会保险法 第五十七条",
    "legal_basis_level": "law", "modes": ["interface"],
}  # fmt: skip
NO = ("与履职无关", "统计法 第二十五条", "law")


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "request_id": case.id, "on": self.clock.on}

    def ask(self, table: Any, until: date) -> SharingRequest:
        made = services.create_draft(
            actor=self.place.actor("clerk"), entry_id=table.entry_id, resource_id=table.id,
            department_id=self.place.consumer.id, draft=draft_of(valid_until=until), on=self.clock.on,
        )  # fmt: skip
        return services.submit_request(**self.by("head", made))

    def want_more(self, case: Any) -> None:
        services.ask_supplement(points=("写明服务事项", "写明保存多久"), **self.by("giver", case))

    def supply(self, case: Any, until: date) -> None:
        draft = draft_of(valid_until=until, service_item="参保登记")
        services.supplement_request(draft=draft, note="已补齐", **self.by("head", case))

    def extend(self, case: Any, days: int) -> None:
        services.ask_extension(days=days, reason="节后集中办理", **self.by("giver", case))

    def consent(self, case: Any) -> None:
        services.consent_extension(note="同意", **self.by("bureau", case))

    def agree(self, case: Any, prepare: str = "") -> None:
        services.approve_request(prepare=prepare, **self.by("giver", case))

    def second_agrees(self, case: Any) -> None:
        services.approve_request(**self.by("second", case))

    def bare_no(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_request(reason="不方便", basis="", level=None, **self.by("giver", case))
        return str(refused.value)

    def no(self, case: Any) -> None:
        reason, basis, level = NO
        services.refuse_request(reason=reason, basis=basis, level=BasisLevel(level), **self.by("giver", case))

    def deliver(self, case: Any) -> None:
        services.confirm_delivery(note="接口已开通", **self.by("giver", case))

    def renew(self, case: Any, until: date) -> SharingRequest:
        made = services.renew_request(valid_until=until, **self.by("clerk", case))
        return services.submit_request(**self.by("head", made))

    def remind(self, case: Any) -> None:
        services.remind_provider(note="请尽快", **self.by("clerk", case))

    def supervise(self, case: Any) -> None:
        term = term_of(case)
        procedures.remind(actor=self.place.actor("bureau"), term_id=term.id, on=self.clock.on)

    def join(self, tables: list[Any], until: date) -> JointRequest:
        clerk, on = self.place.actor("clerk"), self.clock.on
        for table in tables:
            part = services.add_part(
                actor=clerk, department_id=self.place.consumer.id, entry_id=table.entry_id,
                items=(("统一社会信用代码", "none"), ("企业名称", "none")), on=on,
            )  # fmt: skip
        words = {**WORDS, "modes": ("interface",), "valid_until": until}
        services.save_joint(actor=clerk, joint_id=part.joint_id, common=services.Common(**words), on=on)
        return services.submit_joint(actor=self.place.actor("head"), joint_id=part.joint_id, on=on)


class ByPages:
    """Each step as somebody at a browser takes it: offered by a page, with its article."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        self.content = place.title("national-2025:20")
        self.reply = place.title(
            {"yingkou": "yingkou-2022:20", "shenyang": "shenyang-2020:20"}.get(place.name, "national-2025:21")
        )

    def sign(self, made: Any) -> SharingRequest:
        page = at("request", made.id)
        self.visitor("head").take(page, at("submit", made.id), says=(self.content,))
        return SharingRequest.objects.get(id=made.id)

    def ask(self, table: Any, until: date) -> SharingRequest:
        clerk = self.visitor("clerk")
        entry = clerk.open(reverse("sharing:of-entry", args=[table.entry_id]))
        new = f"{at('new', table.entry_id)}?resource={table.id}"
        assert new in entry.html
        led = clerk.take(new, "", {**ITEMS, **WORDS, "valid_until": str(until)}, (self.reply,))
        assert not clerk.open(led).offers(at("submit", led.strip("/").split("/")[-1])), "the head signs"
        return self.sign(SharingRequest.objects.latest("id"))

    def inbox(self, who: str, case: Any, action: str) -> None:
        """The way there is the inbox."""
        case.refresh_from_db()
        self.visitor(who).open(reverse("portal:inbox")).says(action, case.title)

    def want_more(self, case: Any) -> None:
        self.inbox("giver", case, "答复共享申请")
        given = {"points": "写明服务事项\n写明保存多久"}
        self.visitor("giver").take(at("answer", case.id), at("ask-supplement", case.id), given, (self.reply,))

    def supply(self, case: Any, until: date) -> None:
        self.inbox("head", case, "补正")
        page = self.visitor("head").open(at("request", case.id))
        page.says("写明服务事项", "写明保存多久")
        assert at("supplement", case.id) in page.html
        given = {"service_item": "参保登记", "valid_until": str(until), "note": "已补齐"}
        self.visitor("head").take(at("supplement", case.id), "", given)

    def extend(self, case: Any, days: int) -> None:
        given = {"extend_days": str(days), "extend_reason": "节后集中办理"}
        said = (self.place.title("national-2025:21"),)
        self.visitor("giver").take(at("answer", case.id), at("ask-extension", case.id), given, said)

    def consent(self, case: Any) -> None:
        said = (self.place.title("national-2025:21"), "节后集中办理")
        self.visitor("bureau").take(at("request", case.id), at("consent", case.id), {"note": "同意"}, said)

    def agree(self, case: Any, prepare: str = "") -> None:
        said = (self.reply,)
        self.visitor("giver").take(at("answer", case.id), at("approve", case.id), {"prepare": prepare}, said)

    def second_agrees(self, case: Any) -> None:
        self.visitor("second").take(at("answer", case.id), at("approve", case.id), says=(self.reply,))

    def bare_no(self, case: Any) -> str:
        given = {"refuse_reason": "不方便"}
        answer = self.visitor("giver").refused(at("answer", case.id), at("refuse", case.id), given)
        return answer.words

    def no(self, case: Any) -> None:
        given = dict(zip(("refuse_reason", "refuse_basis", "refuse_level"), NO, strict=True))
        said = (self.place.title("national-2025:15"),)
        self.visitor("giver").take(at("answer", case.id), at("refuse", case.id), given, said)
        self.visitor("clerk").open(at("request", case.id)).says(*NO[:2], self.place.title("national-2025:21"))

    def deliver(self, case: Any) -> None:
        self.inbox("giver", case, "提供数据")
        given = {"note": "接口已开通"}
        self.visitor("giver").take(at("request", case.id), at("deliver", case.id), given)

    def renew(self, case: Any, until: date) -> SharingRequest:
        clerk = self.visitor("clerk")
        edit = clerk.take(at("request", case.id), at("renew", case.id))
        clerk.take(edit, "", {"valid_until": str(until)})
        return self.sign(SharingRequest.objects.exclude(renews=None).get())

    def remind(self, case: Any) -> None:
        self.visitor("clerk").take(at("request", case.id), at("remind", case.id), {"note": "请尽快"})

    def supervise(self, case: Any) -> None:
        term = term_of(case)
        action = reverse("portal:remind", args=[term.id])
        listed = reverse("portal:supervision")
        self.visitor("bureau").take(listed, action, says=(case.title, self.place.provider.name, self.reply))

    def join(self, tables: list[Any], until: date) -> JointRequest:
        clerk = self.visitor("clerk")
        for table in tables:
            entry = reverse("sharing:of-entry", args=[table.entry_id])
            part = clerk.take(entry, at("joint-add", table.entry_id))
            given = dict.fromkeys(("level-统一社会信用代码", "level-企业名称"), "full")
            basket = clerk.take(part, "", given)
        clerk.take(basket, "", {**WORDS, "valid_until": str(until)})
        joint = JointRequest.objects.get()
        self.visitor("head").take(basket, at("joint-submit", joint.id), says=("可以提出",))
        joint.refresh_from_db()
        return joint


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> ByServices | ByPages:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.fixture
def table(place: Any) -> Any:
    return make_table(make_entry(place.provider))


@pytest.mark.article("national-2025", "21")
@pytest.mark.article("national-2025", "22")
@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("shenyang-2020", "20")
@pytest.mark.article("dongchangfu-2020", "20")
def test_from_the_draft_over_spring_festival_to_the_grant_and_its_renewal(place, clock, table, how):
    until = date(2027, 1, 15)
    clock.to(date(2026, 2, 12))
    case = how.ask(table, until)
    # Five working days: 13, 14 (Saturday, worked), 24, 25, 26 February.
    # Ten: and 27, 28 (Saturday, worked), 2, 3, 4 March.
    short = place.name in {"yingkou", "shenyang"}
    assert due_of(case) == (date(2026, 2, 26) if short else date(2026, 3, 4))
    assert waits_for(case) == [(place.provider.short_name, "答复共享申请")]

    clock.to(date(2026, 2, 13))
    how.want_more(case)
    assert term_of(case).paused
    assert waits_for(case) == [(place.consumer.short_name, "补正申请")]
    assert night(clock, date(2026, 3, 20)) == 0, "a clock that rests is never overdue"

    clock.to(date(2026, 2, 25))
    how.supply(case, until)
    # 14, 24 and 25 February were waited: three working days more. 27, 28 February, 2 March; or 5, 6, 9 March.
    assert due_of(case) == (date(2026, 3, 2) if short else date(2026, 3, 9))

    clock.to(date(2026, 2, 27))
    how.extend(case, 2)
    assert (place.bureau.short_name, "同意或不同意延长") in [
        (who, "同意或不同意延长") for who, _ in waits_for(case)
    ]
    how.consent(case)
    # Two more: 3, 4 March; or 10, 11 March.
    assert due_of(case) == (date(2026, 3, 4) if short else date(2026, 3, 11))

    how.agree(case, prepare="开通接口")
    # Delivery in twenty: 28 February (Saturday, worked) 1; 2-6 March 6; 9-13 11; 16-20 16; 23, 24, 25, 26 March 20.
    assert (term_of(case).term_id, due_of(case)) == ("sharing.delivery", date(2026, 3, 26))
    assert not Grant.objects.exists()
    clock.to(date(2026, 3, 26))
    how.deliver(case)
    grant = Grant.objects.get()
    assert (grant.valid_from, grant.valid_until) == (date(2026, 3, 26), until)
    over(case)

    clock.to(date(2026, 12, 30))
    again = how.renew(case, date(2027, 12, 31))
    # Over the end of the year: 31 December, 4-7 January; or on to 8, 11, 12, 13, 14 January.
    assert due_of(again) == (date(2027, 1, 7) if short else date(2027, 1, 14))
    assert term_of(again).provisional
    clock.to(date(2027, 1, 7))
    how.agree(again)
    assert sorted(Grant.objects.values_list("valid_from", flat=True)) == [
        date(2026, 3, 26),
        date(2027, 1, 16),
    ]
    over(again)
    nothing_left()
    assert events_of(case) == [
        *("request.drafted", "request.submitted", "request.supplement_asked", "request.supplemented"),
        *("request.extension_asked", "request.extended", "request.approved", "delivery.confirmed"),
        "request.renewed",
    ]
    assert events_of(again) == ["request.drafted", "request.submitted", "request.approved"]


@pytest.mark.article("national-2025", "21")
@pytest.mark.article("national-2025", "15")
def test_a_no_over_national_day_has_reason_basis_and_level(place, clock, table, how):
    clock.to(date(2026, 9, 24))
    case = how.ask(table, date(2027, 9, 1))
    # 25-27 September off; five: 28, 29, 30 September, 8, 9 October; ten: 10 (Saturday, worked), 12, 13, 14, 15 October.
    short = place.name in {"yingkou", "shenyang"}
    assert due_of(case) == (date(2026, 10, 9) if short else date(2026, 10, 15))
    clock.to(date(2026, 10, 9))
    assert "依据" in how.bare_no(case)
    assert due_of(case), "what was not answered still runs"
    how.no(case)
    case.refresh_from_db()
    assert (case.status, case.answer_reason, case.answer_basis) == ("refused", *NO[:2])
    cited = {str(one) for one in case.decision().basis}
    assert "national-2025:21" in cited
    own = place.own(yingkou="yingkou-2022:20", shenyang="shenyang-2020:20", dongchangfu="dongchangfu-2020:19")
    assert own is None or own in cited
    assert not Grant.objects.exists()
    over(case)
    nothing_left()
    assert events_of(case) == ["request.drafted", "request.submitted", "request.refused"]
    assert Notice.objects.filter(department=place.consumer, case_id=case.id).exists()


@pytest.mark.article("national-2025", "38")
def test_silence_over_the_end_of_the_year_is_seen_and_reminded_of(place, clock, table, how):
    clock.to(date(2025, 12, 29))
    case = how.ask(table, date(2026, 12, 1))
    # Five: 30, 31 December, 4 (Sunday, worked), 5, 6 January; ten: 7, 8, 9, 12, 13 January.
    short = place.name in {"yingkou", "shenyang"}
    due = date(2026, 1, 6) if short else date(2026, 1, 13)
    assert due_of(case) == due
    assert night(clock, due) == 0, "the last day is a day in time"
    late = due.replace(day=due.day + 1)
    assert night(clock, late) == 1
    assert night(clock, late) == 0, "once"
    services.tell_of_last_days(on=late)
    assert Notice.objects.filter(department=place.bureau, text__contains="逾期").exists()
    how.remind(case)
    how.supervise(case)
    reminded = Event.objects.filter(case_id=case.id, type="procedures.term.reminded").get()
    assert reminded.data["days_left"] == -1
    how.agree(case)
    term = Term.objects.get(case_id=case.id, term_id="sharing.reply.conditional")
    assert (term.closed_on, term.days_spent) == (late, 6 if short else 11)
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("request.drafted", "request.submitted", "term.overdue", "request.reminded", "term.reminded"),
        "request.approved",
    ]


@pytest.mark.article("national-2025", "20")
@pytest.mark.article("national-2025", "21")
def test_two_entries_in_one_application_over_spring_festival(place, clock, table, how):
    other = make_table(make_entry(place.other, title="纳税信用信息"))
    clock.to(date(2026, 2, 13))
    joint = how.join([table, other], date(2026, 12, 31))
    one, two = SharingRequest.objects.filter(joint=joint).order_by("id")
    # Five: 14 (Saturday, worked), 24, 25, 26, 27 February; ten: 28 (Saturday, worked), 2, 3, 4, 5 March.
    short = place.name in {"yingkou", "shenyang"}
    due = date(2026, 2, 27) if short else date(2026, 3, 5)
    assert [due_of(one), due_of(two)] == [due, due]
    clock.to(date(2026, 2, 14))
    how.no(one)
    joint.refresh_from_db()
    assert joint.status == "submitted", "one answer is still to come"
    clock.to(due)
    how.second_agrees(two)
    joint.refresh_from_db()
    assert (joint.status, joint.ended_on) == ("decided", due)
    assert Grant.objects.get().resource_id == other.id
    over(joint, one, two)
    nothing_left()
    assert events_of(joint) == ["joint.submitted", "joint.decided"]
    assert events_of(one)[-1] == "request.refused"
    assert events_of(two)[-1] == "request.approved"


@pytest.mark.article("national-2025", "44")
def test_before_the_decree_only_a_local_text_sets_a_clock(place, clock):
    """31 July 2025, the last day before the Decree: five local days in Yingkou and Shenyang, silence elsewhere."""
    table = make_table(make_entry(place.provider))
    clock.to(date(2025, 7, 31))
    how = ByServices(place, clock)
    case = how.ask(table, date(2026, 7, 1))
    # 1, 4, 5, 6, 7 August.
    assert due_of(case) == place.own(yingkou=date(2025, 8, 7), shenyang=date(2025, 8, 7))
    assert waits_for(case) == [(place.provider.short_name, "答复共享申请")], (
        "somebody has it without a clock too"
    )
    with pytest.raises(NotAllowed):
        services.approve_request(**how.by("clerk", case))
    how.agree(case, prepare="开通接口")
    assert due_of(case) is None, "no text before the Decree set a term for the delivery"
    how.deliver(case)
    over(case)
    nothing_left()
