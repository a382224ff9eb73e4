"""The use of a grant: reported, misused, suspended, put right, ended, its data disposed of; or ended by the provider.

No text sets a term for putting right or for disposal: no clock, but a day that the provider names, and a reminder.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import jobs
from shuqiao.delivery import services as grants
from shuqiao.delivery.models import Correction, Grant, UseRecord
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import make_entry, make_table, order_of
from shuqiao.delivery.types import EndGround, FilingKind
from shuqiao.delivery.use import services
from shuqiao.delivery.use.types import DisposalFacts, DisposalWay, Report
from shuqiao.kernel import RuleRefused
from shuqiao.procedures.models import Notice, Term
from tests.scenarios.steps import events_of, nothing_left, over, waits_for

pytestmark = pytest.mark.django_db
REPORT = {"scenario": "窗口", "process": "逐户查询", "effect": "少交两份材料", "storage": "不落地"}


def at(name: str, *args: object) -> str:
    return reverse(f"delivery:{name}", args=args)


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def by(self, who: str, grant: Any) -> dict[str, Any]:
        return {"actor": self.place.actor(who), "grant_id": grant.id, "on": self.clock.on}

    def report(self, grant: Any) -> None:
        services.report_use(report=Report(**REPORT), **self.by("clerk", grant))

    def suspend(self, grant: Any) -> None:
        grants.suspend_grant(reason="批量比对", **self.by("giver", grant))

    def order(self, grant: Any, until: date) -> None:
        services.order_correction(demand="停止批量比对", due_on=until, **self.by("giver", grant))

    def corrected(self, grant: Any) -> None:
        services.report_correction(text="任务已停", **self.by("head", grant))

    def resume(self, grant: Any) -> None:
        grants.resume_grant(note="已核实", **self.by("giver", grant))

    def finish(self, grant: Any) -> None:
        grants.end_grant(ground=EndGround.FULFILLED, reason="核定完成", **self.by("head", grant))

    def dispose(self, grant: Any) -> None:
        facts = DisposalFacts(DisposalWay.DELETED, "相关表已清空", "李开发", self.clock.on)
        services.confirm_disposal(facts=facts, **self.by("head", grant))

    def file(self, grant: Any, until: date) -> None:
        grants.file_stop(
            kind=FilingKind.END, reason="系统停用", negotiation="双方商定", effective_on=until,
            **self.by("giver", grant),
        )  # fmt: skip

    def stop_unfiled(self, grant: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            grants.end_grant(ground=EndGround.NECESSARY, reason="停用", **self.by("giver", grant))
        return str(refused.value)

    def stop(self, grant: Any) -> None:
        grants.end_grant(ground=EndGround.NECESSARY, reason="停用", **self.by("giver", grant))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any, clock: Any) -> None:
        self.place, self.visitor, self.clock = place, visitor, clock

    def use(self, who: str, grant: Any, step: str, **given: str) -> None:
        page = at("use", grant.id)
        fields = {f"{step}-{name}": value for name, value in given.items()}
        says = (self.place.title("national-2025:29" if step == "report" else "national-2025:27"),)
        self.visitor(who).take(page, at(f"use-{step}", grant.id), fields, says)

    def report(self, grant: Any) -> None:
        empty = {"report-scenario": "窗口"}
        page = self.visitor("clerk").refused(at("use", grant.id), at("use-report", grant.id), empty)
        page.says("必填")
        self.use("clerk", grant, "report", **REPORT)

    def suspend(self, grant: Any) -> None:
        self.visitor("giver").take(
            at("grant", grant.id), at("suspend", grant.id), {"suspend-reason": "批量比对"}
        )
        self.visitor("clerk").open(at("grant", grant.id)).says(
            "批量比对", self.place.title("national-2025:27")
        )

    def order(self, grant: Any, until: date) -> None:
        self.use("giver", grant, "order", demand="停止批量比对", due_on=str(until))

    def corrected(self, grant: Any) -> None:
        self.visitor("head").open(reverse("portal:inbox")).says("报告整改情况")
        self.use("head", grant, "corrected", text="任务已停")

    def resume(self, grant: Any) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says("核实整改")
        self.visitor("giver").take(at("grant", grant.id), at("resume", grant.id), {"resume-note": "已核实"})

    def end(self, who: str, grant: Any, ground: str, reason: str) -> None:
        given = {"end-ground": ground, "end-reason": reason}
        self.visitor(who).take(at("grant", grant.id), at("end", grant.id), given)

    def finish(self, grant: Any) -> None:
        self.end("head", grant, "fulfilled", "核定完成")

    def dispose(self, grant: Any) -> None:
        self.visitor("head").open(reverse("portal:inbox")).says("处置数据")
        said = {"way": "deleted", "detail": "相关表已清空", "done_by": "李开发"}
        self.use("head", grant, "dispose", done_on=str(self.clock.on), **said)

    def file(self, grant: Any, until: date) -> None:
        given = {
            "file-kind": "end", "file-reason": "系统停用", "file-negotiation": "双方商定",
            "file-effective_on": str(until),
        }  # fmt: skip
        says = (self.place.title("national-2025:27"),)
        self.visitor("giver").take(at("use", grant.id), at("file-stop", grant.id), given, says)

    def stop_unfiled(self, grant: Any) -> str:
        given = {"end-ground": "necessary", "end-reason": "停用"}
        page = self.visitor("giver").refused(at("grant", grant.id), at("end", grant.id), given)
        return str(page.words)

    def stop(self, grant: Any) -> None:
        self.end("giver", grant, "necessary", "停用")


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor, clock)


@pytest.fixture
def grant(place: Any, clock: Any) -> Grant:
    on = clock.to(date(2026, 2, 2))
    order = order_of(
        make_table(make_entry(place.provider)), place.consumer.id, valid_from=on, valid_until=date(2027, 6, 1)
    )
    return grants.issue_grant(actor=PLATFORM, order=order, decision=YES, on=on)


@pytest.mark.article("national-2025", "25")
@pytest.mark.article("national-2025", "27")
@pytest.mark.article("national-2025", "29")
@pytest.mark.article("yingkou-2022", "22")
def test_reported_misused_put_right_ended_and_disposed_of(place, clock, grant, how):
    clock.to(date(2026, 2, 13))
    how.report(grant)
    use = UseRecord.objects.get()
    # Kept three years.
    assert use.reports.get().keep_until == date(2029, 2, 13)
    how.suspend(grant)
    grant.refresh_from_db()
    assert (grant.state, grant.state_reason) == ("suspended", "批量比对")
    how.order(grant, date(2026, 2, 28))
    assert waits_for(use) == [(place.consumer.short_name, "报告整改情况")]
    # Saturday 28 February is a make-up day: on it nobody is late, on 1 March everybody is told, once.
    clock.to(date(2026, 2, 28))
    assert jobs.tell_of_late_corrections(clock.now()) == 0
    clock.to(date(2026, 3, 1))
    assert [jobs.tell_of_late_corrections(clock.now()) for _ in range(2)] == [1, 0]
    how.corrected(grant)
    assert waits_for(use) == [(place.provider.short_name, "核实整改")]
    how.resume(grant)
    assert Correction.objects.get().state == "accepted"
    over(use, grant)
    clock.to(date(2026, 12, 31))
    how.finish(grant)
    assert waits_for(use) == [(place.consumer.short_name, "处置数据")]
    clock.to(date(2027, 1, 4))
    how.dispose(grant)
    use.refresh_from_db()
    assert (use.state, use.done_on) == ("closed", date(2027, 1, 4))
    assert not Term.objects.exists(), "no text sets a term: there never was a clock"
    over(use, grant)
    nothing_left()
    assert events_of(use) == [
        *("use.reported", "use.correction_ordered", "use.corrected", "use.correction_accepted"),
        *("use.disposal_asked", "use.disposed"),
    ]
    assert events_of(grant) == ["grant.issued", "grant.suspended", "grant.resumed", "grant.ended"]


@pytest.mark.article("national-2025", "27")
def test_the_provider_files_before_it_ends_the_service(place, clock, grant, how):
    clock.to(date(2026, 9, 23))
    assert "备案" in how.stop_unfiled(grant)
    how.file(grant, date(2026, 10, 8))
    told = Notice.objects.filter(department=place.consumer, case_id=grant.id)
    assert told.exists(), "the users are told before it happens"
    assert Notice.objects.filter(department=place.bureau).exists()
    clock.to(date(2026, 9, 30))
    assert how.stop_unfiled(grant), "not before the day that was filed"
    clock.to(date(2026, 10, 8))
    how.stop(grant)
    grant.refresh_from_db()
    assert grant.state == "ended"
    how.dispose(grant)
    over(grant, UseRecord.objects.get())
    nothing_left()
    assert events_of(grant) == ["grant.issued", "grant.stop_filed", "grant.ended"]
