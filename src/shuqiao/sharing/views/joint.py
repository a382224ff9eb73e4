"""Pages of joint applications: the basket, its entries, the signature, and what became of each part."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing import queries, reading, services, telling
from shuqiao.sharing.forms import CommonForm, PartForm, common_of
from shuqiao.sharing.models import JointRequest
from shuqiao.sharing.types import JointStatus, Scope
from shuqiao.sharing.views.reading import PAGE, departments_of


@require_GET
def index(request: Request) -> HttpResponse:
    """Joint applications, and the baskets of the reader's departments."""
    page = Paginator(queries.list_joint_for(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "sharing/joint_list.html", {"page": page, "on": today()})


@require_POST
def add(request: Request, entry_id: UUID) -> HttpResponse:
    """An entry goes into the basket."""
    departments = [code for code, _ in departments_of(request)]
    wanted = request.POST.get("department") or next(iter(departments), "")
    if wanted not in departments:
        request.actor.demand(P.SHARING_REQUEST_DRAFT)
        raise InvalidInput.one("申请部门", "选择一个您可以为其起草申请的部门")
    part = services.add_part(
        actor=request.actor,
        department_id=UUID(wanted),
        entry_id=entry_id,
        resource_id=_uuid(request.POST.get("resource", "")),
        on=today(),
    )
    messages.success(request, f"“{part.title}”已放入申请篮，选择要哪些信息项。")
    return redirect("sharing:joint-part", part.id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
def show(request: Request, joint_id: UUID) -> HttpResponse:
    """The basket with what its entries share, or the application with the state of each part. POST saves the basket."""
    if request.method == "GET":
        joint = queries.get_joint_for(request.actor, joint_id, P.SHARING_REQUEST_READ)
        return _page(request, joint, CommonForm(initial=common_of(joint)))
    joint = queries.get_joint_for(request.actor, joint_id, P.SHARING_REQUEST_DRAFT)
    form = CommonForm(request.POST)
    if not form.is_valid():
        return _page(request, joint, form, status=400)
    services.save_joint(
        actor=request.actor,
        joint_id=joint_id,
        common=form.common(),
        seen=request.POST.get("seen"),
        on=today(),
    )
    messages.success(request, "申请篮已保存。")
    return redirect("sharing:joint", joint_id)


@require_POST
def submit(request: Request, joint_id: UUID) -> HttpResponse:
    """The head signs what the page says, once for all entries."""
    joint = queries.get_joint_for(request.actor, joint_id, P.SHARING_REQUEST_SIGN)
    form = CommonForm(request.POST)
    if not form.is_valid():
        return _page(request, joint, form, status=400)
    saved = services.save_joint(
        actor=request.actor,
        joint_id=joint_id,
        common=form.common(),
        seen=request.POST.get("seen"),
        on=today(),
    )
    done = services.submit_joint(actor=request.actor, joint_id=joint_id, seen=saved.mark(), on=today())
    messages.success(request, f"已签署并提出，案号 {done.number}。")
    return redirect("sharing:joint", joint_id)


@require_POST
def withdraw(request: Request, joint_id: UUID) -> HttpResponse:
    """Nothing of it is asked for any more."""
    services.withdraw_joint(
        actor=request.actor, joint_id=joint_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已撤回。")
    return redirect("sharing:joint", joint_id)


@require_http_methods(["GET", "POST"])
def part(request: Request, request_id: UUID) -> HttpResponse:
    """Items and rows of one entry in the basket."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_DRAFT)
    listing = queries.listing_for(case)
    scope, status, form = case.scope(), 200, PartForm(initial={"daily_quota": case.daily_quota})
    if request.method == "POST":
        form = PartForm(request.POST)
        names = [column.name for column in listing.columns]
        scope = Scope(reading.items_of(request.POST, names), reading.where_of(request.POST))
        if form.is_valid():
            services.save_part(
                actor=request.actor,
                request_id=request_id,
                items=scope.items,
                where=scope.where,
                daily_quota=form.cleaned_data["daily_quota"],
                seen=request.POST.get("seen"),
                on=today(),
            )
            messages.success(request, f"“{case.title}”已保存。")
            return redirect("sharing:joint", case.joint_id) if case.joint_id else redirect(case)
        status = 400
    context = {
        "case": case,
        "listing": listing,
        "form": form,
        "seen": case.mark(),
        "rows": telling.asked_rows(listing, scope.masks()),
        "conditions": reading.rows_of(scope.where) or [{}],
        "columns": [column for column in listing.columns if column.sharing_type != "none"],
        "ops": reading.OPS,
    }
    return render(request, "sharing/joint_part.html", context, status=status)


@require_POST
def remove(request: Request, request_id: UUID) -> HttpResponse:
    """An entry is taken out of the basket."""
    case = services.remove_part(actor=request.actor, request_id=request_id, on=today())
    messages.success(request, f"“{case.title}”已移出申请篮。")
    return redirect("sharing:joint", case.joint_id)


def _page(request: Request, joint: JointRequest, form: CommonForm, *, status: int = 200) -> HttpResponse:
    on, parts = today(), queries.parts_of(joint)
    basket = joint.status == JointStatus.DRAFT
    verdicts = dict(services.check_joint(joint, parts, on)) if basket and parts else {}
    terms = procedures.open_terms_of_many(CaseKind.SHARING_REQUEST, [one.id for one in parts])
    seen = {one.id for one in queries.list_requests_for(request.actor).filter(joint=joint)}
    may = {
        "may_edit": basket and request.actor.may(P.SHARING_REQUEST_DRAFT, department_id=joint.requester_id),
        "may_sign": basket and request.actor.may(P.SHARING_REQUEST_SIGN, department_id=joint.requester_id),
        "may_withdraw": joint.status in {JointStatus.DRAFT, JointStatus.SUBMITTED}
        and request.actor.may(P.SHARING_REQUEST_SIGN, department_id=joint.requester_id),
    }
    context = {
        "joint": joint,
        "form": form,
        "basket": basket,
        "on": on,
        "seen": request.POST.get("seen") or joint.mark(),
        "lines": [
            {
                "case": one,
                "term": terms.get(one.id),
                "verdict": verdicts.get(one),
                "visible": one.id in seen,
            }
            for one in parts
        ],
        "timeline": telling.timeline_of(procedures.history_of(joint.case_ref()), None, on),
        **may,
    }
    return render(request, "sharing/joint.html", context, status=status)
