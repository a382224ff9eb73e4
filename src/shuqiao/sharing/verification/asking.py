"""The user department's steps: look at rows, ask, serve the citizen, withdraw, erase the citizen's name."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import Decision, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.resources import queries as resources
from shuqiao.sharing.models import Verification, VerificationField
from shuqiao.sharing.verification import queries, rows, rules, steps
from shuqiao.sharing.verification.types import (
    MOST_FIELDS,
    MOST_RECORDS,
    Asked,
    AskFacts,
    Claim,
    VerificationStatus,
)

V = VerificationStatus
LONGEST_TEXT = 1000


@transaction.atomic
def look_up_rows(
    *, actor: Actor, grant_id: UUID, keys: Sequence[tuple[str, ...]], on: date
) -> list[rows.SeenRow]:
    """Show rows under a grant in force, to mark what is wrong in them. That they were looked at is recorded like any
    use of the grant (Yingkou 16; Decree 26, 29); of the keys only keyed digests."""
    grant = queries.grant_to_ask(actor, grant_id)
    askable = queries.askable_under(grant)
    if not askable.shows_rows:
        raise InvalidInput.one("授权", "授权不在有效状态，或者没有给出查询键原值：请直接填写您已取得的值")
    if not 0 < len(keys) <= MOST_RECORDS:
        raise InvalidInput.one("查询键", f"每行写一条，一次 1 至 {MOST_RECORDS} 条")
    facts = resources.published_table(grant.resource_id)
    found = rows.look_up(grant, facts.store_version, askable.by, keys)
    events.record(
        E.VERIFICATION_LOOKED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.grantee_id,
        on=on,
        data={
            "version": facts.store_version,
            "rows": len(found),
            "keys": [_digest(grant.id, k) for k in keys],
        },
    )
    return found


def _digest(of: object, key: Sequence[str]) -> str:
    """What tells that two looks meant the same row, without naming it."""
    text = "\0".join((str(of), *key))
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hex()[:32]


@transaction.atomic
def ask_verification(*, actor: Actor, grant_id: UUID, asked: Asked, on: date) -> Verification:
    """A department that was given data says which fields are wrong; the provider's clock starts (Yingkou 23: 5 working
    days, Decree 26: 10)."""
    grant = queries.grant_to_ask(actor, grant_id)
    askable = queries.askable_under(grant)
    _check(asked, askable)
    facts = resources.published_table(grant.resource_id)
    regime = organizations.regime_of(grant.provider.division_id, on)
    decision = rules.may_ask(
        AskFacts(
            len(asked.claims), asked.reason, asked.proof, grant.grantee_id == grant.provider_id, asked.citizen
        ),
        regime,
    ).or_raise()
    shown = _shown(grant, facts.store_version, asked, askable)
    verification = _write(actor, grant, facts.version_id, asked, on)
    VerificationField.objects.bulk_create(
        VerificationField(
            verification=verification,
            order=order,
            key=list(claim.key),
            column=claim.column,
            shown=shown.get((claim.key, claim.column), claim.shown)[: rows.LONGEST],
            believed=claim.believed.strip(),
        )
        for order, claim in enumerate(asked.claims, 1)
    )
    _start_clock(verification, regime.term(rules.REPLY), decision, on)
    events.record(
        E.VERIFICATION_ASKED,
        actor=actor,
        case=verification.case_ref(),
        department_id=verification.asker_id,
        on=on,
        decision=decision,
        data={
            "records": len({claim.key for claim in asked.claims}),
            "fields": sorted({claim.column for claim in asked.claims}),
            "version": facts.store_version,
            "for_citizen": asked.citizen is not None,
        },
    )
    _note_served(actor, verification, asked, on)
    return verification


def _note_served(actor: Actor, verification: Verification, asked: Asked, on: date) -> None:
    """A citizen who has shown a valid document is served at once, whatever the answer will be (Yingkou 23)."""
    if asked.citizen and asked.citizen.document.strip():
        record_served(
            actor=actor,
            verification_id=verification.id,
            document=asked.citizen.document,
            service_item=asked.citizen.service_item,
            on=on,
        )
        verification.refresh_from_db()


def _check(asked: Asked, askable: queries.Askable) -> None:
    """Raise InvalidInput naming everything that cannot be asked about under the grant, or is too long."""
    problems = []
    if asked.by != askable.by:
        problems.append(Problem("查询键", f"按{'、'.join(askable.by)}指明记录"))
    if len(asked.claims) > MOST_FIELDS or len({claim.key for claim in asked.claims}) > MOST_RECORDS:
        problems.append(Problem("有误的字段", f"一次最多 {MOST_RECORDS} 条记录、{MOST_FIELDS} 个字段"))
    seen = set()
    for claim in asked.claims:
        problems += _problems_of(claim, askable)
        if (claim.key, claim.column) in seen:
            problems.append(Problem(claim.column, "同一条记录的同一个字段只写一次"))
        seen.add((claim.key, claim.column))
    for label, text in (("理由", asked.reason), ("证明", asked.proof)):
        if len(text) > LONGEST_TEXT:
            problems.append(Problem(label, f"最多 {LONGEST_TEXT} 字"))
    if problems:
        raise InvalidInput(problems)


def _problems_of(claim: Claim, askable: queries.Askable) -> list[Problem]:
    problems = []
    if len(claim.key) != len(askable.by) or not all(part.strip() for part in claim.key):
        problems.append(Problem("查询键", f"要给出 {len(askable.by)} 个值：{'、'.join(askable.by)}"))
    if claim.column not in askable.columns:
        problems.append(Problem(claim.column, "不在授权给出的信息项之内"))
    if max(map(len, (claim.believed, claim.shown, *claim.key)), default=0) > rows.LONGEST:
        problems.append(Problem(claim.column, f"最多 {rows.LONGEST} 字"))
    return problems


def _shown(
    grant: Any, store_version: str, asked: Asked, askable: queries.Askable
) -> dict[tuple[tuple[str, ...], str], str]:
    """What the grant shows now of every field; nothing where the platform may not show rows."""
    if not askable.shows_rows:
        return {}
    keys = list(dict.fromkeys(claim.key for claim in asked.claims))
    found: dict[tuple[tuple[str, ...], str], str] = {}
    for row in rows.look_up(grant, store_version, askable.by, keys):
        for column, text in row.values.items():
            one = (row.key, column)
            found[one] = f"{found[one]}；{text}" if one in found else text
    return found


def _write(actor: Actor, grant: Any, version_id: UUID, asked: Asked, on: date) -> Verification:
    citizen = asked.citizen
    return Verification.objects.create(
        number=procedures.next_case_number(
            kind=CaseKind.VERIFICATION, division=grant.provider.division_id, on=on
        ),
        asker_id=grant.grantee_id,
        provider_id=grant.provider_id,
        division_id=grant.provider.division_id,
        grant_id=grant.id,
        resource_id=grant.resource_id,
        version_id=version_id,
        title=grant.title,
        key_columns=list(asked.by),
        reason=asked.reason.strip(),
        proof=asked.proof.strip(),
        for_citizen=citizen is not None,
        citizen_name=citizen.name.strip()[:64] if citizen else "",
        citizen_says=citizen.says.strip()[:1000] if citizen else "",
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_on=on,
    )


def _start_clock(verification: Verification, resolved: Any, decision: Decision, on: date) -> None:
    case = verification.case_ref()
    provider = verification.provider
    term = None
    if resolved:
        term = procedures.open_term(case=case, resolved=resolved, received_on=on, department=provider)
    procedures.assign(
        case=case,
        department=provider,
        permission=P.SHARING_VERIFICATION_ANSWER,
        action="核实数据",
        detail=f"{verification.asker.name}提出：{verification.reason}",
        basis=[term.clock().source] if term else decision.basis,
        term=term,
    )


@transaction.atomic
def record_served(
    *, actor: Actor, verification_id: UUID, document: str, service_item: str, on: date
) -> Verification:
    """A citizen who showed valid proof was served without waiting for the correction (Yingkou 23)."""
    verification = queries.get_verification_for(actor, verification_id, P.SHARING_VERIFICATION_ASK, lock=True)
    decision = rules.may_serve(
        document=document,
        service_item=service_item,
        for_citizen=verification.for_citizen,
        served=verification.served_on is not None,
        regime=queries.regime_for(verification, on),
    ).or_raise()
    verification.citizen_document = document.strip()[:200]
    verification.service_item = service_item.strip()[:200]
    verification.served_on = on
    verification.save()
    events.record(
        E.VERIFICATION_SERVED,
        actor=actor,
        case=verification.case_ref(),
        department_id=verification.asker_id,
        on=on,
        decision=decision,
        data={"document": verification.citizen_document, "service_item": verification.service_item},
    )
    return verification


@transaction.atomic
def withdraw_verification(*, actor: Actor, verification_id: UUID, reason: str, on: date) -> Verification:
    """Who asked no longer asks. What was found wrong can't be withdrawn: it has to be corrected."""
    verification = queries.get_verification_for(actor, verification_id, P.SHARING_VERIFICATION_ASK, lock=True)
    decision = rules.may_withdraw(reason, queries.regime_for(verification, on)).or_raise()
    verification.move_to(V.WITHDRAWN)
    verification.withdrawn_reason = reason.strip()[:300]
    verification.save()
    steps.close(verification, on)
    procedures.notify(
        case=verification.case_ref(),
        department_id=verification.provider_id,
        text=f"{verification.asker.name}撤回校核：{verification.withdrawn_reason}",
    )
    steps.record(
        E.VERIFICATION_WITHDRAWN, actor, verification, verification.asker_id, on=on, decision=decision
    )
    return verification


@transaction.atomic
def erase_citizen(*, actor: Actor, verification_id: UUID, on: date) -> Verification:
    """The citizen's name is erased once the case has ended. Twice does nothing more."""
    verification = queries.get_verification_for(actor, verification_id, P.SHARING_VERIFICATION_ASK, lock=True)
    if V(verification.status) in {V.ASKED, V.ACCEPTED}:
        raise InvalidInput.one("当事人", "办结以后才能删除姓名")
    if verification.citizen_name:
        verification.citizen_name = ""
        verification.save()
        steps.record(E.VERIFICATION_ERASED, actor, verification, verification.asker_id, on=on)
    return verification
