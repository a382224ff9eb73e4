"""Steps of a check before collecting: ask, then decide item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import IllegalMove, InvalidInput, Problem
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, E
from shuqiao.sharing.collecting import queries, rules
from shuqiao.sharing.collecting.types import REPEATS, CheckFacts, CheckStatus, Choice, Verdict
from shuqiao.sharing.models import CollectionCheck, CollectionItem

MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a department wants to collect, as it writes it."""

    title: str
    purpose: str
    collected_from: str
    items: tuple[str, ...]
    basis: str = ""


def _problems(wanted: Wanted, names: list[str]) -> list[Problem]:
    missing = (
        ("拟采集的数据", wanted.title), ("用途", wanted.purpose), ("采集对象", wanted.collected_from),
    )  # fmt: skip
    found = [Problem(label, "必填") for label, text in missing if not text.strip()]
    if not names:
        found.append(Problem("数据项", "每行写一项，至少一项"))
    if len(names) > MOST:
        found.append(Problem("数据项", f"一次最多 {MOST} 项"))
    return found


@transaction.atomic
def check_collection(*, actor: Actor, department_id: UUID, wanted: Wanted, on: date) -> CollectionCheck:
    """A department asks before it collects; the platform answers item by item what the catalogue holds, and the
    answer is kept as it was that day (Shenyang 14, Decree 19)."""
    department = organizations.get_department(department_id)
    actor.demand(P.SHARING_REQUEST_DRAFT, department_id=department.id)
    names = [name[:128] for name in dict.fromkeys(line.strip() for line in wanted.items) if name]
    if problems := _problems(wanted, names):
        raise InvalidInput(problems)
    found = queries.look_up(department.division_id, names, department.pk)
    facts = CheckFacts(str(department.id), wanted.purpose, wanted.basis, found.items)
    decision = rules.answer(facts, organizations.regime_of(department.division_id, on))
    check = CollectionCheck.objects.create(
        number=procedures.next_case_number(
            kind=CaseKind.COLLECTION_CHECK, division=department.division_id, on=on
        ),
        department=department,
        division_id=department.division_id,
        title=wanted.title.strip()[:200],
        purpose=wanted.purpose.strip()[:500],
        collected_from=wanted.collected_from.strip()[:200],
        basis=wanted.basis.strip()[:300],
        decision_json=decision.as_json(),
        by_id=actor.user_id,
        asked_on=on,
    )
    CollectionItem.objects.bulk_create(
        CollectionItem(
            check_of=check,
            order=order,
            name=item.name,
            verdict=rules.verdict_of(item, str(department.id)),
            found=[holding.to_json() for holding in item.holdings],
            source=found.sources.get(item.name, {}),
        )
        for order, item in enumerate(found.items, 1)
    )
    events.record(
        E.COLLECTION_CHECKED, actor=actor, case=check.case(), department_id=department.id, on=on, decision=decision,
        data={"items": len(names)},
    )  # fmt: skip
    return check


@transaction.atomic
def decide_items(
    *, actor: Actor, check_id: UUID, choices: Mapping[UUID, tuple[str, str]], on: date
) -> CollectionCheck:
    """The department says of every item: share instead, collect all the same with the reason, or not needed. What
    is collected although it can be shared is told to the bureau."""
    check = queries.get_check_for(actor, check_id, P.SHARING_REQUEST_DRAFT, lock=True)
    if check.status != CheckStatus.ANSWERED:
        raise IllegalMove(f"采集前查询 {check.number}", CheckStatus(check.status).label, "逐项确定")
    items = list(check.items.all())
    regime = organizations.regime_of(check.division_id, on)
    problems = []
    for item in items:
        choice, reason = choices.get(item.pk, ("", ""))
        if choice not in Choice.values:
            problems.append(Problem(item.name, "选择改为共享、仍要采集或者不再需要"))
            continue
        item.choice, item.reason = choice, reason.strip()[:500]
    if problems:
        raise InvalidInput(problems)
    for item in items:
        rules.may_collect(Verdict(item.verdict), Choice(item.choice), item.reason, regime).or_raise()
    CollectionItem.objects.bulk_update(items, ["choice", "reason"])
    check.move_to(CheckStatus.DECIDED)
    check.decided_by_id, check.decided_on = actor.user_id, on
    check.save()
    _tell_bureau(check, items)
    events.record(
        E.COLLECTION_CHECKED, actor=actor, case=check.case(), department_id=check.department_id, on=on,
        data={"choices": {item.name: item.choice for item in items}},
    )  # fmt: skip
    return check


def _tell_bureau(check: CollectionCheck, items: list[CollectionItem]) -> None:
    repeated = [item.name for item in items if item.choice == Choice.COLLECT and item.verdict in REPEATS]
    if not repeated:
        return
    names = "、".join(repeated[:8])
    procedures.notify(
        case=check.case(),
        department_id=organizations.bureau_of(check.division_id).id,
        text=f"{check.department.name}仍要采集可共享的 {len(repeated)} 项：{names}（{check.number}）",
    )
