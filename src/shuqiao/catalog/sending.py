"""Files the catalogue sends: exports of a search, empty templates, copies of an upload with its problems written in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from shuqiao.accounts.types import Actor
from shuqiao.catalog import (
    annotating,
    exporting,
    exports,
    intake,
    mappings,
    search,
    services,
    spreadsheet,
    staging,
)
from shuqiao.catalog.models import ImportRecord
from shuqiao.catalog.offering import offered_for
from shuqiao.catalog.streaming import Stream
from shuqiao.catalog.types import EntryFilters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_book(actor: Actor, filters: EntryFilters, layout: spreadsheet.Layout) -> FileResponse:
    """The entries of a search as a workbook, in its order, made at once: for searches that `exporting.is_instant`."""
    total = search.find(actor, filters, limit=1, facets=False).total
    response = _workbook(exporting.found(actor, filters, exporting.INSTANT), "目录导出.xlsx", layout)
    response["Shuqiao-Export"] = f"{total}/{total}"
    return response


def exported(actor: Actor, export_id: UUID) -> FileResponse:
    """The workbook the worker made. Its name and a header say when it has not all of the entries. Raises NotFound with
    the reason when the actor cannot have it."""
    export, path = exports.fetch(actor, export_id)
    whole = export.written == export.found
    name = "目录导出.xlsx" if whole else f"目录导出（前{export.written}条，共{export.found}条）.xlsx"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=XLSX)
    response["Shuqiao-Export"] = f"{export.written}/{export.found}"
    return response


def export_lines(actor: Actor, filters: EntryFilters, layout: spreadsheet.Layout) -> StreamingHttpResponse:
    """The entries of a search as CSV, written while it is being sent: all of them, unless words find more than the
    index goes deep; then its name and a header say so. Raises InvalidInput while the person reads another one."""
    total = search.find(actor, filters, limit=1, facets=False).total
    most = exporting.most_of(total, filters)
    name = "目录导出.csv" if most == total else f"目录导出（前{most}条，共{total}条）.csv"
    return StreamingHttpResponse(
        Stream(exporting.as_csv(exporting.found(actor, filters), layout), actor.user_id),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Shuqiao-Export": f"{most}/{total}",
        },
    )


def template(actor: Actor, layout: spreadsheet.Layout) -> FileResponse:
    """The empty workbook of a layout, with the lists of the person's place."""
    return _workbook((), f"目录模板{layout.id.upper()}.xlsx", layout, offered_for(actor))


def annotated(record: ImportRecord) -> FileResponse:
    """A copy of an uploaded file with every problem written in. Raises NotFound when it is not kept any more."""
    path, _ = staging.fetch(record.pk)
    found = services.judge(intake.read_record(record, path), record).reading.problems
    # The file lives as long as the open handle: FileResponse closes it when it has been sent.
    with tempfile.TemporaryDirectory(prefix="shuqiao-") as folder:
        into = Path(folder) / "annotated.xlsx"
        if record.mapping is None:
            annotating.annotated_workbook(path, found, into)
        else:
            annotating.annotated_table(mappings.look(path, record.file_name), found, into)
        name = f"{Path(record.file_name).stem}（标注问题）.xlsx"
        return FileResponse(into.open("rb"), as_attachment=True, filename=name, content_type=XLSX)


def _workbook(
    entries: Any, name: str, layout: spreadsheet.Layout, offered: spreadsheet.Offered | None = None
) -> FileResponse:
    # As above: the file outlives its folder as long as it is open.
    with tempfile.TemporaryDirectory(prefix="shuqiao-") as folder:
        lists = offered or spreadsheet.Offered()
        path = spreadsheet.write(entries, Path(folder) / "export.xlsx", layout, lists)
        return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=XLSX)
