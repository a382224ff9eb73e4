"""What the texts say of disputes. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.sharing.disputes.types import (
    OUTCOMES,
    Ground,
    Outcome,
    ReferralFacts,
    Result,
    RulingFacts,
    Side,
    SubjectFacts,
)

RULE = "sharing.dispute"
COORDINATE = "sharing.dispute.coordinate"
CLAIM = "写明主张：希望怎样处理"
OF_REQUEST = {"refused": Ground.REFUSED, "lapsed": Ground.REFUSED, "approved_narrower": Ground.NARROWED}
OF_GRANT = {"suspended": Ground.SUSPENDED, "ended": Ground.ENDED}


def articles(regime: Regime) -> tuple[Article, ...]:
    """The articles on disputes in force; none where every text is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def steps(regime: Regime) -> frozenset[str]:
    """The steps a regime names: negotiation, bureau, common_superior, government."""
    rule = regime.rule(RULE)
    found = rule.params.get("steps", ()) if rule else ()
    return frozenset(found) if isinstance(found, tuple) else frozenset()


def ground_of(facts: SubjectFacts) -> Ground | None:
    """What this side may dispute about the thing as it stands; None: nothing."""
    if facts.kind == "request":
        if facts.side is Side.PROVIDER:
            return None
        return Ground.OVERDUE if facts.state == "submitted" and facts.late else OF_REQUEST.get(facts.state)
    if facts.side is Side.PROVIDER:
        return Ground.USE if facts.state in {"active", "suspended"} else None
    return OF_GRANT.get(facts.state)


def may_raise(facts: SubjectFacts, claim: str, regime: Regime) -> Decision:
    """A side disputes what has gone against it, saying what it wants (Yingkou 27, Shenyang 21, Decree 28)."""
    basis = articles(regime)
    if facts.outside:
        return refuse(RULE, "机关以外单位的使用按协议处理，不走部门之间的争议程序", *basis)
    if facts.disputed:
        return refuse(RULE, "这件事的争议正在处理，不能重复提出", *basis)
    if ground_of(facts) is None:
        return refuse(RULE, "现在没有可以争议的决定：未被拒绝、缩小、逾期，也未暂停或终止", *basis)
    if not claim.strip():
        return refuse(RULE, CLAIM, *basis)
    return allow(RULE, claim.strip(), *basis)


def may_speak(text: str, regime: Regime) -> Decision:
    """A statement says something."""
    if not text.strip():
        return refuse(RULE, "写明本部门的意见", *articles(regime))
    return allow(RULE, text.strip(), *articles(regime))


def may_propose(ground: Ground, result: Result, *, live: bool, regime: Regime) -> Decision:
    """A result fits what the dispute is about and says what is to be done. `live`: there is a grant to change."""
    basis = articles(regime)
    if result.outcome not in outcomes(ground, live=live):
        return refuse(RULE, f"“{ground.label}”的处理结果不能是“{result.outcome.label}”", *basis)
    if not result.text.strip():
        return refuse(RULE, "写明怎样处理", *basis)
    if result.outcome is Outcome.ANSWER and result.due_on is None:
        return refuse(RULE, "限期答复须写明哪一天之前", *basis)
    return allow(RULE, result.text.strip(), *basis)


def outcomes(ground: Ground, *, live: bool) -> tuple[Outcome, ...]:
    """What a dispute on this ground may end in. A narrowed grant that has run out is opened anew, not changed."""
    found = OUTCOMES[ground]
    if ground is Ground.NARROWED and not live:
        return tuple(Outcome.OPEN if one is Outcome.CHANGE else one for one in found)
    return found


def may_agree(*, proposed_by: Side | None, side: Side, regime: Regime) -> Decision:
    """One side agrees to what the other proposed last."""
    basis = articles(regime)
    if proposed_by is None:
        return refuse(RULE, "还没有人提出处理办法", *basis)
    if proposed_by is side:
        return refuse(RULE, "这是本部门提出的办法，须由对方同意", *basis)
    return allow(RULE, "双方协商一致", *basis)


def may_refer(facts: ReferralFacts, regime: Regime) -> Decision:
    """To the bureau, once talking has failed. Where a text wants negotiation first, both sides have spoken, or the
    other let the day pass (Decree 28). Who the common superior is must be known or named."""
    basis = articles(regime)
    if not facts.why.strip():
        return refuse(RULE, "写明协商为什么没有谈成", *basis)
    if "negotiation" in steps(regime) and not facts.both_spoke and facts.on <= facts.raised_on:
        return refuse(RULE, "应当先协商：对方今天刚收到，答复之后或次日起才能提请协调", *basis)
    if not facts.superior_known and not facts.superior.strip():
        return refuse(RULE, "双方没有平台上的共同上级主管部门，请写明由哪个共同上级主管部门协调", *basis)
    return allow(RULE, facts.why.strip(), *basis)


def may_decide(reason: str, cited: str, regime: Regime) -> Decision:
    """The bureau's opinion states its reason and its basis."""
    basis = articles(regime)
    missing = [label for label, text in (("理由", reason), ("依据", cited)) if not text.strip()]
    if missing:
        return refuse(RULE, f"协调意见须写明{'、'.join(missing)}", *basis)
    return allow(RULE, reason.strip(), *basis)


def is_final(regime: Regime) -> bool:
    """Whether the bureau's word is the last: no text in force names the government above it."""
    return "government" not in steps(regime)


def may_object(reason: str, regime: Regime) -> Decision:
    """A side that does not accept the opinion says why; the bureau reports to its government (Decree 28)."""
    if is_final(regime):
        return refuse(RULE, "当日有效的规定没有写报人民政府决定，协调意见即为结果", *articles(regime))
    if not reason.strip():
        return refuse(RULE, "写明不接受的理由", *articles(regime))
    return allow(RULE, reason.strip(), *articles(regime))


def may_rule(facts: RulingFacts, regime: Regime) -> Decision:
    """A government's decision is recorded with its number, day and words."""
    basis = articles(regime)
    wanted = (
        ("作出决定的人民政府", facts.government.strip()),
        ("文号", facts.number.strip()),
        ("决定日期", facts.decided_on),
        ("决定内容", facts.text.strip()),
    )
    if missing := [label for label, there in wanted if not there]:
        return refuse(RULE, f"记录政府决定须写明{'、'.join(missing)}", *basis)
    if facts.decided_on and facts.decided_on > facts.on:
        return refuse(RULE, "决定日期不能晚于今天", *basis)
    return allow(RULE, f"{facts.government.strip()}{facts.number.strip()}：{facts.text.strip()}", *basis)


def may_withdraw(*, is_raiser: bool, reason: str, regime: Regime) -> Decision:
    """Who raised it may stop, until there is an opinion, saying why."""
    basis = articles(regime)
    if not is_raiser:
        return refuse(RULE, "只有提出争议的一方可以撤回", *basis)
    if not reason.strip():
        return refuse(RULE, "写明撤回的原因", *basis)
    return allow(RULE, reason.strip(), *basis)
