"""The tus 1.0.0 protocol around a transfer: headers in, headers out (creation, termination, expiration, checksum).

One place for pages and REST: each hands its request here. What the protocol says with a status of its own (409, 410,
411, 412, 413, 415, 423, 460, 507) is answered here as problem JSON; the five errors go on to the translator.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date

from shuqiao.accounts.access import Request
from shuqiao.kernel import InvalidInput, ShuqiaoError
from shuqiao.kernel.time import now
from shuqiao.middleware import problem, problem_of, too_big
from shuqiao.resources import queries, services
from shuqiao.resources.models import Transfer
from shuqiao.resources.services.transferring import ALGORITHMS
from shuqiao.resources.types import TransferState
from shuqiao.store.failures import is_full

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
EXTENSIONS = "creation,termination,expiration,checksum"
CHECKSUM_MISMATCH = 460
Answer = Callable[..., HttpResponse]


class ProtocolError(Exception):
    """A request that is not tus as it should be: the status that says so, and why."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.headers = status, title, headers


def _speaks_tus(view: Answer) -> Answer:
    """Check the protocol's version, put its headers on every answer, and say its statuses."""

    @wraps(view)
    def speak(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.headers.get("Tus-Resumable") != VERSION:
                title = "Precondition Failed"
                raise ProtocolError(
                    412, title, f"请求头 Tus-Resumable 应为 {VERSION}", **{"Tus-Version": VERSION}
                )
            answer = view(request, *args, **kwargs)
        except ProtocolError as error:
            answer = problem(error.status, error.title, str(error))
            for name, value in error.headers.items():
                answer[name] = value
        except tuple(_STATUS) as error:
            answer = _refused(error)
        except ShuqiaoError as error:  # whoever speaks tus is a program, on whichever address
            answer = problem_of(error)
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    return speak


_STATUS: dict[type[Exception], tuple[int, str]] = {
    services.WrongOffset: (409, "Conflict"),
    services.TransferHeld: (423, "Locked"),
    services.TransferOver: (410, "Gone"),
    services.PieceDamaged: (CHECKSUM_MISMATCH, "Checksum Mismatch"),
    services.DiskFull: (507, "Insufficient Storage"),
}


def _refused(error: Exception) -> HttpResponse:
    status, title = _STATUS[type(error)]
    answer = problem(status, title, str(error))
    if isinstance(error, services.WrongOffset | services.DiskFull):
        answer["Upload-Offset"] = str(error.offset)
    if isinstance(error, services.TransferHeld):
        answer["Retry-After"] = "5"
    return answer


def options() -> HttpResponse:
    """What this server can do."""
    answer = HttpResponse(status=204)
    answer["Tus-Resumable"] = answer["Tus-Version"] = VERSION
    answer["Tus-Extension"] = EXTENSIONS
    answer["Tus-Max-Size"] = str(settings.UPLOAD_MAX_BYTES)
    answer["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return answer


@_speaks_tus
def create(request: Request, resource_id: UUID, address: str) -> HttpResponse:
    """Announce a file: Upload-Length, Upload-Metadata with filename and, if the sender knows it, sha256."""
    if "Upload-Defer-Length" in request.headers:
        raise ProtocolError(400, "Bad Request", "请用 Upload-Length 写明文件全长")
    length = _number(request, "Upload-Length")
    if length > settings.UPLOAD_MAX_BYTES:
        raise ProtocolError(413, "Content Too Large", too_big())
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    transfer = services.begin_transfer(
        actor=request.actor,
        resource_id=resource_id,
        filename=said.get("filename", said.get("name", "")),
        length=length,
        sha256=said.get("sha256", "").lower(),
        at=now(),
    )
    answer = HttpResponse(status=201)
    answer["Location"] = reverse(address, args=[transfer.id])
    answer["Upload-Expires"] = _expires(transfer.expires_at)
    return answer


@_speaks_tus
def head(request: Request, transfer_id: UUID) -> HttpResponse:
    """How much was received."""
    transfer = queries.get_transfer_for(request.actor, transfer_id)
    if transfer.state not in {TransferState.RECEIVING, TransferState.RECEIVED}:
        raise services.TransferOver(f"这次上传{transfer.get_state_display()}")
    answer = HttpResponse(status=200)
    answer["Upload-Offset"], answer["Upload-Length"] = str(transfer.offset), str(transfer.length)
    answer["Upload-Metadata"] = f"filename {base64.b64encode(transfer.filename.encode()).decode()}"
    if transfer.state == TransferState.RECEIVING:
        answer["Upload-Expires"] = _expires(transfer.expires_at)
    return answer


@_speaks_tus
def patch(request: Request, transfer_id: UUID) -> HttpResponse:
    """Take a piece."""
    known = queries.get_transfer_for(request.actor, transfer_id)  # before anything else is said
    if request.content_type != PIECE_TYPE:
        raise ProtocolError(415, "Unsupported Media Type", f"请求头 Content-Type 应为 {PIECE_TYPE}")
    if not request.META.get("CONTENT_LENGTH"):
        raise ProtocolError(411, "Length Required", "请求头缺少 Content-Length")
    length = int(request.META["CONTENT_LENGTH"])
    algorithm, digest = _checksum(request.headers.get("Upload-Checksum", ""))
    piece = services.Piece(_number(request, "Upload-Offset"), length, algorithm, digest)
    if piece.offset + length > known.length:
        raise ProtocolError(413, "Content Too Large", f"这一段超出了文件全长 {known.length} 字节")
    transfer = services.receive_piece(
        actor=request.actor, transfer_id=transfer_id, piece=piece, read=request.read, now=now
    )
    answer = HttpResponse(status=204)
    answer["Upload-Offset"] = str(transfer.offset)
    if transfer.state == TransferState.RECEIVING:
        answer["Upload-Expires"] = _expires(transfer.expires_at)
    return answer


@_speaks_tus
def delete(request: Request, transfer_id: UUID) -> HttpResponse:
    """Give the file up."""
    services.end_transfer(actor=request.actor, transfer_id=transfer_id)
    return HttpResponse(status=204)


def describe(transfer: Transfer) -> dict[str, Any]:
    """Where a transfer stands, for programs and for the page that shows its end. `version` is there once the file
    has become a version."""
    return {
        "id": str(transfer.id),
        "filename": transfer.filename,
        "length": transfer.length,
        "offset": transfer.offset,
        "state": transfer.state,
        "sha256": transfer.sha256,
        "problems": transfer.problems,
        "version": str(transfer.version_id) if transfer.version_id else None,
    }


def method_of(request: Request) -> str:
    """The method meant: some middlemen let only POST through, and tus names the real one in a header."""
    if request.method == "POST":
        return request.headers.get("X-HTTP-Method-Override", "POST").upper()
    return request.method or ""


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdecimal()) or len(value) > 18:
        raise ProtocolError(400, "Bad Request", f"请求头 {header} 缺失或不是字节数")
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """`filename <base64>,sha256 <base64>` read. Raises InvalidInput for what is not base64 of UTF-8."""
    found = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise InvalidInput.one("Upload-Metadata", f"“{name[:40]}”的值不是 UTF-8 文本的 Base64") from None
    return found


def _checksum(header: str) -> tuple[str, bytes]:
    if not header:
        return "", b""
    algorithm, _, value = header.partition(" ")
    if algorithm not in ALGORITHMS:
        known = "、".join(ALGORITHMS)
        raise ProtocolError(400, "Bad Request", f"不支持的校验算法“{algorithm[:20]}”；支持 {known}")
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(400, "Bad Request", "Upload-Checksum 的摘要不是 Base64") from None


def _expires(moment: datetime) -> str:
    return http_date(moment.timestamp())


def full_answer(error: OSError) -> HttpResponse:
    """507 for a program whose form could not be stored; any other error goes on."""
    if not is_full(error):
        raise error
    return problem(507, "Insufficient Storage", "服务器磁盘已满，文件没有收下；请管理员腾出空间后重新上传")
