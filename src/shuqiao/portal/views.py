"""Error pages for what Django itself refuses (problem JSON for machines), and the style guide."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuqiao.accounts.access import public
from shuqiao.kernel.time import now
from shuqiao.middleware import problem, wants_json
from shuqiao.portal.samples import sample_context
from shuqiao.procedures import mailing


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request is malformed."""
    return _error(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: Django's own refusal of a person."""
    return _error(request, 403)


def form_token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without its token. `reason` is for the log, not for the reader."""
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such address."""
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a defect. Rendered without any context, because what failed may be needed to make it."""
    if wants_json(request):
        return problem(500, HTTPStatus(500).phrase, "平台出现故障，已记录")
    return render(None, "portal/errors/500.html", {"status": 500}, status=500)


@public
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, with data of its own. Only where sample data is shown anyway."""
    if not (settings.DEBUG or settings.SAMPLE_CITY):
        raise Http404
    return render(request, "portal/styleguide.html", sample_context())


def _error(request: HttpRequest, status: int) -> HttpResponse:
    if wants_json(request):
        phrase = HTTPStatus(status).phrase
        return problem(status, phrase, phrase)
    context: dict[str, Any] = {"status": status}
    return render(request, f"portal/errors/{status}.html", context, status=status)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers and reaches its database; for supervisors and load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """What an operator watches beside `healthz`: whether mail goes out, how long the oldest has waited and what the
    last failure was, without an address or a server's name. Late mail is said, and takes no node out of service."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "mail": asdict(mailing.outbox(now()))})
