"""Commercial use goes to who won an open competition; the competition itself is held outside and recorded here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.opening.models import OpenCompetition
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures.types import E


@transaction.atomic
def record_competition(
    *, actor: Actor, entry_id: UUID, number: str, method: str, held_on: date, winner_id: UUID, on: date
) -> OpenCompetition:
    """The provider records an open competition for the commercial use of an entry: number, kind, day, winner
    (Dongchangfu 25). Raises InvalidInput naming everything that is missing."""
    entry = catalog.facts_of(entry_id)
    actor.demand(P.OPENING_APPLICATION_ANSWER, department_id=entry.department_id)
    winner = organizations.get_party(winner_id)
    problems = [
        Problem(label, "必填")
        for label, text in (("竞争记录编号", number), ("方式", method))
        if not text.strip()
    ]
    if held_on > on:
        problems.append(Problem("确定日期", "不能晚于今天"))
    if OpenCompetition.objects.filter(division=entry.division, number=number.strip()).exists():
        problems.append(Problem("竞争记录编号", "已经登记过"))
    if problems:
        raise InvalidInput(problems)
    made = OpenCompetition.objects.create(
        entry_id=entry_id,
        division_id=entry.division,
        provider_id=entry.department_id,
        title=entry.title,
        number=number.strip()[:64],
        method=method.strip()[:64],
        held_on=held_on,
        winner=winner,
        recorded_by_id=actor.user_id,
        recorded_on=on,
    )
    events.record(
        E.COMPETITION_RECORDED, actor=actor, case=made.case_ref(), department_id=entry.department_id, on=on,
        data={"winner": str(winner.id), "method": made.method, "held_on": str(held_on)},
    )  # fmt: skip
    return made
