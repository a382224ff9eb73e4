"""A page of hits with what a list shows of each: read from the database for this page only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.safestring import SafeString

from shuqiao.accounts.types import ANONYMOUS, Actor
from shuqiao.catalog.life import freshness
from shuqiao.catalog.models import DataItem, Entry
from shuqiao.catalog.search.asking import FACETS, find
from shuqiao.catalog.search.freshness import LABELS as FRESHNESS
from shuqiao.catalog.search.snippets import excerpt, marked_items, marked_title, pattern_of
from shuqiao.catalog.search.suggesting import did_you_mean
from shuqiao.catalog.search.types import Found, View
from shuqiao.catalog.types import EntryFilters, FormatCategory, Kind, OpeningType, SharingType, UpdateCycle
from shuqiao.kernel.time import today
from shuqiao.organizations.models import Department, Division

FEW = 3
COLUMNS = (
    "id", "code", "department__name", "department__short_name", "division__short_name", "data_updated_on",
    "published_id", "published__title", "published__summary", "published__format_category",
    "published__update_cycle", "published__sharing_type", "published__sharing_basis", "published__opening_type",
    "published__opening_basis", "published__published_on",
)  # fmt: skip
VALUES: dict[str, dict[str, str]] = {
    "sharing": {str(value): str(label) for value, label in SharingType.choices},
    "opening": {str(value): str(label) for value, label in OpeningType.choices},
    "formats": {str(value): str(label) for value, label in FormatCategory.choices},
    "kinds": {str(value): str(label) for value, label in Kind.choices},
    "cycles": {str(value): str(label) for value, label in UpdateCycle.choices},
    "freshness": FRESHNESS,
}


@dataclass(slots=True)
class Result:
    """What a list shows of an entry. In the public view of a closed entry all but name and basis is empty."""

    id: UUID
    code: str
    department: str
    department_short: str
    division: str
    data_updated_on: date | None
    revision_id: UUID
    title: str
    summary: str
    format_category: str
    update_cycle: str
    sharing_type: str
    sharing_basis: str
    opening_type: str
    opening_basis: str
    published_on: date | None
    title_marked: SafeString = field(default=SafeString(""))
    summary_marked: SafeString = field(default=SafeString(""))
    items_marked: list[SafeString] = field(default_factory=list)

    @property
    def format_label(self) -> str:
        """The format in words."""
        return VALUES["formats"].get(self.format_category, "")

    @property
    def cycle_label(self) -> str:
        """The update cycle in words."""
        return VALUES["cycles"].get(self.update_cycle, "")

    @property
    def freshness(self) -> freshness.Freshness:
        """How the data stands to its cycle today."""
        return freshness.judge(self.update_cycle, self.data_updated_on or self.published_on, today())

    def close(self) -> None:
        """Leave what anybody may read of a closed entry (Yingkou 30, Shenyang 27)."""
        self.code = self.summary = self.format_category = self.update_cycle = ""
        self.sharing_type = self.sharing_basis = ""
        self.published_on = self.data_updated_on = None


@dataclass(slots=True)
class Answer:
    """A page of a search: its results, the facets with labels, and help when little was found."""

    page: Page[Result]
    found: Found
    facets: dict[str, list[dict[str, Any]]]
    meant: str = ""


def page_of(
    actor: Actor, filters: EntryFilters, *, number: str | int | None, per_page: int, view: View = View.SHARED
) -> Answer:
    """One page of a search as lists show it; a page number that is none is the first, one too high the last."""
    said = str(number or "")
    wanted = max(1, int(said)) if said.isdecimal() and len(said) < 8 else 1
    found = find(actor, filters, view=view, offset=(wanted - 1) * per_page, limit=per_page)
    pages = Paginator(range(found.total), per_page)
    if wanted > pages.num_pages:
        wanted = pages.num_pages
        found = find(actor, filters, view=view, offset=(wanted - 1) * per_page, limit=per_page)
    rows: Page[Result] = Page(results_of(found, view), wanted, pages)  # type: ignore[arg-type]
    meant = did_you_mean(actor, filters, found, view=view) if found.total <= FEW or found.loose else ""
    return Answer(rows, found, facet_rows(found, filters), meant)


def results_of(found: Found, view: View = View.SHARED) -> list[Result]:
    """The entries of a page in its order, words marked. One query, two when there were words."""
    rows = {
        row[0]: Result(*row) for row in Entry.objects.filter(pk__in=found.entry_ids).values_list(*COLUMNS)
    }
    results = [rows[entry_id] for entry_id in found.entry_ids if entry_id in rows]
    pattern = pattern_of(found.terms)
    if view is View.PUBLIC:
        for result in results:
            if result.opening_type == OpeningType.CLOSED:
                result.close()
    items = _items(results, found, view)
    for result in results:
        result.title_marked = marked_title(result.title, pattern, found.terms)
        result.summary_marked = excerpt(result.summary, pattern)
        result.items_marked = marked_items(items.get(result.revision_id, ()), pattern)
    return results


def _items(results: list[Result], found: Found, view: View) -> dict[UUID, list[str]]:
    """Names of the results' items in which a word stands, as far as the view may show them."""
    words = {word.text for term in found.terms for word in term.counted if len(word.text) > 1}
    if not words or not results:
        return {}
    wanted = Q()
    for word in words:
        wanted |= Q(name__icontains=word)
    shown = [
        result.revision_id for result in results if view is not View.PUBLIC or result.opening_type != "closed"
    ]
    items = DataItem.objects.filter(wanted, revision__in=shown)
    if view is View.PUBLIC:
        items = items.exclude(opening_type=OpeningType.CLOSED)
    names: dict[UUID, list[str]] = {}
    for revision_id, name in items.order_by("revision", "order").values_list("revision_id", "name"):
        names.setdefault(revision_id, []).append(name)
    return names


