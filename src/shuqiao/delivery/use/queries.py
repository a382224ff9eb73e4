"""Reads of the use of a grant. Who may see the grant may see its use: holder, provider and bureau (Decree 29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import acting, queries, rules
from shuqiao.delivery.acting import Act as Act  # noqa: PLC0414 - what `acts_for` gives
from shuqiao.delivery.models import Correction, Grant, OnwardConsent, StopFiling, UseRecord, UseReport
from shuqiao.delivery.types import EndGround, FilingKind, FilingState, GrantState, Side
from shuqiao.delivery.use import rules as use_rules
from shuqiao.delivery.use.correcting import keeper_side
from shuqiao.delivery.use.passing import side_for
from shuqiao.delivery.use.records import correction_state, regime_of
from shuqiao.delivery.use.types import ConsentOf, CorrectionState, UseState


@dataclass(frozen=True, slots=True)
class Use:
    """All of a grant's use. `record` None: the grant is of before use was recorded, the worker opens it."""

    grant: Grant
    record: UseRecord | None
    reports: tuple[UseReport, ...]
    corrections: tuple[Correction, ...]
    consents: tuple[OnwardConsent, ...]
    filings: tuple[StopFiling, ...]

    @property
    def state(self) -> UseState:
        """Where the use stands."""
        return UseState(self.record.state) if self.record else UseState.RUNNING

    @property
    def correction(self) -> Correction | None:
        """The correction that still asks for something."""
        return next((one for one in self.corrections if one.is_open), None)


def get_use_for(actor: Actor, grant_id: UUID) -> Use:
    """The use of a grant that the actor may see. Raises NotFound, NotAllowed."""
    return use_of(queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_READ))


def use_of(grant: Grant) -> Use:
    """The use of a grant; the caller has checked that the actor may see it."""
    record = UseRecord.objects.filter(grant=grant).first()
    return Use(
        grant=grant,
        record=record,
        reports=tuple(record.reports.all()) if record else (),
        corrections=tuple(record.corrections.all()) if record else (),
        consents=tuple(record.consents.all()) if record else (),
        filings=tuple(grant.filings.all()),
    )


def acts_for(actor: Actor, use: Use, on: date) -> list[Act]:
    """What the actor may do next about the use, and where they may not, by which rule and why. From the same rules
    that the steps ask; steps of another side are left out."""
    grant, regime = use.grant, regime_of(use.grant, on)
    reporting = queries.sides_of(actor, grant, P.DELIVERY_USE_REPORT)
    holder = Side.GRANTEE if Side.GRANTEE in reporting else None
    keeper, state = keeper_side(actor, grant), GrantState(grant.state)
    open_one = correction_state(use.correction)
    found = []
    if holder:
        report = use_rules.may_report(side=holder, state=use.state, regime=regime)
        dispose = use_rules.may_dispose(side=holder, state=use.state, facts=None, on=on, regime=regime)
        corrected = use_rules.may_report_correction(
            side=holder, correction=open_one, text="写明整改情况", regime=regime
        )
        found += [
            Act("report", "报告使用情况", report),
            Act("dispose", "确认处置数据", dispose),
            Act("corrected", "报告整改", corrected),
        ]
    if keeper is not Side.PROVIDER:
        found += [act for act in acting.acts_for(actor, grant, on) if act.name == "change"]
    if keeper:
        order = use_rules.may_order_correction(
            side=keeper, state=state, correction=open_one, demand="写明整改要求和期限", regime=regime
        )
        found.append(Act("order", "责令整改", order))
        if open_one is CorrectionState.REPORTED:
            accept = rules.may_resume(side=keeper, note="使用方已报告整改，写明核查情况", regime=regime)
            found.append(Act("resume", "整改通过，恢复授权", accept))
    if keeper is Side.PROVIDER:
        found += _provider_acts(use, state, on)
    for of in ConsentOf:
        if side := side_for(actor, grant, of):
            decision = use_rules.may_consent(side=side, state=state, of=of, regime=regime)
            found.append(Act(f"consent-{of.value}", f"记录{of.label}同意提供给第三方", decision))
    return found


def changes_as_holder(acts: list[Act]) -> bool:
    """Whether who may change the grant would do so as its holder, giving part of it up."""
    return any(act.name == "change" and act.decision.rule == rules.NOT_WIDER for act in acts)


def _provider_acts(use: Use, state: GrantState, on: date) -> list[Act]:
    """Filing, ending, changing, and saying how data is to be disposed of."""
    regime = regime_of(use.grant, on)
    filed = {one.kind for one in use.filings if one.state == FilingState.FILED and one.effective_on <= on}
    end = rules.EndFacts(
        EndGround.NECESSARY, Side.PROVIDER, state, "写明确需终止的理由", filed=FilingKind.END.value in filed
    )
    change = rules.ChangeFacts(
        Side.PROVIDER, state, "写明缩小的范围和理由", wider=(), filed=FilingKind.CHANGE.value in filed
    )
    demand = use_rules.may_demand_disposal(
        side=Side.PROVIDER, state=use.state, text="写明数据怎样处置", regime=regime
    )
    acts = [Act("demand", "提出处置要求", demand)]
    if state in queries.LIVE:
        filing = rules.FilingFacts(Side.PROVIDER, state, "先协商、备案，到生效日期再办", "—", on, on)
        acts += [
            Act("file", "就终止或变更备案", rules.may_file(filing, regime)),
            Act("end", "确需终止服务", rules.may_end(end, regime)),
            Act("change", "缩小授权", rules.may_change(change, regime)),
        ]
    return acts
