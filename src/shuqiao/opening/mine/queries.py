"""Own cases, whatever procedure they are of: rows every procedure writes with `procedures.owning.own_case`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shuqiao.kernel import Decision
from shuqiao.opening.models import Feedback, OpenApplication, Work
from shuqiao.procedures import owning
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.models import Event, OwnCase, Term
from shuqiao.procedures.types import CaseKind, E

# Where a case of another app stands after its last event, in the words of its own page.
STANDS: Mapping[str, tuple[str, str]] = {
    E.OUTSIDE_SUBMITTED: ("待审查", "wait"),
    E.OUTSIDE_SUPPLEMENT_ASKED: ("待补正", "ochre"),
    E.OUTSIDE_SUPPLEMENTED: ("待审查", "wait"),
    E.OUTSIDE_CONSULTED: ("征求提供部门意见", "wait"),
    E.OUTSIDE_CONSENTED: ("待答复", "wait"),
    E.OUTSIDE_OBJECTED: ("待答复", "wait"),
    E.OUTSIDE_APPROVED: ("已同意，待双方确认协议", "ochre"),
    E.OUTSIDE_SIGNED: ("已同意，待双方确认协议", "ochre"),
    E.OUTSIDE_REFUSED: ("未同意", "off"),
    E.OUTSIDE_OPENED: ("已按协议开通", "jade"),
    E.OUTSIDE_WITHDRAWN: ("已撤回", "off"),
    E.OUTSIDE_ENDED: ("协议已到期", "off"),
    E.OUTSIDE_REVOKED: ("已收回", "late"),
}


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One case as its owner sees it in the list: what happened last, and the clock that runs."""

    row: OwnCase
    kind: str
    state: str
    tone: str
    last: Event | None
    term: Term | None


def lines_of(rows: list[OwnCase]) -> list[OwnLine]:
    """The rows of one page with state and clock. One query a kind, and one for the last events."""
    ids: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        ids[row.case_kind].append(row.case_id)
    terms: dict[UUID, Term] = {}
    for kind, case_ids in ids.items():
        terms |= procedures.open_terms_of_many(CaseKind(kind), case_ids)
    last = owning.last_events_of(rows)
    states = {case_id: STANDS.get(event.type, (_said(event), "")) for case_id, event in last.items()}
    states |= _states(ids)
    return [
        OwnLine(
            row=row,
            kind=CaseKind(row.case_kind).label,
            state=states.get(row.case_id, ("", ""))[0],
            tone=states.get(row.case_id, ("", ""))[1],
            last=last.get(row.case_id),
            term=terms.get(row.case_id),
        )
        for row in rows
    ]


def _states(ids: dict[str, list[UUID]]) -> dict[UUID, tuple[str, str]]:
    """State and tone of the cases whose rows are this app's."""
    found: dict[UUID, tuple[str, str]] = {}
    for kind, model in (
        (CaseKind.FEEDBACK, Feedback),
        (CaseKind.WORK, Work),
        (CaseKind.OPEN_APPLICATION, OpenApplication),
    ):
        if kind in ids:
            for one in model._default_manager.filter(pk__in=ids[kind]):
                found[one.pk] = (one.get_status_display(), one.tone)
    return found


def _said(event: Event) -> str:
    return str(event.get_type_display())


@dataclass(frozen=True, slots=True)
class Course:
    """A case as shown to who holds its code: state, clock, steps, and the answer with its reason and basis."""

    line: OwnLine
    history: Sequence[Event]
    decision: Decision | None
    answer: str


def course_of(row: OwnCase) -> Course:
    """The course of one case. The answer of other procedures is the last decision in their events."""
    case = owning.case_of_own(row)
    history = procedures.history_of(case)
    decided = next((event.decision for event in reversed(history) if event.decision), None)
    answer = ""
    if row.case_kind == CaseKind.FEEDBACK:
        answer = Feedback.objects.values_list("answer", flat=True).filter(pk=row.case_id).first() or ""
    decision = Decision.from_json(decided) if decided and len(history) > 1 else None
    return Course(lines_of([row])[0], history, decision, answer)
