"""One page of a long list of wide rows.

The database sorts keys alone and reads what the page shows of its rows afterwards: sorting whole rows with their texts
and neighbours costs ten times as much, and nearly all of them are not on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

Shown = dict[str, Any]


def page_by_keys(
    rows: QuerySet[Any], number: Any, size: int, columns: Sequence[str], *, count: int | None = None
) -> Page[Shown]:
    """The page of this number, in the order of `rows`: of each row its `pk` and these columns, named as in a filter.
    `count`: how many rows there are, where that is known."""
    pages = Paginator(rows.values_list("pk", flat=True), size)
    if count is not None:
        pages.count = count  # a cached property: it does not ask any more
    page: Page[Any] = pages.get_page(number)
    keys = list(page.object_list)
    # Asking for the conditions again would only tempt the database to look for them.
    plain = rows.model._default_manager.using(rows.db).filter(pk__in=keys).order_by()
    found = {row["pk"]: row for row in plain.values("pk", *columns)}
    page.object_list = [found[key] for key in keys if key in found]
    return page
