"""Rows made into what the finder compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import QuerySet

from shuqiao.catalog.duplicates import Card, Places
from shuqiao.catalog.models import DataItem, DuplicateCursor, Entry, Revision
from shuqiao.catalog.onesource.jurisdictions import parents, root_of
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import FormatCategory
from shuqiao.organizations.models import Department, Division

BATCH = 500
COLUMNS = (
    "id", "code", "division_id", "department_id", "department__name", "division__name", "data_rows", "published_id",
    "published__title", "published__summary", "published__inner_department", "published__format_category",
)  # fmt: skip


class CardMaker:
    """Makes cards of entries, with the place names of each jurisdiction read once."""

    def __init__(self, places: Mapping[str, Collection[str]] | None = None) -> None:
        self._up = parents()
        known = dict(places) if places is not None else _kept_places()
        self._divisions = dict(Division.objects.values_list("code", "name"))
        self._places: dict[str, Places] = {}
        self._named = known

    def root(self, division: str) -> str:
        """The jurisdiction of a division."""
        return root_of(division, self._up)

    def _places_of(self, scope: str) -> Places:
        if scope not in self._places:
            own = [name for code, name in self._divisions.items() if self.root(code) == scope]
            self._places[scope] = Places([*own, *self._named.get(scope, ())])
        return self._places[scope]

    def published(self, entries: QuerySet[Entry]) -> list[Card]:
        """Cards of the published among these entries. Two queries."""
        rows = list(entries.filter(published__isnull=False).values(*COLUMNS))
        names = _item_names([row["published_id"] for row in rows])
        return [
            self._card(
                row["id"], row["division_id"], row["division__name"],
                title=row["published__title"],
                holder=f"{row['department__name']}{row['published__inner_department']}",
                summary=row["published__summary"],
                format=_format(row["published__format_category"]),
                code=row["code"] or "",
                items=names.get(row["published_id"], frozenset()),
                rows=row["data_rows"],
            )
            for row in rows
        ]  # fmt: skip

    def of_revision(self, revision: Revision) -> Card:
        """The card a revision will have when it is published. One query for its items."""
        entry = revision.entry
        return self._card(
            entry.pk, entry.division_id, entry.division.name,
            title=revision.title,
            holder=f"{entry.department.name}{revision.inner_department}",
            summary=revision.summary,
            format=_format(revision.format_category),
            code=entry.code or "",
            items=_item_names([revision.pk]).get(revision.pk, frozenset()),
            rows=entry.data_rows,
        )  # fmt: skip

    def _card(self, entry_id: UUID, division: str, division_name: str, **said: object) -> Card:
        scope = self.root(division)
        return Card(
            id=entry_id, scope=scope, division=division_name, places=self._places_of(scope), **said  # type: ignore[arg-type]
        )  # fmt: skip


def _format(category: str) -> str:
    return FormatCategory(category).label if category in FormatCategory.values else category


def _item_names(revision_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    wanted, found = list(revision_ids), defaultdict(set)
    for start in range(0, len(wanted), BATCH):
        rows = DataItem.objects.filter(revision__in=wanted[start : start + BATCH]).order_by()
        for revision_id, name in rows.values_list("revision_id", "name"):
            found[revision_id].add(normalized(name))
    return {revision_id: frozenset(names) for revision_id, names in found.items()}


def _kept_places() -> dict[str, list[str]]:
    return next(iter(DuplicateCursor.objects.values_list("places", flat=True)), {})


def places_now() -> dict[str, list[str]]:
    """The place names departments and inner departments are called after, jurisdiction by jurisdiction."""
    up = parents()
    names: dict[str, set[str]] = defaultdict(set)
    for division, name in Department.objects.values_list("division_id", "name"):
        names[root_of(division, up)].add(name)
    inner = Revision.objects.filter(status="published").exclude(inner_department="").order_by()
    for division, name in inner.values_list("entry__division_id", "inner_department").distinct():
        names[root_of(division, up)].add(name)
    return {scope: Places.of((), found).names() for scope, found in names.items()}
