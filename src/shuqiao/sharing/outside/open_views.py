"""The applicant's pages, in the look of the open platform."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.kernel import NotFound, RuleRefused
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.sharing import offers, reading
from shuqiao.sharing.models import OutsideAgreement
from shuqiao.sharing.outside import queries, rules, services
from shuqiao.sharing.outside.forms import OutsideForm, SupplementForm, initial_of
from shuqiao.sharing.outside.types import Draft
from shuqiao.sharing.outside.views import page_of
from shuqiao.sharing.telling import asked_rows


@require_http_methods(["GET", "POST"])
def apply(request: Request, entry_id: UUID) -> HttpResponse:
    """Apply for items of a shared entry. What the rule refuses is said before anything is filled in."""
    party = queries.applicant(request.actor)
    listing = offers.listing_of(entry_id)
    regime = organizations.regime_of(listing.division, today())
    form = OutsideForm(
        request.POST if request.method == "POST" else None,
        offered=listing.offer().modes,
        initial={"modes": [mode.value for mode in listing.modes][:1]},
    )
    items = reading.items_of(request.POST, listing.labels()) if request.method == "POST" else ()
    if request.method == "POST" and form.is_valid():
        made, code = services.submit_outside(
            actor=request.actor,
            entry_id=entry_id,
            resource_id=listing.resource_id,
            draft=form.draft(items),
            on=today(),
        )
        messages.success(
            request, f"已受理，受理号 {made.number}，查询码 {code}。查询码只显示这一次，请记下来。"
        )
        return redirect("outside:request", made.id)
    may = rules.may_ask(queries.facts_of_draft(party, listing, Draft()), regime)
    context = {
        **_form_page(listing, form, items),
        "may": may,
        "articles": rules.articles(regime),
        "bureau": organizations.bureau_of(listing.division) if may.allowed else None,
        "term": regime.term(rules.REPLY),
    }
    return render(request, "sharing/outside/apply.html", context, status=400 if form.errors else 200)


def _form_page(
    listing: offers.Listing, form: OutsideForm, items: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    return {
        "listing": listing,
        "entry": listing.entry,
        "form": form,
        "rows": asked_rows(listing, dict(items)),
    }


@require_GET
def show(request: Request, request_id: UUID) -> HttpResponse:
    """One application; an officer is sent on to the workbench."""
    case = queries.get_outside_for(request.actor, request_id)
    if not queries.is_applicant(request.actor, case):
        return redirect("sharing:outside", case.id)
    return render(request, "sharing/outside/request.html", page_of(request, case))


@require_http_methods(["GET", "POST"])
def supplement(request: Request, request_id: UUID) -> HttpResponse:
    """What was asked for is supplied."""
    case = queries.get_own(request.actor, request_id)
    listing = queries.listing_for(case)
    if listing is None:
        regime = queries.regime_for(case, today())
        raise RuleRefused(rules.may_supplement(queries.facts_of(case), regime))
    offered = listing.offer().modes
    if request.method == "POST":
        form = SupplementForm(request.POST, offered=offered)
        items = reading.items_of(request.POST, listing.labels())
        if form.is_valid():
            services.supplement_outside(
                actor=request.actor,
                request_id=case.id,
                draft=form.draft(items),
                note=form.cleaned_data["note"],
                on=today(),
            )
            messages.success(request, "已补正。")
            return redirect("outside:request", case.id)
    else:
        form, items = SupplementForm(offered=offered, initial=initial_of(case)), case.draft().items
    context = {**_form_page(listing, form, items), "case": case, "points": case.supplement_points}
    return render(request, "sharing/outside/supplement.html", context, status=400 if form.errors else 200)


@require_POST
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """The applicant no longer asks."""
    reason = request.POST.get("reason", "")
    services.withdraw_outside(actor=request.actor, request_id=request_id, reason=reason, on=today())
    messages.success(request, "已撤回申请。")
    return redirect("outside:request", request_id)


@require_POST
def confirm(request: Request, request_id: UUID) -> HttpResponse:
    """The applicant confirms the agreement."""
    queries.get_own(request.actor, request_id)
    done = services.confirm_agreement(actor=request.actor, request_id=request_id, on=today())
    messages.success(
        request, "双方已确认，授权已开通。" if done.opened_on else "已确认协议，等待主管部门确认。"
    )
    return redirect("outside:request", request_id)


@require_GET
def agreement(request: Request, request_id: UUID) -> HttpResponse:
    """The frozen text of the agreement, for both sides."""
    case = queries.get_outside_for(request.actor, request_id)
    found = OutsideAgreement.objects.filter(request=case).first()
    if found is None:
        raise NotFound("使用协议")
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="agreement-{case.id}.txt"'
    return response
