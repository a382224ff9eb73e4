"""What the checks need to know of several revisions, in a few queries for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q, prefetch_related_objects

from shuqiao.catalog.checking import CODE, related_codes, stem_of
from shuqiao.catalog.models import DataItem, Entry, Revision
from shuqiao.catalog.review_checks.checks import Known, Other
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import Status
from shuqiao.organizations import queries as organizations

SHOWN = 5
STEM_MIN = 4


def known_of(revisions: Sequence[Revision], on: date) -> dict[UUID, Known]:
    """Each revision's content, code and regime, and the published entries of its division with the same or nearly
    the same title. Their entries and departments are joined already; the queries do not grow with the list."""
    prefetch_related_objects(list(revisions), Prefetch("items", DataItem.objects.order_by("order")))
    regimes = {
        code: organizations.regime_of(code, on) for code in {one.entry.division_id for one in revisions}
    }
    others = _others(revisions)
    named = {one.pk: [code for code in related_codes(one) if CODE.fullmatch(code)] for one in revisions}
    known = _known({code for codes in named.values() for code in codes})
    found = {}
    for revision in revisions:
        entry = revision.entry
        title, stem = normalized(revision.title), stem_of(revision.title)
        close = [
            other
            for other in others[entry.division_id]
            if other.pk != entry.pk and other.published and stem_of(other.published.title) == stem
        ]
        same = [other for other in close if other.published and normalized(other.published.title) == title]
        near = [other for other in close if other not in same and len(stem) >= STEM_MIN]
        found[revision.pk] = Known(
            content=revision.content(),
            code=entry.code or "",
            consented=revision.signed_on is not None,
            regime=regimes[entry.division_id],
            same=tuple(map(_other, same[:SHOWN])),
            near=tuple(map(_other, near[:SHOWN])),
            neighbour_codes=tuple(other.code for other in near if other.code),
            unknown_related=tuple(code for code in named[revision.pk] if code not in known),
        )
    return found


def _known(codes: set[str]) -> set[str]:
    """Those of the codes that an entry has, in any division. No query without codes."""
    listed = list(codes)[:2_000]
    return (
        {str(code) for code in Entry.objects.filter(code__in=listed).values_list("code", flat=True)}
        if listed
        else set()
    )


def _others(revisions: Sequence[Revision]) -> dict[str, list[Entry]]:
    """Published entries whose titles begin as one of the revisions' does, by division."""
    wanted = Q(pk__in=[])
    for revision in revisions:
        if stem := stem_of(revision.title):
            wanted |= Q(published__title__istartswith=revision.title[: len(stem)])
            wanted |= Q(published__search_text__startswith=stem)
    rows: dict[str, list[Entry]] = defaultdict(list)
    entries = (
        Entry.objects.filter(
            wanted,
            division__in={one.entry.division_id for one in revisions},
            published__status=Status.PUBLISHED,
        )
        .select_related("published", "department")
        .only("id", "code", "division_id", "department__short_name", "published__title")
    )
    for entry in entries[:2_000]:
        rows[entry.division_id].append(entry)
    return rows


def _other(entry: Entry) -> Other:
    title = entry.published.title if entry.published else ""
    return Other(str(entry.pk), entry.code or "", title, entry.department.short_name)
