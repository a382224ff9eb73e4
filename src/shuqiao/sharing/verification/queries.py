"""Reads of verifications, always for an actor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.delivery import queries as delivery
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseKind
from shuqiao.resources import queries as resources
from shuqiao.sharing.models import ReaderTold, Verification, VerificationField, VerificationFile
from shuqiao.sharing.models.verification import VerificationQuerySet
from shuqiao.sharing.verification import rules
from shuqiao.sharing.verification.rows import Field
from shuqiao.sharing.verification.types import Finding, VerificationStatus

OF_ASKER = frozenset({P.SHARING_VERIFICATION_ASK})
DROPPED = "drop"


def _verifications() -> VerificationQuerySet:
    found: VerificationQuerySet = Verification.objects.all()
    return found


def list_verifications_for(
    actor: Actor, *, which: str = "all", status: str = "", citizen: bool = False, words: str = ""
) -> VerificationQuerySet:
    """Verifications the actor may see, newest first. `which`: by_us, of_us or all."""
    found = _verifications().visible_to(actor).for_page()
    departments = actor.departments_with(P.SHARING_VERIFICATION_READ)
    if which == "by_us":
        found = found.filter(asker__in=departments)
    elif which == "of_us":
        found = found.filter(provider__in=departments)
    if status in VerificationStatus.values:
        found = found.filter(status=status)
    if citizen:
        found = found.filter(for_citizen=True)
    if words.strip():
        found = found.filter(Q(title__icontains=words.strip()) | Q(number__icontains=words.strip()))
    return found


def may_on(actor: Actor, verification: Verification, permission: P) -> bool:
    """Whether the actor holds the permission over this verification, on the side to which it belongs."""
    if permission in OF_ASKER:
        return actor.may(permission, department_id=verification.asker_id)
    if permission == P.SHARING_VERIFICATION_ANSWER:
        return actor.may(permission, department_id=verification.provider_id)
    return True


def get_verification_for(
    actor: Actor, verification_id: UUID, permission: P, *, lock: bool = False
) -> Verification:
    """A verification by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    found = _verifications().visible_to(actor).for_page()
    if lock:
        found = found.select_for_update(of=("self",))
    verification = found.filter(id=verification_id).first()
    if verification is None:
        raise NotFound("数据校核")
    if not may_on(actor, verification, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return verification


def files_of(verification: Verification) -> list[VerificationFile]:
    """Files that prove it, the oldest first."""
    return list(VerificationFile.objects.filter(verification=verification))


def is_party(actor: Actor, verification: Verification) -> bool:
    """Whether the actor belongs to one of the two departments of the case."""
    read = P.SHARING_VERIFICATION_READ
    sides = (verification.asker_id, verification.provider_id)
    return any(actor.may(read, department_id=one) for one in sides)


def regime_for(verification: Verification, on: date) -> law.Regime:
    """The regime a verification is answered under: that of the provider's division."""
    return organizations.regime_of(verification.division_id, on)


def grant_to_ask(actor: Actor, grant_id: UUID) -> Any:
    """A grant of the actor's department, in force or not any more, on whose data it may ask for verification."""
    grant = delivery.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_READ)
    if grant.grantee_id is None or not actor.may(P.SHARING_VERIFICATION_ASK, department_id=grant.grantee_id):
        permission = P.SHARING_VERIFICATION_ASK
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return grant


@dataclass(frozen=True, slots=True)
class Askable:
    """What can be asked about under a grant: the key by which rows are named, the columns it shows, and whether the
    platform may still show rows."""

    by: tuple[str, ...]
    columns: tuple[str, ...]
    shows_rows: bool


def askable_under(grant: Any) -> Askable:
    """Rows are named by the first key whose columns the grant shows unmasked; where there is none, or the grant is not
    in force, they are named without being shown. Raises InvalidInput for data without a key."""
    facts = resources.published_table(grant.resource_id)
    if not facts.lookup_keys:
        raise InvalidInput.one("查询键", "这份数据没有查询键，不能指到行；请直接与提供部门联系")
    plain = {one["name"] for one in grant.columns if one["mask"] == "none"}
    readable = next((key for key in facts.lookup_keys if plain.issuperset(key)), None)
    given = {one["name"] for one in grant.columns if one["mask"] != DROPPED}
    return Askable(
        by=readable or facts.lookup_keys[0],
        columns=tuple(name for name in facts.column_names if name in given),
        shows_rows=readable is not None and grant.state == "active",
    )


def grants_to_ask(actor: Actor, resource_id: UUID) -> list[Any]:
    """Grants of a resource under which the actor may ask, newest first."""
    found = delivery.list_grants_for(actor).filter(
        resource=resource_id, grantee__in=actor.departments_with(P.SHARING_VERIFICATION_ASK)
    )
    return list(found)


def fields_of(verification: Verification) -> list[VerificationField]:
    """Its fields, with the version since which each was wrong."""
    return list(verification.fields.select_related("wrong_since"))


def as_fields(verification: Verification, fields: list[VerificationField]) -> list[Field]:
    """Those of its fields that are to be corrected, as they are looked for in versions."""
    by = tuple(verification.key_columns)
    return [
        Field(by, tuple(one.key), one.column, Finding(one.outcome, one.correct))
        for one in fields
        if one.outcome in {"wrong", "remove"}
    ]


def kept_versions(resource_id: UUID) -> list[Any]:
    """Versions of a table that have been published and whose rows are still there, newest first."""
    found = resources.list_versions_for(PLATFORM, resource_id)
    kept = found.filter(published_on__isnull=False, removed_on=None).exclude(store_version="")
    return list(kept.order_by("-number"))


def told_of(verification: Verification) -> QuerySet[ReaderTold]:
    """Who was told of a correction. The caller has checked that the actor may see the verification."""
    return verification.told.select_related("grant__grantee")


def told_to_grant(actor: Actor, grant_id: UUID) -> tuple[Any, list[ReaderTold]]:
    """What the holder of a grant was told of corrections, newest first. Raises NotFound where the actor does not see
    the grant."""
    grant = delivery.get_grant_for(actor, grant_id, P.DELIVERY_GRANT_READ)
    found = ReaderTold.objects.filter(grant=grant_id).select_related(
        "verification__corrected_version", "verification__provider"
    )
    return grant, list(found[:200])


def statistics_for(actor: Actor, *, since: date | None = None, until: date | None = None) -> dict[str, int]:
    """Counts over the verifications the actor may see: by state, for citizens, served on proof, answered, and answered
    within the term. Two queries."""
    found = _verifications().visible_to(actor)
    if since:
        found = found.filter(asked_on__gte=since)
    if until:
        found = found.filter(asked_on__lte=until)
    states = Counter(dict(found.order_by().values_list("status").annotate(number=Count("pk"))))
    more = found.aggregate(
        for_citizens=Count("pk", filter=Q(for_citizen=True)),
        served=Count("pk", filter=Q(served_on__isnull=False)),
        answered=Count("pk", filter=Q(answered_on__isnull=False)),
    )
    terms = Term.objects.filter(
        case_kind=CaseKind.VERIFICATION, term_id=rules.REPLY, case_id__in=found.values("pk")
    ).values_list("due_on", "closed_on")
    kept = [(due, closed) for due, closed in terms if closed and due]
    return {
        **{status.value: states.get(status.value, 0) for status in VerificationStatus},
        **more,
        "all": sum(states.values()),
        "in_time": sum(closed <= due for due, closed in kept),
        "late": sum(closed > due for due, closed in kept),
    }
