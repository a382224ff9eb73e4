"""Files that prove a verification: taken by what their bytes are, kept in the home folder, given to its parties."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import IllegalMove, InvalidInput, NotFound
from shuqiao.kernel.decision import allow
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.sharing.models import VerificationFile
from shuqiao.sharing.verification import queries, rules
from shuqiao.sharing.verification.types import VERIFICATION_OPEN, VerificationStatus

MOST_BYTES = 5 * 1024 * 1024
MOST_FILES = 5
HALF = ".part"
ID = re.compile(r"[0-9a-f]{32}")
# A file without a row is older than any step that could still be about to write its row.
LEFT_OVER = timedelta(days=1)
ASKED_AT_ONCE = 500
BY_FIRST_BYTES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
OFFICE = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
)


@transaction.atomic
def attach_file(
    *, actor: Actor, verification_id: UUID, name: str, content: bytes, on: date
) -> VerificationFile:
    """Who asks adds a file that proves it, while the case is open; its hash goes into the event (Decree 26,
    Yingkou 23). PDF, PNG, JPEG, DOCX or XLSX by content, at most 5 MB, at most five. The same file twice is one."""
    case = queries.get_verification_for(actor, verification_id, P.SHARING_VERIFICATION_ASK, lock=True)
    if VerificationStatus(case.status) not in VERIFICATION_OPEN:
        raise IllegalMove(f"数据校核 {case.number}", VerificationStatus(case.status).label, "附上证明材料")
    media_type, ending = kind_of(content)
    digest = hashlib.sha256(content).hexdigest()
    if found := VerificationFile.objects.filter(verification=case, sha256=digest).first():
        return found
    if VerificationFile.objects.filter(verification=case).count() >= MOST_FILES:
        raise InvalidInput.one("证明材料", f"一件校核最多附 {MOST_FILES} 份文件")
    made = VerificationFile.objects.create(
        verification=case,
        name=_clean(name, ending),
        media_type=media_type,
        size=len(content),
        sha256=digest,
        added_by_name=actor.name,
        added_on=on,
    )
    _keep(made.id, content)
    basis = rules.basis_of(queries.regime_for(case, on), rules.ASK)
    events.record(
        E.VERIFICATION_ATTACHED, actor=actor, case=case.case_ref(), department_id=case.asker_id, on=on,
        decision=allow(rules.ASK, f"附上“{made.name}”", *basis),
        data={"file": str(made.id), "sha256": digest, "size": made.size, "type": media_type},
    )  # fmt: skip
    return made


def bytes_of(given: UploadedFile[bytes] | None) -> bytes:
    """What was sent, and never more than is taken of it into memory. Raises InvalidInput when it is too large."""
    if given is None:
        return b""
    if (given.size or 0) > MOST_BYTES:
        raise InvalidInput.one("证明材料", "不能超过 5 MB")
    content: bytes = given.read()
    return content


def kind_of(content: bytes) -> tuple[str, str]:
    """Media type and ending of what these bytes are. Raises InvalidInput for anything that is not taken."""
    if not content:
        raise InvalidInput.one("证明材料", "请选择文件")
    if len(content) > MOST_BYTES:
        raise InvalidInput.one("证明材料", f"不能超过 5 MB，现为 {len(content) / 1024 / 1024:.1f} MB")
    for first, media_type, ending in BY_FIRST_BYTES:
        if content.startswith(first):
            return media_type, ending
    if content.startswith(b"PK\x03\x04"):
        for folder, media_type, ending in OFFICE:
            if _holds(content, folder):
                return media_type, ending
    raise InvalidInput.one("证明材料", "只收 PDF、PNG、JPEG、DOCX、XLSX，文件内容不是")


def _holds(content: bytes, folder: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    macros = any(name.endswith("vbaProject.bin") for name in names)
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not macros


def _clean(name: str, ending: str) -> str:
    """The file's own name without folders and control signs, ending as its content does."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?').rsplit(".", 1)[0]
    return f"{stem.strip()[:100] or '证明材料'}.{ending}"


def file_for(actor: Actor, file_id: UUID) -> tuple[VerificationFile, bytes]:
    """A file with its bytes, for the two departments of the case alone. Raises NotFound for everybody else, and when
    the bytes are not what was taken."""
    found = VerificationFile.objects.select_related("verification").filter(id=file_id).first()
    read = P.SHARING_VERIFICATION_READ
    if found is None or not any(
        actor.may(read, department_id=one)
        for one in (found.verification.asker_id, found.verification.provider_id)
    ):
        raise NotFound("证明材料")
    try:
        content = _place(found.id).read_bytes()
    except FileNotFoundError:
        raise NotFound("证明材料的文件") from None
    if hashlib.sha256(content).hexdigest() != found.sha256:
        raise NotFound("证明材料的文件（与存证的摘要不符）")
    return found, content


def sweep(now: datetime) -> int:
    """Remove what belongs to no row and is older than a day: the file of a step that was undone, or one half written
    when the power went. Answers how many. Anything whose name is not one of ours is left alone."""
    before = (now - LEFT_OVER).timestamp()
    found: dict[UUID, list[Path]] = {}
    for path in (Path(settings.HOME) / "attachments").glob("??/*"):
        file_id = _id_of(path)
        if file_id and _written(path) < before:
            found.setdefault(file_id, []).append(path)
    removed, ids = 0, sorted(found)
    for first in range(0, len(ids), ASKED_AT_ONCE):
        some = ids[first : first + ASKED_AT_ONCE]
        known = set(VerificationFile.objects.filter(id__in=some).values_list("id", flat=True))
        for path in (path for one in some for path in found[one]):
            if path.suffix == HALF or _id_of(path) not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _id_of(path: Path) -> UUID | None:
    name = path.name.removesuffix(HALF)
    return UUID(hex=name) if ID.fullmatch(name) and path.parent.name == name[:2] else None


def _written(path: Path) -> float:
    """When it was last written to (seconds); a file that another worker has just removed is not old."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _place(file_id: UUID) -> Path:
    return Path(settings.HOME) / "attachments" / file_id.hex[:2] / file_id.hex


def _keep(file_id: UUID, content: bytes) -> None:
    """Whole or not at all: beside its place first, then renamed. One left over by an undone step belongs to no row."""
    place = _place(file_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = place.with_suffix(HALF)
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(place)
