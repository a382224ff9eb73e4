"""Disputes: talked over and settled; coordinated, not accepted, decided by the government, carried out each time.

No text sets a term for coordinating: no clock in any of the four regimes, but always somebody whose turn it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.sharing import services as sharing
from shuqiao.sharing.disputes import services
from shuqiao.sharing.disputes.types import Outcome, Result, RulingFacts
from shuqiao.sharing.models import Dispute, SharingRequest
from shuqiao.sharing.tests.conftest import draft_of
from tests.scenarios.steps import due_of, events_of, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
CLAIM = "申请范围都在目录所列之内，应当开通"
NAME = (("企业名称", "none"),)
OPEN = {"outcome": "open", "result_text": "只给企业名称"}


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:dispute{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "dispute_id": case.id, "on": self.clock.on}

    def result(self, case: Any) -> Result:
        return Result(Outcome.OPEN, OPEN["result_text"], replace(case.request.scope(), items=NAME))

    def raise_about(self, request: SharingRequest) -> Dispute:
        return services.raise_dispute(
            actor=self.place.actor("head"), request_id=request.id, claim=CLAIM, on=self.clock.on
        )

    def speak(self, case: Any, *, propose: bool = False) -> None:
        proposal = self.result(case) if propose else None
        services.speak(text="电话不能给", proposal=proposal, **self.by("giver", case))

    def agree(self, case: Any) -> None:
        services.agree(**self.by("head", case))

    def refer_too_early(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refer_dispute(why="不想谈", **self.by("head", case))
        return str(refused.value)

    def refer(self, case: Any) -> None:
        services.refer_dispute(why="谈了两次", **self.by("head", case))

    def decide(self, case: Any) -> None:
        given = {"reason": "名称足够核验", "basis": "政务数据共享条例 第二十条"}
        services.decide_dispute(result=self.result(case), **given, **self.by("bureau", case))

    def accept(self, case: Any) -> None:
        services.accept_opinion(**self.by("head", case))

    def object(self, case: Any) -> None:
        services.object_to_opinion(reason="名称也不能给", **self.by("giver", case))

    def rule(self, case: Any) -> None:
        ruling = RulingFacts("人民政府", "政办〔2026〕3号", "同意开通", self.clock.on, self.clock.on)
        services.record_ruling(result=self.result(case), ruling=ruling, **self.by("bureau", case))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any, clock: Any) -> None:
        self.place, self.visitor, self.clock = place, visitor, clock
        own = place.own(yingkou="yingkou-2022:27", shenyang="shenyang-2020:21", other="national-2025:28")
        self.says = (place.title(own), place.title("national-2025:28"))

    def take(self, who: str, case: Any, step: str, given: dict[str, str] | None = None) -> None:
        self.visitor(who).take(at("", case.id), at(f"-{step}", case.id), given, self.says)

    def raise_about(self, request: SharingRequest) -> Dispute:
        head = self.visitor("head")
        new = f"{at('-new')}?request={request.id}"
        assert new in head.open(reverse("sharing:request", args=[request.id])).html
        assert new not in self.visitor("giver").open(reverse("sharing:request", args=[request.id])).html
        head.take(new, "", {"claim": CLAIM}, self.says)
        return Dispute.objects.get()

    def speak(self, case: Any, *, propose: bool = False) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says(case.title)
        given = {"text": "电话不能给"}
        if propose:
            levels = {"level-统一社会信用代码": "none", "level-联系电话": "none"}
            given |= OPEN | levels
        self.take("giver", case, "speak", given)

    def agree(self, case: Any) -> None:
        self.take("head", case, "agree")

    def refer_too_early(self, case: Any) -> str:
        page = self.visitor("head").open(at("", case.id))
        assert not page.offers(at("-refer", case.id)), "the step is shown with the reason why not yet"
        page.says(*self.says)
        return page.words

    def refer(self, case: Any) -> None:
        self.take("head", case, "refer", {"why": "谈了两次"})

    def decide(self, case: Any) -> None:
        self.visitor("bureau").open(reverse("portal:inbox")).says("协调共享争议")
        bare = self.visitor("bureau").refused(at("", case.id), at("-decide", case.id), OPEN)
        bare.says("依据")
        levels = {"level-统一社会信用代码": "none", "level-联系电话": "none"}
        given = {"reason": "名称足够核验", "basis": "政务数据共享条例 第二十条"}
        self.take("bureau", case, "decide", OPEN | levels | given)

    def accept(self, case: Any) -> None:
        self.take("head", case, "accept")

    def object(self, case: Any) -> None:
        self.take("giver", case, "object", {"reason": "名称也不能给"})

    def rule(self, case: Any) -> None:
        given = {
            "government": "人民政府", "number": "政办〔2026〕3号", "decided_on": str(self.clock.on), "text": "同意开通",
            "level-统一社会信用代码": "none", "level-联系电话": "none",
        }  # fmt: skip
        self.take("bureau", case, "rule", OPEN | given)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor, clock)


@pytest.fixture
def refused(place: Any, clock: Any) -> SharingRequest:
    """A request that was refused on the last working day before Spring Festival."""
    on = clock.to(date(2026, 2, 14))
    table = make_table(make_entry(place.provider))
    made = sharing.create_draft(
        actor=place.actor("clerk"), entry_id=table.entry_id, resource_id=table.id,
        department_id=place.consumer.id, draft=draft_of(valid_until=date(2027, 2, 1)), on=on,
    )  # fmt: skip
    sharing.submit_request(actor=place.actor("head"), request_id=made.id, on=on)
    return sharing.refuse_request(
        actor=place.actor("giver"), request_id=made.id, reason="无关", basis="统计法 第二十五条",
        level=BasisLevel.LAW, on=on,
    )  # fmt: skip


@pytest.mark.article("yingkou-2022", "27")
@pytest.mark.article("shenyang-2020", "21")
@pytest.mark.article("national-2025", "28")
def test_talked_over_and_settled(place, clock, refused, how):
    clock.to(date(2026, 2, 24))
    case = how.raise_about(refused)
    assert due_of(case) is None, "no text sets a term for it"
    assert waits_for(case)[0][0] == place.provider.short_name
    how.speak(case, propose=True)
    assert [who for who, _ in waits_for(case)] == [place.consumer.short_name]
    how.agree(case)
    case.refresh_from_db()
    assert case.status == "settled"
    assert Grant.objects.get().columns == [{"name": "企业名称", "mask": "none"}], "no more than was proposed"
    over(case, refused)
    nothing_left()
    assert events_of(case) == [
        *("dispute.raised", "dispute.answered", "dispute.settled", "dispute.carried_out"),
    ]


@pytest.mark.article("yingkou-2022", "27")
@pytest.mark.article("shenyang-2020", "21")
@pytest.mark.article("national-2025", "28")
def test_coordinated_not_accepted_and_decided_by_the_government(place, clock, refused, how):
    clock.to(date(2026, 2, 24))
    case = how.raise_about(refused)
    assert "协商" in how.refer_too_early(case), "first the two talk"
    how.speak(case)
    clock.to(date(2026, 2, 28))
    how.refer(case)
    case.refresh_from_db()
    assert case.coordinator_id == place.bureau.id
    how.decide(case)
    assert not Grant.objects.exists(), "both sides are heard on the opinion first"
    how.accept(case)
    how.object(case)
    case.refresh_from_db()
    assert case.status == "escalated"
    assert [who for who, _ in waits_for(case)] == [place.bureau.short_name]
    assert due_of(case) is None
    clock.to(date(2026, 12, 31))
    how.rule(case)
    case.refresh_from_db()
    assert (case.status, case.closed_on) == ("ruled", date(2026, 12, 31))
    assert {"national-2025:28"} <= {str(one) for one in case.decision().basis}
    assert Grant.objects.get().columns == [{"name": "企业名称", "mask": "none"}]
    over(case, refused)
    nothing_left()
    assert events_of(case) == [
        *("dispute.raised", "dispute.answered", "dispute.referred", "dispute.decided", "dispute.accepted"),
        *("dispute.escalated", "dispute.ruled", "dispute.carried_out"),
    ]
