"""Steps of a return flow. The only code that writes return flows and marks (Decree 24)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import GrantOrder, Mode
from shuqiao.kernel import Decision, IllegalMove, InvalidInput, NotFound
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.sharing import offers
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning import queries, rules
from shuqiao.sharing.returning.types import AreaForm, NoFacts, ReturnDraft, ReturnStatus
from shuqiao.store import ColumnType

PURPOSE_MOST = 300


@transaction.atomic
def ask_return(
    *,
    actor: Actor,
    department_id: UUID,
    entry_id: UUID,
    resource_id: UUID | None = None,
    draft: ReturnDraft,
    on: date,
) -> ReturnFlow:
    """A department of a lower division asks for its area's rows. Where the table is marked they open at once, nobody's
    consent needed; where it is not, its provider has to mark it, or show the law that forbids it."""
    actor.demand(P.SHARING_REQUEST_SIGN, department_id=department_id)
    # Of two clicks the second finds the first.
    Department.objects.select_for_update().get(id=department_id)
    department = organizations.get_department(department_id)
    listing = offers.listing_of(entry_id, resource_id)
    _wait_for(listing.provider_id)
    _check(draft, listing)
    regime = organizations.regime_of(listing.division, on)
    facts = queries.facts_of(department, listing, draft)
    decision = rules.may_ask(facts, regime, on).or_raise()
    assert listing.resource_id is not None  # the rule refuses an entry without a table
    labels = listing.labels()
    flow = ReturnFlow.objects.create(
        number=procedures.next_case_number(kind=CaseKind.RETURN_FLOW, division=listing.division, on=on),
        department=department,
        provider_id=listing.provider_id,
        division_id=listing.division,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        title=listing.entry.title,
        items=[{"name": name, "item": labels[name]} for name in draft.items],
        modes=list(draft.modes),
        purpose=draft.purpose.strip(),
        valid_until=draft.valid_until,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_on=on,
    )
    events.record(
        E.RETURN_ASKED, actor=actor, case=flow.case_ref(), department_id=department.id, on=on,
        decision=decision, data={"items": list(draft.items)},
    )  # fmt: skip
    if rules.may_open(facts, regime, on).allowed:
        return _open(flow, listing, regime, on)
    _ask_for_mark(flow, decision)
    return flow


def _wait_for(provider_id: UUID) -> None:
    """Asking and marking take turns at one provider: else each would miss what the other is about to write, and a flow
    would wait for a mark that is there."""
    Department.objects.select_for_update(no_key=True).get(id=provider_id)


def _ask_for_mark(flow: ReturnFlow, decision: Decision) -> None:
    """The provider has to say which column holds the division."""
    procedures.assign(
        case=flow.case_ref(),
        department=flow.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="标注回流数据的区划列",
        detail=f"{flow.department.name}申请回流本区域的“{flow.title}”，用于{flow.purpose}",
        basis=decision.basis,
        stage="decision",
    )


def _check(draft: ReturnDraft, listing: offers.Listing) -> None:
    labels = listing.labels()
    if strange := [name for name in draft.items if name not in labels]:
        raise InvalidInput.one("信息项", f"没有“{strange[0]}”这一列")
    if len(set(draft.items)) != len(draft.items):
        raise InvalidInput.one("信息项", "同一信息项选了两次")
    if len(draft.purpose.strip()) > PURPOSE_MOST:
        raise InvalidInput.one("用途", f"最多 {PURPOSE_MOST} 个字")


def _open(flow: ReturnFlow, listing: offers.Listing, regime: law.Regime, on: date) -> ReturnFlow:
    """The platform's own yes: the rows of the department's area, and of no other."""
    facts = queries.facts_of(flow.department, listing, queries.draft_of(flow), flow=flow)
    decision = rules.may_open(facts, regime, on).or_raise()
    mark = queries.mark_of(listing.resource_id)
    if mark is None or listing.resource_id is None:  # the rule has found the column
        raise IllegalMove(f"数据回流 {flow.number}", "没有标注区划列", "开通")
    where = queries.area_of(flow.department).condition(mark.column, AreaForm(mark.form))
    flow.move_to(ReturnStatus.OPENED)
    titles = law.article_titles(decision.basis)
    order = GrantOrder(
        resource_id=listing.resource_id,
        grantee_id=flow.department_id,
        columns=facts.scope.items,
        where=(where,),
        purpose=flow.purpose,
        scenario=f"数据回流：{flow.department.division.name}的数据",
        legal_basis=f"数据回流 {flow.number}" + (f"，{titles}" if titles else ""),
        legal_basis_level=_level_of(decision),
        modes=tuple(Mode(mode) for mode in facts.scope.modes),
        valid_from=on,
        valid_until=flow.valid_until,
        case=flow.case_ref(),
    )
    flow.grant = delivery.issue_grant(actor=PLATFORM, order=order, decision=decision, on=on)
    flow.where, flow.closed_on = [where], on
    flow.answered_by_name, flow.decision_json = "平台", decision.as_json()
    flow.save()
    procedures.settle(case=flow.case_ref())
    procedures.notify(
        case=flow.case_ref(),
        department_id=flow.provider_id,
        text=f"“{flow.title}”已向{flow.department.name}回流其区域内的数据",
    )
    events.record(
        E.RETURN_OPENED, actor=PLATFORM, case=flow.case_ref(), department_id=flow.provider_id, on=on,
        decision=decision, data={"where": flow.where, "grant": flow.grant.number},
    )  # fmt: skip
    return flow


def _level_of(decision: Decision) -> BasisLevel:
    packs = law.load_packs()
    found = [packs[article.pack].level for article in decision.basis if article.pack in packs]
    return found[0] if found else BasisLevel.NORMATIVE


@transaction.atomic
def mark_resource(
    *, actor: Actor, entry_id: UUID, resource_id: UUID | None = None, column: str, form: AreaForm, on: date
) -> ReturnMark:
    """The provider says which column holds the lower division, as code or as name. What waited for it opens at once."""
    listing = offers.listing_of(entry_id, resource_id)
    actor.demand(P.SHARING_REQUEST_ANSWER, department_id=listing.provider_id)
    _wait_for(listing.provider_id)
    if listing.table is None or listing.table.file is not None:
        raise InvalidInput.one("区划列", "只有已发布的数据表可以标注")
    regime = organizations.regime_of(listing.division, on)
    texts = {one.name for one in listing.table.columns if one.type == ColumnType.TEXT}
    decision = rules.may_mark(column=column, known=column in texts, regime=regime).or_raise()
    mark, _ = ReturnMark.objects.update_or_create(
        resource_id=listing.table.id,
        defaults={
            "entry_id": entry_id,
            "provider_id": listing.provider_id,
            "column": column,
            "form": form,
            "marked_by_name": actor.name,
            "marked_on": on,
        },
    )
    case = CaseRef(
        CaseKind.RETURN_FLOW, mark.id, listing.entry.code[:32], listing.entry.title, f"/catalog/{entry_id}/"
    )
    events.record(
        E.RETURN_MARKED, actor=actor, case=case, department_id=listing.provider_id, on=on,
        decision=decision, data={"column": column, "form": form.value},
    )  # fmt: skip
    for flow_id in queries.waiting_for(listing.table.id):
        flow = queries.get_return_for(PLATFORM, flow_id, P.SHARING_REQUEST_READ, lock=True)
        facts = queries.facts_of(flow.department, listing, queries.draft_of(flow), flow=flow)
        if flow.status == ReturnStatus.ASKED and rules.may_open(facts, regime, on).allowed:
            _open(flow, listing, regime, on)
    return mark


@transaction.atomic
def open_return(*, actor: Actor, flow_id: UUID, on: date) -> ReturnFlow:
    """The provider has the marked column taken for a flow that still waits. Raises RuleRefused while there is none."""
    flow = queries.get_return_for(actor, flow_id, P.SHARING_REQUEST_ANSWER, lock=True)
    if flow.status != ReturnStatus.ASKED:
        raise IllegalMove(f"数据回流 {flow.number}", ReturnStatus(flow.status).label, "开通")
    try:
        listing = offers.listing_of(flow.entry_id, flow.resource_id)
    except NotFound:
        raise IllegalMove(f"数据回流 {flow.number}", "目录条目或数据已撤下", "开通") from None
    return _open(flow, listing, queries.regime_for(flow, on), on)


@transaction.atomic
def refuse_return(*, actor: Actor, flow_id: UUID, no: NoFacts, on: date) -> ReturnFlow:
    """The provider shows the law that keeps the data closed; there is no other ground for a no."""
    flow = queries.get_return_for(actor, flow_id, P.SHARING_REQUEST_ANSWER, lock=True)
    flow.move_to(ReturnStatus.REFUSED)
    decision = rules.may_refuse(no, queries.regime_for(flow, on)).or_raise()
    flow.answered_by_name, flow.decision_json = actor.name, decision.as_json()
    flow.answer_basis, flow.answer_level = no.basis.strip()[:500], no.level.value if no.level else ""
    flow.closed_on = on
    flow.save()
    procedures.settle(case=flow.case_ref())
    procedures.notify(
        case=flow.case_ref(),
        department_id=flow.department_id,
        text=f"不能回流：{decision.reason}（{flow.answer_basis}）",
    )
    events.record(
        E.RETURN_REFUSED, actor=actor, case=flow.case_ref(), department_id=flow.provider_id, on=on,
        decision=decision, data={"basis": flow.answer_basis},
    )  # fmt: skip
    return flow


@transaction.atomic
def withdraw_return(*, actor: Actor, flow_id: UUID, reason: str, on: date) -> ReturnFlow:
    """Who asked no longer needs it."""
    flow = queries.get_return_for(actor, flow_id, P.SHARING_REQUEST_SIGN, lock=True)
    flow.move_to(ReturnStatus.WITHDRAWN)
    decision = rules.may_withdraw(reason, queries.regime_for(flow, on)).or_raise()
    flow.closed_on, flow.decision_json = on, decision.as_json()
    flow.save()
    procedures.settle(case=flow.case_ref())
    procedures.notify(
        case=flow.case_ref(), department_id=flow.provider_id, text=f"回流申请已撤回：{decision.reason}"
    )
    events.record(
        E.RETURN_WITHDRAWN, actor=actor, case=flow.case_ref(), department_id=flow.department_id, on=on,
        decision=decision,
    )  # fmt: skip
    return flow
