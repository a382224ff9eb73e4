"""The shared catalogue: search, entry, templates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import exporting, queries, search, sending
from shuqiao.catalog.forms import filters_of
from shuqiao.catalog.life.stale import freshness_of
from shuqiao.catalog.life.themes import themes_of
from shuqiao.catalog.onesource import pairs
from shuqiao.catalog.presenting import address_with, chosen_of, facets_of
from shuqiao.catalog.types import Status
from shuqiao.catalog.views.exporting import layout_of
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures

PAGE = 20


@require_GET
def entry_list(request: Request) -> HttpResponse:
    """Search the shared catalogue, narrowed by facets."""
    filters = filters_of(request.GET)
    answer = search.page_of(request.actor, filters, number=request.GET.get("page"), per_page=PAGE)
    chosen = chosen_of(request.GET, filters)
    nothing = not answer.found.total
    context = {
        "page": answer.page,
        "filters": filters,
        "loose": answer.found.loose,
        "facets": facets_of(answer.facets, filters),
        "chosen": chosen,
        "meant": answer.meant,
        "meant_query": address_with(request.GET, answer.meant),
        "near": search.near_titles(request.actor, filters) if nothing and chosen and filters.words else (),
        "may_edit": request.actor.may(P.CATALOG_ENTRY_EDIT),
        "may_demand": request.actor.may(P.SHARING_DEMAND_POST),
        "may_review": request.actor.may(P.CATALOG_ENTRY_REVIEW),
        "query": request.GET.urlencode(),
        "book_max": exporting.BOOK_MAX,
        "instant": exporting.INSTANT,
    }
    return render(request, "catalog/list.html", context)


@require_GET
def suggestions(request: Request) -> HttpResponse:
    """Titles for what is being typed: links as a piece of page."""
    typed = request.GET.get("q", "")
    context = {"titles": search.suggest(request.actor, typed), "address": reverse("catalog:list")}
    return render(request, "catalog/_suggestions.html", context)


@require_GET
def entry_detail(request: Request, entry_id: UUID) -> HttpResponse:
    """One entry as the shared catalogue shows it, with its items, conditions, basis and history."""
    if request.GET.get("as") != "merged" and (kept := pairs.merge_target(entry_id)):
        return redirect(f"{reverse('catalog:entry', args=[kept.pk])}?from={entry_id}")
    entry = queries.get_entry_for(request.actor, entry_id)
    revisions = queries.revisions_of(request.actor, entry_id)
    standing = (one for one in revisions if one.status != Status.GIVEN_UP)
    shown = entry.published or next(standing, None) or next(iter(revisions), None)
    context: dict[str, Any] = {
        "entry": entry,
        "revision": shown,
        "items": queries.items_of(shown) if shown else (),
        "revisions": revisions,
        "open_revision": next((one for one in revisions if one.is_open), None),
        "history": procedures.histories_of([one.case() for one in revisions]),
        "actions": queries.entry_actions_for(request.actor, entry),
        "merged_from": pairs.merged_from(entry, given) if (given := request.GET.get("from", "")) else None,
        "fresh": freshness_of(entry, today()),
        "themes": themes_of(entry),
    }
    return render(request, "catalog/entry.html", context)


@require_GET
def template(request: Request) -> FileResponse:
    """The empty workbook of layout A, B or C."""
    return sending.template(request.actor, layout_of(request.GET))
