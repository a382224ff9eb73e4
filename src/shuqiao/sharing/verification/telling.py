"""What pages and REST say of a verification: what each person may do next, by which rule, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow
from shuqiao.sharing.models import Verification, VerificationField
from shuqiao.sharing.verification import queries, rules
from shuqiao.sharing.verification.types import (
    VERIFICATION_MOVES,
    VERIFICATION_OPEN,
    AcceptFacts,
    Finding,
    Outcome,
    VerificationStatus,
)

V = VerificationStatus
# Each act with the state it leads to (none: it stays), whose it is, and the rule that decides on it.
ACTS: tuple[tuple[str, str, VerificationStatus | None, P], ...] = (
    ("confirm", "答复核实无误", V.CONFIRMED, P.SHARING_VERIFICATION_ANSWER),
    ("accept", "答复核实有误并更正", V.ACCEPTED, P.SHARING_VERIFICATION_ANSWER),
    ("reject", "答复不予更正", V.REJECTED, P.SHARING_VERIFICATION_ANSWER),
    ("restate", "更改更正内容", None, P.SHARING_VERIFICATION_ANSWER),
    ("attach", "附上证明材料", None, P.SHARING_VERIFICATION_ASK),
    ("withdraw", "撤回校核", V.WITHDRAWN, P.SHARING_VERIFICATION_ASK),
    ("serve", "记录凭有效证明办理", None, P.SHARING_VERIFICATION_ASK),
    ("erase", "删除当事人姓名", None, P.SHARING_VERIFICATION_ASK),
)


def acts_of(actor: Actor, case: Verification, regime: law.Regime) -> list[dict[str, Any]]:
    """What this person may do now, from the same moves and permissions that the steps obey, each with what its rule
    says of it."""
    found = []
    for act, label, wanted, permission in ACTS:
        if queries.may_on(actor, case, permission) and _is_open(case, act, wanted):
            said = _decided(case, act, regime)
            found.append(
                {
                    "act": act,
                    "label": label,
                    "allowed": said.allowed,
                    "rule": said.rule,
                    "reason": said.reason,
                    "basis": said.basis,
                }
            )
    return found


def _decided(case: Verification, act: str, regime: law.Regime) -> Decision:
    """What the rule of a step says before it is filled in. Proof and the erasing of a name are matters of the state of
    the case alone; the articles are those of asking, and of citizens."""
    match act:
        case "confirm":
            return rules.may_confirm("写明怎样核实的", regime)
        case "reject":
            return rules.may_reject("写明理由和依据", "—", regime)
        case "accept":
            return rules.may_accept(_corrected("逐个字段写明，承诺更正日期", case), regime)
        case "restate":
            return rules.may_accept(_corrected("更正尚未发布，写明理由可以更改", case), regime)
        case "withdraw":
            return rules.may_withdraw("尚未答复，写明原因可以撤回", regime)
        case "serve":
            return rules.may_serve(
                document="有效证明",
                service_item="服务事项",
                for_citizen=case.for_citizen,
                served=case.served_on is not None,
                regime=regime,
            )
        case "attach":
            return allow(rules.ASK, "尚未办结，可以补充证明", *rules.basis_of(regime, rules.ASK))
    return allow(rules.CITIZEN, "已经办结，不再需要姓名", *rules.basis_of(regime, rules.CITIZEN))


def _corrected(words: str, case: Verification) -> AcceptFacts:
    """An acceptance that lacks nothing."""
    wrong = Finding(Outcome.WRONG.value, "—")
    return AcceptFacts((wrong,), words, correct_by=case.asked_on, on=case.asked_on)


def _is_open(case: Verification, act: str, wanted: VerificationStatus | None) -> bool:
    status = V(case.status)
    if wanted is not None:
        return wanted in VERIFICATION_MOVES[status]
    if act == "restate":
        return status == V.ACCEPTED
    if act == "attach":
        return status in VERIFICATION_OPEN
    if act == "serve":
        return case.for_citizen and case.served_on is None
    return bool(case.citizen_name) and not VERIFICATION_MOVES[status]


def next_in_words(case: Verification, on: date) -> str:
    """Who is to do what now, or how it ended."""
    match V(case.status):
        case V.ASKED:
            return f"等{case.provider.short_name}核实答复"
        case V.ACCEPTED:
            late = "，已超过承诺日期" if case.correct_by and case.correct_by < on else ""
            return f"等{case.provider.short_name}发布更正后的版本，承诺{case.correct_by:%Y-%m-%d}以前{late}"
        case V.CORRECTED if case.corrected_version:
            return f"已由第 {case.corrected_version.number} 版更正"
        case ended:
            return ended.label


HIDDEN = "（当事双方可见）"
BEYOND = "（授权只给脱敏值）"


def lines_of(actor: Actor, case: Verification, fields: Sequence[VerificationField]) -> list[dict[str, Any]]:
    """Fields as this person may see them. Keys and values are for the two departments; the value it is corrected to
    for the provider, and for who asks only where the grant shows the column unmasked."""
    read = P.SHARING_VERIFICATION_READ
    provider = actor.may(read, department_id=case.provider_id)
    party = provider or actor.may(read, department_id=case.asker_id)
    plain = {one["name"] for one in case.grant.columns if one["mask"] == "none"}
    lines = []
    for one in fields:
        correct = one.correct or ("（空）" if one.outcome == Outcome.WRONG else "")
        if correct and not provider:
            correct = HIDDEN if not party else correct if one.column in plain else BEYOND
        lines.append(
            {
                "id": one.id,
                "key": one.key_text if party else HIDDEN,
                "column": one.column,
                "shown": (one.shown or "（空）") if party else HIDDEN,
                "believed": (one.believed or "（空）") if party else HIDDEN,
                "outcome": one.outcome,
                "outcome_label": one.get_outcome_display() if one.outcome else "",
                "correct": correct,
                "wrong_since": one.wrong_since.number if one.wrong_since else None,
            }
        )
    return lines


def records_of(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines by record."""
    return [{"key": key, "lines": list(found)} for key, found in groupby(lines, lambda one: one["key"])]


def articles_of(regime: law.Regime) -> list[Article]:
    """Articles on which verification rests in a regime, each once."""
    found = [*rules.basis_of(regime, rules.ASK), *rules.basis_of(regime, rules.ANSWER)]
    return list(dict.fromkeys(found))
