"""REST of batch import: send a file, read the report, import all or some of it, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import intake, queries, services, staging
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.api.paging import PageIn, PageOut, page_of, slice_of
from shuqiao.catalog.models import ImportRecord
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries as organizations

router = Router()
UPLOAD_BODY = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        }
    }
}


class ImportOut(Schema):
    """An upload: what was found in it, how much of it may go in, and what became of it."""

    id: UUID
    status: str
    file_name: str
    sha256: str
    department: UUID | None
    division: str
    by: str
    at: datetime
    rows: int
    found: int
    good: int
    imported: int
    imported_at: datetime | None
    undone_at: datetime | None
    counts: dict[str, int]
    unknown: dict[str, int]
    left: list[dict[str, str]]


class ProblemOut(Schema):
    """One problem: where (sheet and cell), what to do, and whether it keeps its entry out."""

    where: str
    what: str
    blocks: bool


class ImportLineOut(Schema):
    """One entry of the file, at the place where it begins. `good`: nothing is wrong with the entry itself; whether it
    may go in here (whose it is, what there is already) say the problems."""

    sheet: str
    row: int
    title: str
    provider: str
    good: bool


class PlaceIn(Body):
    """Where an entry of the file begins."""

    sheet: str
    row: int


class ConfirmImportIn(Body):
    """Which of the good entries to import; null: all of them."""

    only: list[PlaceIn] | None = None


class AssignProvidersIn(Body):
    """Whose the entries of providers nobody knows are: name to department id; `rest`: the department for all others."""

    providers: dict[str, UUID] = {}
    rest: UUID | None = None


def _import(record: ImportRecord) -> dict[str, Any]:
    names = (
        "id", "status", "file_name", "sha256", "at", "rows", "found", "good", "imported", "imported_at", "undone_at",
        "counts", "left",
    )  # fmt: skip
    return {name: getattr(record, name) for name in names} | {
        "department": record.department_id,
        "division": services.division_of(record),
        "by": record.by_name,
        "unknown": record.choices.get("unknown", {}),
    }


def _take(
    request: Request, department_id: UUID | None, division: str, mapping: UUID | None
) -> Status[dict[str, Any]]:
    services.demand_import(request.actor, department_id, division)
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput.one("file", "没有文件；请用 multipart/form-data 的 file 字段发送")
    chosen = intake.get_mapping_for(request.actor, mapping) if mapping else None
    path, _ = staging.receive(file)
    try:
        record = intake.check(
            request.actor, path, file.name or "", department_id=department_id, division=division, mapping=chosen,
            at=now(),
        )  # fmt: skip
    finally:
        path.unlink(missing_ok=True)
    return Status(201, _import(record))


@router.post(
    "/departments/{uuid:department_id}/imports", response={201: ImportOut}, url_name="catalog-import-department",
    summary="上传并检查一个部门的目录", openapi_extra=UPLOAD_BODY,
)  # fmt: skip
def upload_of_department(
    request: Request, department_id: UUID, mapping: UUID | None = None
) -> Status[dict[str, Any]]:
    """Send a file (multipart, field `file`) with one department's catalogue. It is only checked: the answer is the
    report, and nothing is imported before `confirm`. `mapping`: a saved column mapping, for files of another layout."""
    department = organizations.get_department(department_id)
    return _take(request, department.id, department.division_id, mapping)


@router.post(
    "/divisions/{division}/imports", response={201: ImportOut}, url_name="catalog-import-division",
    summary="上传并检查一个区划的目录", openapi_extra=UPLOAD_BODY,
)  # fmt: skip
def upload_of_division(
    request: Request, division: str, mapping: UUID | None = None
) -> Status[dict[str, Any]]:
    """Send a file with the catalogue of a whole division, told apart by the provider each entry names."""
    return _take(request, None, division, mapping)


@router.get("/imports", response=PageOut[ImportOut], url_name="catalog-imports", summary="导入记录")
def list_imports(request: Request, asked: Query[PageIn]) -> dict[str, Any]:
    """Uploads of the person's departments and divisions, the newest first."""
    rows, after = page_of(queries.list_imports_for(request.actor), ("-at", "-id"), asked)
    return {"items": [_import(one) for one in rows], "next": after}


