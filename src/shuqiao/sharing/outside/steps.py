"""What the steps share: who is told, whose turn it is, the clock of the answer."""

from __future__ import annotations

from datetime import date

from shuqiao.accounts.types import P
from shuqiao.kernel import Decision, InvalidInput, Problem
from shuqiao.procedures import mailing
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.sharing import offers
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside.types import Draft

LENGTHS = {"purpose": ("用途", 300), "scenario": ("使用场景", 500), "safeguards": ("安全保障措施", 1000)}


def write_to_applicant(case: OutsideRequest, subject: str, text: str) -> None:
    """A mail to the applicant's verified address, in the step's transaction. A closed registration gets none."""
    party = case.party
    if party.may_be_written_to:
        mailing.queue_mail(
            to=party.email,
            subject=f"{subject}：{case.title}（{case.number}）",
            text=f"{party.name}：\n\n{text}\n\n受理号 {case.number}。登录开放平台，在“我的事项”里办理。\n",
            case=case.own_ref(),
        )


def ask_bureau(
    case: OutsideRequest, action: str, detail: str, decision: Decision, term: Term | None = None
) -> None:
    """The bureau's next step, in place of whatever waited."""
    procedures.settle(case=case.case_ref())
    procedures.assign(
        case=case.case_ref(),
        department=case.bureau,
        permission=P.SHARING_OUTSIDE_DECIDE,
        action=action,
        detail=detail,
        basis=[term.clock().source] if term else decision.basis,
        term=term,
        stage="term" if term else "decision",
    )


def close_reply(case: OutsideRequest, on: date) -> None:
    """The answer has been given, or is no longer wanted: its clock stops, its lines leave every inbox."""
    if term := procedures_queries.open_term_of(case.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=case.case_ref())


def check_draft(draft: Draft, listing: offers.Listing | None) -> None:
    """Raises InvalidInput naming every text that is too long and every column that is not there or named twice."""
    problems = [
        Problem(label, f"最多 {most} 个字")
        for name, (label, most) in LENGTHS.items()
        if len(getattr(draft, name).strip()) > most
    ]
    names = [name for name, _ in draft.items]
    known = listing.labels() if listing else {}
    problems += [Problem("信息项", f"没有“{name}”这一列") for name in names if name not in known]
    if len(set(names)) != len(names):
        problems.append(Problem("信息项", "同一信息项选了两次"))
    if problems:
        raise InvalidInput(problems)


def write(case: OutsideRequest, draft: Draft, listing: offers.Listing) -> None:
    """Take over what was written."""
    labels = listing.labels()
    case.items = [{"name": name, "item": labels[name], "mask": mask} for name, mask in draft.items]
    case.modes = list(draft.modes)
    for name in LENGTHS:
        setattr(case, name, getattr(draft, name).strip())
    if draft.valid_until is not None:  # the rule has said that it is there
        case.valid_until = draft.valid_until
