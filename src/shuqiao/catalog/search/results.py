"""A page of hits with what a list shows of each, and the facets with their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString

from shuqiao.accounts.types import ANONYMOUS, Actor
from shuqiao.catalog.life import freshness
from shuqiao.catalog.search.asking import Ground, Question, found_on, with_sound_index
from shuqiao.catalog.search.counting import FACETS
from shuqiao.catalog.search.freshness import LABELS as FRESHNESS
from shuqiao.catalog.search.knowing import Names
from shuqiao.catalog.search.snippets import excerpt, marked_items, marked_title, pattern_of
from shuqiao.catalog.search.suggesting import meant_on
from shuqiao.catalog.search.types import Found, View
from shuqiao.catalog.types import EntryFilters, FormatCategory, Kind, OpeningType, SharingType, UpdateCycle
from shuqiao.kernel.time import today

FEW = 3
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
    title: str
    summary: str
    code: str
    department: str
    department_short: str
    division: str
    data_updated_on: date | None
    published_on: date | None
    format_category: str
    update_cycle: str
    sharing_type: str
    sharing_basis: str
    opening_type: str
    opening_basis: str
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
        return freshness.judge(self.update_cycle, self.data_updated_on, today())


@dataclass(slots=True)
class Answer:
    """A page of a search: its results, the facets with labels, and help when little was found."""

    page: Page[Result]
    found: Found
    facets: dict[str, list[dict[str, Any]]]
    meant: str = ""


@dataclass(slots=True)
class Part:
    """Results from a place on: with what was found, the facets when they were asked for, and help when it is little."""

    results: list[Result]
    found: Found
    facets: dict[str, list[dict[str, Any]]]
    meant: str


def part_of(
    actor: Actor, filters: EntryFilters, *, offset: int, limit: int, facets: bool, view: View = View.SHARED
) -> Part:
    """The `limit` results of a search from `offset` on, for those who go on by place instead of by page number."""
    question = Question(actor, filters, view)
    return with_sound_index(lambda ground: _part_on(ground, question, offset, limit, facets))


def _part_on(ground: Ground, question: Question, offset: int, limit: int, facets: bool) -> Part:
    found = found_on(ground, question, offset, limit, facets=facets)
    counted = _facet_rows(ground.known.names, found, question.filters) if facets else {}
    return Part(_results(ground, found), found, counted, _meant(ground, question, found))


def _meant(ground: Ground, question: Question, found: Found) -> str:
    few = found.loose or found.total <= (0 if question.narrowed_by else FEW)
    return meant_on(ground, question, found) if few else ""


def page_of(
    actor: Actor, filters: EntryFilters, *, number: str | int | None, per_page: int, view: View = View.SHARED
) -> Answer:
    """One page of a search as lists show it; a page number that is none is the first, one too high the last."""
    question = Question(actor, filters, view)
    return with_sound_index(lambda ground: _page_on(ground, question, number, per_page))


def _page_on(ground: Ground, question: Question, number: str | int | None, per_page: int) -> Answer:
    said = str(number or "")
    wanted = max(1, int(said)) if said.isdecimal() and len(said) < 8 else 1
    found = found_on(ground, question, (wanted - 1) * per_page, per_page, facets=True)
    pages = Paginator(range(found.total), per_page)
    if wanted > pages.num_pages:
        wanted = pages.num_pages
        found = found_on(ground, question, (wanted - 1) * per_page, per_page, facets=True)
    rows: Page[Result] = Page(_results(ground, found), wanted, pages)  # type: ignore[arg-type]
    facets = _facet_rows(ground.known.names, found, question.filters)
    return Answer(rows, found, facets, _meant(ground, question, found))


def _results(ground: Ground, found: Found) -> list[Result]:
    """The entries of a page in its order, words marked. What they show is the index's, names are the database's."""
    names = ground.known.names
    pattern = pattern_of(found.terms)
    results = []
    for hit in found.hits:
        line = hit.line
        department, short = names.departments.get(line.department, ("", ""))
        result = Result(
            hit.entry_id, line.title, line.summary, line.code, department, short,
            names.divisions.get(line.division, ""), _day(line.data_updated_on), _day(line.published_on),
            line.format_category, line.update_cycle, line.sharing_type, line.sharing_basis, line.opening_type,
            line.opening_basis,
        )  # fmt: skip
        result.title_marked = marked_title(line.title, pattern, found.terms)
        result.summary_marked = excerpt(line.summary, pattern)
        result.items_marked = marked_items(line.items, pattern)
        results.append(result)
    return results


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _facet_rows(names: Names, found: Found, filters: EntryFilters) -> dict[str, list[dict[str, Any]]]:
    """Each facet's values with label and count, the most frequent first; a chosen value is always among them."""
    counted = {name: dict(found.facets.get(name, ())) for name in FACETS}
    for name, counts in counted.items():
        for value in getattr(filters, name):
            counts.setdefault(value, 0)
    labels = dict(VALUES)
    labels["departments"] = _department_labels(names, counted["departments"])
    labels["divisions"] = names.divisions
    return {name: _rows(counts, labels.get(name)) for name, counts in counted.items()}


def _department_labels(names: Names, counted: Iterable[str]) -> dict[str, str]:
    """Short names; where those of two places are the same, the whole ones."""
    known = {value: both for value in counted if (both := names.departments.get(value))}
    times = Counter(short for _, short in known.values())
    return {value: short if times[short] == 1 else name for value, (name, short) in known.items()}


def _rows(counts: dict[str, int], labels: dict[str, str] | None) -> list[dict[str, Any]]:
    rows = [
        {"value": value, "label": labels[value] if labels else value, "count": count}
        for value, count in counts.items()
        if labels is None or value in labels
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["label"]))


def near_titles(actor: Actor, filters: EntryFilters, *, view: View = View.SHARED) -> list[Result]:
    """When a search with filters finds nothing: a few entries its words find without them."""
    question = Question(actor, EntryFilters(words=filters.words), view)
    return with_sound_index(lambda ground: _results(ground, found_on(ground, question, 0, 5, facets=False)))


def public_page_of(filters: EntryFilters, *, number: str | int | None, per_page: int) -> Answer:
    """The same for the open platform: what anybody may find, whoever asks."""
    return page_of(ANONYMOUS, filters, number=number, per_page=per_page, view=View.PUBLIC)
