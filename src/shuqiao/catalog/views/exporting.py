"""Search results as files: small ones at once, large ones made by the worker and taken from a page of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.catalog import exporting, exports, search, sending, services, spreadsheet
from shuqiao.catalog.forms import filters_of
from shuqiao.catalog.models import Export
from shuqiao.catalog.presenting import FACETS
from shuqiao.catalog.types import EntryFilters, ExportStatus
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now

PAGE = 50
LAYOUT_NAMES = {"a": "国家指南表", "b": "市级 35 列表", "c": "24 列资源表"}


def layout_of(query: QueryDict) -> spreadsheet.Layout:
    """The layout an address names; A where it names none. Raises InvalidInput for one that is none."""
    said = query.get("layout", "a").lower()
    if said not in spreadsheet.LAYOUTS:
        raise InvalidInput.one("表式", f"没有“{said[:20]}”，可选：{'、'.join(spreadsheet.LAYOUTS)}")
    return spreadsheet.LAYOUTS[said]


@require_GET
def export(request: Request) -> FileResponse | HttpResponse:
    """The entries of the current search as a workbook of layout A, B or C: at once when it is small, else the page that
    offers to have it made."""
    filters, layout = filters_of(request.GET), layout_of(request.GET)
    if exporting.is_instant(request.actor, filters, layout):
        return sending.export_book(request.actor, filters, layout)
    total = search.find(request.actor, filters, limit=1, facets=False).total
    context = {
        "total": total, "book_max": exporting.BOOK_MAX, "query": request.GET.urlencode(),
        "layout": layout.id, "layout_name": LAYOUT_NAMES[layout.id],
    }  # fmt: skip
    return render(request, "catalog/export_ask.html", context)


@require_GET
def export_whole(request: Request) -> StreamingHttpResponse:
    """All entries of the current search as CSV, however many: written while it is being sent."""
    return sending.export_lines(request.actor, filters_of(request.GET), layout_of(request.GET))


@require_http_methods(["GET", "POST"])
def export_list(request: Request) -> HttpResponse:
    """One's own exports; posted to with a search in the address, a new one."""
    if request.method == "POST":
        asked = request.GET.copy()
        if layout := request.POST.get("layout"):
            asked["layout"] = layout
        made = services.ask_export(
            actor=request.actor, filters=filters_of(asked), layout=layout_of(asked).id, at=now()
        )
        return redirect(made.get_absolute_url())
    page = Paginator(exports.list_exports_for(request.actor), PAGE).get_page(request.GET.get("page"))
    rows = [(one, LAYOUT_NAMES[one.layout], said(one.filters()), one.has_file(now())) for one in page]
    return render(request, "catalog/exports.html", {"page": page, "rows": rows})


@require_GET
def export_job(request: Request, export_id: UUID) -> HttpResponse:
    """How far an export is, and its file once it is there."""
    found = exports.get_export_for(request.actor, export_id)
    return render(request, "catalog/export.html", _context(request, found))


@require_GET
def export_state(request: Request, export_id: UUID) -> HttpResponse:
    """How far the worker is; asks the page to load anew when it is done."""
    found = exports.get_export_for(request.actor, export_id)
    if found.status != ExportStatus.WAITING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "catalog/_exporting.html", {"found": found})


@require_GET
def export_file(request: Request, export_id: UUID) -> FileResponse:
    """The workbook, for whoever asked for it and may still see what it holds."""
    return sending.exported(request.actor, export_id)


@require_POST
def drop(request: Request, export_id: UUID) -> HttpResponse:
    """Not wanted any more: waiting, it is not made; made, its file goes."""
    services.drop_export(actor=request.actor, export_id=export_id)
    return redirect(reverse("catalog:exports"))


def _context(request: Request, found: Export) -> dict[str, Any]:
    waiting = found.status == ExportStatus.WAITING
    return {
        "found": found,
        "waiting": waiting,
        "why_not": "" if waiting else exports.why_not(request.actor, found),
        "layout_name": LAYOUT_NAMES[found.layout],
        "asked": said(found.filters()),
        "query": query_of(found.filters(), found.layout),
        "can_drop": found.status in {ExportStatus.WAITING, ExportStatus.DONE},
        "cut": found.written < found.found,
    }


def said(filters: EntryFilters) -> str:
    """A search in few words."""
    chosen = sum(len(getattr(filters, name)) for name, _, _ in FACETS)
    parts = [f"“{filters.words}”" if filters.words else "", f"{chosen} 个筛选条件" if chosen else ""]
    return "，".join(part for part in parts if part) or "全部目录"


def query_of(filters: EntryFilters, layout: str = "") -> str:
    """The address of a search, as `filters_of` reads it."""
    query = QueryDict(mutable=True)
    for name, value in (("q", filters.words), ("order", filters.order), ("layout", layout)):
        if value:
            query[name] = value
    for field, name, _ in FACETS:
        query.setlist(name, getattr(filters, field))
    return query.urlencode()
