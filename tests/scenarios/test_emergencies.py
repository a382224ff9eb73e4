"""Emergencies: declared over Spring Festival, data opened at once, over with its last day, reviewed; refused.

Only Yingkou knows this path (Article 33); no text says how soon the review comes. Elsewhere there is no such path.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.delivery.use.services import confirm_disposal
from shuqiao.delivery.use.types import DisposalFacts, DisposalWay
from shuqiao.kernel import RuleRefused
from shuqiao.procedures.models import Notice, Term
from shuqiao.sharing.emergencies import jobs, services
from shuqiao.sharing.emergencies.types import Declaration, Sharing
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.types import Scope
from tests.scenarios.steps import events_of, night, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
EVENT, REASON, PURPOSE = "强降雪封路", "转移安置要核对人员", "核对安置对象"
FINDINGS, ENDED = "每项授权都用于本次应急", "道路已经恢复"
ITEM = "企业名称"


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:emergency{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, case: Any) -> dict[str, Any]:
        return {"actor": self.place.actor("bureau"), "emergency_id": case.id, "on": self.clock.on}

    def declare(self, until: date) -> SharingEmergency:
        code = self.place.division.code
        said = Declaration(EVENT, REASON, (code,), until)
        actor = self.place.actor("bureau")
        return services.declare_emergency(actor=actor, division=code, said=said, on=self.clock.on)

    def declare_too_long(self, until: date) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.declare(until)
        assert refused.value.decision.basis, "every refusal has a basis"
        return str(refused.value)

    silent = declare_too_long

    def share(self, case: Any, table: Any, department: Any) -> None:
        scope = Scope(((ITEM, "none"),), (), ("interface",))
        sharing = Sharing(table.entry_id, table.id, (department.id,), scope, PURPOSE)
        services.share_in_emergency(sharing=sharing, **self.by(case))

    def shares_not(self, case: Any, table: Any, department: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.share(case, table, department)
        return str(refused.value)

    def end(self, case: Any) -> None:
        services.end_emergency(reason=ENDED, **self.by(case))

    def bare_review(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.review_emergency(findings=" ", **self.by(case))
        return str(refused.value)

    def review(self, case: Any) -> None:
        services.review_emergency(findings=FINDINGS, measures="备好名单", **self.by(case))

    def dispose(self, who: str, grant: Any) -> None:
        facts = DisposalFacts(DisposalWay.DELETED, "名单已删除", "李开发", self.clock.on)
        confirm_disposal(actor=self.place.actor(who), grant_id=grant.id, facts=facts, on=self.clock.on)


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, clock: Any, visitor: Any) -> None:
        self.place, self.clock, self.bureau, self.visitor = place, clock, visitor("bureau"), visitor
        self.says = (place.title("yingkou-2022:33"),)

    def declare(self, until: date) -> SharingEmergency:
        given = {"event": EVENT, "reason": REASON, "until": str(until)}
        assert at("-new") in self.bureau.open(reverse("sharing:emergencies")).html
        self.bureau.refused(at("-new"), "", given | {"until": ""}).says("到哪一天为止")
        self.bureau.take(at("-new"), "", given, self.says)
        return SharingEmergency.objects.latest("id")

    def declare_too_long(self, until: date) -> str:
        given = {"event": EVENT, "reason": REASON, "until": str(until)}
        return str(self.bureau.refused(at("-new"), "", given).words)

    def silent(self, until: date) -> str:
        page = self.bureau.open(at("-new"))
        assert not page.offers(at("-new"))
        code = self.place.division.code
        sent = {"division": code, "divisions": [code], "event": EVENT, "reason": REASON, "until": str(until)}
        tokens = [one.holds["csrfmiddlewaretoken"] for one in page.forms if one.method == "post"]
        answer = self.bureau.client.post(at("-new"), sent | {"csrfmiddlewaretoken": tokens[0]})
        assert answer.status_code == 409, "nor can it be sent past the page"
        return str(page.words)

    def page_of(self, case: Any, table: Any) -> str:
        chosen = self.bureau.client.get(at("-choose", case.id), {"entry": f"/catalog/{table.entry_id}/"})
        assert chosen.status_code == 302
        return str(chosen["Location"])

    def given(self, department: Any) -> dict[str, Any]:
        return {"departments": [str(department.id)], "purpose": PURPOSE, f"level-{ITEM}": "full"}

    def share(self, case: Any, table: Any, department: Any) -> None:
        self.bureau.open(reverse("portal:inbox")).says("管理应急共享")
        self.bureau.take(self.page_of(case, table), "", self.given(department), self.says)

    def shares_not(self, case: Any, table: Any, department: Any) -> str:
        return str(self.bureau.refused(self.page_of(case, table), "", self.given(department)).words)

    def end(self, case: Any) -> None:
        self.bureau.take(at("", case.id), at("-end", case.id), {"reason": ENDED}, self.says)

    def bare_review(self, case: Any) -> str:
        page = self.bureau.refused(at("", case.id), at("-review", case.id), {"findings": " "})
        return str(page.words)

    def review(self, case: Any) -> None:
        given = {"findings": FINDINGS, "measures": "备好名单"}
        self.bureau.open(reverse("portal:inbox")).says("审查应急共享")
        self.bureau.take(at("", case.id), at("-review", case.id), given, self.says)
        self.visitor("giver").open(at("", case.id)).says("已审查", FINDINGS)

    def dispose(self, who: str, grant: Any) -> None:
        self.visitor(who).open(reverse("portal:inbox")).says("处置数据")
        said = {"way": "deleted", "detail": "名单已删除", "done_by": "李开发", "done_on": str(self.clock.on)}
        given = {f"dispose-{name}": value for name, value in said.items()}
        page, to = (reverse(f"delivery:{name}", args=[grant.id]) for name in ("use", "use-dispose"))
        self.visitor(who).take(page, to, given)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, clock, visitor)


def in_yingkou(place: Any, how: Any, until: date) -> bool:
    """Whether the texts in force know this path; where they do not, the refusal shows the usual way."""
    if place.name == "yingkou":
        return True
    said = how.silent(until)
    assert "没有应急共享" in said
    assert "共享申请" in said
    assert not SharingEmergency.objects.exists()
    nothing_left()
    return False


@pytest.mark.article("yingkou-2022", "33")
def test_over_spring_festival_it_ends_by_itself_and_is_reviewed(place, clock, how, home):
    # Saturday 14 February is worked; the festival lasts to Monday the 23rd. Days of an emergency are plain days.
    clock.to(date(2026, 2, 14))
    if not in_yingkou(place, how, date(2026, 2, 22)):
        return
    case = how.declare(date(2026, 2, 22))
    assert waits_for(case) == [(place.bureau.short_name, "管理应急共享")]
    table = make_table(make_entry(place.provider))
    clock.to(date(2026, 2, 17))  # New Year's Day
    how.share(case, table, place.consumer)
    grant = Grant.objects.get()
    assert (grant.grantee_id, grant.valid_until) == (place.consumer.id, case.until)
    assert "已在本次应急中开通" in how.shares_not(case, table, place.consumer)
    for told in (place.provider, place.consumer):
        assert Notice.objects.filter(department=told).exists(), "both sides are told"
    clock.to(date(2026, 2, 22))
    assert jobs.end_emergencies(clock.now()) == 0, "its last day is whole, holiday or not"
    clock.to(date(2026, 2, 23))
    assert [jobs.end_emergencies(clock.now()) for _ in range(2)] == [1, 0]
    grant.refresh_from_db()
    assert grant.state == "ended"
    assert waits_for(case) == [(place.bureau.short_name, "审查应急共享")]
    assert night(clock, date(2026, 4, 1)) == 0, "no text says how soon: nothing is overdue"
    assert "审查结论" in how.bare_review(case)
    how.review(case)
    case.refresh_from_db()
    assert (case.status, [one["grant"] for one in case.review_json]) == ("reviewed", [grant.number])
    assert not Term.objects.filter(case_id=case.id).exists()
    over(case)
    how.dispose("head", grant)
    nothing_left()
    assert events_of(case) == [
        *("emergency.declared", "emergency.granted", "emergency.ended", "emergency.reviewed"),
    ]


@pytest.mark.article("yingkou-2022", "33")
def test_over_the_years_end_it_is_limited_and_ends_early(place, clock, how, home):
    clock.to(date(2026, 12, 31))
    if not in_yingkou(place, how, date(2027, 1, 30)):
        return
    assert "最多 30 天" in how.declare_too_long(date(2027, 1, 31))
    assert "早于今天" in how.declare_too_long(date(2026, 12, 30))
    case = how.declare(date(2027, 1, 30))
    closed = make_table(make_entry(place.provider, sharing="none"))
    assert "不予共享" in how.shares_not(case, closed, place.other)
    table = make_table(make_entry(place.provider))
    clock.to(date(2027, 1, 2))
    how.share(case, table, place.other)
    clock.to(date(2027, 1, 4))
    how.end(case)
    assert "结束" in how.shares_not(case, table, place.consumer)
    grant = Grant.objects.get()
    assert (grant.grantee_id, grant.state) == (place.other.id, "ended")
    case.refresh_from_db()
    assert (case.ended_on, case.end_reason) == (clock.on, ENDED)
    how.dispose("second", grant)
    assert waits_for(case) == [(place.bureau.short_name, "审查应急共享")], "only a review closes it"
    how.review(case)
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("emergency.declared", "emergency.granted", "emergency.ended", "emergency.reviewed"),
    ]
