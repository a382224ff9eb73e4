"""What the texts say of collecting again what can be had by sharing. Pure: facts in, `Decision` out."""

from __future__ import annotations

from shuqiao import law
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.sharing.collecting.types import REPEATS, AskedItem, CheckFacts, Choice, Verdict

RULE = "collecting.no_repeat"
MOST_ITEMS = 30


def articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles that forbid collecting again; none where the regime is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def verdict_of(item: AskedItem, asking_department: str) -> Verdict:
    """What is answered for one item: the asking department has it, others share it (the easiest way counts), others
    hold it and do not share, or nobody has it by this name. Items only named alike do not decide."""
    exact = [holding for holding in item.holdings if holding.exact]
    if any(holding.department_id == asking_department for holding in exact):
        return Verdict.OWN
    kinds = {holding.sharing_type for holding in exact}
    for kind, verdict in (
        ("unconditional", Verdict.DIRECT),
        ("conditional", Verdict.REQUEST),
        ("none", Verdict.CLOSED),
    ):
        if kind in kinds:
            return verdict
    return Verdict.NONE


def answer(facts: CheckFacts, regime: law.Regime) -> Decision:
    """The platform's answer to the whole: refused where items repeat what can be shared, or where what is asked is
    over-wide: without any legal basis, or more items than one purpose needs (Shenyang 14, Dongchangfu 17,
    Decree 19). It binds nobody yet: the department decides item by item and says why."""
    basis = articles(regime)
    repeated = [item.name for item in facts.items if verdict_of(item, facts.department_id) in REPEATS]
    wide = over_wide(facts)
    said = []
    if repeated:
        said.append(f"{len(repeated)} 项可共享获取，不应重复采集：{'、'.join(repeated[:10])}")
    said += wide
    if said:
        return refuse(RULE, "；".join(said), *basis)
    return allow(RULE, f"{len(facts.items)} 项在目录中都没有可共享的，可以依法采集，采集后及时编目", *basis)


def over_wide(facts: CheckFacts) -> list[str]:
    """Why what is wanted may be wider than allowed."""
    said = []
    if not facts.basis.strip():
        said.append("没有写明采集依据，属于超范围采集")
    if len(facts.items) > MOST_ITEMS:
        said.append(f"一次要采 {len(facts.items)} 项，请核对是否都为这一用途所必需")
    return said


def may_collect(verdict: Verdict, choice: Choice, reason: str, regime: law.Regime) -> Decision:
    """What the department decides of one item. Collecting what can be shared wants a reason; sharing what nobody
    shares is not possible."""
    basis = articles(regime)
    if choice == Choice.SHARE and verdict not in {Verdict.DIRECT, Verdict.REQUEST}:
        return refuse(RULE, "这一项没有可共享的来源，不能改为共享", *basis)
    if choice == Choice.COLLECT and verdict in REPEATS and not reason.strip():
        return refuse(RULE, "这一项可以共享获取；仍要采集的，须写明共享来的为什么不够用", *basis)
    return allow(RULE, choice.label, *basis)
