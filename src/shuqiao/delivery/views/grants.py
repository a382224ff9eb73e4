"""Pages of grants: the list, one grant whole, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import acting, events, forms, queries, services, telling
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import EndGround, Side
from shuqiao.delivery.usage import usage_of
from shuqiao.delivery.use.jobs import BEFORE_EXPIRY, renewal_url
from shuqiao.delivery.use.queries import use_of
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures

PAGE = 50
TABS = {"all": ("全部", None), "ours": ("给我们的", Side.GRANTEE), "given": ("我们给的", Side.PROVIDER)}


@require_GET
def index(request: Request) -> HttpResponse:
    """Grants given to the person's departments, given by them, or all that the person oversees."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "all"
    grants = queries.list_grants_for(request.actor, side=TABS[tab][1])
    page = Paginator(grants, PAGE).get_page(request.GET.get("page"))
    lines = [{"grant": grant, "tone": telling.tone_of(grant)} for grant in page]
    tabs = [{"id": key, "label": label, "current": key == tab} for key, (label, _) in TABS.items()]
    return render(
        request,
        "delivery/grants.html",
        {
            "page": page,
            "lines": lines,
            "tabs": tabs,
            "may_keys": queries.manages_keys(request.actor),
            "may_ask": request.actor.may(P.JOURNAL_READ),
        },
    )


@require_GET
def grant(request: Request, grant_id: UUID) -> HttpResponse:
    """One grant: who may read what, why, how it is used, what can be done about it."""
    return _page(request, queries.get_grant_for(request.actor, grant_id, P.DELIVERY_GRANT_READ))


def _page(
    request: Request, grant: Grant, *, bound: dict[str, django_forms.Form] | None = None
) -> HttpResponse:
    on = today()
    usage = usage_of(grant, on)
    entry = catalog.facts_of_many([grant.entry_id]).get(grant.entry_id)
    case = grant.request_ref()
    history = procedures.histories_of([grant.case_ref(), *([case] if case else [])])
    may_dispute = grant.grantee_id is not None and any(
        request.actor.may(P.SHARING_DISPUTE_RAISE, department_id=one)
        for one in (grant.provider_id, grant.grantee_id)
    )
    context = {
        "may_dispute": may_dispute,
        "grant": grant,
        "on": on,
        "tone": telling.tone_of(grant),
        "chain": telling.chain_of(grant, procedures.terms_of(case) if case else [], usage, history),
        "rows": telling.scope_rows(grant, entry),
        "labels": {item.column or item.name: item.name for item in entry.items} if entry else {},
        "decision": grant.decision(),
        "usage": usage,
        "days_left": telling.days_left(grant, on),
        "timeline": events.timeline_of(history),
        "keys": queries.keys_of(grant),
        "case": case,
        "state_basis": grant.state_basis,
        "use": use_of(grant),
        "renewal": _renewal(request, grant),
        "may_verify": grant.grantee_id is not None
        and request.actor.may(P.SHARING_VERIFICATION_ASK, department_id=grant.grantee_id),
        **_acts(request, grant),
        **(bound or {}),
    }
    return render(request, "delivery/grant.html", context, status=400 if bound else 200)


def _renewal(request: Request, grant: Grant) -> str:
    """Where the holder of a running grant asks for more time, near its end."""
    near = grant.valid_until is not None and (grant.valid_until - today()).days <= max(BEFORE_EXPIRY)
    mine = Side.GRANTEE in queries.sides_of(request.actor, grant, P.DELIVERY_GRANT_READ)
    return renewal_url(grant) if near and mine and grant.state in queries.LIVE else ""


def _acts(request: Request, grant: Grant) -> dict[str, Any]:
    """The forms of what this person may do now with this grant."""
    sides = queries.sides_of(request.actor, grant, P.DELIVERY_GRANT_STOP)
    live = grant.state in queries.LIVE
    said = {act.name: act.decision for act in acting.acts_for(request.actor, grant, today())}
    acts: dict[str, Any] = {"said": said}
    if "suspend" in said:
        acts["suspend_form"] = forms.ReasonForm(prefix="suspend")
    if "resume" in said:
        acts["resume_form"] = forms.ResumeForm(prefix="resume")
    if "end" in said:
        keeper = bool(sides & {Side.PROVIDER, Side.BUREAU})
        acts["end_form"] = forms.EndForm(prefix="end", grantee_only=not keeper)
    if live and Side.GRANTEE in queries.sides_of(request.actor, grant, P.DELIVERY_KEY_MANAGE):
        acts["may_keys"] = True
        keys = [(key.id, f"{key.system}　{key.id}") for key in queries.keys_to_bind(request.actor, grant)]
        acts["bind_form"] = forms.BindForm(prefix="bind", keys=keys) if keys else None
    return acts


@require_POST
def suspend(request: Request, grant_id: UUID) -> HttpResponse:
    """The provider or the bureau stops the reads."""
    form = forms.ReasonForm(request.POST, prefix="suspend")
    if not form.is_valid():
        return _again(request, grant_id, suspend_form=form)
    services.suspend_grant(
        actor=request.actor, grant_id=grant_id, reason=form.cleaned_data["reason"], on=today()
    )
    messages.success(request, "授权已暂停，一秒内对读取生效。")
    return redirect("delivery:grant", grant_id)


@require_POST
def resume(request: Request, grant_id: UUID) -> HttpResponse:
    """Reads go on."""
    form = forms.ResumeForm(request.POST, prefix="resume")
    if not form.is_valid():
        return _again(request, grant_id, resume_form=form)
    services.resume_grant(actor=request.actor, grant_id=grant_id, note=form.cleaned_data["note"], on=today())
    messages.success(request, "授权已恢复。")
    return redirect("delivery:grant", grant_id)


@require_POST
def end(request: Request, grant_id: UUID) -> HttpResponse:
    """The grant is over."""
    form = forms.EndForm(request.POST, prefix="end")
    if not form.is_valid():
        return _again(request, grant_id, end_form=form)
    services.end_grant(
        actor=request.actor,
        grant_id=grant_id,
        ground=EndGround(form.cleaned_data["ground"]),
        reason=form.cleaned_data["reason"],
        on=today(),
    )
    messages.success(request, "授权已终止。")
    return redirect("delivery:grant", grant_id)


@require_POST
def bind(request: Request, grant_id: UUID) -> HttpResponse:
    """A key of the grantee is put to use."""
    services.bind_key(
        actor=request.actor, grant_id=grant_id, key_id=request.POST.get("bind-key", ""), on=today()
    )
    messages.success(request, "凭证已用于这项授权。")
    return redirect("delivery:grant", grant_id)


def _again(request: Request, grant_id: UUID, **bound: django_forms.Form) -> HttpResponse:
    grant = queries.get_grant_for(request.actor, grant_id, P.DELIVERY_GRANT_STOP)
    return _page(request, grant, bound=bound)
