"""One page of a long list of wide rows."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def page_by_keys(rows: QuerySet[Row], number: Any, size: int) -> Page[Row]:
    """The page of this number, with its rows in their order.

    The database sorts keys alone and reads the rows of the page afterwards: sorting whole rows with their texts and
    neighbours costs ten times as much, and nearly all of them are not on the page.
    """
    page: Page[Any] = Paginator(rows.values_list("pk", flat=True), size).get_page(number)
    keys = list(page.object_list)
    found = rows.order_by().in_bulk(keys)
    page.object_list = [found[key] for key in keys if key in found]
    return page
