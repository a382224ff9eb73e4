"""Reads of the catalogue, always for an actor. Visibility itself is `EntryQuerySet.visible_to`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.expressions import OrderBy

from shuqiao.accounts.types import ANONYMOUS, Actor, P
from shuqiao.catalog import search
from shuqiao.catalog.counting import change_mark as change_mark  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.counting import count_published as count_published  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.counting import counts_for as counts_for  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.life.themes import list_public_themes as list_public_themes  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.life.themes import public_members as public_members  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.models import (
    CONTENT_COLUMNS,
    DataItem,
    Entry,
    ImportRecord,
    Revision,
    Synonyms,
)
from shuqiao.catalog.onesource.items import datum_of as datum_of  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.onesource.items import holdings_of as holdings_of  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.onesource.items import sources_of_items as sources_of_items  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.onesource.pairs import LikelyDuplicate as LikelyDuplicate  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.onesource.pairs import likely_duplicates as likely_duplicates  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.onesource.pairs import merge_target as merge_target  # noqa: PLC0414 - for the apps above
from shuqiao.catalog.search import View
from shuqiao.catalog.types import EntryFacts, EntryFilters, ItemFacts, OpeningType, Status
from shuqiao.kernel import NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department

FACT_COLUMNS = [field.name for field in fields(EntryFacts) if field.name in CONTENT_COLUMNS]
# What the public may read of an entry that is not open: its name and why (Yingkou 30).
CLOSED_COLUMNS = frozenset({"title", "kind", "theme", "opening_type", "opening_basis", "opening_basis_level"})
COLUMNS_OF = {
    "divisions": "division_id",
    "departments": "department_id",
    "sharing": "published__sharing_type",
    "opening": "published__opening_type",
    "formats": "published__format_category",
    "kinds": "published__kind",
    "themes": "published__theme",
    "cycles": "published__update_cycle",
}
ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "newest": (F("published__published_on").desc(nulls_last=True), "id"),
    "title": ("published__title", "id"),
    "code": ("code", "id"),
}


def get_entry_for(actor: Actor, entry_id: UUID, permission: P | None = None, *, lock: bool = False) -> Entry:
    """An entry the actor may see. Not visible: NotFound. Visible without `permission` over it: NotAllowed."""
    entries = Entry.objects.select_related("department", "division", "published")
    if lock:
        entries = entries.select_for_update(of=("self",))
    entry = entries.filter(pk__in=_seen(actor).filter(pk=entry_id).values("pk")).first()
    if entry is None:
        raise NotFound("目录条目")
    if permission:
        actor.demand(permission, department_id=entry.department_id, division=entry.division_id)
    return entry


def _seen(actor: Actor) -> QuerySet[Entry]:
    return Entry.objects.all().visible_to(actor)


def get_revision_for(
    actor: Actor, revision_id: UUID, permission: P | None = None, *, lock: bool = False
) -> Revision:
    """A revision the actor may see, with its entry; its items come in one further query."""
    revisions = Revision.objects.select_related("entry__department", "entry__division")
    if lock:
        revisions = revisions.select_for_update(of=("self",))
    revision = revisions.filter(_revisions_seen(actor), id=revision_id).first()
    if revision is None:
        raise NotFound("目录条目")
    if permission:
        entry = revision.entry
        actor.demand(permission, department_id=entry.department_id, division=entry.division_id)
    return revision


def _revisions_seen(actor: Actor) -> Q:
    """Published states for everybody; all states for the department; from submission on for the bureau."""
    if actor.is_platform:
        return Q()
    seen = Q(status=Status.PUBLISHED)
    if not actor.is_anonymous:
        seen |= Q(status=Status.SUPERSEDED)
    if mine := actor.departments_with(P.CATALOG_ENTRY_READ):
        seen |= Q(entry__department__in=mine)
    if watched := actor.divisions_with(P.CATALOG_ENTRY_READ):
        seen |= (
            Q(entry__division__in=watched)
            & ~Q(status=Status.DRAFT)
            & ~Q(status=Status.GIVEN_UP, case_number="")
        )
    return seen


def list_entries_for(actor: Actor, filters: EntryFilters | None = None) -> QuerySet[Entry]:
    """Published entries the actor may see, narrowed and ordered, with revision and department joined. What words
    find, the index says (the first 20,000): a page of a search is `search.page_of`, one query of the index."""
    return _listed(actor, filters or EntryFilters(), View.SHARED)


def _listed(actor: Actor, asked: EntryFilters, view: View) -> QuerySet[Entry]:
    # What is published everybody may see (`visible_to`). The status says the same and lets the database use the index
    # of what is newest, but keeps it from walking along the codes.
    entries = Entry.objects.filter(published__isnull=False)
    if asked.order != "code":
        entries = entries.filter(published__status=Status.PUBLISHED)
    if asked.words.strip() or asked.freshness or (view is View.PUBLIC and _hidden(asked)):
        entries = entries.filter(pk__in=search.all_ids(actor, asked, view=view))
    else:
        entries = entries.filter(_narrowed(asked))
    order = ORDERS.get(asked.order, ORDERS["newest"])
    return entries.select_related("published", "department", "division").order_by(*order)


def count_entries_for(actor: Actor, filters: EntryFilters) -> int:
    """How many `list_entries_for` finds; unless words or places narrow it, counted in an index of revisions alone."""
    if filters.words.strip() or filters.freshness or filters.divisions or filters.departments:
        return list_entries_for(actor, filters).count()
    asked = {column: getattr(filters, name) for name, column in COLUMNS_OF.items()}
    wanted = {
        f"{column.removeprefix('published__')}__in": values for column, values in asked.items() if values
    }
    return Revision.objects.filter(status=Status.PUBLISHED, **wanted).count()


def _hidden(asked: EntryFilters) -> bool:
    """Whether the filters ask for something the public may not know of closed entries."""
    return bool(asked.sharing or asked.formats or asked.cycles)


def _narrowed(asked: EntryFilters) -> Q:
    wanted = Q()
    for name, column in COLUMNS_OF.items():
        if values := getattr(asked, name):
            wanted &= Q(**{f"{column}__in": _valid(name, values)})
    return wanted


def _valid(name: str, values: Iterable[str]) -> list[Any]:
    """Values of one filter; department ids that are none at all find nothing."""
    if name != "departments":
        return list(values)
    found: list[Any] = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def list_revisions_for(actor: Actor, *, status: Status | None = None, words: str = "") -> QuerySet[Revision]:
    """Revisions of the actor's own departments (my catalogue work), newest change first; those given up only when asked
    for by their state."""
    revisions = Revision.objects.filter(
        of_department__in=actor.departments_with(P.CATALOG_ENTRY_READ)
    ).select_related("entry__department")
    revisions = revisions.filter(status=status) if status else revisions.exclude(status=Status.GIVEN_UP)
    if words.strip():
        found = search.all_ids(actor, EntryFilters(words=words), view=View.OWN, status=status or "")
        revisions = revisions.filter(pk__in=found)
    return revisions.order_by("-changed_at", "-id")


def own_counts_for(actor: Actor) -> dict[str, int]:
    """How many revisions of the actor's departments stand in each state. One query."""
    rows = (
        Revision.objects.filter(of_department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
        .values("status")
        .annotate(count=Count("*"))
        .order_by()
    )
    return {row["status"]: row["count"] for row in rows}


def list_review_for(actor: Actor) -> QuerySet[Revision]:
    """Revisions that wait for the actor's review, the longest waiting first."""
    return (
        Revision.objects.filter(
            status=Status.SUBMITTED, entry__division__in=actor.divisions_with(P.CATALOG_ENTRY_REVIEW)
        )
        .select_related("entry__department", "entry__division")
        .order_by("signed_on", "case_number")
    )


def revisions_of(actor: Actor, entry_id: UUID) -> list[Revision]:
    """All states of an entry that the actor may see, newest first."""
    return list(Revision.objects.filter(_revisions_seen(actor), entry=entry_id).order_by("-number"))


def open_revision_of(entry_id: UUID) -> Revision | None:
    """The draft, submitted or returned revision of an entry, if there is one."""
    return Revision.objects.filter(
        entry=entry_id, status__in=[Status.DRAFT, Status.SUBMITTED, Status.RETURNED]
    ).first()


def items_of(revision: Revision) -> tuple[ItemFacts, ...]:
    """The revision's items with the attributes that hold for them."""
    return tuple(item.facts(revision) for item in revision.items.all())


def published_items(entry_id: UUID) -> tuple[ItemFacts, ...]:
    """The items of the entry in force. Raises NotFound when the entry is not published."""
    return facts_of(entry_id).items


def facts_of(entry_id: UUID) -> EntryFacts:
    """The published entry whole. Raises NotFound when there is none in force."""
    found = facts_of_many([entry_id])
    if entry_id not in found:
        raise NotFound("已发布的目录条目")
    return found[entry_id]


def facts_of_many(entry_ids: Collection[UUID]) -> dict[UUID, EntryFacts]:
    """Published entries by id; ids not in force are left out. Two queries."""
    entries = (
        Entry.objects.filter(pk__in=entry_ids, published__isnull=False)
        .select_related("published", "department")
        .prefetch_related(Prefetch("published__items", DataItem.objects.order_by("order")))
    )
    return {entry.id: _facts(entry, entry.published) for entry in entries if entry.published}


def facts_as_of(entry_id: UUID, revision_id: UUID | None = None) -> EntryFacts:
    """The published entry; of one that has left the catalogue the revision named, or the last in force. For cases that
    outlive their entry. Raises NotFound."""
    if found := facts_of_many([entry_id]):
        return found[entry_id]
    items = Prefetch("items", DataItem.objects.order_by("order"))
    gone = Revision.objects.filter(entry=entry_id, status__in=[Status.WITHDRAWN, Status.SUPERSEDED])
    gone = gone.select_related("entry__department").prefetch_related(items)
    named = gone.filter(pk=revision_id).first() if revision_id else None
    revision = named or gone.order_by("-number").first()
    if revision is None:
        raise NotFound("目录条目")
    return _facts(revision.entry, revision)


def _facts(entry: Entry, revision: Revision) -> EntryFacts:
    return EntryFacts(
        id=entry.id,
        code=entry.code or "",
        revision_id=revision.id,
        revision_number=revision.number,
        division=entry.division_id,
        department_id=entry.department_id,
        department_name=entry.department.name,
        items=items_of(revision),
        **{column: getattr(revision, column) for column in FACT_COLUMNS},
    )


def public_facts_of(entry_id: UUID) -> EntryFacts:
    """What anybody may read of a published entry: all of an open one without its closed items; of a closed
    one its name and the legal basis of its being closed (Yingkou 30, Shenyang 27)."""
    return public_face(facts_of(entry_id))


def public_face(facts: EntryFacts) -> EntryFacts:
    """The same of facts already read."""
    if facts.opening_type == OpeningType.CLOSED:
        hidden: dict[str, Any] = {column: "" for column in FACT_COLUMNS if column not in CLOSED_COLUMNS}
        return replace(facts, items=(), **hidden)
    shown = tuple(item for item in facts.items if item.opening_type != OpeningType.CLOSED)
    return replace(facts, items=shown)


def list_public_entries(filters: EntryFilters | None = None) -> QuerySet[Entry]:
    """Published entries as the open platform lists them. Words find closed ones by title and legal basis only."""
    return _listed(ANONYMOUS, filters or EntryFilters(), View.PUBLIC)


def list_titled_for(actor: Actor, words: str) -> QuerySet[Entry]:
    """Published entries the actor may see with these words in the title, each with revision and department."""
    entries = _seen(actor).filter(published__title__icontains=words.replace("\0", ""))
    return entries.select_related("published", "department").order_by("published__title", "id")


def same_titles(revision: Revision) -> list[Entry]:
    """Published entries of the division with the same title (Dongchangfu 15): for the reviewer's eyes."""
    return list(
        Entry.objects.filter(
            division=revision.entry.division_id, published__isnull=False, published__title=revision.title
        )
        .exclude(pk=revision.entry_id)
        .select_related("published", "department")[:10]
    )


def list_imports_for(actor: Actor) -> QuerySet[ImportRecord]:
    """Import records of the actor's departments, and of divisions whose bureau the actor works for; newest first."""
    return ImportRecord.objects.filter(
        Q(department__in=actor.departments_with(P.CATALOG_ENTRY_READ))
        | Q(department=None, division__in=actor.divisions_with(P.CATALOG_ENTRY_REVIEW))
    ).select_related("department", "division", "mapping")


def get_import_for(actor: Actor, import_id: UUID) -> ImportRecord:
    """One import record of the actor's departments. Raises NotFound."""
    record = list_imports_for(actor).filter(id=import_id).first()
    if record is None:
        raise NotFound("导入记录")
    return record


def editable_departments(actor: Actor) -> list[Department]:
    """Departments whose catalogue the actor may edit."""
    return list(organizations.list_departments().filter(id__in=actor.departments_with(P.CATALOG_ENTRY_EDIT)))


def revision_actions_for(actor: Actor, revision: Revision) -> frozenset[str]:
    """What the actor can do next with a revision: edit, ask, submit, give up, review."""
    entry, found = revision.entry, set()
    if revision.is_editable and actor.may(P.CATALOG_ENTRY_EDIT, department_id=entry.department_id):
        found |= {"edit", "ask", "give_up"}
    if revision.is_editable and actor.may(P.CATALOG_ENTRY_SIGN, department_id=entry.department_id):
        found |= {"submit", "give_up"}
    if revision.status == Status.SUBMITTED and actor.may(P.CATALOG_ENTRY_REVIEW, division=entry.division_id):
        found.add("review")
    return frozenset(found)


def entry_actions_for(actor: Actor, entry: Entry) -> frozenset[str]:
    """What the actor can do next with an entry: revise, withdraw; with one that left, separate or restore."""
    if entry.published is None:
        edits = actor.may(P.CATALOG_ENTRY_EDIT, department_id=entry.department_id)
        if not edits or entry.withdrawn_at is None:
            return frozenset()
        return frozenset({"separate" if entry.merged_into_id else "restore"})
    found = set()
    if actor.may(P.CATALOG_ENTRY_EDIT, department_id=entry.department_id):
        found.add("revise")
    if actor.may(P.CATALOG_ENTRY_SIGN, department_id=entry.department_id) or actor.may(
        P.CATALOG_ENTRY_REVIEW, division=entry.division_id
    ):
        found.add("withdraw")
    return frozenset(found)


def public_page(filters: EntryFilters, *, number: str | None, per_page: int) -> search.Answer:
    """A page of the open platform's search: what anybody may find, with facets and help."""
    return search.public_page_of(filters, number=number, per_page=per_page)


def public_suggestions(typed: str) -> list[str]:
    """Titles anybody may see for what is being typed."""
    return search.suggest(ANONYMOUS, typed, view=View.PUBLIC)


def list_synonyms() -> list[Synonyms]:
    """Groups of words the bureau keeps, the newest first."""
    return list(Synonyms.objects.select_related("by"))


def built_in_synonyms() -> tuple[tuple[str, ...], ...]:
    """Groups that come with the platform."""
    return search.built_in()


def entry_titles_of(department_id: UUID) -> list[tuple[str, str]]:
    """Entries of a department in every state but withdrawn ones, as (id, title), by title: to choose one of them."""
    rows = (
        Revision.objects.filter(entry__department=department_id)
        .exclude(status__in=[Status.SUPERSEDED, Status.WITHDRAWN, Status.GIVEN_UP])
        .order_by("entry_id", "number")
        .values_list("entry_id", "title", "status")[:5000]
    )
    titles = {str(entry_id): f"{title}（{Status(status).label}）" for entry_id, title, status in rows}
    return sorted(titles.items(), key=lambda one: one[1])
