"""Demands: assigned, promised, catalogued, met; given back once and refused with kind, reason, basis and level.

No text sets a term for the answer: no clock in any of the four regimes, but always somebody whose turn it is.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.catalog import services as catalog
from shuqiao.catalog.models import Revision
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Term
from shuqiao.sharing.demands import jobs, services
from shuqiao.sharing.demands.types import NoFacts, NoKind, Wanted
from shuqiao.sharing.models import Demand
from tests.scenarios.steps import events_of, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
TITLE, ITEMS, PURPOSE = "餐饮从业人员健康证明", ("姓名", "证明编号"), "核验上岗条件"


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:demand{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "demand_id": case.id, "on": self.clock.on}

    def post(self) -> Demand:
        return services.post_demand(
            actor=self.place.actor("clerk"), department_id=self.place.consumer.id,
            wanted=Wanted(title=TITLE, items=ITEMS, purpose=PURPOSE, service_item=""), on=self.clock.on,
        )  # fmt: skip

    def assign(self, case: Any, department: Any, note: str = "") -> None:
        services.assign_demand(department_id=department.id, note=note, **self.by("bureau", case))

    def give_back(self, case: Any) -> None:
        services.return_demand(reason="不是我局的职责", **self.by("second", case))

    def accept(self, case: Any, until: date) -> None:
        services.accept_demand(promised_on=until, **self.by("giver", case))

    def link(self, case: Any, entry_id: Any) -> None:
        services.link_entry(entry_id=entry_id, **self.by("editor", case))

    def bare_no(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_demand(no=NoFacts(NoKind.CLOSED, "不便", "", None), **self.by("giver", case))
        return str(refused.value)

    def no(self, case: Any) -> None:
        facts = NoFacts(NoKind.CLOSED, "涉及个人隐私", "个人信息保护法 第十条", BasisLevel.LAW)
        services.refuse_demand(no=facts, **self.by("giver", case))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        own = place.own(yingkou="yingkou-2022:4", shenyang="shenyang-2020:6")
        self.says = (place.title(own),) if own else ()

    def take(self, who: str, case: Any, step: str, given: dict[str, str] | None = None) -> None:
        self.visitor(who).take(at("", case.id), at(f"-{step}", case.id), given, self.says)

    def post(self) -> Demand:
        given = {"title": TITLE, "items": "\n".join(ITEMS), "purpose": PURPOSE}
        self.visitor("clerk").refused(at("-new"), "", given | {"items": ""}).says("信息项")
        self.visitor("clerk").take(at("-new"), "", given, self.says)
        return Demand.objects.get()

    def assign(self, case: Any, department: Any, note: str = "") -> None:
        self.visitor("bureau").open(reverse("portal:inbox")).says("分办数据需求")
        self.take("bureau", case, "assign", {"department": str(department.id), "note": note})

    def give_back(self, case: Any) -> None:
        self.take("second", case, "return", {"reason": "不是我局的职责"})

    def accept(self, case: Any, until: date) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says("答复数据需求")
        self.take("giver", case, "accept", {"promised_on": str(until), "note": "月底前"})

    def link(self, case: Any, entry_id: Any) -> None:
        self.take("editor", case, "link", {"entry": str(entry_id)})

    def bare_no(self, case: Any) -> str:
        given = {"kind": "closed", "reason": "不便"}
        return str(self.visitor("giver").refused(at("", case.id), at("-refuse", case.id), given).words)

    def no(self, case: Any) -> None:
        given = {
            "kind": "closed",
            "reason": "涉及个人隐私",
            "basis": "个人信息保护法 第十条",
            "level": "law",
        }
        self.take("giver", case, "refuse", given)
        self.visitor("clerk").open(at("", case.id)).says("涉及个人隐私", "个人信息保护法 第十条")


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.mark.article("yingkou-2022", "4")
@pytest.mark.article("shenyang-2020", "6")
def test_assigned_promised_catalogued_and_met(place, clock, how):
    on = clock.to(date(2026, 2, 12))
    case = how.post()
    assert waits_for(case) == [(place.bureau.short_name, "分办数据需求")]
    how.assign(case, place.provider)
    assert waits_for(case) == [(place.provider.short_name, "答复数据需求")]
    how.accept(case, date(2026, 2, 28))
    assert waits_for(case) == [(place.provider.short_name, "按承诺编目")]
    draft = entries.draft(place.stage(), title=TITLE)
    how.link(case, draft.entry_id)
    # The promise ends on Saturday 28 February, a make-up day. On Monday the reminder comes, once.
    assert jobs.remind_promises(clock.now()) == 0
    clock.to(date(2026, 3, 2))
    assert [jobs.remind_promises(clock.now()) for _ in range(2)] == [1, 0]
    on = clock.on
    catalog.submit_revision(actor=place.actor("giver"), revision_id=draft.id, on=on)
    catalog.publish_revision(actor=place.actor("bureau"), revision_id=draft.id, on=on)
    assert Revision.objects.get(id=draft.id).status == "published"
    assert jobs.follow_demands(clock.now()) == 1
    case.refresh_from_db()
    assert (case.status, case.closed_on) == ("met", on)
    assert not Term.objects.filter(case_id=case.id).exists(), "no text sets a term: there never was a clock"
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("demand.posted", "demand.assigned", "demand.accepted", "demand.linked", "demand.met"),
    ]


@pytest.mark.article("yingkou-2022", "17")
@pytest.mark.article("national-2025", "15")
def test_given_back_once_and_refused_with_all_that_a_no_needs(place, clock, how):
    clock.to(date(2026, 9, 30))
    case = how.post()
    how.assign(case, place.other)
    how.give_back(case)
    assert waits_for(case) == [(place.bureau.short_name, "分办数据需求")]
    clock.to(date(2026, 10, 10))
    how.assign(case, place.provider, "三定方案第五条")
    said = how.bare_no(case)
    assert "依据" in said
    how.no(case)
    case.refresh_from_db()
    assert (case.status, case.answer_basis) == ("refused", "个人信息保护法 第十条")
    decision = case.decision()
    assert decision.reason
    assert "national-2025:15" in [str(one) for one in decision.basis]
    assert not Term.objects.filter(case_id=case.id).exists()
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("demand.posted", "demand.assigned", "demand.returned", "demand.assigned", "demand.refused"),
    ]
