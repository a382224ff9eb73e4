"""Pages of disputes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing import reading
from shuqiao.sharing import telling as sharing_telling
from shuqiao.sharing.disputes import choosing, queries, rules, services, telling
from shuqiao.sharing.disputes.forms import DecideForm, RaiseForm, ResultForm, RuleForm, SpeakForm
from shuqiao.sharing.disputes.types import DisputeStatus, Ground, Result, Side
from shuqiao.sharing.models import Dispute

PAGE = 50
TABS = {"": "全部", "ours": "我们提出的", "against": "对我们提出的", "to_coordinate": "待协调"}
FORMS = {"speak": SpeakForm, "decide": DecideForm, "rule": RuleForm}


@require_GET
def index(request: Request) -> HttpResponse:
    """Disputes the actor may see, with filters."""
    request.actor.demand(P.SHARING_DISPUTE_READ)
    given = {name: request.GET.get(name, "")[:100] for name in ("which", "status", "ground", "q")}
    page = Paginator(queries.list_disputes_for(request.actor, given), PAGE).get_page(request.GET.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.DISPUTE, [one.id for one in page])
    shown = [name for name in TABS if name != "to_coordinate" or request.actor.may(P.SHARING_DISPUTE_DECIDE)]
    context = {
        "page": page,
        "lines": [{"case": one, "term": terms.get(one.id)} for one in page],
        "tabs": [{"id": name, "label": TABS[name], "current": name == given["which"]} for name in shown],
        "given": given,
        "states": [("open", "办理中"), *DisputeStatus.choices],
        "grounds": Ground.choices,
        "on": today(),
    }
    return render(request, "sharing/disputes/list.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Raise a dispute about a request or a grant; without one named, choose among those that may be disputed."""
    request_id, grant_id = _id(request, "request"), _id(request, "grant")
    if request.method == "GET" and not (request.GET.get("request") or request.GET.get("grant")):
        return _choose(request)
    subject = queries.subject_for(request.actor, request_id=request_id, grant_id=grant_id)
    side = queries.side_on(request.actor, subject)
    if side is None:
        raise NotAllowed(P.SHARING_DISPUTE_RAISE.value, f"您没有“{P.SHARING_DISPUTE_RAISE.label}”的权限")
    form = RaiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        dispute = services.raise_dispute(
            actor=request.actor, request_id=request_id, grant_id=grant_id, claim=form.cleaned_data["claim"], on=today()
        )  # fmt: skip
        messages.success(request, f"争议已提出，案号 {dispute.number}，等待对方协商。")
        return redirect("sharing:dispute", dispute.id)
    facts = queries.facts_of(subject, side, today())
    regime = organizations.regime_of(subject.thing.provider.division_id, today())
    ground = rules.ground_of(facts)
    context = {
        "form": form,
        "thing": subject.thing,
        "request_id": request_id,
        "grant_id": grant_id,
        "ground": ground.label if ground else "",
        "may_raise": rules.may_raise(facts, rules.CLAIM, regime),
        "articles": rules.articles(regime),
        "earlier": queries.disputes_about(request.actor, request_id=request_id, grant_id=grant_id),
    }
    return render(request, "sharing/disputes/new.html", context, status=400 if form.is_bound else 200)


def _choose(request: Request) -> HttpResponse:
    request.actor.demand(P.SHARING_DISPUTE_RAISE)
    found = choosing.disputable_for(request.actor, today())
    context = {"found": found, "most": choosing.AT_MOST}
    return render(request, "sharing/disputes/choose.html", context)


def _id(request: Request, name: str) -> UUID | None:
    text = request.GET.get(name) or request.POST.get(name) or ""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require_GET
def show(request: Request, dispute_id: UUID) -> HttpResponse:
    """One dispute: what each side said, where it stands, what can be done next and by whom."""
    dispute = queries.get_dispute_for(request.actor, dispute_id, P.SHARING_DISPUTE_READ)
    return _page(request, dispute)


def _page(request: Request, dispute: Dispute, bound: tuple[str, ResultForm] | None = None) -> HttpResponse:
    context = telling.page_of(request.actor, dispute, today())
    choices = telling.result_choices(dispute)
    for name, kind in FORMS.items():
        if name in context["acts"]:
            blank = "不提办法，只陈述意见" if name == "speak" else "请选择"
            context[f"{name}_form"] = kind(outcomes=choices, blank=blank)
    if bound:
        context[f"{bound[0]}_form"] = bound[1]
    if {"speak", "decide", "rule"} & context["acts"].keys():
        context["rows"] = _rows(dispute)
    return render(request, "sharing/disputes/dispute.html", context, status=400 if bound else 200)


