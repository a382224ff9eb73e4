"""Verifications: found wrong, corrected by a new version, readers told; a citizen served, the data confirmed or kept.

Yingkou gives five working days for the answer, the Decree ten; the correction has ten from the day of asking.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import order_of
from shuqiao.kernel import RuleRefused
from shuqiao.procedures.models import Notice
from shuqiao.resources.tests import factories
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import queries, services
from shuqiao.sharing.verification.jobs import notice_corrections
from shuqiao.sharing.verification.tests.conftest import ITEMS, KEY, YES, Table, asked_of, read
from shuqiao.sharing.verification.types import Citizen, Finding
from tests.scenarios.steps import due_of, events_of, night, nothing_left, over, term_of, waits_for

pytestmark = pytest.mark.django_db
PLACE = ITEMS.index("法人代表")
SAYS, SHOWN, ITEM = "执照上不是这个名字", "营业执照副本", "企业参保登记"


def at(name: str, *args: object) -> str:
    return reverse(f"sharing:verification{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "verification_id": case.id, "on": self.clock.on}

    def ask(self, grant: Any, *, citizen: bool = False) -> Verification:
        asked = asked_of(citizen=Citizen(SAYS, "周某") if citizen else None)
        return services.ask_verification(
            actor=self.place.actor("clerk"), grant_id=grant.id, asked=asked, on=self.clock.on
        )

    def serve(self, case: Any) -> None:
        services.record_served(document=SHOWN, service_item=ITEM, **self.by("clerk", case))

    def accept(self, case: Any, until: date) -> None:
        found = {one.id: Finding("wrong", one.believed) for one in queries.fields_of(case)}
        services.accept_verification(
            found=found, reason="档案有误", correct_by=until, **self.by("giver", case)
        )

    def accept_too_late(self, case: Any, until: date) -> str:
        with pytest.raises(RuleRefused) as refused:
            self.accept(case, until)
        return str(refused.value)

    def bare_no(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.reject_verification(reason="不改", basis="", **self.by("giver", case))
        return str(refused.value)

    def no(self, case: Any) -> None:
        given = {"reason": "登记时就是如此", "basis": "市场主体登记管理条例 第八条"}
        services.reject_verification(**given, **self.by("giver", case))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        own = "yingkou-2022:23" if place.name == "yingkou" else "national-2025:26"
        self.says = (place.title(own), place.title("national-2025:26"))

    def ask(self, grant: Any, *, citizen: bool = False) -> Verification:
        clerk, page = self.visitor("clerk"), at("-new", grant.id)
        assert page in clerk.open(reverse("delivery:grant", args=[grant.id])).html
        clerk.open(page).says(*self.says)
        looked = clerk.send(page, at("-look", grant.id), {"keys": KEY})
        assert looked.status_code == 200, "rows are shown under the grant, and the looking is recorded"
        form = clerk.page_of(page, looked).form_to(page)
        given = {
            f"wrong-0-{PLACE}": "1",
            f"believed-0-{PLACE}": "赵六",
            "reason": "不符",
            "proof": "执照副本",
        }
        if citizen:
            given |= {"for_citizen": "on", "citizen_says": SAYS, "citizen_name": "周某"}
        assert set(given) <= form.names
        assert clerk.client.post(page, form.holds | given).status_code == 302
        return Verification.objects.latest("id")

    def serve(self, case: Any) -> None:
        given = {"document": SHOWN, "service_item": ITEM}
        self.visitor("clerk").take(at("", case.id), at("-serve", case.id), given, self.says)

    def answers(self, case: Any, until: date) -> dict[str, str]:
        field = queries.fields_of(case)[0]
        return {
            f"outcome-{field.id}": "wrong", f"correct-{field.id}": field.believed, "reason": "档案有误",
            "correct_by": str(until),
        }  # fmt: skip

    def accept(self, case: Any, until: date) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says(case.title)
        given = self.answers(case, until)
        self.visitor("giver").take(at("-answer", case.id), at("-accept", case.id), given, self.says)

    def accept_too_late(self, case: Any, until: date) -> str:
        given = self.answers(case, until)
        page = self.visitor("giver").refused(at("-answer", case.id), at("-accept", case.id), given)
        return str(page.words)

    def bare_no(self, case: Any) -> str:
        given = {"reason": "不改"}
        page = self.visitor("giver").refused(at("-answer", case.id), at("-reject", case.id), given)
        return str(page.words)

    def no(self, case: Any) -> None:
        given = {"reason": "登记时就是如此", "basis": "市场主体登记管理条例 第八条"}
        self.visitor("giver").take(at("-answer", case.id), at("-reject", case.id), given, self.says[:1])
        self.visitor("clerk").open(at("", case.id)).says(*given.values(), *self.says)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.fixture
def table(place: Any, clock: Any, tmp_path: Path) -> Table:
    """A published table of three firms."""
    clock.to(date(2026, 2, 2))
    made = Table(place.stage(), factories.mount(place.stage(), ITEMS), tmp_path)
    made.publish()
    return made


@pytest.fixture
def grant(place: Any, table: Table) -> Any:
    """The department that asks reads all of it, for two years."""
    order = order_of(
        table.resource, place.consumer.id, columns=tuple((name, "none") for name in ITEMS), where=(),
        valid_from=date(2026, 2, 2), valid_until=date(2028, 1, 31),
    )  # fmt: skip
    return delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=date(2026, 2, 2))


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
def test_found_wrong_over_national_day_corrected_and_readers_told(place, clock, home, table, grant, how):
    clock.to(date(2026, 9, 23))
    read(home, grant, f"/v1/resources/{grant.resource_id}/rows/{KEY}")
    clock.to(date(2026, 9, 24))
    case = how.ask(grant)
    # 25-27 September off; five: 28, 29, 30 September, 8, 9 October; ten: 10 (Saturday, worked), 12, 13, 14, 15 October.
    ten = date(2026, 10, 15)
    assert due_of(case) == (date(2026, 10, 9) if place.name == "yingkou" else ten)
    assert [who for who, _ in waits_for(case)] == [place.provider.short_name]
    clock.to(date(2026, 10, 9))
    said = how.accept_too_late(case, date(2026, 10, 16))
    assert "2026-10-15" in said
    how.accept(case, ten)
    assert (term_of(case).term_id, due_of(case)) == ("verification.correction", ten)
    assert [what for _, what in waits_for(case)] == ["发布更正后的数据"]
    clock.to(date(2026, 10, 15))
    table.publish(**{KEY: "赵六"})
    assert notice_corrections(clock.now()) == 1
    case.refresh_from_db()
    assert (case.status, case.corrected_version.number) == ("corrected", 2)
    told = Notice.objects.filter(department=place.consumer, text__contains="更正", case_id=grant.id)
    assert told.exists(), "whoever read the wrong value hears which record changed"
    over(case)
    nothing_left()
    looked = [one for one in events_of(case) if one != "verification.looked"]
    assert looked == [
        "verification.asked", "verification.accepted", "verification.corrected", "verification.readers_told",
    ] or looked == [
        "verification.asked", "verification.accepted", "verification.readers_told", "verification.corrected",
    ]  # fmt: skip


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
def test_a_citizen_is_served_and_the_data_stay_with_reason_and_basis(place, clock, grant, how):
    clock.to(date(2026, 2, 12))
    case = how.ask(grant, citizen=True)
    # Five: 13, 14 (Saturday, worked), 24, 25, 26 February; ten: 27, 28 (Saturday, worked), 2, 3, 4 March.
    due = date(2026, 2, 26) if place.name == "yingkou" else date(2026, 3, 4)
    assert due_of(case) == due
    how.serve(case)
    case.refresh_from_db()
    assert (case.served_on, case.citizen_document) == (clock.on, SHOWN), "served before anything is corrected"
    assert night(clock, due) == 0
    assert night(clock, due.replace(day=due.day + 1)) == 1, "silence is overdue the day after"
    assert "依据" in how.bare_no(case)
    how.no(case)
    case.refresh_from_db()
    assert (case.status, case.answer_basis) == ("rejected", "市场主体登记管理条例 第八条")
    assert "national-2025:26" in [str(one) for one in case.decision().basis]
    over(case)
    nothing_left()
    assert events_of(case) == [
        *("verification.asked", "verification.served", "term.overdue", "verification.rejected"),
    ]
