"""The applicant's steps: apply, supplement, withdraw."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events, owning
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing import offers
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import queries, rules, steps
from shuqiao.sharing.outside.types import Draft, OutsideStatus


@transaction.atomic
def submit_outside(
    *, actor: Actor, entry_id: UUID, resource_id: UUID | None = None, draft: Draft, on: date
) -> tuple[OutsideRequest, str]:
    """A body outside government applies to the bureau of the provider's division (Dongchangfu 20). Returns the case and
    the code that shows its course without an account; the bureau's clock starts where the regime has one."""
    party = queries.applicant(actor)
    listing = offers.listing_of(entry_id, resource_id)
    steps.check_draft(draft, listing)
    regime = organizations.regime_of(listing.division, on)
    decision = rules.may_submit(queries.facts_of_draft(party, listing, draft), regime, on).or_raise()
    assert listing.resource_id is not None  # the rule refuses an entry without a table
    bureau = organizations.bureau_of(listing.division)
    case = OutsideRequest(
        number=procedures.next_case_number(kind=CaseKind.OUTSIDE_REQUEST, division=listing.division, on=on),
        party=party,
        bureau=bureau,
        provider_id=listing.provider_id,
        division_id=listing.division,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        title=listing.entry.title,
        submitted_on=on,
    )
    steps.write(case, draft, listing)
    case.save()
    resolved = regime.term(rules.REPLY)
    term = (
        procedures.open_term(case=case.case_ref(), resolved=resolved, received_on=on, department=bureau)
        if resolved
        else None
    )
    detail = f"{party.name}申请 {len(case.items)} 个信息项，用于{case.purpose}"
    steps.ask_bureau(case, "审查机关以外单位的申请", detail, decision, term)
    events.record(
        E.OUTSIDE_SUBMITTED, actor=actor, case=case.case_ref(), on=on, decision=decision,
        data={"scope": draft.scope().to_json()},
    )  # fmt: skip
    return case, owning.own_case(case=case.own_ref(), party_id=party.id, on=on)


@transaction.atomic
def supplement_outside(
    *, actor: Actor, request_id: UUID, draft: Draft, note: str, on: date
) -> OutsideRequest:
    """What was asked for is there: the application anew, and the clock goes on."""
    case = queries.get_own(actor, request_id, lock=True)
    if case.status != OutsideStatus.SUPPLEMENT_ASKED:
        raise IllegalMove(f"机关以外单位申请 {case.number}", OutsideStatus(case.status).label, "补正")
    if not note.strip():
        raise InvalidInput.one("补正说明", "写明补充了什么")
    listing = queries.listing_for(case)
    facts = queries.facts_of_draft(case.party, listing, draft, gone=case.gone())
    if listing is None:
        rules.may_supplement(facts, queries.regime_for(case, on)).or_raise()
    steps.check_draft(draft, listing)
    decision = rules.may_submit(facts, queries.regime_for(case, on), on).or_raise()
    case.move_to(OutsideStatus.SUBMITTED)
    if listing is not None:  # the rule has refused what is not offered any more
        steps.write(case, draft, listing)
    last = {**case.supplements[-1], "answered_on": on.isoformat(), "note": note.strip()[:1000]}
    case.supplements = [*case.supplements[:-1], last]
    case.save()
    term = procedures_queries.open_term_of(case.case_ref())
    if term:
        term = procedures.resume_term(term_id=term.id, on=on)
    steps.ask_bureau(case, "审查机关以外单位的申请", f"已补正：{note.strip()}", decision, term)
    events.record(
        E.OUTSIDE_SUPPLEMENTED, actor=actor, case=case.case_ref(), on=on, decision=decision,
        data={"scope": draft.scope().to_json()},
    )  # fmt: skip
    return case


@transaction.atomic
def withdraw_outside(*, actor: Actor, request_id: UUID, reason: str, on: date) -> OutsideRequest:
    """The applicant no longer asks. Possible until the data is opened."""
    case = queries.get_own(actor, request_id, lock=True)
    decision = rules.may_withdraw(reason=reason, regime=queries.regime_for(case, on)).or_raise()
    case.move_to(OutsideStatus.WITHDRAWN)
    case.end_reason, case.ended_on = reason.strip()[:500], on
    case.save()
    steps.close_reply(case, on)
    text = f"申请单位已撤回申请：{case.end_reason}"
    procedures.notify(case=case.case_ref(), department_id=case.bureau_id, text=text)
    if case.consulted_on:
        procedures.notify(case=case.case_ref(), department_id=case.provider_id, text=text)
    events.record(E.OUTSIDE_WITHDRAWN, actor=actor, case=case.case_ref(), on=on, decision=decision)
    return case
