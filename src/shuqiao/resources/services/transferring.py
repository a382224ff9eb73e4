"""A file that comes in pieces: begun, continued, completed, given up. tus.py speaks the protocol around it.

What the row says was received is on disk for good; a request that is killed or cut off loses at most what came since
the last time the disk was forced (8 MB or five seconds). One request at a time holds a transfer, with a lease.
"""

from __future__ import annotations

import hashlib
import secrets
import time as clock
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn, Protocol
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, Problem, RuleRefused, ShuqiaoError
from shuqiao.organizations import queries as organizations
from shuqiao.resources import contents, parts, queries, receiving
from shuqiao.resources.models import Transfer, Version
from shuqiao.resources.receiving import Taken
from shuqiao.resources.services.mounting import check_free, look, record_upload
from shuqiao.resources.types import Kind, TransferState
from shuqiao.store.failures import is_full

HOLD = timedelta(seconds=30)
FINISH_HOLD = timedelta(seconds=180)
SYNC_BYTES = 8 * 1024 * 1024
SYNC_SECONDS = 5.0
OPEN_AT_ONCE = 10
Read = Callable[[int], bytes]


class WrongOffset(Exception):
    """The piece does not begin where the last one ended; `offset` is where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"已收到 {offset} 字节，请从这里继续")
        self.offset = offset


class TransferHeld(Exception):
    """Another request is writing the same file, or has only just stopped."""


class TransferOver(Exception):
    """The file was given up, expired or refused: no piece is taken any more."""


class PieceDamaged(Exception):
    """The piece does not have the sum that was sent with it; none of it is kept."""


class DiskFull(Exception):
    """No room on the server's disk; `offset` bytes are kept, to be continued."""

    def __init__(self, offset: int) -> None:
        super().__init__("服务器磁盘已满，没有收完；已收到的部分保留，请管理员腾出空间后继续")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as it is announced. `length` in bytes; `algorithm` "" or sha256, sm3, sha1 with its `digest`."""

    offset: int
    length: int
    algorithm: str = ""
    digest: bytes = b""


@transaction.atomic
def begin_transfer(
    *, actor: Actor, resource_id: UUID, filename: str, length: int, sha256: str, at: datetime
) -> Transfer:
    """A file of `length` bytes is announced for a resource; its pieces may come from now on.

    Raises InvalidInput for a name or size that is not taken and when ten files are under way; IllegalMove while
    the last version is being built or re-checked; DiskFull when there is no room for it.
    """
    resource = queries.get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
    name = contents.plain_name(filename)
    contents.check_name(name, Kind(resource.kind))
    if length <= 0:
        raise InvalidInput.one("文件", f"“{name}”是空的（0 字节）")
    if sha256 and (len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef")):
        raise InvalidInput.one("sha256", "应是 64 位小写十六进制")
    check_free(resource)
    under_way = Transfer.objects.filter(resource=resource, state=TransferState.RECEIVING).count()
    if under_way >= OPEN_AT_ONCE:
        raise InvalidInput.one("文件", f"已有 {under_way} 个文件没有传完，请先继续或放弃")
    if not parts.room_for(length):
        raise DiskFull(0)
    transfer = Transfer(
        resource=resource,
        filename=name,
        length=length,
        promised_sha256=sha256,
        started_by_id=actor.user_id,
        started_at=at,
        expires_at=at + kept(),
    )
    transfer.part = f"{parts.PREFIX}{transfer.id.hex}.part"
    parts.create(transfer.part)
    transfer.save()
    return transfer


def kept() -> timedelta:
    """How long an unfinished file waits for its next piece."""
    return timedelta(days=settings.UPLOAD_PARTS_KEPT_DAYS)


def receive_piece(
    *, actor: Actor, transfer_id: UUID, piece: Piece, read: Read, now: Callable[[], datetime]
) -> Transfer:
    """Take a piece: as much as comes of it is kept, and the last one makes the file the resource's next version.

    `read(n)` gives at most n bytes, b"" at the end or when the sender is gone. A piece with a sum is kept whole
    or not at all. Raises WrongOffset, TransferHeld, PieceDamaged, DiskFull; InvalidInput when the complete file
    is not what it was said to be or no table.
    """
    transfer = _take_turn(actor, transfer_id, piece.offset, now())
    try:
        with _open_part(transfer) as part:
            _write(transfer, part, piece, read, now)
    finally:
        _release(transfer)
    transfer.refresh_from_db()
    if transfer.state == TransferState.RECEIVING and transfer.offset == transfer.length:
        return finish_transfer(transfer_id=transfer.id, at=now(), actor=actor)
    return transfer


def _take_turn(actor: Actor, transfer_id: UUID, offset: int, at: datetime) -> Transfer:
    """Hold the transfer. Raises WrongOffset, TransferHeld, TransferOver."""
    with transaction.atomic():
        transfer = queries.get_transfer_for(actor, transfer_id, lock=True)
        if transfer.state not in {TransferState.RECEIVING, TransferState.RECEIVED}:
            raise TransferOver(f"这次上传{transfer.get_state_display()}，请重新上传")
        if transfer.holder and transfer.held_until is not None and transfer.held_until > at:
            raise TransferHeld("同一个文件正由另一个页面或程序上传")
        receiving_still = transfer.state == TransferState.RECEIVING
        if receiving_still and not parts.whole_until(transfer.part, transfer.offset):
            transfer.offset, transfer.part = 0, _new_part(transfer)  # the disk lost it: from the beginning
        if offset == transfer.offset and receiving_still:
            transfer.holder, transfer.held_until = secrets.token_hex(16), at + HOLD
        transfer.save(update_fields=["offset", "part", "holder", "held_until"])
    if offset != transfer.offset or not receiving_still:
        raise WrongOffset(transfer.offset)
    return transfer


def _new_part(transfer: Transfer) -> str:
    part = f"{parts.PREFIX}{transfer.id.hex}-{secrets.token_hex(4)}.part"
    parts.create(part)
    return part


def _open_part(transfer: Transfer) -> parts.Part:
    """The part, opened where it left off. A request that hangs still has it open: its bytes are left to it, and
    what is good of them is copied."""
    try:
        return parts.Part(transfer.part, transfer.offset)
    except parts.PartBusy:
        left, transfer.part = transfer.part, f"{parts.PREFIX}{transfer.id.hex}-{secrets.token_hex(4)}.part"
    try:
        parts.copy_until(left, transfer.offset, transfer.part)
    except OSError as error:
        parts.remove(transfer.part)
        if is_full(error):
            raise DiskFull(transfer.offset) from error
        raise
    if not _held(transfer).update(part=transfer.part):
        parts.remove(transfer.part)
        raise TransferHeld("同一个文件已由另一个页面或程序接着上传")
    parts.remove(left)
    return parts.Part(transfer.part, transfer.offset)


def _held(transfer: Transfer) -> QuerySet[Transfer]:
    return Transfer.objects.filter(id=transfer.id, holder=transfer.holder, state=TransferState.RECEIVING)


def _release(transfer: Transfer) -> None:
    _held(transfer).update(holder="", held_until=None)


def _write(
    transfer: Transfer, part: parts.Part, piece: Piece, read: Read, now: Callable[[], datetime]
) -> None:
    """Write what comes and force it to disk from time to time; a piece with a sum counts only once it is whole."""
    total = _sum(piece.algorithm)
    left, moment = min(piece.length, transfer.length - piece.offset), clock.monotonic()
    while left and (block := _next(read, min(parts.BLOCK, left))):
        left -= len(block)
        try:
            part.write(block)
        except OSError as error:
            _disk_refused(transfer, part, piece, error, now())
        if total is not None:
            total.update(block)
        if part.offset - transfer.offset >= SYNC_BYTES or clock.monotonic() - moment >= SYNC_SECONDS:
            moment = clock.monotonic()
            _advance(transfer, part, now(), counts=total is None)
    if total is not None and (left or total.finalize() != piece.digest):
        part.cut_back(piece.offset)
        if not left:
            raise PieceDamaged(f"收到的内容与 Upload-Checksum 的 {piece.algorithm} 不符，请重发这一段")
    _advance(transfer, part, now())


def _next(read: Read, size: int) -> bytes:
    try:
        return read(size)
    except OSError:  # the sender is gone; what came is kept
        return b""


def _advance(transfer: Transfer, part: parts.Part, at: datetime, *, counts: bool = True) -> None:
    """What was written is on disk now, and the row says so. Raises TransferHeld when another took over."""
    try:
        offset = part.sync() if counts else transfer.offset
        kept_until = {"held_until": at + HOLD, "expires_at": at + kept()}
        if not _held(transfer).update(offset=offset, **kept_until):
            raise TransferHeld("同一个文件已由另一个页面或程序接着上传，或已放弃")
    except (OSError, DatabaseError) as error:
        if is_full(error):
            raise DiskFull(transfer.offset) from error
        raise
    transfer.offset = offset


def _disk_refused(
    transfer: Transfer, part: parts.Part, piece: Piece, error: OSError, at: datetime
) -> NoReturn:
    """No room: what fitted is kept, unless it belongs to a piece that counts only whole."""
    if not is_full(error):
        raise error
    if piece.algorithm:
        part.cut_back(piece.offset)
    _advance(transfer, part, at)
    raise DiskFull(transfer.offset) from error


class _Sum(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def finalize(self) -> bytes: ...


ALGORITHMS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sm3": hashes.SM3,
    "sha1": hashes.SHA1,  # the one every tus server must know; it guards a piece against faults, not against people
}


def _sum(algorithm: str) -> _Sum | None:
    return hashes.Hash(ALGORITHMS[algorithm]()) if algorithm else None


def finish_transfer(*, transfer_id: UUID, at: datetime, actor: Actor | None = None) -> Transfer:
    """A complete file is checked and becomes the resource's next version, on behalf of whoever sent it.

    Safe to repeat after a kill at any point. Raises InvalidInput, and what the receiving of a version raises,
    after the transfer has been marked as failed; TransferHeld when somebody else is finishing it.
    """
    transfer = _hold_complete(transfer_id, at)
    who = actor or organizations.actor_of(transfer.started_by)
    final = receiving.staging_root() / receiving.staged_name(transfer.id, transfer.filename)
    try:
        taken = _completed(transfer, final)
        seen = look(transfer.resource, taken)
        with transaction.atomic():
            version = record_upload(who, transfer.resource_id, taken, seen, at)
            _received(transfer, version, taken)
    except (InvalidInput, IllegalMove, NotAllowed, NotFound, RuleRefused) as error:
        _failed(transfer, error)
        final.unlink(missing_ok=True)
        raise
    return transfer


def _hold_complete(transfer_id: UUID, at: datetime) -> Transfer:
    holder = secrets.token_hex(16)
    taken = _complete_and_free(at).filter(id=transfer_id)
    if not taken.update(holder=holder, held_until=at + FINISH_HOLD):
        raise TransferHeld("文件已收完，正在检查")
    return Transfer.objects.select_related("resource", "started_by").get(id=transfer_id)


def _complete_and_free(at: datetime) -> QuerySet[Transfer]:
    free = Q(holder="") | Q(held_until__lt=at)
    return Transfer.objects.filter(free, state=TransferState.RECEIVING, offset=F("length"))


def _completed(transfer: Transfer, final: Path) -> Taken:
    """The file under its own name, with its sum; a kill between renaming and recording left it there already."""
    if final.exists():
        with final.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        sha256 = parts.sum_of(transfer.part, transfer.length)
        if transfer.promised_sha256 not in {"", sha256}:
            raise InvalidInput.one("文件", f"收到的内容（SHA-256 {sha256[:16]}…）与发送方给出的摘要不符")
        contents.check_content(parts.path_of(transfer.part), transfer.filename, Kind(transfer.resource.kind))
        receiving.move(parts.path_of(transfer.part), final)
    return Taken(final.name, transfer.filename, transfer.length, sha256)


def _received(transfer: Transfer, version: Version, taken: Taken) -> None:
    transfer.move_to(TransferState.RECEIVED)
    changed = {"state": transfer.state, "version": version, "sha256": taken.sha256}
    if not _held(transfer).update(**changed, holder="", held_until=None):
        raise TransferHeld("同一个文件已由另一个程序处理")
    transfer.version, transfer.sha256 = version, taken.sha256


def _failed(transfer: Transfer, error: ShuqiaoError) -> None:
    found = error.problems if isinstance(error, InvalidInput) else (Problem("文件", str(error)),)
    problems = [{"where": problem.where, "what": problem.what} for problem in found]
    _held(transfer).update(state=TransferState.FAILED, problems=problems, holder="", held_until=None)
    parts.remove(transfer.part)


def finish_complete_transfers(*, now: datetime) -> int:
    """Files whose last piece came, but whose finishing was killed, are finished. Returns how many."""
    done = 0
    for transfer_id in _complete_and_free(now - HOLD).values_list("id", flat=True)[:20]:
        with suppress(InvalidInput, IllegalMove, NotAllowed, NotFound, RuleRefused, TransferHeld):
            finish_transfer(transfer_id=transfer_id, at=now)
            done += 1
    return done


@transaction.atomic
def end_transfer(*, actor: Actor, transfer_id: UUID) -> Transfer:
    """The provider gives up a file that has not come whole; its bytes go."""
    transfer = queries.get_transfer_for(actor, transfer_id, lock=True)
    transfer.move_to(TransferState.ENDED)
    transfer.holder, transfer.held_until = "", None
    transfer.save(update_fields=["state", "holder", "held_until"])
    transaction.on_commit(lambda: parts.remove(transfer.part))
    return transfer


def expire_transfers(*, now: datetime) -> int:
    """Files whose next piece did not come in time are forgotten, and bytes that no transfer names."""
    free = Q(holder="") | Q(held_until__lt=now)
    late = Transfer.objects.filter(free, state=TransferState.RECEIVING, expires_at__lt=now)
    count = 0
    for transfer in late[:200]:
        expired = late.filter(id=transfer.id).update(state=TransferState.EXPIRED, holder="", held_until=None)
        if expired:
            parts.remove(transfer.part)
            count += 1
    known = set(Transfer.objects.filter(state=TransferState.RECEIVING).values_list("part", flat=True))
    return count + parts.sweep(known, (now - timedelta(days=1)).timestamp())
