"""What others hand to delivery, and the states of a grant and a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import TextChoices

from shuqiao.law import BasisLevel
from shuqiao.procedures.types import CaseRef

BASIS_LEVELS = [(level.value, level.label) for level in BasisLevel]


class GrantState(TextChoices):
    """Where a grant stands. Only an active one, within its days, is served."""

    ACTIVE = "active", "在用"
    SUSPENDED = "suspended", "已暂停"
    ENDED = "ended", "已终止"
    EXPIRED = "expired", "已到期"


MOVES: Mapping[GrantState, frozenset[GrantState]] = {
    GrantState.ACTIVE: frozenset({GrantState.SUSPENDED, GrantState.ENDED, GrantState.EXPIRED}),
    GrantState.SUSPENDED: frozenset({GrantState.ACTIVE, GrantState.ENDED, GrantState.EXPIRED}),
    GrantState.ENDED: frozenset(),
    GrantState.EXPIRED: frozenset(),
}


class Mode(TextChoices):
    """How the data is handed over (Decree 22)."""

    INTERFACE = "interface", "服务接口"
    BATCH = "batch", "批量交换"
    FILE = "file", "文件下载"


class Onward(TextChoices):
    """Whether the grantee may pass the data on."""

    NEVER = "never", "不得提供给第三方"
    WITH_CONSENT = "with_consent", "经提供部门同意，限所列第三方"


class EndGround(TextChoices):
    """Why a grant ends before its day (Decree 27)."""

    FULFILLED = "fulfilled", "共享目的已实现"
    NEEDLESS = "needless", "目的无法实现，或不再需要"
    MISUSE = "misuse", "违规使用，拒不整改或整改不到位"
    NECESSARY = "necessary", "提供部门确需终止"
    DECIDED = "decided", "依照处理决定终止"


PURPOSE_GROUNDS = frozenset({EndGround.FULFILLED, EndGround.NEEDLESS})


class FilingKind(TextChoices):
    """What a provider files before doing it to a running service (Decree 27)."""

    END = "end", "终止服务"
    CHANGE = "change", "变更服务"


class FilingState(TextChoices):
    """Where a filing stands."""

    FILED = "filed", "已备案"
    CARRIED_OUT = "carried_out", "已执行"
    WITHDRAWN = "withdrawn", "已撤回"


FILING_MOVES: Mapping[FilingState, frozenset[FilingState]] = {
    FilingState.FILED: frozenset({FilingState.CARRIED_OUT, FilingState.WITHDRAWN}),
    FilingState.CARRIED_OUT: frozenset(),
    FilingState.WITHDRAWN: frozenset(),
}


class Keep(Enum):
    """A part of a grant that a change leaves as it is; None would say "without limit"."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class GrantScope:
    """What a grant gives: columns with their masks, the condition on rows, modes, last day, limits (None: none)."""

    columns: tuple[tuple[str, str], ...]
    where: tuple[dict[str, Any], ...]
    modes: tuple[str, ...]
    valid_until: date | None
    daily_quota: int | None
    rate_per_minute: int | None

    def to_json(self) -> dict[str, Any]:
        """As an event keeps it."""
        until = self.valid_until.isoformat() if self.valid_until else None
        return {**asdict(self), "valid_until": until}


class KeyState(TextChoices):
    """Whether an application key opens anything."""

    ACTIVE = "active", "在用"
    REVOKED = "revoked", "已吊销"


class Side(TextChoices):
    """On whose behalf somebody acts on a grant."""

    PROVIDER = "provider", "提供部门"
    BUREAU = "bureau", "主管部门"
    GRANTEE = "grantee", "使用方"


@dataclass(frozen=True, slots=True)
class GrantOrder:
    """A grant to be opened, as it was decided, to a department (`grantee_id`) or to somebody outside government
    (`party_id`), exactly one. `columns` are (column, mask); `where` is the JSON of a condition; `conditions` those that
    the yes attaches, in words."""

    resource_id: UUID
    grantee_id: UUID | None
    columns: tuple[tuple[str, str], ...]
    purpose: str
    scenario: str
    legal_basis: str
    legal_basis_level: BasisLevel
    modes: tuple[Mode, ...]
    valid_from: date
    valid_until: date | None
    where: tuple[dict[str, Any], ...] = field(default=())
    service_item: str = ""
    daily_quota: int | None = None
    rate_per_minute: int | None = None
    onward: Onward = Onward.NEVER
    onward_to: str = ""
    case: CaseRef | None = None
    party_id: UUID | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made. `secret` and `bearer` exist nowhere else and are never shown again."""

    id: str
    system: str
    department_id: UUID | None
    secret: str = field(repr=False)
    bearer: str = field(repr=False)
    party_id: UUID | None = None

    @property
    def holder_id(self) -> UUID | None:
        """The department or the party."""
        return self.department_id or self.party_id
