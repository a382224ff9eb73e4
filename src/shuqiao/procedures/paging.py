"""One page of a long list of wide rows.

The database sorts keys alone and reads the rows of the page afterwards: sorting whole rows with their texts and
neighbours costs ten times as much, and nearly all of them are not on the page.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def page_by_keys(rows: QuerySet[Row], number: Any, size: int, *, count: int | None = None) -> Page[Row]:
    """The page of this number, with its rows in their order. `count`: how many rows there are, where that is known."""
    page: Page[Any] = _pages(rows, size, count).get_page(number)
    page.object_list = _read(rows, list(page.object_list))
    return page


def _pages(rows: QuerySet[Any], size: int, count: int | None) -> Paginator[Any]:
    pages = Paginator(rows.values_list("pk", flat=True), size)
    if count is not None:
        pages.count = count  # a cached property: it does not ask any more
    return pages


def _read(rows: QuerySet[Row], keys: list[Any]) -> list[Row]:
    """The rows of these keys, which were chosen a moment ago: asking for the conditions again would only tempt the
    database to look for them."""
    if rows.query.annotations:
        found = rows.order_by().in_bulk(keys)
    else:
        plain = rows.model._default_manager.using(rows.db)
        plain.query.select_related = rows.query.select_related
        plain.query.deferred_loading = rows.query.deferred_loading
        found = plain.in_bulk(keys)
    return [found[key] for key in keys if key in found]
