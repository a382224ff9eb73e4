"""The officers' pages: the bureau's list and answer, the provider's word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.delivery import queries as delivery
from shuqiao.delivery.events import timeline_of
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing.models import OutsideAgreement, OutsideRequest
from shuqiao.sharing.outside import queries, rules, services, telling
from shuqiao.sharing.outside.forms import AgreeForm
from shuqiao.sharing.outside.types import OUTSIDE_MOVES, Consent, OutsideStatus

PAGE = 50
DECIDE = P.SHARING_OUTSIDE_DECIDE


@require_GET
def index(request: Request) -> HttpResponse:
    """Applications that the bureau answers, or that concern our data."""
    request.actor.demand(P.SHARING_OUTSIDE_READ)
    status = request.GET.get("status", "")
    status = status if status in OutsideStatus.values else ""
    words = request.GET.get("q", "")[:100]
    rows = queries.list_outside_for(request.actor, status=status, words=words)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.OUTSIDE_REQUEST, [one.id for one in page])
    context = {
        "page": page,
        "lines": [{"case": one, "term": terms.get(one.id)} for one in page],
        "states": OutsideStatus.choices,
        "status": status,
        "words": words,
        "on": today(),
    }
    return render(request, "sharing/outside/list.html", context)


@require_GET
def show(request: Request, request_id: UUID) -> HttpResponse:
    """One application; the applicant is sent on to the open platform."""
    case = queries.get_outside_for(request.actor, request_id)
    if queries.is_applicant(request.actor, case):
        return redirect("outside:request", case.id)
    return render(request, "sharing/outside/request.html", page_of(request, case))


def page_of(request: Request, case: OutsideRequest, **more: Any) -> dict[str, Any]:
    """What the page about one application shows, to whichever side."""
    on = today()
    acts = {act.name: act for act in telling.acts_for(request.actor, case, on)}
    grants = delivery.grants_of_case(case.case_ref())
    terms = procedures.terms_of(case.case_ref())
    initial = {"items": [one["name"] for one in case.items], "valid_until": case.valid_until}
    mine = queries.is_applicant(request.actor, case)
    history = procedures.histories_of([case.case_ref(), *(grant.case_ref() for grant in grants)])
    return {
        "base": "portal/open.html" if mine else "portal/work.html",
        "case": case,
        "mine": mine,
        "on": on,
        "acts": acts,
        "gone": case.gone() if OUTSIDE_MOVES[OutsideStatus(case.status)] else "",
        "again": acts.get("ask-supplement"),
        "rows": telling.rows_of(case),
        "given": case.given(),
        "decision": case.decision(),
        "articles": rules.articles(queries.regime_for(case, on)),
        "term": next((term for term in terms if term.term_id == rules.REPLY), None),
        "agreement": OutsideAgreement.objects.filter(request=case).first(),
        "grants": grants,
        "timeline": timeline_of(history),
        "agree_form": AgreeForm(asked=case, initial=initial) if "agree" in acts else None,
        **more,
    }


def _done(request: Request, case_id: UUID, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("sharing:outside", case_id)


@require_POST
def ask_supplement(request: Request, request_id: UUID) -> HttpResponse:
    """Once, everything that is missing."""
    points = tuple(request.POST.get("points", "").splitlines())
    services.ask_supplement(actor=request.actor, request_id=request_id, points=points, on=today())
    return _done(request, request_id, "已一次性告知补正。")


@require_POST
def consult(request: Request, request_id: UUID) -> HttpResponse:
    """Ask the provider."""
    note = request.POST.get("note", "")[:200]
    services.consult_provider(actor=request.actor, request_id=request_id, note=note, on=today())
    return _done(request, request_id, "已征求提供部门意见。")


@require_POST
def consent(request: Request, request_id: UUID) -> HttpResponse:
    """The provider's word."""
    said = request.POST.get("consent", "")
    services.say_consent(
        actor=request.actor,
        request_id=request_id,
        consent=Consent(said) if said in Consent.values else None,
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    return _done(request, request_id, "已答复主管部门。")


@require_POST
def agree(request: Request, request_id: UUID) -> HttpResponse:
    """Yes, to all or to less."""
    case = queries.get_outside_for(request.actor, request_id, DECIDE)
    form = AgreeForm(request.POST, asked=case)
    if not form.is_valid():
        context = page_of(request, case, agree_form=form)
        return render(request, "sharing/outside/request.html", context, status=400)
    services.agree_outside(
        actor=request.actor,
        request_id=request_id,
        given=form.given(),
        conditions=form.cleaned_data["conditions"],
        reason=form.cleaned_data["reason"],
        on=today(),
    )
    return _done(request, request_id, "已同意，协议已生成，双方确认后开通。")


@require_POST
def refuse(request: Request, request_id: UUID) -> HttpResponse:
    """No, with reasons and basis."""
    services.refuse_outside(
        actor=request.actor,
        request_id=request_id,
        reason=request.POST.get("reason", ""),
        ground=request.POST.get("ground", ""),
        on=today(),
    )
    return _done(request, request_id, "已答复：不同意。")


@require_POST
def confirm(request: Request, request_id: UUID) -> HttpResponse:
    """The bureau confirms the agreement."""
    queries.get_outside_for(request.actor, request_id, DECIDE)
    done = services.confirm_agreement(actor=request.actor, request_id=request_id, on=today())
    words = "双方已确认，授权已开通。" if done.opened_on else "已确认协议，等待申请单位确认。"
    return _done(request, request_id, words)


@require_POST
def revoke(request: Request, request_id: UUID) -> HttpResponse:
    """A breach."""
    services.revoke_outside(
        actor=request.actor,
        request_id=request_id,
        breach=request.POST.get("reason", ""),
        ground=request.POST.get("ground", ""),
        on=today(),
    )
    return _done(request, request_id, "已收回，授权已终止。")
