"""REST of files: templates, annotated copies; and entries begun from a sample of their data."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, sending, spreadsheet
from shuqiao.catalog.api.exports import LayoutId, sent
from shuqiao.catalog.api.imports import UPLOAD_BODY
from shuqiao.catalog.api.leaving import StandOut
from shuqiao.catalog.sampling import begin_from_sample
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today

router = Router()


class TemplateIn(Schema):
    """Which layout."""

    layout: LayoutId = "a"


@router.get(
    "/template.xlsx", url_name="catalog-template", summary="空白模板",
    openapi_extra=sent(sending.XLSX, "The empty workbook with the lists of one's own place."),
)  # fmt: skip
def template(request: Request, asked: Query[TemplateIn]) -> FileResponse:
    """The empty workbook of a layout."""
    return sending.template(request.actor, spreadsheet.LAYOUTS[asked.layout])


@router.get(
    "/imports/{uuid:import_id}/annotated.xlsx", url_name="catalog-import-annotated", summary="标注了问题的文件",
    openapi_extra=sent(sending.XLSX, "The uploaded file with every problem written in."),
)  # fmt: skip
def annotated(request: Request, import_id: UUID) -> FileResponse:
    """A copy of the uploaded file with every problem at its place, as long as it waits to be imported."""
    return sending.annotated(queries.get_import_for(request.actor, import_id))


@router.post(
    "/departments/{uuid:department_id}/from-file", response={201: StandOut}, url_name="catalog-from-file",
    summary="由样例数据起草条目（逆向编目）", openapi_extra=UPLOAD_BODY,
)  # fmt: skip
def from_file(request: Request, department_id: UUID) -> Status[StandOut]:
    """Send a sample of the data (multipart, field `file`): a draft is begun whose data items are its columns. The
    sample is looked at and removed."""
    request.actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department_id)
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput.one("file", "没有文件；请用 multipart/form-data 的 file 字段发送")
    revision = begin_from_sample(actor=request.actor, department_id=department_id, file=file, on=today())
    stand = StandOut(
        revision=revision.pk, entry=revision.entry_id, number=revision.number, status=revision.status
    )
    return Status(201, stand)
