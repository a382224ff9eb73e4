"""Who holds a grant: a department, or somebody outside government. What the latter may do, and how each is told."""

from __future__ import annotations

from collections.abc import Sequence

from shuqiao.accounts.types import P
from shuqiao.delivery.models import Grant
from shuqiao.kernel import Article
from shuqiao.procedures import mailing
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseRef

PARTY_MAY = frozenset(
    {P.DELIVERY_GRANT_READ, P.DELIVERY_GRANT_STOP, P.DELIVERY_KEY_MANAGE, P.DELIVERY_USE_REPORT}
)
"""What somebody outside government may do with grants and keys of their own."""


def tell_holder(grant: Grant, text: str, *, case: CaseRef | None = None) -> None:
    """Say something about a grant to who holds it: a notice to a department, a mail to anybody else."""
    case = case or grant.case_ref()
    if grant.grantee_id:
        procedures.notify(case=case, department_id=grant.grantee_id, text=text)
    elif grant.party and grant.party.may_be_written_to:
        mailing.queue_mail(
            to=grant.party.email, subject=f"{grant.title} {grant.number}", text=text, case=case
        )


def ask_holder(
    grant: Grant,
    *,
    case: CaseRef,
    action: str,
    detail: str,
    basis: Sequence[Article] = (),
    term: Term | None = None,
) -> None:
    """Put the next action into the holder's inbox; somebody outside government has none and gets a mail, and finds
    the action on the grant's page."""
    if grant.grantee is None:
        tell_holder(grant, f"{action}：{detail}", case=case)
        return
    procedures.assign(
        case=case,
        department=grant.grantee,
        permission=P.DELIVERY_USE_REPORT,
        action=action,
        detail=detail,
        basis=basis,
        term=term,
        stage="read",
    )
