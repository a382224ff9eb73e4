"""Rules on the use of shared data. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shuqiao.delivery.rules import KEEPERS, LIVE, SUSPEND, basis_of
from shuqiao.delivery.types import GrantState, Side
from shuqiao.delivery.use.types import (
    OPEN_CORRECTIONS,
    ConsentOf,
    CorrectionState,
    DisposalFacts,
    DisposalWay,
    Report,
    UseState,
)
from shuqiao.kernel import Decision, Problem
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime

LOG = "evidence.use_log"
REPORT = "delivery.use.report"
DISPOSAL = "delivery.disposal"
ONWARD = "sharing.onward_transfer"
PURPOSE = "sharing.purpose_bound"

REPORT_EVERY_MONTHS = 6
"""The platform's own interval, where no text states one."""
KEEP_YEARS = 3
"""How long the platform keeps reports at least, where no text says longer (the Decree's years, for all)."""

FIELDS: Mapping[str, tuple[str, str]] = {
    "scenario": ("scenario", "使用场景"),
    "use_process": ("process", "使用过程"),
    "use_effect": ("effect", "应用成效"),
    "storage": ("storage", "存储情况"),
}


def report_every(regime: Regime) -> int:
    """Months between two reports of use."""
    rule = regime.rule(REPORT)
    stated = rule.params.get("every_months") if rule else None
    return stated if isinstance(stated, int) else REPORT_EVERY_MONTHS


def keep_years(regime: Regime) -> int:
    """Years for which a report is kept at least (Decree 29)."""
    rule = regime.rule(LOG)
    stated = rule.params.get("keep_years") if rule else None
    return max(stated, KEEP_YEARS) if isinstance(stated, int) else KEEP_YEARS


def missing_in(report: Report) -> list[Problem]:
    """What a report must say and does not. Disposal during use is said where there was any."""
    return [
        Problem(label, "必填") for name, label in FIELDS.values() if not str(getattr(report, name)).strip()
    ]


def may_report(*, side: Side | None, state: UseState, regime: Regime) -> Decision:
    """The holder reports, as often as it likes, until its data is disposed of (Decree 29)."""
    basis = basis_of(regime, LOG, REPORT)
    if side is not Side.GRANTEE:
        return refuse(LOG, "使用情况由使用方报告", *basis)
    if state in {UseState.CLOSED, UseState.CONTINUED}:
        return refuse(LOG, f"{state.label}，不再报告使用情况", *basis)
    return allow(LOG, "报告使用情况", *basis)


def may_demand_disposal(*, side: Side | None, state: UseState, text: str, regime: Regime) -> Decision:
    """The provider says how its data is to be disposed of when the purpose ends (Decree 27)."""
    basis = basis_of(regime, DISPOSAL, LOG)
    if side is not Side.PROVIDER:
        return refuse(DISPOSAL, "处置要求由提供部门提出", *basis)
    if state in {UseState.CLOSED, UseState.CONTINUED}:
        return refuse(DISPOSAL, f"{state.label}，不再提处置要求", *basis)
    if not text.strip():
        return refuse(DISPOSAL, "写明处置要求", *basis)
    return allow(DISPOSAL, text.strip(), *basis)


def may_dispose(
    *, side: Side | None, state: UseState, facts: DisposalFacts | None, on: date, regime: Regime
) -> Decision:
    """When the grant is over the holder disposes of the data as the provider demands, and says how and by whom
    (Decree 27, 29). `facts` None: only whether it is time."""
    basis = basis_of(regime, DISPOSAL, LOG)
    if side is not Side.GRANTEE:
        return refuse(DISPOSAL, "数据由使用方处置并确认", *basis)
    if state is not UseState.DISPOSAL_DUE:
        return refuse(DISPOSAL, f"授权结束后才确认处置，现在是“{state.label}”", *basis)
    if facts is None:
        return allow(DISPOSAL, "确认处置数据", *basis)
    if facts.way is DisposalWay.ARCHIVED and not facts.basis.strip():
        return refuse(DISPOSAL, "依法归档留存的，须写明留存依据", *basis)
    if facts.done_on > on:
        return refuse(DISPOSAL, "处置日期不能晚于今天，处置之后再确认", *basis)
    return allow(DISPOSAL, f"{facts.way.label}，{facts.done_by.strip()}办理", *basis)


