"""What pages and REST say of an application: what its reader may do next, with the rule's word, and what was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision
from shuqiao.sharing.models import OutsideAgreement, OutsideRequest
from shuqiao.sharing.nexts import Act
from shuqiao.sharing.outside import queries, rules, signing
from shuqiao.sharing.outside.types import OUTSIDE_MOVES, Consent, OutsideStatus
from shuqiao.sharing.previews import IN_WORDS

S = OutsideStatus


def acts_for(actor: Actor, case: OutsideRequest, on: date) -> list[Act]:
    """What this actor may do next: the moves that may follow, on the side that may make them, each with its rule."""
    regime = queries.regime_for(case, on)
    acts: list[Act] = []
    if queries.is_applicant(actor, case):
        acts += _of_applicant(case, regime)
    if actor.party_id is None and queries.may_on(actor, case, P.SHARING_OUTSIDE_DECIDE):
        acts += _of_bureau(case, regime, on)
    if case.status == S.CONSULTING and queries.may_on(actor, case, P.SHARING_OUTSIDE_CONSENT):
        acts.append(
            Act("consent", "答复征求意见", rules.may_say(consent=Consent.YES, reason="", regime=regime))
        )
    acts += _confirming(actor, case, regime, on)
    return acts


def _of_applicant(case: OutsideRequest, regime: law.Regime) -> Iterator[Act]:
    follows = OUTSIDE_MOVES[S(case.status)]
    if case.status == S.SUPPLEMENT_ASKED:
        yield Act("supplement", "补正", rules.may_supplement(queries.facts_of(case), regime))
    if S.WITHDRAWN in follows:
        yield Act("withdraw", "撤回申请", rules.may_withdraw(reason="写明撤回的原因", regime=regime))


def _of_bureau(case: OutsideRequest, regime: law.Regime, on: date) -> Iterator[Act]:
    follows = OUTSIDE_MOVES[S(case.status)]
    if S.CONSULTING in follows:
        consult = rules.may_consult(queries.facts_of(case), regime, on)
        yield Act("consult", "征求提供部门意见", consult)
    if S.SUPPLEMENT_ASKED in follows:
        again = rules.may_ask_supplement(
            queries.facts_of(case), asked_before=bool(case.supplements), points=("—",), regime=regime
        )
        yield Act("ask-supplement", "一次性告知补正", again)
    if S.AGREED in follows:
        yield Act("agree", "同意", _may_agree(case, regime, on))
    if S.REFUSED in follows:
        awaited = queries.awaits_supplement(case)
        no = rules.may_refuse(reason="写明理由和依据", ground="—", regime=regime, awaited=awaited)
        yield Act("refuse", "不同意", no)
    if S.REVOKED in follows:
        yield Act(
            "revoke", "收回", rules.may_revoke(breach="写明违反协议的情况和依据", ground="—", regime=regime)
        )


def _may_agree(case: OutsideRequest, regime: law.Regime, on: date) -> Decision:
    facts = queries.facts_of(case)
    consent = Consent(case.consent) if case.consent else None
    return rules.may_agree(facts, facts.scope, regime, on, consent=consent, reason="")


def _confirming(actor: Actor, case: OutsideRequest, regime: law.Regime, on: date) -> Iterator[Act]:
    agreement = OutsideAgreement.objects.filter(request=case).first()
    given = case.given()
    if case.status != S.AGREED or agreement is None or given is None:
        return
    mine = queries.is_applicant(actor, case)
    theirs = actor.party_id is None and queries.may_on(actor, case, P.SHARING_OUTSIDE_DECIDE)
    if (mine and not agreement.party_at) or (theirs and not agreement.bureau_at):
        ready = signing.still_offered(case, given, on)
        said = rules.may_confirm(already=False, ready=ready, regime=regime, gone=case.gone())
        yield Act("confirm", "确认协议", said)


def rows_of(case: OutsideRequest) -> list[dict[str, str]]:
    """Items asked for, and how each is given."""
    given = case.given()
    masks = given.masks() if given else {}
    return [
        {
            "name": one["name"],
            "item": one["item"],
            "asked": IN_WORDS[one["mask"]],
            "given": IN_WORDS[masks.get(one["name"], "drop")] if given else "",
        }
        for one in case.items
    ]
