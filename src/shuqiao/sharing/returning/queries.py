"""Reads of return flows, always for an actor."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from shuqiao import law
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries as delivery
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.sharing import offers
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning.types import Area, ReturnDraft, ReturnFacts, ReturnStatus
from shuqiao.sharing.types import Scope

if TYPE_CHECKING:
    from shuqiao.sharing.models.returning import ReturnQuerySet


def _rows() -> ReturnQuerySet:
    return ReturnFlow.objects.all()


def list_returns_for(actor: Actor, *, status: str = "") -> ReturnQuerySet:
    """Return flows the actor may see, newest first."""
    rows = _rows().visible_to(actor).select_related("department", "provider", "grant")
    return rows.filter(status=status) if status else rows


def may_on(actor: Actor, flow: ReturnFlow, permission: P) -> bool:
    """Whether the actor holds the permission over this flow, on the side to which it belongs."""
    if permission == P.SHARING_REQUEST_ANSWER:
        return actor.may(permission, department_id=flow.provider_id)
    if permission == P.SHARING_REQUEST_SIGN:
        return actor.may(permission, department_id=flow.department_id)
    return True


def get_return_for(actor: Actor, flow_id: UUID, permission: P, *, lock: bool = False) -> ReturnFlow:
    """A return flow by id. Not visible: NotFound. Visible, but not for this actor to do: NotAllowed."""
    rows = (
        _rows()
        .visible_to(actor)
        .select_related("department__division", "provider__division", "grant", "resource")
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    flow = rows.filter(id=flow_id).first()
    if flow is None:
        raise NotFound("数据回流")
    if not may_on(actor, flow, permission):
        raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")
    return flow


def regime_for(flow: ReturnFlow, on: date) -> law.Regime:
    """The regime of the provider's division."""
    return organizations.regime_of(flow.division_id, on)


def area_of(department: Department) -> Area:
    """The area of a department's division, as rows name it."""
    division = department.division
    return Area(division.code, division.name, division.short_name)


def is_under(lower: str, upper: str) -> bool:
    """Whether a division lies under another, at any depth."""
    parents = dict(organizations.list_divisions().values_list("code", "parent_id"))
    code = parents.get(lower)
    while code is not None:
        if code == upper:
            return True
        code = parents.get(code)
    return False


def mark_of(resource_id: UUID | None) -> ReturnMark | None:
    """Which column of a table says the area; None while it is not marked."""
    return ReturnMark.objects.filter(resource=resource_id).first() if resource_id else None


def column_now(listing: offers.Listing) -> str:
    """The marked column, when the table still has it."""
    mark = mark_of(listing.resource_id)
    names = set(listing.table.column_names) if listing.table else set()
    return mark.column if mark and mark.column in names else ""


def facts_of(
    department: Department, listing: offers.Listing, draft: ReturnDraft, *, flow: ReturnFlow | None = None
) -> ReturnFacts:
    """What is asked for, as the rules see it."""
    return ReturnFacts(
        offer=listing.offer(),
        scope=Scope(tuple((name, "none") for name in draft.items), (), draft.modes, draft.valid_until),
        purpose=draft.purpose,
        lower=is_under(department.division_id, listing.division),
        mounted=listing.table is not None,
        column=column_now(listing),
        kept=_kept(department, listing, flow),
    )


def _kept(department: Department, listing: offers.Listing, flow: ReturnFlow | None) -> str:
    """The number of another return flow of this table that the department waits for, or of the grant it has by one."""
    if listing.resource_id is None:
        return ""
    others = ReturnFlow.objects.filter(department=department, resource=listing.resource_id)
    if flow is not None:
        others = others.exclude(id=flow.id)
    live = others.filter(status=ReturnStatus.OPENED, grant__state__in=delivery.LIVE)
    waiting = others.filter(status=ReturnStatus.ASKED)
    return (live | waiting).values_list("number", flat=True).first() or ""


def draft_of(flow: ReturnFlow) -> ReturnDraft:
    """What was asked for."""
    return ReturnDraft(
        items=tuple(one["name"] for one in flow.items),
        modes=tuple(flow.modes),
        purpose=flow.purpose,
        valid_until=flow.valid_until,
    )


def waiting_for(resource_id: UUID) -> list[UUID]:
    """Flows that wait for the mark of a table."""
    rows = ReturnFlow.objects.filter(resource=resource_id, status=ReturnStatus.ASKED)
    return list(rows.order_by("asked_on", "id").values_list("id", flat=True))


def lower_departments(actor: Actor, division: str) -> list[tuple[UUID, str]]:
    """The actor's departments that may ask, because their division lies under this one."""
    may = actor.departments_with(P.SHARING_REQUEST_SIGN)
    posts = {post.department_id: post for post in actor.posts if post.department_id in may}
    return [
        (department_id, post.department_name)
        for department_id, post in posts.items()
        if post.division != division and is_under(post.division, division)
    ]
