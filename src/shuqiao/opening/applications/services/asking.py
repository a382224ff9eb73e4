"""The applicant's steps: apply, supplement, withdraw."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import IllegalMove, InvalidInput, Problem
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.services.telling import assign_to_provider
from shuqiao.opening.applications.types import ApplicationStatus, Draft, Purpose
from shuqiao.opening.models import OpenApplication
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events, owning
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.resources.types import ResourceFacts

TEXTS = {"purpose": ("用途", 300), "scenario": ("使用场景", 1000), "safeguards": ("安全保障措施", 1000)}


@transaction.atomic
def submit_application(
    *, actor: Actor, entry_id: UUID, resource_id: UUID | None = None, draft: Draft, on: date
) -> tuple[OpenApplication, str]:
    """Somebody registered asks for data that is open on application. Returns the application with its receipt number,
    and the code that shows it without an account; the provider's clock starts where the regime has one."""
    party = queries.applicant(actor)
    table = queries.table_of(entry_id, resource_id)
    entry = catalog.facts_of(entry_id)
    check_lengths(draft)
    facts = queries.facts_of_draft(party, entry_id, queries.offer_of(entry, table), draft)
    regime = organizations.regime_of(table.division, on)
    decision = rules.may_apply(facts, regime, on).or_raise()
    application = OpenApplication.objects.create(
        number=procedures.next_case_number(kind=CaseKind.OPEN_APPLICATION, division=table.division, on=on),
        party=party,
        provider_id=table.department_id,
        division_id=table.division,
        entry_id=entry_id,
        resource_id=table.id,
        competition=_competition(draft, party.id, entry_id),
        title=entry.title,
        submitted_on=on,
        items=_items(draft, table),
        **_words(draft),
    )
    case = application.case_ref()
    resolved = regime.term(rules.REPLY)
    term = None
    if resolved:
        term = procedures.open_term(
            case=case, resolved=resolved, received_on=on, department=application.provider
        )
    detail = f"{party.name}申请 {len(application.items)} 个信息项，用于{application.purpose}"
    assign_to_provider(application, "答复开放申请", detail, decision, term)
    events.record(
        E.APPLICATION_SUBMITTED, actor=actor, case=case, on=on, decision=decision,
        data={"items": list(draft.items), "purpose_kind": draft.purpose_kind},
    )  # fmt: skip
    return application, owning.own_case(case=case, party_id=party.id, on=on)


def check_lengths(draft: Draft) -> None:
    """Raises InvalidInput naming every text that is too long, and items named twice."""
    problems = [
        Problem(label, f"最多 {most} 个字")
        for name, (label, most) in TEXTS.items()
        if len(getattr(draft, name).strip()) > most
    ]
    if len(set(draft.items)) != len(draft.items):
        problems.append(Problem("信息项", "同一信息项选了两次"))
    if draft.purpose_kind not in Purpose.values:
        problems.append(Problem("用途类别", f"没有这个类别：{draft.purpose_kind}"))
    if problems:
        raise InvalidInput(problems)


def _words(draft: Draft) -> dict[str, Any]:
    return {
        **{name: getattr(draft, name).strip() for name in TEXTS},
        "purpose_kind": draft.purpose_kind,
        "valid_until": draft.valid_until,
        "public_benefit": draft.public_benefit,
        "written_reply": draft.written_reply,
    }


def _items(draft: Draft, table: ResourceFacts) -> list[dict[str, str]]:
    entry = catalog.facts_of(table.entry_id)
    names = {item.id: item.name for item in entry.items}
    labels = {one.name: names.get(one.item, one.name) if one.item else one.name for one in table.columns}
    masks = {one.name: one.mask for one in table.offer or ()}
    return [
        {"name": name, "item": labels.get(name, name), "mask": masks.get(name, "none")}
        for name in draft.items
    ]


def _competition(draft: Draft, party_id: UUID, entry_id: UUID) -> Any:
    return queries.competition_won(party_id, entry_id) if draft.purpose_kind == Purpose.COMMERCIAL else None


@transaction.atomic
def supplement_application(
    *, actor: Actor, application_id: UUID, draft: Draft, note: str, on: date
) -> OpenApplication:
    """What was asked for is there: the application anew, and the clock goes on."""
    application = queries.get_own(actor, application_id, lock=True)
    if application.status != ApplicationStatus.SUPPLEMENT_ASKED:
        raise IllegalMove(
            f"开放申请 {application.number}", ApplicationStatus(application.status).label, "补正"
        )
    if not note.strip():
        raise InvalidInput.one("补正说明", "写明补充了什么")
    check_lengths(draft)
    facts = queries.facts_of_draft(
        application.party, application.entry_id, queries.offer_now(application), draft
    )
    decision = rules.may_apply(facts, queries.regime_for(application, on), on).or_raise()
    table = queries.table_of(application.entry_id, application.resource_id)
    application.move_to(ApplicationStatus.SUBMITTED)
    for name, value in _words(draft).items():
        setattr(application, name, value)
    application.items = _items(draft, table)
    application.competition = _competition(draft, application.party_id, application.entry_id)
    last = {**application.supplements[-1], "answered_on": on.isoformat(), "note": note.strip()[:1000]}
    application.supplements = [*application.supplements[:-1], last]
    application.save()
    term = procedures_queries.open_term_of(application.case_ref())
    if term:
        term = procedures.resume_term(term_id=term.id, on=on)
    assign_to_provider(application, "答复开放申请", f"已补正：{note.strip()}", decision, term)
    events.record(
        E.APPLICATION_SUPPLEMENTED, actor=actor, case=application.case_ref(), on=on, decision=decision
    )
    return application


@transaction.atomic
def withdraw_application(*, actor: Actor, application_id: UUID, reason: str, on: date) -> OpenApplication:
    """The applicant no longer asks. Possible until the data is opened."""
    application = queries.get_own(actor, application_id, lock=True)
    decision = rules.may_withdraw(reason=reason, regime=queries.regime_for(application, on)).or_raise()
    application.move_to(ApplicationStatus.WITHDRAWN)
    application.end_reason, application.ended_on = reason.strip()[:500], on
    application.save()
    close_reply(application, on)
    procedures.notify(
        case=application.case_ref(),
        department_id=application.provider_id,
        text=f"开放申请已撤回：{application.end_reason}",
    )
    events.record(E.APPLICATION_WITHDRAWN, actor=actor, case=application.case_ref(), on=on, decision=decision)
    return application


def close_reply(application: OpenApplication, on: date) -> None:
    """The answer has been given, or is no longer wanted: its clock stops, its lines leave every inbox."""
    if term := procedures_queries.open_term_of(application.case_ref()):
        procedures.close_term(term_id=term.id, on=on)
    procedures.settle(case=application.case_ref())
