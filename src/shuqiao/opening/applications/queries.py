"""Reads of open applications, always for an actor: the applicant, the provider, the bureau."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.opening.applications.types import ApplicationFacts, ApplicationStatus, Draft, Offer, Purpose
from shuqiao.opening.models import FollowUp, OpenApplication, OpenCompetition
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Party
from shuqiao.organizations.types import PartyKind
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ResourceFacts

if TYPE_CHECKING:
    from shuqiao.opening.models.applications import ApplicationQuerySet

WAITS = (ApplicationStatus.SUBMITTED, ApplicationStatus.AGREED)


def _applications() -> ApplicationQuerySet:
    return OpenApplication.objects.all()


def list_applications_for(actor: Actor, *, status: str = "", words: str = "") -> ApplicationQuerySet:
    """Applications the actor may see, newest first."""
    rows = _applications().visible_to(actor).for_page()
    if status:
        rows = rows.filter(status=status)
    if words.strip():
        rows = rows.filter(
            Q(title__icontains=words.strip())
            | Q(number__icontains=words.strip())
            | Q(party__name__icontains=words.strip())
        )
    return rows


def may_answer(actor: Actor, application: OpenApplication) -> bool:
    """Whether the actor answers for the provider."""
    return actor.may(P.OPENING_APPLICATION_ANSWER, department_id=application.provider_id)


def is_applicant(actor: Actor, application: OpenApplication) -> bool:
    """Whether the actor is the applicant."""
    return actor.party_id is not None and actor.party_id == application.party_id


def get_application_for(
    actor: Actor, application_id: UUID, permission: P = P.OPENING_CASE_READ, *, lock: bool = False
) -> OpenApplication:
    """An application by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = _applications().visible_to(actor).for_page()
    if lock:
        rows = rows.select_for_update(of=("self",))
    application = rows.filter(id=application_id).first()
    if application is None:
        raise NotFound("开放申请")
    if permission != P.OPENING_CASE_READ and not may_answer(actor, application):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return application


def get_own(actor: Actor, application_id: UUID, *, lock: bool = False) -> OpenApplication:
    """An application for its applicant to go on with. Others who see it: NotAllowed."""
    application = get_application_for(actor, application_id, lock=lock)
    if not is_applicant(actor, application):
        raise NotAllowed("opening:application:own", "只有申请人可以办理")
    return application


def applicant(actor: Actor) -> Party:
    """The registration on whose behalf the actor applies. Raises NotAllowed for everybody without one."""
    if actor.party_id is None:
        raise NotAllowed("opening:application:own", "先注册为自然人、法人或者其他组织，再提出申请")
    return organizations.get_party(actor.party_id)


def regime_for(application: OpenApplication, on: date) -> law.Regime:
    """The regime of the provider's division."""
    return organizations.regime_of(application.division_id, on)


def table_of(entry_id: UUID, resource_id: UUID | None = None) -> ResourceFacts:
    """The table asked for: the one named, else the first that is offered. Raises NotFound."""
    tables = [one for one in resources.list_resources_of_entry(entry_id) if resource_id in {None, one.id}]
    if not tables:
        raise NotFound("这个目录条目下已发布的资源")
    return next((one for one in tables if one.offer), tables[0])


def offer_of(entry: EntryFacts, table: ResourceFacts) -> Offer:
    """What the entry offers of a table on application, now."""
    masks = {one.name: one.mask for one in table.offer or ()}
    return Offer(entry.opening_type, masks, entry.opening_basis, columns=frozenset(table.column_names))


def offer_now(application: OpenApplication) -> Offer:
    """What is offered now of what an application asks for; nothing when the entry was withdrawn."""
    entry = catalog.facts_of_many([application.entry_id]).get(application.entry_id)
    tables = resources.list_published([application.resource_id])
    if entry is None or not tables:
        return Offer("closed", gone=application.gone() or "申请的数据资源已不再发布")
    return offer_of(entry, tables[0])


def competition_won(party_id: UUID, entry_id: UUID) -> OpenCompetition | None:
    """The newest recorded competition for an entry that this party won."""
    return OpenCompetition.objects.filter(winner=party_id, entry=entry_id).first()


def facts_of_draft(party: Party, entry_id: UUID, offer: Offer, draft: Draft) -> ApplicationFacts:
    """What is about to be asked for, as the rules see it."""
    return ApplicationFacts(
        offer=offer,
        party_kind=PartyKind(party.kind),
        may_apply=party.may_apply,
        items=draft.items,
        purpose_kind=draft.purpose_kind,
        purpose=draft.purpose,
        scenario=draft.scenario,
        safeguards=draft.safeguards,
        valid_until=draft.valid_until,
        public_benefit=draft.public_benefit,
        won=competition_won(party.id, entry_id) is not None,
    )


def facts_of(application: OpenApplication) -> ApplicationFacts:
    """An application as its rules see it now."""
    return facts_of_draft(
        application.party, application.entry_id, offer_now(application), draft_of(application)
    )


def draft_of(application: OpenApplication) -> Draft:
    """What was written."""
    return Draft(
        items=tuple(one["name"] for one in application.items),
        purpose_kind=Purpose(application.purpose_kind),
        purpose=application.purpose,
        scenario=application.scenario,
        safeguards=application.safeguards,
        valid_until=application.valid_until,
        public_benefit=application.public_benefit,
        written_reply=application.written_reply,
    )


def list_competitions_for(actor: Actor) -> QuerySet[OpenCompetition]:
    """Recorded competitions of the actor's departments and divisions, newest first."""
    seen = Q(provider__in=actor.departments_with(P.OPENING_CASE_READ)) | Q(
        division__in=actor.divisions_with(P.OPENING_CASE_READ)
    )
    rows = OpenCompetition.objects.select_related("winner", "provider", "entry")
    return rows if actor.is_platform else rows.filter(seen)


def entries_to_compete_for(actor: Actor) -> list[tuple[str, str]]:
    """Entries of the actor's departments that are open on application, by id and title."""
    mine = actor.departments_with(P.OPENING_APPLICATION_ANSWER)
    found = catalog.list_public_entries().filter(department__in=mine, published__opening_type="conditional")
    rows = found.order_by("published__title").values_list("id", "published__title")
    return [(str(entry), title) for entry, title in rows]


def follow_up_of(application: OpenApplication, *statuses: str) -> FollowUp | None:
    """The newest follow-up of an application in one of these states."""
    return application.follow_ups.filter(status__in=statuses).order_by("-number").first()
