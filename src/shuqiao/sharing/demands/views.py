"""Pages of demands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing.demands import queries, rules, services, telling
from shuqiao.sharing.demands.forms import DemandForm, PromiseForm, RefuseForm
from shuqiao.sharing.demands.types import DemandStatus
from shuqiao.sharing.models import Demand

PAGE = 50
TABS = {
    "": "全部",
    "ours": "我们提出的",
    "to_us": "要我们答复的",
    "supported": "我们也需要的",
    "to_assign": "待分办",
    "late": "承诺已过期",
}


@require_GET
def index(request: Request) -> HttpResponse:
    """Demands, with filters; the bureau also sees ages and statistics."""
    request.actor.demand(P.SHARING_DEMAND_READ)
    given = {name: request.GET.get(name, "")[:100] for name in ("which", "status", "q")}
    on = today()
    found = queries.list_demands_for(request.actor, given, on=on)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.DEMAND, [one.id for one in page])
    assigns = request.actor.may(P.SHARING_DEMAND_ASSIGN)
    context = {
        "page": page,
        "lines": [_line(one, terms, on) for one in page],
        "tabs": [
            {"id": name, "label": label, "current": name == given["which"]}
            for name, label in TABS.items()
            if name != "to_assign" or assigns
        ],
        "given": given,
        "states": [("open", "办理中"), *DemandStatus.choices],
        "may_post": bool(telling.posting_departments(request.actor)),
        "statistics": queries.statistics_for(request.actor, on=on) if assigns else None,
        "on": on,
    }
    return render(request, "sharing/demands/list.html", context)


def _line(demand: Demand, terms: dict[UUID, Any], on: Any) -> dict[str, Any]:
    late = demand.status == DemandStatus.ACCEPTED and demand.promised_on and demand.promised_on < on
    days = ((demand.closed_on or on) - demand.posted_on).days
    return {"case": demand, "term": terms.get(demand.id), "days": days, "late": late}


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Post a demand: first what the catalogue has is shown, then it is posted."""
    request.actor.demand(P.SHARING_DEMAND_POST)
    departments = telling.posting_departments(request.actor)
    form = DemandForm(
        request.POST if request.method == "POST" else None,
        departments=[(str(department_id), name) for department_id, name in departments],
        initial={
            "title": request.GET.get("q", "")[:200],
            "items": "\n".join(request.GET.getlist("item"))[:2_000],
        },
    )
    context: dict[str, Any] = {"form": form}
    division = request.actor.posts[0].division
    if request.method == "POST" and form.is_valid():
        department = organizations.get_department(UUID(form.cleaned_data["department"]))
        division = department.division_id
        wanted = form.wanted()
        found = queries.already_there(request.actor, division, wanted)
        if not found or "seen" in request.POST:
            demand = services.post_demand(
                actor=request.actor, department_id=department.id, wanted=wanted, on=today()
            )
            messages.success(request, f"需求已提出，案号 {demand.number}，由主管部门分办。")
            return redirect("sharing:demand", demand.id)
        context |= {"found": found, "covering": rules.covering(wanted, found)}
    context["articles"] = rules.articles(organizations.regime_of(division, today()))
    wrong = form.is_bound and not form.is_valid()
    return render(request, "sharing/demands/new.html", context, status=400 if wrong else 200)


@require_GET
def show(request: Request, demand_id: UUID) -> HttpResponse:
    """One demand: who needs it, where it stands, what can be done next and by whom."""
    return _page(request, queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_READ))


def _page(request: Request, demand: Demand, bound: tuple[str, Form] | None = None) -> HttpResponse:
    context = telling.page_of(request.actor, demand, today())
    context |= {"accept_form": PromiseForm(), "refuse_form": RefuseForm()}
    if bound:
        context[f"{bound[0]}_form"] = bound[1]
    return render(request, "sharing/demands/demand.html", context, status=400 if bound else 200)


