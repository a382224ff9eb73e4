"""Return flow: asked below, marked above and open at once, over with the year; refused by law only; withdrawn.

Decree 24 in all four regimes, from its first day. No text sets a term: no clock, but always somebody whose turn it is.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM, Role
from shuqiao.delivery import jobs
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.organizations import services as organizing
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import credit_code, make_user
from shuqiao.organizations.types import DepartmentKind
from shuqiao.procedures.models import Term
from shuqiao.resources.models import Resource
from shuqiao.sharing.models import ReturnFlow
from shuqiao.sharing.returning import services
from shuqiao.sharing.returning.types import AreaForm, NoFacts, ReturnDraft
from tests.scenarios.steps import events_of, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
PURPOSE, WHY = "本区域企业监管", "本年不再监管"
NO = ("涉及国家秘密", "保守国家秘密法 第十五条")
ITEMS = ("企业名称", "地区")


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:return{name}", args=args)


@pytest.fixture
def lower(place: Any) -> Department:
    """A department of a division under the place's, and its head, `below`."""
    where = organizing.create_division(
        actor=PLATFORM, code=f"{place.division.code}001", name="东风新区", short_name="东风",
        case_prefix="风", parent=place.division.code,
    )  # fmt: skip
    department = organizing.create_department(
        actor=PLATFORM, division=where.code, name="东风新区市场监管局", short_name="东风市监局",
        credit_code=credit_code(799), kind=DepartmentKind.GOVERNMENT,
    )  # fmt: skip
    name = f"{place.name}.below"
    place.city.users[name] = make_user(name, "石局长", department, Role.APPROVER)
    return department


@pytest.fixture
def table(place: Any) -> Resource:
    return make_table(make_entry(place.provider))


