"""What happened to a case, as the timeline shows it: from event rows, or from plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from shuqiao.kernel import Decision
from shuqiao.portal.wording import CHINA
from shuqiao.procedures.models import Event as EventRow
from shuqiao.procedures.types import E

# What an organisation has decided or signed carries a seal; everything else is a dot.
SEALS = {
    E.ENTRY_SUBMITTED: "签署报送",
    E.ENTRY_PUBLISHED: "审核发布",
    E.VERSION_PUBLISHED: "复核发布",
    E.REQUEST_SUBMITTED: "申请签署",
    E.REQUEST_EXTENDED: "同意延期",
    E.REQUEST_EXTENSION_DENIED: "不予延期",
    E.REQUEST_APPROVED: "同意共享",
    E.REQUEST_REFUSED: "不予共享",
    E.GRANT_SUSPENDED: "暂停授权",
    E.GRANT_RESUMED: "恢复授权",
    E.GRANT_ENDED: "终止授权",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline.

    `when`: a day, a moment or words. `count`: number of the working day, e.g. 第 3 日，按时. `seal`: four characters
    when the event is an official act, "" otherwise; `seal_state`: "", line or wait. `basis`: articles.
    `next`: it has not happened yet.
    """

    title: str
    when: Any = ""
    count: str = ""
    text: str = ""
    seal: str = ""
    seal_state: str = ""
    seal_label: str = ""
    basis: tuple[Any, ...] = field(default=())
    next: bool = False
    machine: str = ""


def events_of(events: Iterable[Any]) -> list[Event]:
    """Events from event rows (procedures.Event), mappings or objects of the same names; moments become words."""
    return [_event(one) for one in events]


def _row(row: EventRow) -> dict[str, Any]:
    kind = E(row.type)
    decision = Decision.from_json(row.decision) if row.decision else None
    who = " ".join(part for part in (row.department_name, row.actor_name) if part)
    return {
        "title": kind.label,
        "when": row.at,
        "text": f"{who}。{decision.reason}" if decision else who,
        "seal": SEALS.get(kind, ""),
        "basis": decision.basis if decision else (),
    }


def _event(one: Any) -> Event:
    if isinstance(one, EventRow):
        one = _row(one)
    known = [f.name for f in fields(Event)]
    values = (
        {name: one[name] for name in known if name in one}
        if isinstance(one, Mapping)
        else {name: getattr(one, name) for name in known if hasattr(one, name)}
    )
    when = values.get("when", "")
    if isinstance(when, datetime) and when.tzinfo:
        when = when.astimezone(CHINA)
    if isinstance(when, date):
        values["machine"] = when.isoformat()
        values["when"] = _day(when)
    values["basis"] = tuple(values.get("basis") or ())
    return Event(**values)


def _day(when: date) -> str:
    """3月2日, with the hour and minute when a moment is known."""
    day = f"{when.month}月{when.day}日"
    return f"{day} {when:%H:%M}" if isinstance(when, datetime) else day
