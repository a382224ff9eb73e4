"""Pages of application keys. A secret is on the page that answers its making, and nowhere after."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import forms, queries, services, snippets
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import GrantState, IssuedKey
from shuqiao.kernel.time import today

PAGE = 50


def _holders(actor: Actor) -> list[tuple[str, str]]:
    """Whose keys the actor manages: departments, or the actor outside government alone."""
    if actor.party_id is not None:
        return [("", actor.name)]
    managed = actor.departments_with(P.DELIVERY_KEY_MANAGE)
    return [(str(p.department_id), p.department_name) for p in actor.posts if p.department_id in managed]


def _grant(actor: Actor, text: str) -> Grant | None:
    """The grant for which a key is made, when the page was reached from one."""
    if not text:
        return None
    try:
        grant_id = UUID(text)
    except ValueError:
        return None
    return queries.get_grant_for(actor, grant_id, P.DELIVERY_KEY_MANAGE)


@require_GET
def index(request: Request) -> HttpResponse:
    """Keys of the person's departments, and the form for a new one."""
    queries.demand_keys(request.actor)
    grant = _grant(request.actor, request.GET.get("grant", ""))
    return _page(request, forms.KeyForm(departments=_holders(request.actor)), grant)


def _page(request: Request, form: forms.KeyForm, grant: Grant | None, status: int = 200) -> HttpResponse:
    page = Paginator(queries.list_keys_for(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "grant": grant, "on": today()}
    return render(request, "delivery/keys.html", context, status=status)


@require_POST
def create(request: Request) -> HttpResponse:
    """A key is made. The answer itself carries the secret: a redirect would have to store it somewhere."""
    grant = _grant(request.actor, request.POST.get("grant", ""))
    queries.demand_keys(request.actor)
    form = forms.KeyForm(request.POST, departments=_holders(request.actor))
    if not form.is_valid():
        return _page(request, form, grant, status=400)
    issued = services.issue_key(
        actor=request.actor,
        department_id=form.department_id(),
        system=form.cleaned_data["system"],
        not_after=form.cleaned_data["not_after"],
        grant_id=grant.id if grant else None,
        on=today(),
    )
    return _secret(request, issued, grant)


@require_POST
def rotate(request: Request, key_id: str) -> HttpResponse:
    """The key gets a new secret, shown in the answer."""
    return _secret(request, services.rotate_key(actor=request.actor, key_id=key_id, on=today()), None)


def _secret(request: Request, issued: IssuedKey, grant: Grant | None) -> HttpResponse:
    shown = grant or _first_grant(request.actor, issued)
    resource = str(shown.resource_id) if shown else "资源编号"
    url = snippets.rows_url(settings.GATEWAY_URL, resource) + "?limit=10"
    context = {
        "issued": issued,
        "grant": shown,
        "bearer_call": snippets.bearer_call(url, issued.bearer),
        "signed_call": snippets.signed_call(url, issued.id, issued.secret),
        "signed_call_sm3": snippets.signed_call(url, issued.id, issued.secret, "hmac-sm3"),
        "client_call": snippets.client_call(settings.GATEWAY_URL, resource, issued.id, issued.secret),
        "gateway": settings.GATEWAY_URL,
    }
    response = render(request, "delivery/secret.html", context, status=201)
    response["Cache-Control"] = "no-store"
    return response


def _first_grant(actor: Actor, issued: IssuedKey) -> Grant | None:
    """A grant that the key may use, for the example call."""
    grants = queries.list_grants_for(actor).filter(bindings__key=issued.id, state=GrantState.ACTIVE)
    return grants.first()


@require_POST
def revoke(request: Request, key_id: str) -> HttpResponse:
    """The key opens nothing any more."""
    services.revoke_key(actor=request.actor, key_id=key_id, reason=request.POST.get("reason", ""), on=today())
    messages.success(request, "凭证已吊销，一秒内生效。")
    return redirect("delivery:keys")
