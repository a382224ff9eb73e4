"""What one may do next with a return flow, with the rule's word on it."""

from __future__ import annotations

from datetime import date

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, NotFound
from shuqiao.kernel.decision import allow
from shuqiao.law import BasisLevel
from shuqiao.sharing import offers, withdrawn
from shuqiao.sharing.models import ReturnFlow
from shuqiao.sharing.nexts import Act
from shuqiao.sharing.returning import queries, rules
from shuqiao.sharing.returning.types import RETURN_MOVES, NoFacts, ReturnStatus


def acts_for(actor: Actor, flow: ReturnFlow, on: date) -> list[Act]:
    """What the actor may do next."""
    if not RETURN_MOVES[ReturnStatus(flow.status)]:
        return []
    regime = queries.regime_for(flow, on)
    found = []
    if queries.may_on(actor, flow, P.SHARING_REQUEST_ANSWER):
        yes = allow(rules.RULE, "标注后即时开通，不另设条件", *rules.articles(regime))
        found.append(Act("mark", "标注区划列", yes))
        found.append(Act("open", "开通", _may_open(flow, on)))
        no = rules.may_refuse(NoFacts("写明理由和依据", "—", BasisLevel.LAW), regime)
        found.append(Act("refuse", "依法不能回流", no))
    if queries.may_on(actor, flow, P.SHARING_REQUEST_SIGN):
        found.append(Act("withdraw", "撤回", rules.may_withdraw("写明撤回的原因", regime)))
    return found


def _may_open(flow: ReturnFlow, on: date) -> Decision:
    try:
        listing = offers.listing_of(flow.entry_id, flow.resource_id)
    except NotFound:
        return Decision(
            allowed=False, rule=rules.RULE, reason=withdrawn.said_of(flow.entry) or withdrawn.NOT_PUBLISHED,
            basis=rules.articles(queries.regime_for(flow, on)),
        )  # fmt: skip
    facts = queries.facts_of(flow.department, listing, queries.draft_of(flow), flow=flow)
    return rules.may_open(facts, queries.regime_for(flow, on), on)
