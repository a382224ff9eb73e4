"""Bodies outside government: applied, supplemented, consulted on, agreed to, signed by both, used, over; or refused.

Only Dongchangfu knows this way (Article 20), and sets no term for the answer: no clock. Elsewhere a body is sent to the
open platform.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.delivery import jobs as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import OutgoingMail, Term
from shuqiao.resources.models import Resource
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import jobs, services
from shuqiao.sharing.outside.tests.conftest import draft_of
from shuqiao.sharing.outside.types import Consent
from tests.scenarios.browser import Visitor
from tests.scenarios.steps import events_of, night, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
NO = {"reason": "用途超出公共利益", "ground": "数据安全法 第四十一条"}
BACK = {"breach": "转售数据", "ground": "使用协议第五条"}
WANTED, SUPPLIED = "写明谁能看到", "只有两名审核员"
COMPANY = "company"


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:outside{name}", args=args)


def own(name: str, *args: object) -> str:
    return reverse(f"outside:{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def actor(self, who: str) -> Any:
        return self.place.city.actor(who) if who == COMPANY else self.place.actor(who)

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.actor(who), "request_id": case.id, "on": self.clock.on}

    def apply(self, table: Any, until: date) -> OutsideRequest:
        made, code = services.submit_outside(
            actor=self.actor(COMPANY), entry_id=table.entry_id, draft=draft_of(valid_until=until),
            on=self.clock.on,
        )  # fmt: skip
        assert code
        return made

    def silent(self, table: Any, until: date) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.apply(table, until)
        return str(refused.value)

    def want_more(self, case: Any) -> None:
        services.ask_supplement(points=(WANTED,), **self.by("bureau", case))

    def supply(self, case: Any) -> None:
        draft = draft_of(valid_until=case.valid_until, safeguards=SUPPLIED)
        services.supplement_outside(draft=draft, note="写明了", **self.by(COMPANY, case))

    def consult(self, case: Any) -> None:
        services.consult_provider(note="请三日内答复", **self.by("bureau", case))

    def bare_objection(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.say_consent(consent=Consent.NO, reason=" ", **self.by("giver", case))
        return str(refused.value)

    def consent(self, case: Any, reason: str = "") -> None:
        said = Consent.NO if reason else Consent.YES
        services.say_consent(consent=said, reason=reason, **self.by("giver", case))

    def agrees_not(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.agree_outside(**self.by("bureau", case))
        return str(refused.value)

    def agree(self, case: Any) -> None:
        services.agree_outside(**self.by("bureau", case))

    def confirm(self, who: str, case: Any) -> None:
        services.confirm_agreement(**self.by(who, case))

    def bare_no(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_outside(reason="", ground="", **self.by("bureau", case))
        return str(refused.value)

    def no(self, case: Any) -> None:
        services.refuse_outside(**NO, **self.by("bureau", case))

    def revoke(self, case: Any) -> None:
        services.revoke_outside(**BACK, **self.by("bureau", case))

    def withdraw_late(self, case: Any) -> None:
        with pytest.raises(IllegalMove):
            services.withdraw_outside(reason="不用了", **self.by(COMPANY, case))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        self.company = Visitor(place.city.user(COMPANY))
        self.says = (place.title("dongchangfu-2020:20"),)

    def given(self, until: date, **changes: str) -> dict[str, Any]:
        draft = draft_of()
        return {
            "level-企业名称": "full", "level-联系电话": "mask", "purpose": draft.purpose,
            "scenario": draft.scenario, "safeguards": draft.safeguards, "valid_until": str(until),
        } | changes  # fmt: skip

    def apply(self, table: Any, until: date) -> OutsideRequest:
        new = own("apply", table.entry_id)
        assert new in self.company.open(f"/open/{table.entry_id}/").html
        self.company.refused(new, "", self.given(until, safeguards=" ")).says("安全保障措施")
        page = self.company.open(self.company.take(new, "", self.given(until), self.says))
        page.says("查询码")
        return OutsideRequest.objects.latest("id")

    def silent(self, table: Any, until: date) -> str:
        new = own("apply", table.entry_id)
        assert new not in self.company.open(f"/open/{table.entry_id}/").html
        page = self.company.open(new)
        assert not page.offers(new)
        return str(page.words)

    def bureau(self, case: Any, step: str, given: dict[str, Any] | None = None) -> None:
        self.visitor("bureau").take(at("", case.id), at(f"-{step}", case.id), given, self.says)

    def refused(self, who: str, case: Any, step: str, given: dict[str, Any]) -> str:
        return str(self.visitor(who).refused(at("", case.id), at(f"-{step}", case.id), given).words)

    def want_more(self, case: Any) -> None:
        self.visitor("bureau").open(reverse("portal:inbox")).says("审查机关以外单位的申请")
        self.bureau(case, "ask-supplement", {"points": WANTED})

    def supply(self, case: Any) -> None:
        assert own("supplement", case.id) in self.company.open(own("request", case.id)).html
        page = own("supplement", case.id)
        self.company.refused(page, "", {"note": " "}).says("补正说明")
        self.company.take(page, "", {"note": "写明了", "safeguards": SUPPLIED}, (WANTED,))

    def consult(self, case: Any) -> None:
        self.bureau(case, "consult", {"note": "请三日内答复"})

    def bare_objection(self, case: Any) -> str:
        return self.refused("giver", case, "consent", {"consent": "no", "reason": " "})

    def consent(self, case: Any, reason: str = "") -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says("答复主管部门的征求意见")
        given = {"consent": "no" if reason else "yes", "reason": reason}
        self.visitor("giver").take(at("", case.id), at("-consent", case.id), given, self.says)

    def agrees_not(self, case: Any) -> str:
        page = self.visitor("bureau").open(at("", case.id))
        assert not page.offers(at("-agree", case.id))
        return str(page.words)

    def agree(self, case: Any) -> None:
        self.visitor("bureau").open(reverse("portal:inbox")).says("答复机关以外单位的申请")
        self.bureau(case, "agree")

    def confirm(self, who: str, case: Any) -> None:
        if who == COMPANY:
            self.company.take(own("request", case.id), own("confirm", case.id), None, ("政务数据使用协议",))
        else:
            self.bureau(case, "confirm")

    def bare_no(self, case: Any) -> str:
        return self.refused("bureau", case, "refuse", {"reason": " ", "ground": ""})

    def no(self, case: Any) -> None:
        self.bureau(case, "refuse", NO)
        self.company.open(own("request", case.id)).says(*NO.values(), *self.says)

    def revoke(self, case: Any) -> None:
        self.bureau(case, "revoke", {"reason": BACK["breach"], "ground": BACK["ground"]})
        self.company.open(own("request", case.id)).says("已收回", *BACK.values())

    def withdraw_late(self, case: Any) -> None:
        assert not self.company.open(own("request", case.id)).offers(own("withdraw", case.id))


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any, table: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.fixture
def table(place: Any) -> Resource:
    make_party(place.city, "legal_person", COMPANY)
    return make_table(make_entry(place.provider))


def in_dongchangfu(place: Any, how: Any, table: Any, until: date) -> bool:
    """Whether the texts in force know this way; where they do not, the body hears where to go instead."""
    if place.name == "dongchangfu":
        return True
    said = how.silent(table, until)
    assert "在开放平台申请开放" in said
    assert not OutsideRequest.objects.exists()
    nothing_left()
    return False


@pytest.mark.article("dongchangfu-2020", "20")
def test_signed_by_both_used_and_over_after_the_last_day(place, clock, how, table):
    clock.to(date(2026, 2, 13))
    until = date(2026, 12, 31)
    if not in_dongchangfu(place, how, table, until):
        return
    case = how.apply(table, until)
    assert waits_for(case) == [(place.bureau.short_name, "审查机关以外单位的申请")]
    how.want_more(case)
    assert waits_for(case) == [], "it is the body's turn, which has a mail and its own page"
    assert OutgoingMail.objects.filter(text__contains=WANTED).exists()
    clock.to(date(2026, 2, 28))  # a Saturday that is worked after Spring Festival
    how.supply(case)
    case.refresh_from_db()
    assert case.safeguards == SUPPLIED
    how.consult(case)
    assert waits_for(case) == [(place.provider.short_name, "答复主管部门的征求意见")]
    how.consent(case)
    assert night(clock, date(2026, 3, 30)) == 0, "no text says how soon: nothing is overdue"
    how.agree(case)
    how.confirm("bureau", case)
    assert not Grant.objects.exists(), "no access before both have confirmed"
    how.confirm(COMPANY, case)
    grant = Grant.objects.get()
    case.refresh_from_db()
    assert (case.status, grant.state, grant.valid_until) == ("opened", "active", until)
    assert {one["name"]: one["mask"] for one in grant.columns} == {
        "企业名称": "none",
        "联系电话": "keep_ends",
    }
    how.withdraw_late(case)
    clock.to(until)
    assert jobs.end_agreements(clock.now()) == 0, "its last day is whole"
    clock.to(date(2027, 1, 1))
    assert [jobs.end_agreements(clock.now()) for _ in range(2)] == [1, 0]
    case.refresh_from_db()
    assert (case.status, case.end_reason) == ("ended", "协议期限届满")
    assert not Term.objects.filter(case_id=case.id).exists()
    assert delivery.expire_grants(clock.now()) == 1
    over(case, grant)
    nothing_left()
    assert events_of(case) == [
        *("outside.submitted", "outside.supplement_asked", "outside.supplemented", "outside.consulted"),
        *("outside.consented", "outside.approved", "outside.signed", "outside.signed", "outside.opened"),
        "outside.ended",
    ]


@pytest.mark.article("dongchangfu-2020", "20")
def test_the_provider_objects_and_the_bureau_refuses_with_reason_and_basis(place, clock, how, table):
    clock.to(date(2026, 9, 30))
    if not in_dongchangfu(place, how, table, date(2027, 9, 30)):
        return
    case = how.apply(table, date(2027, 9, 30))
    how.consult(case)
    assert "理由" in how.bare_objection(case)
    clock.to(date(2026, 10, 10))  # a Saturday that is worked after National Day
    how.consent(case, "涉及商业秘密")
    assert waits_for(case) == [(place.bureau.short_name, "答复机关以外单位的申请")]
    assert "提供部门没有同意" in how.agrees_not(case)
    assert "依据" in how.bare_no(case)
    how.no(case)
    case.refresh_from_db()
    assert (case.status, case.answer_reason, case.answer_ground) == ("refused", *NO.values())
    assert "dongchangfu-2020:20" in [str(one) for one in case.decision().basis]
    assert not Grant.objects.exists()
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("outside.submitted", "outside.consulted", "outside.objected", "outside.refused"),
    ]


@pytest.mark.article("dongchangfu-2020", "20")
def test_a_breach_over_the_years_end_takes_the_access_back(place, clock, how, table):
    clock.to(date(2026, 12, 30))
    until = date(2027, 12, 30)
    if not in_dongchangfu(place, how, table, until):
        return
    case = how.apply(table, until)
    how.consult(case)
    how.consent(case)
    clock.to(date(2027, 1, 4))
    how.agree(case)
    how.confirm(COMPANY, case)
    how.confirm("bureau", case)
    assert Grant.objects.get().valid_from == clock.on
    how.revoke(case)
    case.refresh_from_db()
    assert (case.status, case.end_reason, case.end_ground) == ("revoked", *BACK.values())
    assert Grant.objects.get().state == "ended", "at once"
    over(case)
    nothing_left()
    assert events_of(case)[-2:] == ["outside.opened", "outside.revoked"]
