"""REST of resources: the same reads and steps as the pages, for the department's own programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now
from shuqiao.resources import quarantine, queries, receiving, services, tus
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.types import Kind

router = Router(tags=["resources"])
PAGE = 50
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class VersionOut(Schema):
    """A version and where it stands."""

    id: UUID
    number: int
    case_number: str
    status: str
    rows: int
    quarantined: int
    reasons: dict[str, int]
    store_version: str
    filename: str
    error: list[dict[str, str]]
    published_on: date | None


class ResourceOut(Schema):
    """A mounted table and what is published of it."""

    id: UUID
    name: str
    entry_id: UUID
    department: str
    modes: list[str]
    lookup_keys: list[list[str]]
    current_version: UUID | None
    created_at: datetime


class ResourcePage(Schema):
    """One page of resources."""

    count: int
    items: list[ResourceOut]


class ReasonOut(Schema):
    """Why a line was set aside."""

    rule: str
    column: str | None
    text: str


class LineOut(Schema):
    """One line of the quarantine report."""

    line: int
    kind: str
    raw: str
    reasons: list[ReasonOut]


class QuarantinePage(Schema):
    """One page of the quarantine report."""

    total: int
    page: int
    pages: int
    lines: list[LineOut]


def _resource(resource: Resource) -> ResourceOut:
    return ResourceOut(
        id=resource.id,
        name=resource.name,
        entry_id=resource.entry_id,
        department=resource.department.name,
        modes=resource.modes,
        lookup_keys=resource.lookup_keys,
        current_version=resource.current_version_id,
        created_at=resource.created_at,
    )


def _version(version: Version) -> VersionOut:
    return VersionOut(
        id=version.id,
        number=version.number,
        case_number=version.case_number,
        status=version.status,
        rows=version.rows,
        quarantined=version.quarantined,
        reasons=version.reasons,
        store_version=version.store_version,
        filename=version.upload.filename,
        error=version.error,
        published_on=version.published_on,
    )


@router.get("/", response=ResourcePage, url_name="resources-list")
def list_resources(request: Request, page: int = 1) -> ResourcePage:
    """Resources of the departments and divisions of whoever asks, fifty on a page."""
    resources = queries.list_resources_for(request.actor)
    first = (min(max(page, 1), 1_000_000) - 1) * PAGE
    items = [_resource(resource) for resource in resources[first : first + PAGE]]
    return ResourcePage(count=resources.count(), items=items)


@router.get("/{uuid:resource_id}", response=ResourceOut, url_name="resources-get")
def get_resource(request: Request, resource_id: UUID) -> ResourceOut:
    """One resource: the own ones, and published ones of everybody."""
    return _resource(queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_READ))


@router.get("/{uuid:resource_id}/versions", response=list[VersionOut], url_name="resources-versions")
def list_versions(request: Request, resource_id: UUID) -> list[VersionOut]:
    """Versions of one resource, newest first; of other departments' resources none."""
    queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_READ)
    return [_version(version) for version in queries.list_versions_for(request.actor, resource_id)]


@router.post(
    "/{uuid:resource_id}/upload",
    response={201: VersionOut},
    url_name="resources-upload",
    openapi_extra=UPLOAD_BODY,
)
def upload(request: Request, resource_id: UUID) -> Status[VersionOut] | HttpResponse:
    """Send a file (multipart, field `file`); it becomes the next version, to be confirmed on its page."""
    resource = queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_EDIT)
    try:
        file = request.FILES.get("file")
        if file is None:
            raise InvalidInput.one("file", "没有文件；请用 multipart/form-data 的 file 字段发送")
        taken = receiving.take(file, Kind(resource.kind))
        version = services.receive_upload(actor=request.actor, resource_id=resource_id, taken=taken, at=now())
    except OSError as error:
        return tus.full_answer(error)
    return Status(201, _version(version))


class TransferOut(Schema):
    """A file that comes in pieces, and the version it became."""

    id: UUID
    filename: str
    length: int
    offset: int
    state: str
    sha256: str
    problems: list[dict[str, str]]
    version: UUID | None


