"""States of uploads and versions, and what other apps may know of a published table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import TextChoices

from shuqiao.store import ColumnScope, Mask, Scope
from shuqiao.store.types import ColumnType


class Kind(TextChoices):
    """What is mounted."""

    TABLE = "table", "数据表"
    FILE = "file", "文件"


class Mode(TextChoices):
    """How a resource may be handed over (Decree 809, 22)."""

    INTERFACE = "interface", "接口"
    BATCH = "batch", "批量交换"
    FILE = "file", "文件下载"


class UploadState(TextChoices):
    """Where a file stands."""

    RECEIVING = "receiving", "接收中"
    RECEIVED = "received", "已收到"
    DISCARDED = "discarded", "已放弃"
    REMOVED = "removed", "已按期清除"


class TransferState(TextChoices):
    """Where a file that comes in several pieces stands."""

    RECEIVING = "receiving", "接收中"
    RECEIVED = "received", "已收到"
    FAILED = "failed", "不能使用"
    ENDED = "ended", "已放弃"
    EXPIRED = "expired", "逾期未传完"


TRANSFER_MOVES: Mapping[TransferState, Collection[TransferState]] = {
    TransferState.RECEIVING: {
        TransferState.RECEIVED,
        TransferState.FAILED,
        TransferState.ENDED,
        TransferState.EXPIRED,
    },
    TransferState.RECEIVED: set(),
    TransferState.FAILED: set(),
    TransferState.ENDED: set(),
    TransferState.EXPIRED: set(),
}


class ComparisonState(TextChoices):
    """Where the difference between two versions stands."""

    WAITING = "waiting", "计算中"
    DONE = "done", "已算出"
    FAILED = "failed", "未能算出"


class Status(TextChoices):
    """Where a version stands, from the file to the published table."""

    UPLOADED = "uploaded", "已上传"
    CONFIRMED = "confirmed", "生成中"
    BUILT = "built", "已生成"
    SUBMITTED = "submitted", "待复核"
    PUBLISHED = "published", "已发布"
    RETURNED = "returned", "已退回"
    FAILED = "failed", "未能生成"
    SUPERSEDED = "superseded", "历史版本"
    DISCARDED = "discarded", "已放弃"


MOVES: Mapping[Status, Collection[Status]] = {
    Status.UPLOADED: {Status.CONFIRMED, Status.FAILED, Status.DISCARDED},
    Status.CONFIRMED: {Status.BUILT, Status.FAILED},
    Status.BUILT: {Status.SUBMITTED, Status.CONFIRMED, Status.UPLOADED, Status.DISCARDED},
    Status.SUBMITTED: {Status.PUBLISHED, Status.RETURNED},
    Status.RETURNED: {Status.SUBMITTED, Status.CONFIRMED, Status.UPLOADED, Status.DISCARDED},
    Status.FAILED: {Status.CONFIRMED, Status.UPLOADED, Status.DISCARDED},
    Status.PUBLISHED: {Status.SUPERSEDED},
    Status.SUPERSEDED: set(),
    Status.DISCARDED: set(),
}
OPEN_STATUSES = (
    Status.UPLOADED,
    Status.CONFIRMED,
    Status.BUILT,
    Status.SUBMITTED,
    Status.RETURNED,
    Status.FAILED,
)
WITH_TABLE = (Status.BUILT, Status.SUBMITTED, Status.RETURNED, Status.PUBLISHED, Status.SUPERSEDED)

TONES: Mapping[Status, str] = {
    Status.UPLOADED: "wait",
    Status.CONFIRMED: "wait",
    Status.BUILT: "ochre",
    Status.SUBMITTED: "wait",
    Status.PUBLISHED: "jade",
    Status.RETURNED: "ochre",
    Status.FAILED: "ochre",
    Status.SUPERSEDED: "off",
    Status.DISCARDED: "off",
}


class PersonalDecision(TextChoices):
    """What the publisher decides about a column suspected of personal data."""

    KEEP = "keep", "如实提供"
    SENSITIVE = "sensitive", "列为敏感"


PERSONAL_KINDS: Mapping[str, str] = {"name": "姓名", "id_number": "公民身份号码", "mobile": "电话号码"}


# A file has no columns. What is asked for, granted and opened of it is the whole of it, under this name.
WHOLE_FILE = "文件"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A published file: the name and media type it is handed out with, size in bytes, SHA-256 (hex)."""

    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column of a published table. `type`: text, integer, decimal, date, datetime or boolean.

    `item` is the id of the data item, in the entry as it is in force, that the column carries; sensitive columns
    are masked wherever rows are shown without a grant.
    """

    name: str
    type: str
    sensitive: bool
    item: UUID | None = None

    @property
    def type_label(self) -> str:
        """The Chinese word for the type."""
        return ColumnType(self.type).label


@dataclass(frozen=True, slots=True)
class OpenColumn:
    """One column that a review lets open, under a mask (`none`: as it stands)."""

    name: str
    mask: str = "none"


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as a review sees it: its type, the data item it carries, which kinds of personal data it is marked
    with or suspected of, and how its item may be opened."""

    name: str
    type: str
    item: str
    personal: tuple[str, ...]
    opening_type: str

    def to_json(self) -> dict[str, object]:
        """The form kept with a review."""
        return {"name": self.name, "type": self.type, "item": self.item, "personal": list(self.personal)}


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A published table or file as sharing and delivery offer it. A file has one column, WHOLE_FILE, and `file`.

    `store_version` is the id in the store; `modes` are the ways offered. `offer`: columns reviewed for opening, each
    with its mask, None when nothing of the version in force was; `open_columns` are those of them that anybody may
    read, None when the table is not open without application.
    """

    id: UUID
    entry_id: UUID
    department_id: UUID
    division: str
    name: str
    columns: tuple[ColumnFacts, ...]
    lookup_keys: tuple[tuple[str, ...], ...]
    store_version: str
    modes: tuple[Mode, ...]
    version_id: UUID
    version_number: int
    rows: int
    published_on: date
    open_columns: tuple[str, ...] | None = field(default=None)
    kind: Kind = Kind.TABLE
    file: FileFacts | None = None
    offer: tuple[OpenColumn, ...] | None = None

    @property
    def open_masks(self) -> dict[str, str]:
        """The mask of each column that is open, but not as it stands."""
        names = set(self.open_columns or ())
        return {one.name: one.mask for one in self.offer or () if one.name in names and one.mask != Mask.NONE}

    def open_scope(self, most: int | None = None) -> Scope:
        """What anybody may read, as a scope: the first `most` open columns."""
        masks = self.open_masks
        names = (self.open_columns or ())[:most]
        return Scope(tuple(ColumnScope(name, Mask(masks.get(name, Mask.NONE))) for name in names))

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def sensitive_columns(self) -> frozenset[str]:
        """Columns the publisher marked as sensitive."""
        return frozenset(column.name for column in self.columns if column.sensitive)


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What the rules look at before a version is submitted or published."""

    status: Status
    entry_published: bool
    rows: int
    unmatched: tuple[str, ...]
    undecided: tuple[str, ...]
    secrecy_checked: bool
    personal_checked: bool
    submitted_by: UUID | None = None
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table with the keys by which its rows are asked for, published or not any more. `code`: of its entry."""

    id: UUID
    name: str
    department_name: str
    lookup_keys: tuple[tuple[str, ...], ...]
    code: str
    url: str
