"""Pages of the theme catalogues for the public."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import public
from shuqiao.catalog import queries as catalog

PAGE = 20


@public
@require_GET
def theme(request: HttpRequest, theme_id: UUID) -> HttpResponse:
    """An established theme catalogue with the entries of it that are open, or open on application."""
    found, entries = catalog.public_members(theme_id)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    return render(request, "opening/theme.html", {"theme": found, "page": page})
