"""What the texts say of doubles, source departments and collection in an emergency. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from shuqiao import law
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse

# Dongchangfu 17 says "for a time" and no more. A year is the platform's own bound, so that none is open for ever.
LONGEST = timedelta(days=366)
MERGE, SOURCE, EMERGENCY = "catalog.duplicates", "catalog.one_source", "catalog.emergency"


def articles(regime: law.Regime, rule_id: str) -> tuple[Article, ...]:
    """The articles a regime states a rule in; none when it is silent."""
    rule = regime.rule(rule_id)
    return rule.basis if rule else ()


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """Two entries before one is merged into the other. `unfinished`: the number of the leaving entry's revision that
    waits for the bureau's review, 0 for none."""

    keeps_published: bool
    leaves_published: bool
    same_jurisdiction: bool
    unfinished: int = 0
    note: str = ""


def may_merge(facts: MergeFacts, regime: law.Regime) -> Decision:
    """Both are in force in one jurisdiction, nothing of the leaving one is before the bureau, and the reason is written
    (Dongchangfu 15). A draft in the department's hands does not hold it up."""
    basis = articles(regime, MERGE)
    if not (facts.keeps_published and facts.leaves_published):
        return refuse(MERGE, "两个条目都须是已发布的；撤下的条目不能合并", *basis)
    if not facts.same_jurisdiction:
        return refuse(MERGE, "只合并同一地区（含其下级）的条目", *basis)
    if facts.unfinished:
        return refuse(MERGE, f"要并入的条目第 {facts.unfinished} 版正待审核，先通过或退回再合并", *basis)
    if not facts.note.strip():
        return refuse(MERGE, "合并须写明理由", *basis)
    return allow(MERGE, facts.note.strip(), *basis)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A department about to be named the source of a datum. `holders`: departments that hold it by catalogue."""

    datum: str
    department: str
    holders: frozenset[str] = field(default=frozenset())
    same_jurisdiction: bool = True
    reason: str = ""


def may_designate(facts: SourceFacts, regime: law.Regime) -> Decision:
    """The authority names the department that collects for all (Decree 19, Dongchangfu 17): one of the
    jurisdiction that has the datum in its catalogue, with the reason written."""
    basis = articles(regime, SOURCE)
    if not facts.same_jurisdiction:
        return refuse(SOURCE, "数源部门须是本地区的部门", *basis)
    if facts.department not in facts.holders:
        return refuse(SOURCE, f"该部门的目录里没有“{facts.datum}”，先编目再确定为数源部门", *basis)
    if not facts.reason.strip():
        return refuse(SOURCE, "确定数源部门须写明理由", *basis)
    return allow(SOURCE, facts.reason.strip(), *basis)


@dataclass(frozen=True, slots=True)
class EmergencyFacts:
    """A collection outside the catalogue as it is recorded."""

    what: str
    reason: str
    basis: str
    from_on: date
    until_on: date


def may_collect_in_emergency(facts: EmergencyFacts, regime: law.Regime, on: date) -> Decision:
    """What, why and on which ground are written, and it ends on a day (Dongchangfu 17: temporary)."""
    basis = articles(regime, EMERGENCY)
    missing = [
        label
        for label, text in (("采集内容", facts.what), ("应急事由", facts.reason), ("依据", facts.basis))
        if not text.strip()
    ]
    if missing:
        return refuse(EMERGENCY, f"临时采集须写明：{'、'.join(missing)}", *basis)
    if facts.until_on < facts.from_on:
        return refuse(EMERGENCY, "结束日期不能早于开始日期", *basis)
    if facts.until_on < on:
        return refuse(EMERGENCY, "结束日期已经过去；临时采集须在结束前登记", *basis)
    if facts.until_on - min(facts.from_on, on) > LONGEST:
        what = f"临时采集最长登记 {LONGEST.days} 天（条文只说临时，天数是平台的上限）：起止和登记日都须在这段时间内"
        return refuse(EMERGENCY, f"{what}；到期仍需采集的，结束后重新登记，或者编入目录", *basis)
    return allow(EMERGENCY, f"临时采集至 {facts.until_on} 为止", *basis)
