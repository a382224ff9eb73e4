"""Reads of theme catalogues, always for an actor."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shuqiao.accounts.types import ANONYMOUS, Actor, P
from shuqiao.catalog import queries
from shuqiao.catalog.models import Entry, ThemeCatalogue, ThemeMember
from shuqiao.catalog.types import OpeningType, ThemeStatus
from shuqiao.kernel import NotFound

MEMBERS_MAX = 2_000


def visible_to(actor: Actor) -> QuerySet[ThemeCatalogue]:
    """Established ones for everybody who is signed in; all states for the lead; from submission on for the bureau."""
    themes = ThemeCatalogue.objects.select_related("lead", "division")
    if actor.is_platform:
        return themes
    seen = Q(status=ThemeStatus.ESTABLISHED)
    if mine := actor.departments_with(P.CATALOG_ENTRY_READ):
        seen |= Q(lead__in=mine)
    if watched := actor.divisions_with(P.CATALOG_ENTRY_READ):
        seen |= Q(division__in=watched, submitted_on__isnull=False)
    return themes.filter(seen)


def list_themes_for(actor: Actor, status: ThemeStatus | None = None) -> QuerySet[ThemeCatalogue]:
    """Theme catalogues the actor may see with the number of their entries in force, by name."""
    themes = (
        visible_to(actor)
        .annotate(entries=Count("members", filter=Q(members__entry__published__isnull=False)))
        .order_by("name", "id")
    )
    return themes.filter(status=status) if status else themes


def get_theme_for(
    actor: Actor, theme_id: UUID, permission: P | None = None, *, lock: bool = False
) -> ThemeCatalogue:
    """A theme catalogue the actor may see. Not visible: NotFound. Visible without `permission`: NotAllowed."""
    themes = visible_to(actor)
    if lock:
        themes = themes.select_for_update(of=("self",))
    theme = themes.filter(pk=theme_id).first()
    if theme is None:
        raise NotFound("主题目录")
    if permission:
        actor.demand(permission, department_id=theme.lead_id, division=theme.division_id)
    return theme


def members_of(theme: ThemeCatalogue, actor: Actor) -> QuerySet[Entry]:
    """The entries of a theme in their order, with revision and department; those withdrawn since included."""
    return (
        Entry.objects.filter(themes__theme=theme)
        .visible_to(actor)
        .select_related("published", "department")
        .order_by("themes__order", "code")
    )


def places_of(theme: ThemeCatalogue, actor: Actor) -> QuerySet[ThemeMember]:
    """The same with the place of each."""
    seen = Entry.objects.all().visible_to(actor).values("pk")
    rows = theme.members.filter(entry__in=seen).select_related("entry__published", "entry__department")
    return rows.order_by("order", "id")


def candidates_for(theme: ThemeCatalogue, words: str) -> QuerySet[Entry]:
    """Entries in force of the division, of all departments, that are not in the theme yet."""
    from shuqiao.catalog.types import EntryFilters

    found = queries.list_entries_for(
        ANONYMOUS, EntryFilters(words=words, divisions=(theme.division_id,), order="title")
    )
    return found.exclude(pk__in=theme.members.values("entry"))


def themes_of(entry: Entry) -> list[ThemeCatalogue]:
    """The established themes an entry is in."""
    return list(
        ThemeCatalogue.objects.filter(members__entry=entry, status=ThemeStatus.ESTABLISHED).select_related(
            "lead"
        )
    )


def list_public_themes() -> list[dict[str, object]]:
    """Established themes with the number of their entries that are open, for the open platform; none empty."""
    open_types = [OpeningType.UNCONDITIONAL, OpeningType.CONDITIONAL]
    rows = (
        ThemeCatalogue.objects.filter(status=ThemeStatus.ESTABLISHED)
        .annotate(
            count=Count(
                "members",
                filter=Q(
                    members__entry__published__opening_type__in=open_types,
                ),
            )
        )
        .filter(count__gt=0)
        .order_by("-count", "name")
    )
    return [{"id": theme.id, "name": theme.name, "count": theme.count} for theme in rows]


def public_members(theme_id: UUID) -> tuple[ThemeCatalogue, QuerySet[Entry]]:
    """An established theme and its open entries, for everybody. Raises NotFound."""
    theme = (
        ThemeCatalogue.objects.filter(pk=theme_id, status=ThemeStatus.ESTABLISHED)
        .select_related("lead", "division")
        .first()
    )
    if theme is None:
        raise NotFound("主题目录")
    opened = members_of(theme, ANONYMOUS).filter(
        published__opening_type__in=[OpeningType.UNCONDITIONAL, OpeningType.CONDITIONAL]
    )
    return theme, opened


def actions_for(actor: Actor, theme: ThemeCatalogue) -> frozenset[str]:
    """What the actor can do next: edit, rename, submit, decide, dissolve."""
    found = set()
    status = ThemeStatus(theme.status)
    edits = actor.may(P.CATALOG_ENTRY_EDIT, department_id=theme.lead_id)
    signs = actor.may(P.CATALOG_ENTRY_SIGN, department_id=theme.lead_id)
    reviews = actor.may(P.CATALOG_ENTRY_REVIEW, division=theme.division_id)
    if edits and status in {ThemeStatus.DRAFT, ThemeStatus.RETURNED, ThemeStatus.ESTABLISHED}:
        found.add("edit")
        if status != ThemeStatus.ESTABLISHED:
            found.add("rename")
    if signs and status in {ThemeStatus.DRAFT, ThemeStatus.RETURNED}:
        found.add("submit")
    if reviews and status == ThemeStatus.SUBMITTED:
        found.add("decide")
    if (signs and status in {ThemeStatus.DRAFT, ThemeStatus.RETURNED, ThemeStatus.ESTABLISHED}) or (
        reviews and status == ThemeStatus.ESTABLISHED
    ):
        found.add("dissolve")
    return frozenset(found)
