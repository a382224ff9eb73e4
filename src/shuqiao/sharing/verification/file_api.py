"""REST of the files that prove a verification: added by who asks, read by the two departments."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.sharing.models import VerificationFile
from shuqiao.sharing.verification import attaching, queries
from shuqiao.sharing.verification.file_views import answer_of

router = Router(tags=["verification"])
BODY: dict[str, Any] = {
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


class FileOut(Schema):
    """A file that proves a verification, with the hash that its event keeps. `size` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    added_by_name: str
    added_on: date


@router.get("/{verification_id}/files", response=list[FileOut], url_name="sharing-verification-files")
def files(request: Request, verification_id: UUID) -> list[VerificationFile]:
    """The files of a verification, by name and hash."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_READ)
    return queries.files_of(case)


@router.post(
    "/{verification_id}/files",
    response={201: FileOut},
    url_name="sharing-verification-attach",
    openapi_extra=BODY,
)
def attach(request: Request, verification_id: UUID) -> Status[VerificationFile]:
    """Add a file (multipart, field `file`): PDF, PNG, JPEG, DOCX or XLSX by content, at most 5 MB, at most five. The
    same file sent twice is one."""
    given = request.FILES.get("file")
    made = attaching.attach_file(
        actor=request.actor,
        verification_id=verification_id,
        name=(given.name or "") if given else "",
        content=attaching.bytes_of(given),
        on=today(),
    )
    return Status(201, made)


@router.get("/files/{file_id}", url_name="sharing-verification-file")
def download(request: Request, file_id: UUID) -> HttpResponse:
    """The bytes of a file, for the two departments of its case; to be kept, not shown."""
    return answer_of(*attaching.file_for(request.actor, file_id))
