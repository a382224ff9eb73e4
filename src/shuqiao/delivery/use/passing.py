"""Passing shared data on to somebody else: only with consent on record, never where a text forbids it
(Yingkou 22, Shenyang 23, Decree 25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant, OnwardConsent, UseRecord
from shuqiao.delivery.types import GrantState, Onward, Side
from shuqiao.delivery.use import rules
from shuqiao.delivery.use.records import record_of, regime_of
from shuqiao.delivery.use.types import ConsentOf
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.kernel.time import now
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


@dataclass(frozen=True, slots=True)
class Consent:
    """Whose consent, to whom the data may be passed on, for what, and what proves the consent."""

    of: ConsentOf
    to_whom: str
    purpose: str
    evidence: str


def side_for(actor: Actor, grant: Grant, of: ConsentOf) -> Side | None:
    """Whether the actor may record this consent: the provider its own, the holder that of the person concerned."""
    if of is ConsentOf.PROVIDER:
        sides, side = queries.sides_of(actor, grant, P.DELIVERY_GRANT_STOP), Side.PROVIDER
    else:
        sides, side = queries.sides_of(actor, grant, P.DELIVERY_USE_REPORT), Side.GRANTEE
    return side if side in sides else None


@transaction.atomic
def record_onward_consent(*, actor: Actor, grant_id: UUID, consent: Consent, on: date) -> OnwardConsent:
    """Record that data of a grant may be passed on: who consents, to whom, for what, on which evidence. Refused with
    the article where nothing may be passed on (Shenyang 23)."""
    grant = queries.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_READ, lock=True)
    side = _side(actor, grant, consent.of)
    decision = rules.may_consent(
        side=side, state=GrantState(grant.state), of=consent.of, regime=regime_of(grant, on)
    ).or_raise()
    told = (("提供给", consent.to_whom), ("用途", consent.purpose), ("同意的凭据", consent.evidence))
    if problems := [Problem(label, "必填") for label, said in told if not said.strip()]:
        raise InvalidInput(problems)
    record = record_of(grant, on)
    row = OnwardConsent.objects.create(
        record=record,
        consent_of=consent.of,
        to_whom=consent.to_whom.strip()[:200],
        purpose=consent.purpose.strip()[:300],
        evidence=consent.evidence.strip()[:500],
        basis=decision.as_json(),
        recorded_on=on,
        recorder_name=actor.name,
        at=now(),
    )
    _name_them(grant, record)
    text = f"{consent.of.label}同意把数据提供给{row.to_whom}：{row.purpose}"
    _tell(grant, record, side, text)
    events.record(
        E.ONWARD_CONSENTED,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id if side is Side.PROVIDER else grant.grantee_id,
        on=on,
        decision=decision,
        data={"of": consent.of.value, "to": row.to_whom, "purpose": row.purpose},
    )
    return row


@transaction.atomic
def withdraw_onward_consent(*, actor: Actor, consent_id: UUID, reason: str, on: date) -> OnwardConsent:
    """Who recorded the consent takes it back: from this day nothing more is passed on under it."""
    found = OnwardConsent.objects.select_related("record").filter(id=consent_id).first()
    if found is None:
        raise NotFound("同意")
    grant = queries.get_grant_for(actor, found.record.grant_id, P.DELIVERY_GRANT_READ, lock=True)
    row = OnwardConsent.objects.select_for_update().select_related("record").get(id=consent_id)
    side = _side(actor, grant, ConsentOf(row.consent_of))
    if row.withdrawn_on is not None:
        raise InvalidInput.one("同意", "已经收回")
    if not reason.strip():
        raise InvalidInput.one("原因", "写明收回的原因")
    row.withdrawn_on, row.withdrawn_reason = on, reason.strip()[:300]
    row.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    _name_them(grant, row.record)
    _tell(grant, row.record, side, f"不再同意把数据提供给{row.to_whom}：{row.withdrawn_reason}")
    events.record(
        E.ONWARD_WITHDRAWN,
        actor=actor,
        case=grant.case_ref(),
        department_id=grant.provider_id if side is Side.PROVIDER else grant.grantee_id,
        on=on,
        data={"to": row.to_whom, "reason": row.withdrawn_reason},
    )
    return row


def _side(actor: Actor, grant: Grant, of: ConsentOf) -> Side:
    side = side_for(actor, grant, of)
    if side is None:
        permission = P.DELIVERY_GRANT_STOP if of is ConsentOf.PROVIDER else P.DELIVERY_USE_REPORT
        raise NotAllowed(permission.value, f"{of.label}的同意不由您记录")
    return side


def _name_them(grant: Grant, record: UseRecord) -> None:
    """The grant's own sentence says to whom data may be passed on now."""
    names = list(
        dict.fromkeys(
            record.consents.filter(withdrawn_on=None).order_by("at").values_list("to_whom", flat=True)
        )
    )
    grant.onward = Onward.WITH_CONSENT if names else Onward.NEVER
    grant.onward_to = "、".join(names)[:200]
    grant.save(update_fields=["onward", "onward_to"])


def _tell(grant: Grant, record: UseRecord, side: Side, text: str) -> None:
    """The other side learns of it."""
    if side is Side.PROVIDER:
        tell_holder(grant, text)
    else:
        procedures.notify(case=record.case_ref(), department_id=grant.provider_id, text=text)
