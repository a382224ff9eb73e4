"""What every step of a verification ends with: clocks and inbox lines closed, an event row."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.kernel import Decision
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E
from shuqiao.sharing.models import Verification


def close(verification: Verification, on: date) -> None:
    """What ran and waited on the case is done."""
    case = verification.case_ref()
    procedures.settle(case=case)
    if term := procedures_queries.open_term_of(case):
        procedures.close_term(term_id=term.id, on=on)


def record(
    event: E,
    actor: Actor,
    verification: Verification,
    department_id: UUID,
    *,
    on: date,
    decision: Decision | None = None,
) -> None:
    events.record(
        event,
        actor=actor,
        case=verification.case_ref(),
        department_id=department_id,
        on=on,
        decision=decision,
        data={"correct_by": verification.correct_by.isoformat()} if verification.correct_by else {},
    )
