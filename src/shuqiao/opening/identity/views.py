"""Pages of signing in by the identity service."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from shuqiao.accounts.access import Request, address_of, public
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, ShuqiaoError
from shuqiao.kernel.time import now
from shuqiao.opening.identity import forms, services, sessions
from shuqiao.opening.identity.types import WHERE, Identity, NotProved, ServiceDown
from shuqiao.opening.registration.forms import FIELD_OF
from shuqiao.opening.registration.services import own_party
from shuqiao.opening.registration.views import PASSWORD_TRIES
from shuqiao.organizations.limits import Limit, spend
from shuqiao.organizations.models import Party

STARTS_FROM_ADDRESS = Limit("unified-start", 60, timedelta(hours=1))
BACKEND = "django.contrib.auth.backends.ModelBackend"
log = logging.getLogger("shuqiao.identity")
_form = require_http_methods(["GET", "HEAD", "POST"])
_get = require_http_methods(["GET"])


def _demand_configured() -> None:
    if not settings.OIDC_ISSUER:
        raise NotFound(WHERE)


def _demand_no_post(request: Request) -> None:
    if request.user_signed_in and request.actor.party_id is None:
        raise NotAllowed(
            "organizations:party:own", "您已用部门账号登录。公众和企业的登录请先退出，或者换一个浏览器"
        )


def _noted(error: ServiceDown | NotProved) -> ShuqiaoError:
    """The error, after the log has its reason: a page tells a stranger nothing of it."""
    log.warning("%s: %s", type(error).__name__, error.why)
    return error


@public
@_get
def start(request: Request) -> HttpResponse:
    """Off to the service. A link and no form: a form may not lead to another host (Content-Security-Policy)."""
    from shuqiao.opening.identity import protocol

    _demand_configured()
    _demand_no_post(request)
    at = now()
    spend([(STARTS_FROM_ADDRESS, address_of(request))], at=at)
    then = request.GET.get("next", "")[:2000]
    if not url_has_allowed_host_and_scheme(then, {request.get_host()}, require_https=request.is_secure()):
        then = reverse("opening:mine")
    try:
        address, begun = protocol.begin(again=request.GET.get("again") == "1")
    except ServiceDown as error:
        raise _noted(error) from error
    sessions.remember_begun(request, begun, then=then, at=at)
    return redirect(address)


@public
@_get
def callback(request: Request) -> HttpResponse:
    """Back from the service: somebody we know is signed in, somebody new is asked, whoever is not proved is refused."""
    from shuqiao.opening.identity import protocol

    _demand_configured()
    _demand_no_post(request)
    at = now()
    begun, then = sessions.take_begun(request, request.GET.get("state", ""), at=at)
    try:
        identity = protocol.finish(request.GET.dict(), begun, at=at)
    except (NotProved, ServiceDown) as error:
        raise _noted(error) from error
    party = services.party_of(identity, at=at)
    if party is not None:
        return _let_in(request, party, then, at)
    sessions.remember_found(request, identity, then=then, at=at)
    return redirect("opening:unified-bind" if request.user_signed_in else "opening:unified-confirm")


def _let_in(request: Request, party: Party, then: str, at: datetime) -> HttpResponse:
    login(request, party.user, backend=BACKEND)
    sessions.forget_found(request)
    sessions.remember_proof(request, at=at)
    return redirect(then)


def _found(request: Request) -> tuple[Identity, str]:
    found = sessions.found(request, at=now())
    if found is None:
        raise InvalidInput.one(WHERE, "没有等待确认的身份，或者已经过时。请重新登录")
    return found


@public
@_form
def confirm(request: Request) -> HttpResponse:
    """Somebody new: kind, name and consent, then the registration is open."""
    _demand_configured()
    _demand_no_post(request)
    identity, then = _found(request)
    form = forms.ConfirmForm(request.POST if request.method == "POST" else None, identity=identity)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            party = services.register(given=form.given(), identity=identity, at=at)
        except InvalidInput as error:
            for problem in error.problems:
                field = FIELD_OF.get(problem.where, "")
                form.add_error(field if field in form.fields else None, problem.what)
        else:
            messages.success(request, "已注册并登录。")
            return _let_in(request, party, then, at)
    context = {
        "form": form,
        "identity": identity,
        "taken": services.address_taken(identity),
        "service": settings.OIDC_LABEL,
    }
    return render(request, "opening/identity/confirm.html", context, status=400 if form.errors else 200)


@_form
def bind(request: Request) -> HttpResponse:
    """Somebody signed in by password lets the service open the same registration."""
    party = own_party(request.actor)
    _demand_configured()
    identity, _ = _found(request)
    form = forms.BindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at = now()
        spend([(PASSWORD_TRIES, str(party.id))], at=at)
        services.bind(actor=request.actor, identity=identity, password=form.cleaned_data["password"], at=at)
        sessions.forget_found(request)
        messages.success(request, f"已绑定，今后也可以用{settings.OIDC_LABEL}登录。")
        return redirect("opening:account")
    context = {"form": form, "identity": identity, "party": party, "service": settings.OIDC_LABEL}
    return render(request, "opening/identity/bind.html", context, status=400 if form.errors else 200)
