"""REST of demands: the same steps and reads as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.sharing.demands import queries, services, telling
from shuqiao.sharing.demands.types import NoFacts, NoKind, Wanted
from shuqiao.sharing.models import Demand

router = Router(tags=["demands"])
PAGE_MAX = 200
OFFSET_MAX = 1_000_000_000


class WantedIn(Schema):
    """What is needed, and what for."""

    title: str = ""
    items: list[str] = []
    purpose: str = ""
    service_item: str = ""
    basis: str = ""
    not_enough: str = ""

    def wanted(self) -> Wanted:
        """The form that services take."""
        said = WantedIn(**{name: getattr(self, name) for name in WantedIn.model_fields}).dict(
            exclude={"items"}
        )
        return Wanted(items=tuple(self.items), **said)


class PostIn(WantedIn):
    """A new demand of a department."""

    department_id: UUID


class AssignIn(Schema):
    """To whom."""

    department_id: UUID
    note: str = ""


class MergeIn(Schema):
    """Into which."""

    into_id: UUID


class DemandReasonIn(Schema):
    """A reason."""

    reason: str = ""


class AcceptDemandIn(Schema):
    """A promise: by which day, and the entry if it has been begun."""

    promised_on: date | None = None
    note: str = ""
    entry_id: UUID | None = None


class EntryIn(Schema):
    """An entry of the catalogue."""

    entry_id: UUID
    note: str = ""


class RefuseDemandIn(Schema):
    """A no. The rule says what is missing."""

    kind: NoKind | None = None
    reason: str = ""
    basis: str = ""
    level: law.BasisLevel | None = None


class SupportIn(Schema):
    """Which department needs it too."""

    department_id: UUID
    note: str = ""


class FoundOut(Schema):
    """What the catalogue already has."""

    entry: str
    title: str
    department: str
    sharing_type: str
    items: list[str]


class DemandOut(Schema):
    """A demand as it stands."""

    id: UUID
    number: str
    status: str
    title: str
    items: list[str]
    purpose: str
    service_item: str
    basis: str
    department_id: UUID | None
    from_public: str
    posted_on: date
    assigned_to_id: UUID | None
    assigned_on: date | None
    returned_reason: str
    promised_on: date | None
    entry_id: UUID | None
    merged_into_id: UUID | None
    answer_kind: str
    answer_reason: str
    answer_basis: str
    answered_on: date | None
    closed_on: date | None
    decision_json: dict[str, Any] | None


class OneDemandOut(DemandOut):
    """A demand with who else needs it, what became of its entry, and what the caller may do next."""

    gone: str
    supporters: list[dict[str, Any]]
    acts: list[dict[str, Any]]


class DemandPage(Schema):
    """Some demands, and how many there are in all."""

    count: int
    items: list[DemandOut]


class DemandFilterIn(Schema):
    """`which`: ours, to_us, supported, to_assign, late; `status`: one state, or open."""

    which: str = ""
    status: str = ""
    q: str = ""
    limit: int = 50
    offset: int = 0


@router.get("", response=DemandPage, url_name="sharing-demands")
def list_demands(request: Request, filters: Query[DemandFilterIn]) -> dict[str, Any]:
    """Demands the caller may see. At most 200 at once."""
    request.actor.demand(P.SHARING_DEMAND_READ)
    found = queries.list_demands_for(
        request.actor, filters.dict(include={"which", "status", "q"}), on=today()
    )
    first = max(0, min(filters.offset, OFFSET_MAX))
    return {
        "count": found.count(),
        "items": list(found[first : first + max(1, min(filters.limit, PAGE_MAX))]),
    }


@router.get("/statistics", url_name="sharing-demand-statistics")
def statistics(request: Request) -> dict[str, Any]:
    """Of the divisions the caller assigns for: by state, days to an end, promises kept and late."""
    request.actor.demand(P.SHARING_DEMAND_ASSIGN)
    return queries.statistics_for(request.actor, on=today())


@router.post("/already-there", response=list[FoundOut], url_name="sharing-demand-found")
def already_there(request: Request, body: PostIn) -> list[dict[str, Any]]:
    """What the catalogue already has of this."""
    request.actor.demand(P.SHARING_DEMAND_POST, department_id=body.department_id)
    division = next(post.division for post in request.actor.posts if post.department_id == body.department_id)
    return [one.to_json() for one in queries.already_there(request.actor, division, body.wanted())]


@router.post("", response={201: DemandOut}, url_name="sharing-demand-create")
def create(request: Request, body: PostIn) -> Status[Demand]:
    """Post a demand."""
    made = services.post_demand(
        actor=request.actor, department_id=body.department_id, wanted=body.wanted(), on=today()
    )
    return Status(201, made)


@router.get("/{demand_id}", response=OneDemandOut, url_name="sharing-demand")
def get(request: Request, demand_id: UUID) -> dict[str, Any]:
    """One demand."""
    demand = queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_READ)
    shown: dict[str, Any] = {name: getattr(demand, name) for name in DemandOut.model_fields}
    shown["gone"] = demand.gone()
    shown["supporters"] = [
        {"department_id": str(one.department_id), "on": one.on, "note": one.note}
        for one in queries.supporters_of(demand)
    ]
    shown["acts"] = [act.to_json() for act in telling.acts_for(request.actor, demand, today())]
    return shown


@router.post("/{demand_id}/assign", response=DemandOut, url_name="sharing-demand-assign")
def assign(request: Request, demand_id: UUID, body: AssignIn) -> Demand:
    """To the department responsible."""
    return services.assign_demand(
        actor=request.actor, demand_id=demand_id, department_id=body.department_id, note=body.note, on=today()
    )


@router.post("/{demand_id}/merge", response=DemandOut, url_name="sharing-demand-merge")
def merge(request: Request, demand_id: UUID, body: MergeIn) -> Demand:
    """Into another."""
    return services.merge_demand(actor=request.actor, demand_id=demand_id, into_id=body.into_id, on=today())


@router.post("/{demand_id}/return", response=DemandOut, url_name="sharing-demand-return")
def return_(request: Request, demand_id: UUID, body: DemandReasonIn) -> Demand:
    """Not ours."""
    return services.return_demand(actor=request.actor, demand_id=demand_id, reason=body.reason, on=today())


@router.post("/{demand_id}/accept", response=DemandOut, url_name="sharing-demand-accept")
def accept(request: Request, demand_id: UUID, body: AcceptDemandIn) -> Demand:
    """A promise."""
    return services.accept_demand(
        actor=request.actor,
        demand_id=demand_id,
        promised_on=body.promised_on,
        note=body.note,
        entry_id=body.entry_id,
        on=today(),
    )


@router.post("/{demand_id}/link", response=DemandOut, url_name="sharing-demand-link")
def link(request: Request, demand_id: UUID, body: EntryIn) -> Demand:
    """The entry that will meet it."""
    return services.link_entry(actor=request.actor, demand_id=demand_id, entry_id=body.entry_id, on=today())


@router.post("/{demand_id}/start", response=DemandOut, url_name="sharing-demand-start")
def start(request: Request, demand_id: UUID) -> Demand:
    """Begin an entry from the demand."""
    return services.start_entry(actor=request.actor, demand_id=demand_id, on=today())


@router.post("/{demand_id}/meet", response=DemandOut, url_name="sharing-demand-meet")
def meet(request: Request, demand_id: UUID, body: EntryIn) -> Demand:
    """The catalogue has it already."""
    return services.meet_with_entry(
        actor=request.actor, demand_id=demand_id, entry_id=body.entry_id, note=body.note, on=today()
    )


@router.post("/{demand_id}/refuse", response=DemandOut, url_name="sharing-demand-refuse")
def refuse(request: Request, demand_id: UUID, body: RefuseDemandIn) -> Demand:
    """A reasoned no."""
    no = NoFacts(body.kind, body.reason, body.basis, body.level)
    return services.refuse_demand(actor=request.actor, demand_id=demand_id, no=no, on=today())


@router.post("/{demand_id}/support", response=DemandOut, url_name="sharing-demand-support")
def support(request: Request, demand_id: UUID, body: SupportIn) -> Demand:
    """Another department needs it too."""
    return services.support_demand(
        actor=request.actor, demand_id=demand_id, department_id=body.department_id, note=body.note, on=today()
    )


@router.post("/{demand_id}/withdraw", response=DemandOut, url_name="sharing-demand-withdraw")
def withdraw(request: Request, demand_id: UUID, body: DemandReasonIn) -> Demand:
    """No longer needed."""
    return services.withdraw_demand(actor=request.actor, demand_id=demand_id, reason=body.reason, on=today())
