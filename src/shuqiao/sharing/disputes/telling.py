"""What pages and REST say of a dispute: what one may do next, and the way it goes."""

from __future__ import annotations

from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.accounts.types import Actor
from shuqiao.delivery.events import timeline_of as lines_of
from shuqiao.kernel.decision import allow
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.disputes import queries, rules, superiors
from shuqiao.sharing.disputes.types import (
    DISPUTE_MOVES,
    TALKING,
    DisputeStatus,
    Ground,
    ReferralFacts,
    RulingFacts,
    Side,
)
from shuqiao.sharing.models import Dispute, SharingRequest
from shuqiao.sharing.nexts import Act


def acts_for(actor: Actor, dispute: Dispute, on: date) -> list[Act]:
    """What the actor may do next; what the rule does not let through yet comes with its reason."""
    regime = queries.regime_for(dispute, on)
    found: list[Act] = []
    if sides := queries.sides_of(actor, dispute):
        found += _talking(dispute, sides, regime, on)
        found += _answering(dispute, sides, regime)
    if queries.coordinates(actor, dispute):
        found += _coordinating(dispute, regime, on)
    return found


def _talking(dispute: Dispute, sides: frozenset[Side], regime: law.Regime, on: date) -> list[Act]:
    status = DisputeStatus(dispute.status)
    follows = DISPUTE_MOVES[status]
    found = []
    if status in TALKING:
        found.append(Act("speak", "陈述意见", rules.may_speak("写明本部门的意见", regime)))
    offered = dispute.statements.exclude(proposal=None).last()
    if DisputeStatus.SETTLED in follows and offered:
        side = next((one for one in sides if one != offered.side), Side(offered.side))
        agreeing = rules.may_agree(proposed_by=Side(offered.side), side=side, regime=regime)
        found.append(Act("agree", "同意对方的办法", agreeing))
    if DisputeStatus.REFERRED in follows:
        found.append(
            Act(
                "refer",
                "提请主管部门协调",
                rules.may_refer(referral_of(dispute, "写明协商为什么没有谈成", "—", on), regime),
            )
        )
    if DisputeStatus.WITHDRAWN in follows and dispute.raised_by in sides:
        found.append(
            Act(
                "withdraw",
                "撤回争议",
                rules.may_withdraw(is_raiser=True, reason="写明撤回的原因", regime=regime),
            )
        )
    return found


def referral_of(dispute: Dispute, why: str, superior: str, on: date) -> ReferralFacts:
    """What the rule of referring looks at."""
    return ReferralFacts(
        both_spoke=dispute.statements.filter(side=Side(dispute.raised_by).other).exists(),
        raised_on=dispute.opened_on,
        on=on,
        why=why,
        superior_known=superiors.common_bureau(dispute.requester, dispute.provider) is not None,
        superior=superior,
    )


def _answering(dispute: Dispute, sides: frozenset[Side], regime: law.Regime) -> list[Act]:
    if dispute.status != DisputeStatus.DECIDED:
        return []
    waiting = [side for side in sides if getattr(dispute, f"{side.value}_accepts") is None]
    if not waiting:
        return []
    yes = allow(rules.RULE, "接受协调意见", *rules.articles(regime))
    return [
        Act("accept", "接受协调意见", yes),
        Act("object", "不接受", rules.may_object("写明不接受的理由", regime)),
    ]


def _coordinating(dispute: Dispute, regime: law.Regime, on: date) -> list[Act]:
    follows = DISPUTE_MOVES[DisputeStatus(dispute.status)]
    found = []
    if DisputeStatus.DECIDED in follows:
        found.append(Act("decide", "作出协调意见", rules.may_decide("写明协调意见的理由和依据", "—", regime)))
    if DisputeStatus.RULED in follows:
        ruling = RulingFacts("人民政府", "决定", "写明文号、日期和内容", on, on)
        found.append(Act("rule", "记录政府决定", rules.may_rule(ruling, regime)))
    return found


def result_choices(dispute: Dispute) -> list[tuple[str, str]]:
    """What the dispute may end in."""
    live = queries.grant_in_dispute(dispute) is not None
    return [(one.value, one.label) for one in rules.outcomes(Ground(dispute.ground), live=live)]


def page_of(actor: Actor, dispute: Dispute, on: date) -> dict[str, Any]:
    """What its page shows."""
    regime = queries.regime_for(dispute, on)
    acts = {act.name: act for act in acts_for(actor, dispute, on)}
    return {
        "case": dispute,
        "on": on,
        "acts": acts,
        "statements": list(dispute.statements.all()),
        "articles": rules.articles(regime),
        "final": rules.is_final(regime),
        "term": procedures.open_term_of(dispute.case_ref()),
        "silent": regime.term(rules.COORDINATE) is None,
        "common": superiors.common_bureau(dispute.requester, dispute.provider),
        "keepers": superiors.keepers(dispute.requester, dispute.provider) if "refer" in acts else [],
        "result": dispute.result(),
        "decision": dispute.decision(),
        "timeline": lines_of(procedures.history_of(dispute.case_ref())),
    }


def raising_on(actor: Actor, request: SharingRequest, on: date) -> dict[str, Any]:
    """What the page of a request says of disputes: those about it, and whether the actor may raise one now."""
    subject = queries.Subject(request, None)
    side = queries.side_on(actor, subject)
    regime = organizations.regime_of(request.division_id, on)
    may = (
        side is not None and rules.may_raise(queries.facts_of(subject, side, on), rules.CLAIM, regime).allowed
    )
    return {"may_dispute": may, "disputes": queries.disputes_about(actor, request_id=request.id)}
