"""The one way to write an event row."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.kernel import Decision
from shuqiao.kernel.time import day_of, now
from shuqiao.procedures.models import Event, UnsealedEvent
from shuqiao.procedures.types import CaseRef, E


def record(
    type: E,  # noqa: A002 - an event has a type, and the word is only this function's
    *,
    actor: Actor,
    case: CaseRef,
    department_id: UUID | None = None,
    on: date | None = None,
    decision: Decision | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write what happened, inside the transaction of the step that did it.

    `department_id` is the department on whose behalf the actor acted; left out, it is the actor's first post.
    `on` is the statutory day of the step, today by default.
    """
    post = next((post for post in actor.posts if post.department_id == department_id), None)
    post = post or (actor.first_post if department_id is None else None)
    at = now()
    event = Event.objects.create(
        type=type,
        at=at,
        on=on or day_of(at),
        actor_id=actor.user_id,
        # An event never changes and a registration can be erased: a party's name is not written into it.
        actor_name="注册用户" if actor.party_id else actor.name + _for_whom(actor),
        department_id=department_id or (post.department_id if post else None),
        department_name=post.department_name if post else "",
        case_kind=case.kind,
        case_id=case.id,
        case_number=case.number,
        decision=decision.as_json() if decision else None,
        data=(data or {}) | _substituted(actor),
    )
    UnsealedEvent.objects.create(event_id=event.id)
    return event


def _for_whom(actor: Actor) -> str:
    """ " 代 陈局长" when the step rests on an absent person's post."""
    names = sorted({post.stands_in_for for post in actor.relied_on})
    return f" 代 {'、'.join(names)}" if names else ""


def _substituted(actor: Actor) -> dict[str, Any]:
    ids = sorted({str(post.stands_in_for_id) for post in actor.relied_on})
    return {"stands_in_for": ids} if ids else {}