def _chosen(request: Request, name: str, label: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise InvalidInput.one(label, "必选") from None


@require_POST
def assign(request: Request, demand_id: UUID) -> HttpResponse:
    """To the department responsible."""
    queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_ASSIGN)
    services.assign_demand(
        actor=request.actor,
        demand_id=demand_id,
        department_id=_chosen(request, "department", "对口部门"),
        note=request.POST.get("note", ""),
        on=today(),
    )
    messages.success(request, "已分办。")
    return redirect("sharing:demand", demand_id)


@require_POST
def merge(request: Request, demand_id: UUID) -> HttpResponse:
    """Into another."""
    queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_ASSIGN)
    into = _chosen(request, "into", "并入的需求")
    services.merge_demand(actor=request.actor, demand_id=demand_id, into_id=into, on=today())
    messages.success(request, "已合并，提出和加入的部门都已告知。")
    return redirect("sharing:demand", into)


@require_POST
def return_(request: Request, demand_id: UUID) -> HttpResponse:
    """Not ours."""
    services.return_demand(
        actor=request.actor, demand_id=demand_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已退回主管部门。")
    return redirect("sharing:demand", demand_id)


@require_POST
def accept(request: Request, demand_id: UUID) -> HttpResponse:
    """A promise."""
    demand = queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_ANSWER)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return _page(request, demand, ("accept", form))
    services.accept_demand(
        actor=request.actor,
        demand_id=demand_id,
        promised_on=form.cleaned_data["promised_on"],
        note=form.cleaned_data["note"],
        entry_id=_chosen(request, "entry", "目录条目") if request.POST.get("entry") else None,
        on=today(),
    )
    messages.success(request, "已承诺编目；条目发布后需求自动办结。")
    return redirect("sharing:demand", demand_id)


@require_POST
def link(request: Request, demand_id: UUID) -> HttpResponse:
    """The entry that will meet it."""
    queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_READ)
    entry_id = _chosen(request, "entry", "目录条目")
    services.link_entry(actor=request.actor, demand_id=demand_id, entry_id=entry_id, on=today())
    messages.success(request, "已关联目录条目。")
    return redirect("sharing:demand", demand_id)


@require_POST
def start(request: Request, demand_id: UUID) -> HttpResponse:
    """Begin an entry from the demand."""
    services.start_entry(actor=request.actor, demand_id=demand_id, on=today())
    messages.success(request, "已按需求起草目录条目，请补全后报送。")
    return redirect("sharing:demand", demand_id)


@require_POST
def meet(request: Request, demand_id: UUID) -> HttpResponse:
    """The catalogue has it: the entry is named by its address or id."""
    queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_READ)
    services.meet_with_entry(
        actor=request.actor,
        demand_id=demand_id,
        entry_id=_chosen(request, "entry", "目录条目"),
        note=request.POST.get("note", ""),
        on=today(),
    )
    messages.success(request, "已答复：目录中已有。")
    return redirect("sharing:demand", demand_id)


@require_POST
def refuse(request: Request, demand_id: UUID) -> HttpResponse:
    """A reasoned no."""
    demand = queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_ANSWER)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, demand, ("refuse", form))
    services.refuse_demand(actor=request.actor, demand_id=demand_id, no=form.no(), on=today())
    messages.success(request, "已答复：不能满足。")
    return redirect("sharing:demand", demand_id)


@require_POST
def support(request: Request, demand_id: UUID) -> HttpResponse:
    """We need it too."""
    queries.get_demand_for(request.actor, demand_id, P.SHARING_DEMAND_READ)
    request.actor.demand(P.SHARING_DEMAND_POST)
    services.support_demand(
        actor=request.actor,
        demand_id=demand_id,
        department_id=_chosen(request, "department", "部门"),
        note=request.POST.get("note", ""),
        on=today(),
    )
    messages.success(request, "已加入，进展会告知贵部门。")
    return redirect("sharing:demand", demand_id)


@require_POST
def withdraw(request: Request, demand_id: UUID) -> HttpResponse:
    """No longer needed."""
    services.withdraw_demand(
        actor=request.actor, demand_id=demand_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "需求已撤回。")
    return redirect("sharing:demand", demand_id)