def facet_rows(found: Found, filters: EntryFilters) -> dict[str, list[dict[str, Any]]]:
    """Each facet's values with label and count, the most frequent first; a chosen value is always among them.
    Two queries: the names of departments and divisions are the database's."""
    counted = {name: dict(found.facets.get(name, ())) for name in FACETS}
    for name, counts in counted.items():
        for value in getattr(filters, name):
            counts.setdefault(value, 0)
    labels = dict(VALUES)
    labels["departments"] = _departments(counted["departments"])
    labels["divisions"] = dict(
        Division.objects.filter(pk__in=counted["divisions"]).values_list("code", "short_name")
    )
    return {name: _rows(counts, labels.get(name)) for name, counts in counted.items()}


def _departments(counts: dict[str, int]) -> dict[str, str]:
    ids = []
    for value in counts:
        try:
            ids.append(UUID(value))
        except ValueError:
            continue  # the address names something that is no department
    rows = Department.objects.filter(pk__in=ids).order_by().values_list("id", "short_name")
    return {str(department_id): name for department_id, name in rows}


def _rows(counts: dict[str, int], labels: dict[str, str] | None) -> list[dict[str, Any]]:
    rows = [
        {"value": value, "label": labels[value] if labels else value, "count": count}
        for value, count in counts.items()
        if labels is None or value in labels
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["label"]))


def near_titles(actor: Actor, filters: EntryFilters, *, view: View = View.SHARED) -> list[Result]:
    """When a search with filters finds nothing: a few entries its words find without them."""
    found = find(actor, EntryFilters(words=filters.words), view=view, limit=5, facets=False)
    return results_of(found, view)


def public_page_of(filters: EntryFilters, *, number: str | int | None, per_page: int) -> Answer:
    """The same for the open platform: what anybody may find, whoever asks."""
    return page_of(ANONYMOUS, filters, number=number, per_page=per_page, view=View.PUBLIC)
