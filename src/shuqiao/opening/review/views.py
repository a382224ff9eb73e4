"""Pages of the review before opening, in the workbench."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.opening.review import queries, rules, services, telling
from shuqiao.opening.review.types import LICENCES, ColumnChoice, ReviewDraft, ReviewStatus
from shuqiao.procedures import queries as procedures

PAGE = 50


@require_GET
def reviews(request: Request) -> HttpResponse:
    """Reviews of our departments; the bureau sees those of its divisions."""
    request.actor.demand(P.OPENING_CASE_READ)
    given = request.GET
    status = given.get("status", "") if given.get("status") in ReviewStatus.values else ""
    rows = queries.list_reviews_for(request.actor, status=status, words=given.get("q", "")[:100])
    context = {
        "page": Paginator(rows, PAGE).get_page(given.get("page")),
        "states": ReviewStatus.choices,
        "status": status,
        "words": given.get("q", ""),
    }
    return render(request, "opening/review/list.html", context)


@require_POST
def begin(request: Request, resource_id: UUID) -> HttpResponse:
    """The provider begins a review, or goes on with the one under way."""
    review = services.begin_review(actor=request.actor, resource_id=resource_id, on=today())
    return redirect("opening:review", review.id)


@require_GET
def review(request: Request, review_id: UUID) -> HttpResponse:
    """One review: the columns, the checks, where it stands, and what its reader may do next."""
    found = queries.get_review_for(request.actor, review_id, P.OPENING_CASE_READ)
    on = today()
    regime = queries.regime_for(found, on)
    acts = {act.name: act for act in telling.acts_for(request.actor, found, on)}
    context = {
        "review": found,
        "rows": telling.columns_of(found),
        "acts": acts,
        "decision": found.decision(),
        "basis": rules.basis_of(regime, rules.SECRECY, "opening.priority"),
        "opening_name": regime.open_type_names.get(found.opening_type, ""),  # type: ignore[call-overload]
        "licences": LICENCES.values(),
        "domains": telling.DOMAINS,
        "chosen": {one.domain for one in found.domains.all()},
        "history": procedures.history_of(found.case_ref()),
        "next": request.GET.get("next", ""),
    }
    return render(request, "opening/review/review.html", context)


def draft_from(given: QueryDict, names: list[str]) -> ReviewDraft:
    """What the form says; the rule says what is missing."""
    columns = {
        name: ColumnChoice(
            given.get(f"treatment-{name}", ""),
            given.get(f"mask-{name}", ""),
            given.get(f"reason-{name}", ""),
            given.get(f"basis-{name}", ""),
        )
        for name in names
        if f"treatment-{name}" in given
    }
    return ReviewDraft(
        columns=columns,
        licence=given.get("licence", ""),
        domains=tuple(given.getlist("domain"))[:20],
        secrecy_checked=bool(given.get("secrecy_checked")),
        secrecy_note=given.get("secrecy_note", ""),
        personal_checked=bool(given.get("personal_checked")),
        personal_note=given.get("personal_note", ""),
    )


@require_POST
def submit(request: Request, review_id: UUID) -> HttpResponse:
    """The provider hands the review to the bureau."""
    found = queries.get_review_for(request.actor, review_id, P.OPENING_REVIEW_SUBMIT)
    names = [one.name for one in queries.columns_now(found.resource_id)]
    draft = draft_from(request.POST, names)
    services.submit_review(actor=request.actor, review_id=review_id, draft=draft, on=today())
    messages.success(request, "已提交，由主管部门审查。")
    return redirect("opening:review", review_id)


@require_POST
def pass_(request: Request, review_id: UUID) -> HttpResponse:
    """The bureau's yes."""
    services.pass_review(actor=request.actor, review_id=review_id, on=today())
    messages.success(request, "审查通过，数据已开放。")
    return redirect("opening:review", review_id)


@require_POST
def return_(request: Request, review_id: UUID) -> HttpResponse:
    """The bureau's no."""
    reason = request.POST.get("reason", "")
    services.return_review(actor=request.actor, review_id=review_id, reason=reason, on=today())
    messages.success(request, "已退回提供部门。")
    return redirect("opening:review", review_id)


@require_POST
def stop(request: Request, review_id: UUID) -> HttpResponse:
    """What is open stops being open."""
    given = request.POST
    services.stop_opening(
        actor=request.actor,
        review_id=review_id,
        reason=given.get("reason", ""),
        ground=given.get("ground", ""),
        on=today(),
    )
    messages.success(request, "已停止开放。")
    return redirect("opening:review", review_id)


@require_POST
def cancel(request: Request, review_id: UUID) -> HttpResponse:
    """The provider no longer wants this opening."""
    reason = request.POST.get("reason", "")
    services.cancel_review(actor=request.actor, review_id=review_id, reason=reason, on=today())
    messages.success(request, "已取消审查，已经开放的不受影响。")
    return redirect("opening:review", review_id)
