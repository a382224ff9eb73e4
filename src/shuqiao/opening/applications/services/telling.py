"""Telling the applicant by mail, the provider by its inbox."""

from __future__ import annotations

from shuqiao.accounts.types import P
from shuqiao.kernel import Decision
from shuqiao.opening.models import OpenApplication
from shuqiao.procedures import mailing
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term


def write_to_applicant(application: OpenApplication, subject: str, text: str) -> None:
    """A mail to the applicant's verified address, in the step's transaction. A closed registration gets none."""
    party = application.party
    if party.may_be_written_to:
        mailing.queue_mail(
            to=party.email,
            subject=f"{subject}：{application.title}（{application.number}）",
            text=f"{party.name}：\n\n{text}\n\n受理号 {application.number}。登录开放平台，在“我的事项”里办理。\n",
            case=application.case_ref(),
        )


def assign_to_provider(
    application: OpenApplication, action: str, detail: str, decision: Decision, term: Term | None = None
) -> None:
    """The provider's next step, in place of whatever waited there."""
    procedures.settle(case=application.case_ref())
    procedures.assign(
        case=application.case_ref(),
        department=application.provider,
        permission=P.OPENING_APPLICATION_ANSWER,
        action=action,
        detail=detail,
        basis=[term.clock().source] if term else decision.basis,
        term=term,
        stage="term" if term else "decision",
    )