def marked(place: Any, table: Resource, on: date) -> None:
    """The provider says which column names the area."""
    services.mark_resource(
        actor=place.actor("giver"), entry_id=table.entry_id, column="地区", form=AreaForm.NAME, on=on
    )


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, flow: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "flow_id": flow.id, "on": self.clock.on}

    def ask(self, table: Any, lower: Any, until: date | None = None, who: str = "below") -> ReturnFlow:
        return services.ask_return(
            actor=self.place.actor(who), department_id=lower.id, entry_id=table.entry_id,
            draft=ReturnDraft(ITEMS, ("interface",), PURPOSE, until), on=self.clock.on,
        )  # fmt: skip

    def asks_not(self, table: Any, lower: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.ask(table, lower)
        in_force = self.place.regime(self.clock.on).packs
        assert refused.value.decision.basis or not in_force, "a basis, unless no text at all is in force"
        return str(refused.value)

    def sideways(self, table: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.ask(table, self.place.consumer, who="head")
        return str(refused.value)

    silent = asks_not

    def mark(self, flow: Any) -> None:
        marked(self.place, flow.resource, self.clock.on)

    def bare_no(self, flow: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_return(no=NoFacts("不便", "", None), **self.by("giver", flow))
        return str(refused.value)

    def weak_no(self, flow: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_return(no=NoFacts(*NO, BasisLevel.NORMATIVE), **self.by("giver", flow))
        return str(refused.value)

    def no(self, flow: Any) -> None:
        services.refuse_return(no=NoFacts(*NO, BasisLevel.LAW), **self.by("giver", flow))

    def withdraw(self, flow: Any) -> None:
        services.withdraw_return(reason=WHY, **self.by("below", flow))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        self.says = (place.title("national-2025:24"),)

    def given(self, until: date | None = None) -> dict[str, Any]:
        return {"items": list(ITEMS), "purpose": PURPOSE, "valid_until": str(until or "")}

    def ask(self, table: Any, lower: Any, until: date | None = None) -> ReturnFlow:
        new = at("-new", table.entry_id)
        self.visitor("below").refused(new, "", self.given(until) | {"purpose": " "}).says("用途")
        assert not ReturnFlow.objects.filter(resource=table, status="asked").exists()
        self.visitor("below").take(new, "", self.given(until), self.says)
        return ReturnFlow.objects.latest("id")

    def asks_not(self, table: Any, lower: Any) -> str:
        return str(self.visitor("below").refused(at("-new", table.entry_id), "", self.given()).words)

    def sideways(self, table: Any) -> str:
        return self.says_no("head", table)

    def silent(self, table: Any, lower: Any) -> str:
        return self.says_no("below", table)

    def says_no(self, who: str, table: Any) -> str:
        page = self.visitor(who).open(at("-new", table.entry_id))
        assert not page.offers(at("-new", table.entry_id))
        return str(page.words)

    def mark(self, flow: Any) -> None:
        giver, page = self.visitor("giver"), at("-mark", flow.entry_id)
        giver.open(reverse("portal:inbox")).says("标注回流数据的区划列")
        assert page in giver.open(at("", flow.id)).html
        giver.refused(page, "", {"column": ""}).says("选一列")
        giver.take(page, "", {"column": "地区", "form": "name"}, self.says)

    def refused(self, flow: Any, level: str, reason: str, basis: str) -> str:
        given = {"reason": reason, "basis": basis, "level": level}
        return str(self.visitor("giver").refused(at("", flow.id), at("-refuse", flow.id), given).words)

    def bare_no(self, flow: Any) -> str:
        return self.refused(flow, "", "不便", "")

    def weak_no(self, flow: Any) -> str:
        return self.refused(flow, "normative", *NO)

    def no(self, flow: Any) -> None:
        given = {"reason": NO[0], "basis": NO[1], "level": "law"}
        self.visitor("giver").take(at("", flow.id), at("-refuse", flow.id), given, self.says)
        self.visitor("below").open(at("", flow.id)).says(*NO, "依法不能回流")

    def withdraw(self, flow: Any) -> None:
        self.visitor("below").take(at("", flow.id), at("-withdraw", flow.id), {"reason": WHY}, self.says)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.mark.article("national-2025", "24")
def test_marked_on_a_make_up_day_it_opens_and_is_over_with_the_year(place, clock, how, lower, table):
    clock.to(date(2026, 2, 13))
    flow = how.ask(table, lower, date(2026, 12, 31))
    assert waits_for(flow) == [(place.provider.short_name, "标注回流数据的区划列")]
    assert not Grant.objects.exists()
    assert flow.number in how.asks_not(table, lower), "of two the second names the first"
    # Saturday 28 February is a make-up day after Spring Festival.
    on = clock.to(date(2026, 2, 28))
    how.mark(flow)
    flow.refresh_from_db()
    grant = Grant.objects.get()
    assert (flow.status, flow.closed_on, grant.grantee_id) == ("opened", on, lower.id)
    assert grant.where == [{"column": "地区", "op": "in", "values": ["东风新区", "东风"]}]
    assert {one["mask"] for one in grant.columns} == {"none"}, "no new conditions"
    over(flow)
    nothing_left()
    clock.to(date(2026, 12, 31))
    assert jobs.expire_grants(clock.now()) == 0, "its last day is whole"
    assert flow.number in how.asks_not(table, lower)
    clock.to(date(2027, 1, 4))
    assert jobs.expire_grants(clock.now()) == 1
    again = how.ask(table, lower)
    again.refresh_from_db()
    assert again.status == "opened", "the mark stands: nobody is asked again"
    over(flow, again)
    assert not Term.objects.filter(case_id__in=[flow.id, again.id]).exists(), "no text sets a term"
    assert events_of(flow) == events_of(again) == ["return.asked", "return.opened"]


@pytest.mark.article("national-2025", "15")
@pytest.mark.article("national-2025", "24")
def test_only_the_law_is_a_ground_for_a_no(place, clock, how, lower, table):
    clock.to(date(2026, 9, 30))
    assert "上级向下级" in how.sideways(table)
    flow = how.ask(table, lower)
    clock.to(date(2026, 10, 10))  # a make-up day after National Day
    assert "法律依据" in how.bare_no(flow)
    assert "不足以" in how.weak_no(flow)
    assert waits_for(flow), "what was not answered still waits"
    how.no(flow)
    flow.refresh_from_db()
    assert (flow.status, flow.answer_basis, flow.answer_level) == ("refused", NO[1], "law")
    decision = flow.decision()
    assert decision.reason == NO[0]
    assert decision.basis
    assert not Grant.objects.exists()
    over(flow)
    nothing_left()
    assert events_of(flow) == ["return.asked", "return.refused"]


@pytest.mark.article("national-2025", "24")
def test_from_the_decrees_first_day_and_withdrawn(place, clock, how, lower, table):
    clock.to(date(2025, 7, 31))
    assert "没有数据回流" in how.silent(table, lower)
    assert not ReturnFlow.objects.exists()
    clock.to(date(2025, 8, 1))
    flow = how.ask(table, lower)
    how.withdraw(flow)
    over(flow)
    marked(place, table, clock.on)
    flow.refresh_from_db()
    assert flow.status == "withdrawn", "what was withdrawn does not open"
    nothing_left()
    assert events_of(flow) == ["return.asked", "return.withdrawn"]