@router.get("/imports/{uuid:import_id}", response=ImportOut, url_name="catalog-import", summary="一次导入")
def get_import(request: Request, import_id: UUID) -> dict[str, Any]:
    """Where an upload stands; `counts` says how many problems of each kind there are."""
    return _import(queries.get_import_for(request.actor, import_id))


@router.get(
    "/imports/{uuid:import_id}/problems", response=PageOut[ProblemOut], url_name="catalog-import-problems",
    summary="问题清单",
)  # fmt: skip
def import_problems(request: Request, import_id: UUID, asked: Query[PageIn]) -> dict[str, Any]:
    """Every problem by its place."""
    found, after = slice_of(queries.get_import_for(request.actor, import_id).problems, asked)
    rows = [{"where": one["where"], "what": one["what"], "blocks": bool(one["blocks"])} for one in found]
    return {"items": rows, "next": after}


@router.get(
    "/imports/{uuid:import_id}/entries", response=PageOut[ImportLineOut], url_name="catalog-import-entries",
    summary="文件中的条目",
)  # fmt: skip
def import_lines(
    request: Request, import_id: UUID, asked: Query[PageIn], provider: str = ""
) -> dict[str, Any]:
    """The entries of the file, as long as it waits to be imported."""
    queries.get_import_for(request.actor, import_id)
    lines, after = slice_of(intake.listed(staging.outline(import_id), provider), asked)
    return {"items": lines, "next": after}


@router.post(
    "/imports/{uuid:import_id}/assign",
    response=ImportOut,
    url_name="catalog-import-assign",
    summary="指定提供部门",
)
def assign(request: Request, import_id: UUID, body: AssignProvidersIn) -> dict[str, Any]:
    """Say where entries of unknown providers go; the file is judged anew."""
    record, path, sha256 = _staged(request, import_id)
    reading = intake.read_record(record, path)
    record = services.assign_providers(
        actor=request.actor,
        import_id=import_id,
        reading=reading,
        providers={name: str(department) for name, department in body.providers.items()},
        rest=str(body.rest or ""),
        sha256=sha256,
    )
    intake.outline(record, reading)
    return _import(record)


@router.post(
    "/imports/{uuid:import_id}/confirm",
    response=ImportOut,
    url_name="catalog-import-confirm",
    summary="确认导入",
)
def confirm(request: Request, import_id: UUID, body: ConfirmImportIn) -> dict[str, Any]:
    """Take over the good entries as drafts, all in one transaction. The file is judged anew: what came meanwhile
    counts."""
    record, path, sha256 = _staged(request, import_id)
    record = services.confirm_import(
        actor=request.actor,
        import_id=import_id,
        reading=intake.read_record(record, path),
        sha256=sha256,
        at=now(),
        on=today(),
        only=None if body.only is None else {(one.sheet, one.row) for one in body.only},
    )
    return _import(record)


def _staged(request: Request, import_id: UUID) -> tuple[ImportRecord, Any, str]:
    record = queries.get_import_for(request.actor, import_id)
    services.demand_import(request.actor, record.department_id, record.division_id)
    return record, *staging.fetch(import_id)


@router.post(
    "/imports/{uuid:import_id}/discard", response=ImportOut, url_name="catalog-import-discard", summary="放弃"
)
def discard(request: Request, import_id: UUID) -> dict[str, Any]:
    """Give a checked file up; the report stays."""
    record = services.discard_import(actor=request.actor, import_id=import_id)
    staging.clear(import_id)
    return _import(record)


@router.post(
    "/imports/{uuid:import_id}/undo", response=ImportOut, url_name="catalog-import-undo", summary="撤销导入"
)
def undo(request: Request, import_id: UUID) -> dict[str, Any]:
    """Take an import back; drafts somebody has worked on stay and stand in `left`."""
    return _import(services.undo_import(actor=request.actor, import_id=import_id, at=now(), on=today()))
