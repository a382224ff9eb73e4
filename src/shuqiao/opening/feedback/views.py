"""Pages of what the public says: for visitors on the open platform, for officers in the workbench."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request, address_of, public
from shuqiao.accounts.types import P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import Decision, InvalidInput, NotFound
from shuqiao.kernel.time import now, today
from shuqiao.opening.feedback import queries, rules, services
from shuqiao.opening.feedback.forms import DemandForm, SayForm, StepForm
from shuqiao.opening.feedback.types import FeedbackKind, FeedbackStatus, Ground
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.limits import Limit, spend
from shuqiao.procedures import queries as procedures
from shuqiao.resources import queries as resources

PAGE = 50
SEARCHED_MAX = 100
ANONYMOUS_LIMIT = Limit("say-address", 5, timedelta(hours=1))
PARTY_LIMIT = Limit("say-party", 20, timedelta(hours=24))
RATE_LIMIT = Limit("rate-party", 60, timedelta(hours=1))
RECEIPT = "open-receipt"
LEAD = {
    FeedbackKind.CORRECTION: "写明哪一项不对、应当是什么、怎样看出来的。不需要登录，提供部门核实后答复。",
    FeedbackKind.QUESTION: "由提供部门答复；审核后问答一并公开，方便后来的人。",
    FeedbackKind.COMMENT: "审核后公开。不要写电话、身份证号等个人信息，不能带网址。",
    FeedbackKind.DEMAND: "目录里找不到的数据，可以在这里提出。由主管部门分办，能开放的编入目录，不能的说明理由。",
}


def _spend(request: Request) -> None:
    actor = request.actor
    who = str(actor.party_id) if actor.party_id else address_of(request)
    spend([(PARTY_LIMIT if actor.party_id else ANONYMOUS_LIMIT, who)], at=now())


def _receive(request: Request, form: SayForm, entry_id: UUID | None) -> HttpResponse:
    """Take what was said, and show number and code once."""
    _spend(request)
    given = form.cleaned_data
    if given["website"]:  # a machine: it is told what people are told, and nothing is kept
        return redirect("opening:feedback-received")
    words = services.Words(
        kind=form.kind,
        text=given["text"],
        once=given["once"],
        entry_id=entry_id,
        division=given.get("division", ""),
        title=given.get("title", ""),
        contact=given.get("contact", ""),
    )
    taken = services.say(actor=request.actor, words=words, on=today())
    request.session[RECEIPT] = {
        "number": taken.feedback.number,
        "code": taken.code,
        "title": taken.feedback.case().title,
        "entry": str(entry_id or ""),
    }
    return redirect("opening:feedback-received")


@public
@require_http_methods(["GET", "POST"])
def say(request: Request, entry_id: UUID, kind: str) -> HttpResponse:
    """Say something on an entry."""
    if kind not in FeedbackKind.values or kind == FeedbackKind.DEMAND:
        raise NotFound("这一类意见")
    wanted = FeedbackKind(kind)
    facts = catalog.public_facts_of(entry_id)
    regime = organizations.regime_of(facts.division, today())
    has_account = request.actor.party_id is not None
    may = rules.may_say(rules.Said(wanted, "", has_account, has_entry=True), regime)
    sent = request.POST if request.method == "POST" else None
    form = SayForm(sent, kind=wanted, has_account=has_account)
    if request.method == "POST" and may.or_raise() and form.is_valid():
        return _receive(request, form, entry_id)
    context = {
        "form": form,
        "facts": facts,
        "kind": wanted,
        "lead": LEAD[wanted],
        "may": may,
        "term": regime.term(rules.CORRECTION) if wanted == FeedbackKind.CORRECTION else None,
        "basis": may.basis,
    }
    return render(request, "opening/feedback/say.html", context, status=400 if form.errors else 200)


@public
@require_http_methods(["GET", "POST"])
def demand(request: Request) -> HttpResponse:
    """Wish for data; `q` in the address is what a search did not find."""
    divisions = [(one.code, one.name) for one in organizations.list_served_divisions()]
    form = DemandForm(
        request.POST if request.method == "POST" else None,
        kind=FeedbackKind.DEMAND,
        has_account=request.actor.party_id is not None,
        divisions=divisions,
        initial={"title": request.GET.get("q", "")[:SEARCHED_MAX]},
    )
    if request.method == "POST" and form.is_valid():
        return _receive(request, form, None)
    context = {
        "form": form,
        "kind": FeedbackKind.DEMAND,
        "lead": LEAD[FeedbackKind.DEMAND],
        "basis": organizations.articles_anywhere(rules.DEMAND, on=today()),
    }
    return render(request, "opening/feedback/say.html", context, status=400 if form.errors else 200)


@public
@require_GET
def received(request: Request) -> HttpResponse:
    """Number and code, once."""
    response = render(
        request, "opening/feedback/received.html", {"receipt": request.session.pop(RECEIPT, None)}
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def rate(request: Request, entry_id: UUID) -> HttpResponse:
    """Give stars."""
    try:
        stars = int(request.POST.get("stars", ""))
    except ValueError:
        raise InvalidInput.one("评分", "请选一到五星") from None
    if request.actor.party_id:
        spend([(RATE_LIMIT, str(request.actor.party_id))], at=now())
    services.rate(actor=request.actor, entry_id=entry_id, stars=stars, at=now())
    messages.success(request, "评分已记下。")
    return redirect(reverse("opening:entry", args=[entry_id]) + "#voices")


@require_GET
def inbox(request: Request) -> HttpResponse:
    """What the public said to the actor's departments or divisions."""
    request.actor.demand(P.OPENING_CASE_READ)
    given = request.GET
    kind, status = given.get("kind", ""), given.get("status", "")
    rows = queries.list_feedback_for(request.actor, kind=kind, status=status)
    context = {
        "page": Paginator(rows, PAGE).get_page(given.get("page")),
        "kinds": FeedbackKind.choices,
        "states": FeedbackStatus.choices,
        "kind": kind,
        "status": status,
    }
    return render(request, "opening/feedback/list.html", context)


@require_GET
def show(request: Request, feedback_id: UUID) -> HttpResponse:
    """One thing said, and what this person may do next."""
    feedback = queries.get_feedback_for(request.actor, feedback_id)
    case = feedback.case()
    context = {
        "feedback": feedback,
        "steps": queries.steps_for(request.actor, feedback),
        "grounds": Ground.choices,
        "decision": Decision.from_json(feedback.decision_json) if feedback.decision_json else None,
        "term": next(iter(reversed(procedures.terms_of(case))), None),
        "basis": rules.articles(
            organizations.regime_of(feedback.division_id, today()), rules.rule_of(FeedbackKind(feedback.kind))
        ),
        "tables": resources.list_resources_of_entry(feedback.entry_id) if feedback.entry_id else (),
        "history": procedures.history_of(case),
        "officer": request.actor.may(P.OPENING_CASE_READ),
    }
    template = "opening/feedback/show.html" if context["officer"] else "opening/feedback/own.html"
    return render(request, template, context)


@require_POST
def take(request: Request, feedback_id: UUID) -> HttpResponse:
    """Take one step."""
    form = StepForm(request.POST)
    if not form.is_valid():
        raise InvalidInput.one("步骤", "请从页面上的按钮办理")
    feedback = services.take_step(
        actor=request.actor, feedback_id=feedback_id, on=today(), **form.cleaned_data
    )
    messages.success(request, f"{feedback.number}：{feedback.get_status_display()}")
    return redirect("opening:feedback", feedback.pk)
