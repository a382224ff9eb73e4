"""REST of exports: small search results at once, large ones made by the worker, all of it as CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import FileResponse, StreamingHttpResponse
from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import exporting, exports, sending, services, spreadsheet
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of
from shuqiao.catalog.api.searching import Filters
from shuqiao.catalog.models import Export
from shuqiao.catalog.types import ExportStatus
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now

router = Router()
LayoutId = Literal["a", "b", "c"]
LARGE = "结果较大，工作簿不能当即做成；请用 POST exports 要求制作，或用 export.csv"


def sent(kind: str, what: str) -> dict[str, Any]:
    """The answer as the interface describes it: a file."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"responses": {200: {"description": what, "content": {kind: schema}}}}


class ExportIn(Filters):
    """Which entries, and in which layout."""

    layout: LayoutId = "a"


class ExportOut(Schema):
    """A workbook the worker makes. `found`: what the search finds; `wanted`: how many of them the workbook is to have
    (at most 20,000); `written`: how many it has so far. `why_not`: why there is no file to have; empty when there is
    one, at `/exports/{id}/file.xlsx` until `expires_at`."""

    id: UUID
    status: ExportStatus
    layout: LayoutId
    found: int
    wanted: int
    written: int
    size: int
    at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    why_not: str


NAMES = ("id", "status", "layout", "found", "wanted", "written", "size", "at", "finished_at", "expires_at")


def _told(export: Export, why_not: str) -> dict[str, Any]:
    return {name: getattr(export, name) for name in NAMES} | {"why_not": why_not}


@router.get(
    "/export.xlsx", url_name="catalog-export", summary="导出检索结果（工作簿）",
    openapi_extra=sent(sending.XLSX, "The entries of a search, at most 1,500 rows; larger ones: 400, see exports."),
)  # fmt: skip
def export_book(request: Request, asked: Query[ExportIn]) -> FileResponse:
    """The entries of a small search as a workbook, in its order, at once."""
    filters, layout = asked.filters(), spreadsheet.LAYOUTS[asked.layout]
    if not exporting.is_instant(request.actor, filters, layout):
        raise InvalidInput.one("q", LARGE)
    return sending.export_book(request.actor, filters, layout)


@router.get(
    "/export.csv", url_name="catalog-export-whole", summary="导出检索结果（CSV，全部）",
    openapi_extra=sent("text/csv", "All entries; of a search by words at most 100,000. Shuqiao-Export says how many."),
)  # fmt: skip
def export_lines(request: Request, asked: Query[ExportIn]) -> StreamingHttpResponse:
    """All entries of a search as CSV."""
    return sending.export_lines(request.actor, asked.filters(), spreadsheet.LAYOUTS[asked.layout])


@router.post("/exports", response={202: ExportOut}, url_name="catalog-exports", summary="要求制作导出工作簿")
def ask(request: Request, asked: Query[ExportIn]) -> Status[dict[str, Any]]:
    """Have a search of any size made into a workbook of at most 20,000 entries. The search stands in the address, as
    with the other exports. Asked again while it waits, the answer is the same export; at most three may wait."""
    export = services.ask_export(actor=request.actor, filters=asked.filters(), layout=asked.layout, at=now())
    return Status(202, _told(export, exports.why_not(request.actor, export)))


@router.get("/exports", response=PageOut[ExportOut], url_name="catalog-exports", summary="我的导出")
def own(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """One's own exports, the newest first. Whether entries have left since is asked one by one: see the export."""
    rows, after = page_of(exports.list_exports_for(request.actor), ("-at", "id"), asked)
    items = [_told(one, "" if one.has_file(now()) else exports.why_not(request.actor, one)) for one in rows]
    return {"items": items, "next": after}


@router.get(
    "/exports/{uuid:export_id}", response=ExportOut, url_name="catalog-export-job", summary="导出的进度"
)  # fmt: skip
def state(request: Request, export_id: UUID) -> dict[str, Any]:
    """How far one of one's own exports is."""
    export = exports.get_export_for(request.actor, export_id)
    return _told(export, exports.why_not(request.actor, export))


@router.delete(
    "/exports/{uuid:export_id}", response={204: None}, url_name="catalog-export-job", summary="取消或清除导出"
)  # fmt: skip
def drop(request: Request, export_id: UUID) -> Status[None]:
    """Not wanted any more: waiting, it is not made; made, its file goes."""
    services.drop_export(actor=request.actor, export_id=export_id)
    return Status(204, None)


@router.get(
    "/exports/{uuid:export_id}/file.xlsx", url_name="catalog-export-file", summary="下载导出的工作簿",
    openapi_extra=sent(sending.XLSX, "The workbook; the header Shuqiao-Export says how many of how many."),
)  # fmt: skip
def file(request: Request, export_id: UUID) -> FileResponse:
    """The file, for whoever asked for it and may still see what it holds; 404 with the reason otherwise."""
    return sending.exported(request.actor, export_id)