def may_order_correction(
    *, side: Side | None, state: GrantState, correction: CorrectionState | None, demand: str, regime: Regime
) -> Decision:
    """Provider or bureau, having suspended, says what is to be put right until when (Decree 27)."""
    basis = basis_of(regime, SUSPEND, PURPOSE, ONWARD)
    if side not in KEEPERS:
        return refuse(SUSPEND, "由提供部门或主管部门责令整改", *basis)
    if state is not GrantState.SUSPENDED:
        return refuse(SUSPEND, "责令整改之前须先暂停授权", *basis)
    if correction is CorrectionState.ORDERED:
        return refuse(SUSPEND, "已经责令整改，等待使用方报告", *basis)
    if not demand.strip():
        return refuse(SUSPEND, "写明要整改什么", *basis)
    return allow(SUSPEND, demand.strip(), *basis)


def may_report_correction(
    *, side: Side | None, correction: CorrectionState | None, text: str, regime: Regime
) -> Decision:
    """The holder says what it has put right."""
    basis = basis_of(regime, SUSPEND, PURPOSE, ONWARD)
    if side is not Side.GRANTEE:
        return refuse(SUSPEND, "整改情况由使用方报告", *basis)
    if correction is not CorrectionState.ORDERED:
        return refuse(SUSPEND, "没有待报告的整改", *basis)
    if not text.strip():
        return refuse(SUSPEND, "写明整改情况", *basis)
    return allow(SUSPEND, text.strip(), *basis)


def may_pass_on(regime: Regime) -> Decision:
    """Whether data of this regime may be passed on at all: never in Shenyang (23), with consent in Yingkou (22) and
    under the Decree (25). Where every text is silent the platform lets nothing be passed on."""
    rule = regime.rule(ONWARD)
    if rule is None:
        return refuse(ONWARD, "没有条文允许提供给第三方，平台一律不予提供", *basis_of(regime, PURPOSE))
    if rule.params.get("transfer") != "with_consent":
        return refuse(ONWARD, "不论什么形式，一律不得提供给第三方", *rule.basis)
    return allow(ONWARD, "经同意可以提供给所列第三方", *rule.basis)


def consents_that_count(regime: Regime) -> frozenset[ConsentOf]:
    """Whose consent suffices; none where nothing may be passed on."""
    rule = regime.rule(ONWARD)
    if rule is None or not may_pass_on(regime).allowed:
        return frozenset()
    words = rule.params.get("consent_of", ())
    return frozenset(one for one in ConsentOf if isinstance(words, tuple) and one.value in words)


def may_consent(*, side: Side | None, state: GrantState, of: ConsentOf, regime: Regime) -> Decision:
    """The provider records its own consent; the holder that of the person concerned, where that suffices."""
    allowed = may_pass_on(regime)
    if not allowed.allowed:
        return allowed
    if state not in LIVE:
        return refuse(ONWARD, "授权已经结束，不能再提供给第三方", *allowed.basis)
    if of not in consents_that_count(regime):
        who = "、".join(one.label for one in ConsentOf if one in consents_that_count(regime))
        return refuse(ONWARD, f"只有{of.label}同意不够，须经{who}同意", *allowed.basis)
    if side is not (Side.PROVIDER if of is ConsentOf.PROVIDER else Side.GRANTEE):
        said = "提供部门的同意由提供部门记录" if of is ConsentOf.PROVIDER else "当事人的同意由使用方记录"
        return refuse(ONWARD, said, *allowed.basis)
    return allow(ONWARD, f"{of.label}同意提供给所列第三方", *allowed.basis)


def is_open(correction: CorrectionState | None) -> bool:
    """Whether a correction still asks for something."""
    return correction in OPEN_CORRECTIONS
