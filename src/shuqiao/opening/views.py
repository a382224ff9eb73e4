"""Pages of the open platform."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import public
from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFilters, FormatCategory, OpeningType
from shuqiao.kernel.time import today
from shuqiao.opening import queries
from shuqiao.opening.types import BASIS_ARTICLES, PRIORITY_ARTICLES
from shuqiao.organizations import queries as organizations

PAGE = 20
FACETS = (("opening", "开放属性"), ("divisions", "区划"), ("departments", "提供部门"), ("formats", "格式"))


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Search first, the figures of what is open, and why some data is not."""
    context = queries.home()
    context["priority"] = PRIORITY_ARTICLES
    return render(request, "opening/home.html", context)


@public
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The public catalogue, searched and narrowed."""
    given = request.GET
    filters = EntryFilters(
        words=given.get("q", "")[:200],
        opening=tuple(given.getlist("opening")),
        divisions=tuple(given.getlist("divisions")),
        departments=tuple(given.getlist("departments")),
        formats=tuple(given.getlist("formats")),
        order=given.get("order", "newest"),
    )
    page = Paginator(catalog.list_public_entries(filters), PAGE).get_page(given.get("page"))
    counted = catalog.facets_for(ANONYMOUS, filters)
    for row in counted["formats"]:
        row["label"] = FormatCategory(row["value"]).label
    facets = [
        {"name": name, "label": label, "values": counted[name], "chosen": set(given.getlist(name))}
        for name, label in FACETS
    ]
    return render(
        request,
        "opening/search.html",
        {"page": page, "filters": filters, "facets": facets},
    )


@public
@require_GET
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry: its items, its open tables with downloads; for one that is not open, the legal basis."""
    found = queries.entry(entry_id)
    facts = found.facts
    division = organizations.get_department(facts.department_id).division
    regime = organizations.regime_of(facts.division, today())
    context = {
        "facts": facts,
        "tables": found.tables,
        "withheld": found.withheld,
        "division": division,
        "opening_name": regime.open_type_names.get(facts.opening_type, ""),  # type: ignore[call-overload]
        "closed": facts.opening_type == OpeningType.CLOSED,
        "conditional": facts.opening_type == OpeningType.CONDITIONAL,
        "reply": regime.term("opening.reply"),
        "on": today(),
    }
    return render(request, "opening/entry.html", context)


@public
@require_GET
def basis(request: HttpRequest) -> HttpResponse:
    """The legal basis of every entry that is not open, or open on application (Yingkou 30, Shenyang 27)."""
    page = Paginator(queries.not_open(), PAGE * 2).get_page(request.GET.get("page"))
    return render(request, "opening/basis.html", {"page": page, "articles": BASIS_ARTICLES})
