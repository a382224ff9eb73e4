"""Kinds and states of what the public says, and the one table of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices

from shuqiao.accounts.types import P
from shuqiao.procedures.types import E


class FeedbackKind(TextChoices):
    """What a visitor wants to say. Ratings are rows of their own: nobody answers stars."""

    CORRECTION = "correction", "数据纠错"
    QUESTION = "question", "提问"
    COMMENT = "comment", "评论"
    DEMAND = "demand", "数据需求"


# An error in public data, and a wish for data, may come from anybody; what is shown under a name wants an account.
WITHOUT_ACCOUNT = frozenset({FeedbackKind.CORRECTION, FeedbackKind.DEMAND})


class FeedbackStatus(TextChoices):
    """Where a thing said stands."""

    RECEIVED = "received", "待办理"
    ACCEPTED = "accepted", "核实有误，更正中"
    CORRECTED = "corrected", "已更正"
    FORWARDED = "forwarded", "已转办"
    ANSWERED = "answered", "已答复"
    PUBLISHED = "published", "已公开"
    KEPT = "kept", "已答复，不公开"
    REJECTED = "rejected", "未采纳"
    WITHDRAWN = "withdrawn", "已撤回"


class Ground(TextChoices):
    """Why the bureau does not show or take something; each with what it rests on."""

    PERSONAL = "personal", "含他人个人信息（《个人信息保护法》第十条）"
    UNLAWFUL = "unlawful", "含违法内容（《网络安全法》第十二条）"
    ABUSE = "abuse", "侮辱、诽谤他人（《民法典》第一千零二十四条）"
    ADVERTISING = "advertising", "广告或者重复灌水（平台留言规则）"
    UNRELATED = "unrelated", "与本平台的数据无关（平台留言规则）"


@dataclass(frozen=True, slots=True)
class Step:
    """One step on one kind: from where to where, who may (no permission: its author), and what it wants."""

    name: str
    label: str
    kind: FeedbackKind
    source: FeedbackStatus
    target: FeedbackStatus
    permission: P | None
    event: E = field(default=E.FEEDBACK_ANSWERED)
    wants_text: bool = True
    wants_ground: bool = False


_K, _S = FeedbackKind, FeedbackStatus
_ANSWER, _MODERATE = P.OPENING_FEEDBACK_ANSWER, P.OPENING_FEEDBACK_MODERATE
STEPS: tuple[Step, ...] = (
    Step("accept", "核实有误，着手更正", _K.CORRECTION, _S.RECEIVED, _S.ACCEPTED, _ANSWER),
    Step("refute", "核实无误，不予更正", _K.CORRECTION, _S.RECEIVED, _S.REJECTED, _ANSWER),
    Step("correct", "更正版本已发布", _K.CORRECTION, _S.ACCEPTED, _S.CORRECTED, _ANSWER),
    Step("answer", "答复", _K.QUESTION, _S.RECEIVED, _S.ANSWERED, _ANSWER),
    Step("publish", "公开问答", _K.QUESTION, _S.ANSWERED, _S.PUBLISHED, _MODERATE, E.FEEDBACK_MODERATED, False),
    Step("keep", "不公开", _K.QUESTION, _S.ANSWERED, _S.KEPT, _MODERATE, E.FEEDBACK_MODERATED, False, True),
    Step("reject", "不予受理", _K.QUESTION, _S.RECEIVED, _S.REJECTED, _MODERATE, E.FEEDBACK_MODERATED, False, True),
    Step("publish", "公开评论", _K.COMMENT, _S.RECEIVED, _S.PUBLISHED, _MODERATE, E.FEEDBACK_MODERATED, False),
    Step("reject", "不予公开", _K.COMMENT, _S.RECEIVED, _S.REJECTED, _MODERATE, E.FEEDBACK_MODERATED, False, True),
    Step("reject", "撤下评论", _K.COMMENT, _S.PUBLISHED, _S.REJECTED, _MODERATE, E.FEEDBACK_MODERATED, False, True),
    Step("forward", "转为部门需求", _K.DEMAND, _S.RECEIVED, _S.FORWARDED, _MODERATE, E.FEEDBACK_FORWARDED, False),
    Step("settle", "答复", _K.DEMAND, _S.RECEIVED, _S.ANSWERED, _MODERATE),
    Step("settle", "答复办理结果", _K.DEMAND, _S.FORWARDED, _S.ANSWERED, _MODERATE),
    Step("reject", "不予受理", _K.DEMAND, _S.RECEIVED, _S.REJECTED, _MODERATE, E.FEEDBACK_MODERATED, False, True),
    *(
        Step("withdraw", "撤回", kind, _S.RECEIVED, _S.WITHDRAWN, None, E.FEEDBACK_WITHDRAWN, False)
        for kind in FeedbackKind
    ),
)  # fmt: skip


def moves_of(kind: FeedbackKind) -> Mapping[FeedbackStatus, frozenset[FeedbackStatus]]:
    """What may follow what for one kind, read off the table of steps."""
    return {
        status: frozenset(step.target for step in STEPS if step.kind == kind and step.source == status)
        for status in FeedbackStatus
    }


def steps_from(kind: FeedbackKind, status: FeedbackStatus) -> tuple[Step, ...]:
    """Steps that the state allows, whoever asks."""
    return tuple(step for step in STEPS if step.kind == kind and step.source == status)


TONES: Mapping[FeedbackStatus, str] = {
    FeedbackStatus.RECEIVED: "wait",
    FeedbackStatus.ACCEPTED: "ochre",
    FeedbackStatus.FORWARDED: "wait",
    FeedbackStatus.CORRECTED: "jade",
    FeedbackStatus.ANSWERED: "jade",
    FeedbackStatus.PUBLISHED: "jade",
    FeedbackStatus.KEPT: "off",
    FeedbackStatus.REJECTED: "ochre",
    FeedbackStatus.WITHDRAWN: "off",
}
# What nobody has to do anything on any more.
SETTLED = frozenset(
    {_S.CORRECTED, _S.PUBLISHED, _S.KEPT, _S.REJECTED, _S.WITHDRAWN}
)  # a demand is settled when it is answered; a question then waits for the bureau


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of an entry and of its tables is public: a correction is done when one of them is newer."""

    revision: int
    versions: Mapping[str, int]

    def newer_than(self, other: Edition) -> bool:
        """Whether the entry, or a table, was published anew since `other`, or the entry was withdrawn: then the wrong
        data is no longer there."""
        if other.revision and not self.revision:
            return True
        return self.revision > other.revision or any(
            number > other.versions.get(table, 0) for table, number in self.versions.items()
        )
