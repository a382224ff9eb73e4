"""Random walks over a grant's use: no illegal move, something to do or an end, reasons and articles, event rows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shuqiao.accounts.types import Actor
from shuqiao.delivery import services as grants
from shuqiao.delivery.models import Correction, Grant, UseRecord
from shuqiao.delivery.tests.factories import TODAY
from shuqiao.delivery.tests.test_use import GONE, REPORT, at
from shuqiao.delivery.types import EndGround, FilingKind
from shuqiao.delivery.use import jobs, queries, services
from shuqiao.delivery.use.types import OPEN_CORRECTIONS
from shuqiao.kernel import IllegalMove, InvalidInput, RuleRefused
from shuqiao.procedures.models import Event, InboxItem

NO = (RuleRefused, IllegalMove, InvalidInput)


class Use(RuleBasedStateMachine):
    provider: Actor
    holder: Actor
    grant_id: UUID

    def __init__(self):
        super().__init__()
        self.day = TODAY
        self.before = transaction.savepoint()  # every walk begins with the same grant

    def teardown(self):
        transaction.savepoint_rollback(self.before)

    def step(self, name, act, **said):
        """What the page offers works, what it does not is refused: both ask the same rules."""
        actor = said["actor"]
        acts = {one.name: one.decision for one in queries.acts_for(actor, self.use(), self.day)}
        before = Event.objects.count()
        try:
            act(grant_id=self.grant_id, on=self.day, **said)
        except NO as error:
            self.refused(error, acts.get(name))
        else:
            assert Event.objects.count() > before
            if name in acts:
                assert acts[name].allowed

    def refused(self, error, offered):
        if isinstance(error, RuleRefused):
            assert error.decision.reason
            assert error.decision.rule
        assert offered is None or isinstance(error, InvalidInput) or not offered.allowed

    def use(self):
        return queries.use_of(Grant.objects.for_page().get(id=self.grant_id))

    @rule()
    def report(self):
        self.step("report", services.report_use, actor=self.holder, report=REPORT)

    @rule()
    def dispose(self):
        self.step("dispose", services.confirm_disposal, actor=self.holder, facts=GONE)

    @rule()
    def suspend(self):
        self.step("", grants.suspend_grant, actor=self.provider, reason="核查")

    @rule()
    def resume(self):
        self.step("resume", grants.resume_grant, actor=self.provider, note="已改")

    @rule()
    def order(self):
        due = self.day + timedelta(days=5)
        self.step("order", services.order_correction, actor=self.provider, demand="整改", due_on=due)

    @rule()
    def corrected(self):
        self.step("corrected", services.report_correction, actor=self.holder, text="已改")

    @rule()
    def file(self):
        said = {"reason": "下线", "negotiation": "已商定", "effective_on": self.day}
        self.step("file", grants.file_stop, actor=self.provider, kind=FilingKind.END, **said)

    @rule()
    def end(self):
        ground = EndGround.NECESSARY
        self.step("end", grants.end_grant, actor=self.provider, ground=ground, reason="下线")

    @rule()
    def misuse(self):
        self.step("", grants.end_grant, actor=self.provider, ground=EndGround.MISUSE, reason="不改")

    @rule()
    def time_passes(self):
        self.day += timedelta(days=100)
        jobs.ask_for_use(at(self.day))

    @invariant()
    def something_to_do_or_an_end(self):
        record, grant = UseRecord.objects.get(), Grant.objects.get()
        lines = InboxItem.objects.filter(case_id=record.id, done_at=None)
        due = {"report_due": "报告使用情况", "disposal_due": "处置数据"}.get(record.state)
        assert lines.filter(action="处置数据").count() == (due == "处置数据")
        assert lines.filter(action="报告使用情况").count() == (due == "报告使用情况")
        open_ones = Correction.objects.filter(state__in=OPEN_CORRECTIONS).count()
        assert lines.filter(action__in=("报告整改情况", "核实整改")).count() == open_ones
        over = grant.state in {"ended", "expired"}
        assert over == (record.state in {"disposal_due", "closed", "continued"})
        assert not (over and open_ones)


def test_any_walk(city, grant):
    class Here(Use):
        provider = city.actor("provider-approver")
        holder = city.actor("consumer-approver")
        grant_id = grant.id

    run_state_machine_as_test(
        Here, settings=settings(max_examples=8, stateful_step_count=20, deadline=None, database=None)
    )
