"""States of a work, and the one table of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from shuqiao.accounts.types import P


class WorkStatus(TextChoices):
    """Where a work stands."""

    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "退回修改"
    PUBLISHED = "published", "已展示"
    REMOVED = "removed", "已下架"
    WITHDRAWN = "withdrawn", "已撤下"


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One step: from where to where, and who may (no permission: its maker)."""

    name: str
    label: str
    source: WorkStatus
    target: WorkStatus
    permission: P | None
    wants_reason: bool = False


_S = WorkStatus
STEPS: tuple[WorkStep, ...] = (
    WorkStep("publish", "展示", _S.SUBMITTED, _S.PUBLISHED, P.OPENING_FEEDBACK_MODERATE),
    WorkStep("return", "退回修改", _S.SUBMITTED, _S.RETURNED, P.OPENING_FEEDBACK_MODERATE, True),
    WorkStep("remove", "下架", _S.PUBLISHED, _S.REMOVED, P.OPENING_FEEDBACK_MODERATE, True),
    WorkStep("resubmit", "修改后再提交", _S.RETURNED, _S.SUBMITTED, None),
    WorkStep("withdraw", "撤下", _S.SUBMITTED, _S.WITHDRAWN, None),
    WorkStep("withdraw", "撤下", _S.RETURNED, _S.WITHDRAWN, None),
    WorkStep("withdraw", "撤下", _S.PUBLISHED, _S.WITHDRAWN, None),
)
MOVES: Mapping[WorkStatus, frozenset[WorkStatus]] = {
    status: frozenset(step.target for step in STEPS if step.source == status) for status in WorkStatus
}
TONES: Mapping[WorkStatus, str] = {
    _S.SUBMITTED: "wait",
    _S.RETURNED: "ochre",
    _S.PUBLISHED: "jade",
    _S.REMOVED: "off",
    _S.WITHDRAWN: "off",
}