@router.post("/{uuid:resource_id}/uploads", url_name="resources-transfers")
def begin_upload(request: Request, resource_id: UUID) -> HttpResponse:
    """Announce a file that comes in pieces (tus 1.0.0 creation): Upload-Length, Upload-Metadata."""
    queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_EDIT)
    return tus.create(request, resource_id, "api:resources-transfer")


@router.api_operation(["HEAD"], "/uploads/{uuid:transfer_id}", url_name="resources-transfer")
def upload_offset(request: Request, transfer_id: UUID) -> HttpResponse:
    """How much came (tus)."""
    return tus.head(request, transfer_id)


@router.patch("/uploads/{uuid:transfer_id}", url_name="resources-transfer")
def upload_piece(request: Request, transfer_id: UUID) -> HttpResponse:
    """The next piece (tus): Upload-Offset, Content-Type application/offset+octet-stream, Upload-Checksum if any."""
    return tus.patch(request, transfer_id)


@router.delete("/uploads/{uuid:transfer_id}", url_name="resources-transfer")
def end_upload(request: Request, transfer_id: UUID) -> HttpResponse:
    """Give the file up (tus termination)."""
    return tus.delete(request, transfer_id)


@router.get("/uploads/{uuid:transfer_id}", response=TransferOut, url_name="resources-transfer")
def get_upload(request: Request, transfer_id: UUID) -> dict[str, Any]:
    """Where the file stands, its sum, and the version it became."""
    return tus.describe(queries.get_transfer_for(request.actor, transfer_id))


@router.get("/versions/{uuid:version_id}", response=VersionOut, url_name="resources-version")
def get_version(request: Request, version_id: UUID) -> VersionOut:
    """One version by id, for good."""
    return _version(queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ))


class ReadingIn(Schema):
    """Where the table stands in the file and how a text is written; what is absent is told by the file. `header_row` 0:
    there is none. `quote`: one sign, or empty for none."""

    model_config = {"extra": "forbid"}
    header_row: int | None = Field(None, ge=0, le=100_000)
    member: str = Field("", max_length=1000)
    sheet: str = Field("", max_length=200)
    path: str | None = Field(None, max_length=200)
    encoding: str = Field("", max_length=20)
    delimiter: str = Field("", max_length=1)
    quote: str = Field('"', max_length=1)

    def chosen(self) -> dict[str, Any]:
        """Only what was chosen."""
        return self.model_dump(exclude_unset=True)


class ReadingOut(Schema):
    """How the file of a version is read: `preview` is null while the worker still looks at it."""

    version: UUID
    reading: dict[str, Any]
    preview: dict[str, Any] | None
    changes: list[dict[str, str]]


def _reading(version: Version) -> ReadingOut:
    return ReadingOut(
        version=version.id, reading=version.reading, preview=version.preview, changes=version.changes
    )


@router.get("/versions/{uuid:version_id}/reading", response=ReadingOut, url_name="resources-version-reading")
def get_reading(request: Request, version_id: UUID) -> ReadingOut:
    """What was seen in the file, where, and what is different from the newest recipe."""
    return _reading(queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_EDIT))


@router.post("/versions/{uuid:version_id}/reading", response=ReadingOut, url_name="resources-version-reading")
def reread(request: Request, version_id: UUID, body: ReadingIn) -> ReadingOut:
    """Look at the file again with another sheet, list, member, header line, encoding, delimiter or quote."""
    return _reading(services.reread_upload(actor=request.actor, version_id=version_id, reading=body.chosen()))


@router.get(
    "/versions/{uuid:version_id}/quarantine", response=QuarantinePage, url_name="resources-version-quarantine"
)
def get_quarantine(request: Request, version_id: UUID, page: int = 1, kind: str = "row") -> QuarantinePage:
    """The quarantine report, fifty lines on a page."""
    if kind not in quarantine.KINDS:
        raise InvalidInput.one("kind", f"应是 {'、'.join(quarantine.KINDS)} 之一")
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    found = quarantine.list_quarantine(version, page=page, kind=kind)
    lines = [
        LineOut(
            line=line.line,
            kind=line.kind,
            raw=line.raw,
            reasons=[ReasonOut(rule=r.rule, column=r.column, text=r.text) for r in line.reasons],
        )
        for line in found.lines
    ]
    return QuarantinePage(total=found.total, page=found.number, pages=found.pages, lines=lines)
