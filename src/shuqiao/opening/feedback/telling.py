"""What the author of something said is told by mail."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from shuqiao.kernel import Decision
from shuqiao.opening.feedback.types import FeedbackKind, FeedbackStatus
from shuqiao.opening.models import Feedback
from shuqiao.procedures import mailing


def tell_author(feedback: Feedback, decision: Decision) -> None:
    """Mail the author, if there is an address, what came of it. What the author did is not told back."""
    to = feedback.contact or (feedback.party.email if feedback.party else "")
    status = FeedbackStatus(feedback.status)
    if not to or status == FeedbackStatus.WITHDRAWN:
        return
    kind = FeedbackKind(feedback.kind)
    lines = [
        f"您提出的{kind.label}（受理号 {feedback.number}）：{status.label}。",
        "",
        decision.reason,
        "",
        f"凭受理号和查询码可以随时查看办理经过：{settings.PUBLIC_URL}{reverse('opening:lookup')}",
    ]
    mailing.queue_mail(
        to=to,
        subject=f"{kind.label}{status.label}：{feedback.number}",
        text="\n".join(lines),
        case=feedback.case(),
    )
