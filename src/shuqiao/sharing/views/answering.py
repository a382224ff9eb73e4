"""Pages of the provider and the bureau: the answer, and more time for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import IllegalMove
from shuqiao.kernel.time import today
from shuqiao.sharing import acting, previews, queries, reading, rules, services, telling
from shuqiao.sharing.forms import ApproveForm, ExtendForm, RefuseForm, SupplementForm
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import DeliveryState, Scope, Status
from shuqiao.sharing.views.reading import page_of


@require_GET
def answer(request: Request, request_id: UUID) -> HttpResponse:
    """The answer page: asked, allowed and decided item by item, and what follows from a signature."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_ANSWER)
    return _page(request, case, case.scope())


def _page(
    request: Request, case: SharingRequest, scope: Scope, *, bound: ApproveForm | None = None
) -> HttpResponse:
    context = page_of(request, case)
    listing, regime = context["listing"], context["regime"]
    acts = acting.acts_of(request.actor, case, context["on"])
    if "answer" not in acts:
        raise IllegalMove(f"共享申请 {case.number}", Status(case.status).label, "答复")
    sample, total = previews.sample_of(listing, scope)
    refusal = regime.rule(rules.REFUSAL)
    initial: dict[str, Any] = {
        "modes": case.modes,
        "valid_until": case.valid_until,
        "daily_quota": case.daily_quota,
    }
    context |= {
        "rows": telling.answer_rows(listing, case.scope(), scope.masks(), sample or previews.words_of(scope)),
        "conditions": reading.rows_of(scope.where),
        "columns": listing.columns,
        "ops": reading.OPS,
        "total": total,
        "form": bound or ApproveForm(asked=case, initial=initial),
        "refuse_form": RefuseForm(),
        "supplement_form": SupplementForm(),
        "extend_form": ExtendForm(),
        "refusal": refusal,
        "refusal_levels": [level.label for level in law.BasisLevel if refusal and level in refusal.levels],
        "effects": telling.effects_of(case, regime, total),
        "may_extend": acts["ask-extension"].allowed,
        "may_ask": acts["ask-supplement"].allowed,
        "seen": request.POST.get("seen") or case.mark(),
    }
    return render(request, "sharing/answer.html", context, status=400 if bound else 200)


@require_POST
def approve(request: Request, request_id: UUID) -> HttpResponse:
    """Yes, as asked or narrower."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_ANSWER)
    names = [item["name"] for item in case.items]
    items = reading.items_of(request.POST, names)
    where = reading.where_of(request.POST)
    form = ApproveForm(request.POST, asked=case)
    if not form.is_valid():
        return _page(request, case, Scope(items, where), bound=form)
    done = services.approve_request(
        actor=request.actor,
        request_id=request_id,
        decided=form.scope(items, where),
        reason=form.cleaned_data["reason"],
        onward_consent=form.cleaned_data.get("onward_consent", ""),
        conditions=form.cleaned_data["conditions"].splitlines(),
        prepare=form.cleaned_data["prepare"],
        seen=request.POST.get("seen"),
        on=today(),
    )
    due = done.delivery_state == DeliveryState.DUE
    messages.success(request, "已签署并答复，请在期限内提供数据。" if due else "已签署并答复，授权已开通。")
    return redirect("sharing:request", request_id)


@require_POST
def refuse(request: Request, request_id: UUID) -> HttpResponse:
    """No, with a reason and a legal basis."""
    level = request.POST.get("refuse_level", "")
    services.refuse_request(
        actor=request.actor,
        request_id=request_id,
        reason=request.POST.get("refuse_reason", ""),
        basis=request.POST.get("refuse_basis", ""),
        level=law.BasisLevel(level) if level in set(law.BasisLevel) else None,
        seen=request.POST.get("seen"),
        on=today(),
    )
    messages.success(request, "已签署并答复：不同意共享。")
    return redirect("sharing:request", request_id)


@require_POST
def ask_supplement(request: Request, request_id: UUID) -> HttpResponse:
    """Once, everything that is missing."""
    points = tuple(request.POST.get("points", "").splitlines())
    services.ask_supplement(actor=request.actor, request_id=request_id, points=points, on=today())
    messages.success(request, "已一次性告知补正，期限暂停。")
    return redirect("sharing:request", request_id)


@require_POST
def ask_extension(request: Request, request_id: UUID) -> HttpResponse:
    """The provider asks the bureau for more time."""
    days = request.POST.get("extend_days", "")
    services.ask_extension(
        actor=request.actor,
        request_id=request_id,
        days=int(days) if days.isdecimal() and len(days) < 5 else 0,
        reason=request.POST.get("extend_reason", ""),
        on=today(),
    )
    messages.success(request, "已提请主管部门同意延长；同意之前期限照常计算。")
    return redirect("sharing:request", request_id)


@require_POST
def consent(request: Request, request_id: UUID) -> HttpResponse:
    """The bureau consents to more time."""
    services.consent_extension(
        actor=request.actor, request_id=request_id, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, "已同意延长，并已告知需求部门。")
    return redirect("sharing:request", request_id)


@require_POST
def deny(request: Request, request_id: UUID) -> HttpResponse:
    """The bureau does not consent, and says why."""
    services.deny_extension(
        actor=request.actor, request_id=request_id, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, "已答复：不同意延长。")
    return redirect("sharing:request", request_id)


@require_POST
def lapse(request: Request, request_id: UUID) -> HttpResponse:
    """The entry has left the catalogue: the request ends, with a word to the requester."""
    services.lapse_request(
        actor=request.actor, request_id=request_id, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, "已办结，并已告知需求部门和主管部门。")
    return redirect("sharing:request", request_id)


@require_POST
def deliver(request: Request, request_id: UUID) -> HttpResponse:
    """What was agreed to is there: the grant opens."""
    services.confirm_delivery(
        actor=request.actor, request_id=request_id, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, "已确认提供，授权已开通。")
    return redirect("sharing:request", request_id)