def _rows(dispute: Dispute) -> list[dict[str, Any]]:
    """The matrix of what a result may give: at most what was in dispute. Empty when the entry is gone."""
    try:
        facts, listing = queries.limit_of(dispute)
    except NotFound:
        return []
    return sharing_telling.answer_rows(listing, facts.scope, facts.scope.masks(), {})


def _result(request: Request, dispute: Dispute, form: ResultForm) -> Result | None:
    try:
        facts, _ = queries.limit_of(dispute)
    except NotFound:
        return form.result(None, ())
    return form.result(facts.scope, reading.items_of(request.POST, facts.scope.masks()))


def _form(request: Request, dispute: Dispute, name: str) -> ResultForm:
    return FORMS[name](request.POST, outcomes=telling.result_choices(dispute), blank="请选择")


def _needed(result: Result | None) -> Result:
    if result is None:
        raise InvalidInput([Problem("处理办法", "必选")])
    return result


def _side(request: Request) -> Side | None:
    given = request.POST.get("side", "")
    return Side(given) if given in set(Side.values) else None


@require_POST
def speak(request: Request, dispute_id: UUID) -> HttpResponse:
    """A side's view."""
    dispute = queries.get_dispute_for(request.actor, dispute_id, P.SHARING_DISPUTE_RAISE)
    form = _form(request, dispute, "speak")
    if not form.is_valid():
        return _page(request, dispute, ("speak", form))
    services.speak(
        actor=request.actor,
        dispute_id=dispute_id,
        text=form.cleaned_data["text"],
        proposal=_result(request, dispute, form),
        side=_side(request),
        on=today(),
    )
    messages.success(request, "意见已记录，对方可见。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def agree(request: Request, dispute_id: UUID) -> HttpResponse:
    """Yes to what the other side proposed."""
    services.agree(actor=request.actor, dispute_id=dispute_id, side=_side(request), on=today())
    messages.success(request, "协商一致，平台已执行。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def refer(request: Request, dispute_id: UUID) -> HttpResponse:
    """To the bureau."""
    services.refer_dispute(
        actor=request.actor,
        dispute_id=dispute_id,
        why=request.POST.get("why", ""),
        superior=request.POST.get("superior", ""),
        keeper_id=_id(request, "keeper"),
        side=_side(request),
        on=today(),
    )
    messages.success(request, "已提请主管部门协调。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def decide(request: Request, dispute_id: UUID) -> HttpResponse:
    """The bureau's opinion."""
    dispute = queries.get_dispute_for(request.actor, dispute_id, P.SHARING_DISPUTE_DECIDE)
    form = _form(request, dispute, "decide")
    if not form.is_valid():
        return _page(request, dispute, ("decide", form))
    services.decide_dispute(
        actor=request.actor,
        dispute_id=dispute_id,
        result=_needed(_result(request, dispute, form)),
        reason=form.cleaned_data["reason"],
        basis=form.cleaned_data["basis"],
        on=today(),
    )
    messages.success(request, "协调意见已签发。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def accept(request: Request, dispute_id: UUID) -> HttpResponse:
    """A side accepts the opinion."""
    services.accept_opinion(actor=request.actor, dispute_id=dispute_id, side=_side(request), on=today())
    messages.success(request, "已接受协调意见。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def object_(request: Request, dispute_id: UUID) -> HttpResponse:
    """A side does not accept it."""
    services.object_to_opinion(
        actor=request.actor,
        dispute_id=dispute_id,
        reason=request.POST.get("reason", ""),
        side=_side(request),
        on=today(),
    )
    messages.success(request, "已记录不接受的理由，由主管部门报人民政府决定。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def rule(request: Request, dispute_id: UUID) -> HttpResponse:
    """The government's decision is recorded."""
    dispute = queries.get_dispute_for(request.actor, dispute_id, P.SHARING_DISPUTE_DECIDE)
    form = _form(request, dispute, "rule")
    if not isinstance(form, RuleForm) or not form.is_valid():
        return _page(request, dispute, ("rule", form))
    services.record_ruling(
        actor=request.actor,
        dispute_id=dispute_id,
        result=_needed(_result(request, dispute, form)),
        ruling=form.ruling(today()),
        on=today(),
    )
    messages.success(request, "政府决定已记录并执行。")
    return redirect("sharing:dispute", dispute_id)


@require_POST
def withdraw(request: Request, dispute_id: UUID) -> HttpResponse:
    """No longer disputed."""
    services.withdraw_dispute(
        actor=request.actor,
        dispute_id=dispute_id,
        reason=request.POST.get("reason", ""),
        side=_side(request),
        on=today(),
    )
    messages.success(request, "争议已撤回。")
    return redirect("sharing:dispute", dispute_id)
