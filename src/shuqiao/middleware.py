"""The edge of the control plane: headers, who acts, and the one translator of errors into answers."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from shuqiao import law
from shuqiao.accounts.access import Request, is_inner, is_public
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import (
    IllegalMove,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleRefused,
    ShuqiaoError,
)
from shuqiao.organizations import queries as organizations

Handler = Callable[[Request], HttpResponseBase]
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
STATUS: dict[type[ShuqiaoError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    InvalidInput: 400,
    IllegalMove: 409,
    RuleRefused: 409,
}

RETRY_SECONDS = "10"
_FOR_GOVERNMENT = "共享目录和数据资源只供机关使用；公开的目录在开放平台"


class SecurityHeaders:
    """Every answer forbids inline scripts and styles, sniffing and powerful browser features."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store" if request.user_signed_in else "no-cache")
        return response


class StaticFiles:
    """Page assets from this process: an installation of one machine needs no second server for them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.user_signed_in = False
        if not request.path.startswith(settings.STATIC_URL) or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        found = finders.find(request.path.removeprefix(settings.STATIC_URL))
        if not isinstance(found, str) or not Path(found).is_file():
            return HttpResponse("没有这个文件", status=404, content_type="text/plain; charset=utf-8")
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        response = FileResponse(Path(found).open("rb"), content_type=kind)  # noqa: SIM115 - the response closes it
        response["Cache-Control"] = "public, max-age=3600"
        return response


class Gate:
    """Names the actor, and asks whoever has not signed in to do so before any view that is not public."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        user: Any = request.user
        request.user_signed_in = user.is_authenticated
        request.actor = cast(
            Actor, SimpleLazyObject(lambda: organizations.actor_of(user if user.is_authenticated else None))
        )
        return self.get_response(request)

    def process_view(
        self, request: Request, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Stop an anonymous request before a view that is not marked public, and what no column can hold."""
        if (
            not is_public(view)
            and request.user_signed_in
            and is_inner(request.path)
            and request.actor.party_id
        ):
            return answer_to(request, NotAllowed(P.CATALOG_ENTRY_READ, _FOR_GOVERNMENT))
        if request.user_signed_in or is_public(view):
            return _nul_refused(request, view)
        if wants_json(request):
            return problem(401, "需要登录", "请先登录，或使用应用凭证访问数据网关。")
        return redirect_to_login(request.get_full_path())


def _nul_refused(request: Request, view: Callable[..., object]) -> HttpResponseBase | None:
    """A NUL has no place in any field or address, and PostgreSQL takes none. Of views that look for the form token
    themselves the body is not read here: they ask for access first."""
    written = "" if getattr(view, "csrf_exempt", False) else request.POST.urlencode()
    if "%00" not in request.META.get("QUERY_STRING", "") + written and "\0" not in request.path:
        return None
    return answer_to(request, InvalidInput.one("输入", "含有不可用的字符（NUL）"))


class ErrorTranslator:
    """Turns the five errors into a page or RFC 9457 problem JSON. Nothing else translates errors."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: Request, error: Exception) -> HttpResponseBase | None:
        """The answer to one of the five errors; any other exception goes on to Django."""
        return answer_to(request, error) if isinstance(error, ShuqiaoError) else None


def came_from(request: HttpRequest) -> str:
    """The page of this site on which the refused step was begun; empty when the browser does not say."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host() or referer.scheme not in {"http", "https"}:
        return ""
    return referer.path + (f"?{referer.query}" if referer.query else "")


def status_of(error: ShuqiaoError) -> int:
    """The status of an error, or of what it is a kind of; 503 for storage that does not do what it should."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 503)


def answer_to(request: Request, error: ShuqiaoError) -> HttpResponseBase:
    """The page, or to a machine the problem JSON, of one of the five errors."""
    if wants_json(request):
        return problem_of(error)
    status = status_of(error)
    context = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "message": str(error),
        "problems": error.problems if isinstance(error, InvalidInput) else (),
        "decision": error.decision if isinstance(error, RuleRefused) else None,
        "back": came_from(request),
    }
    answer = render(request, f"portal/errors/{status}.html", context, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer["Retry-After"] = RETRY_SECONDS
    return answer


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a machine: an API address, or one that accepts JSON and not pages."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or ("json" in accept and "html" not in accept)


def problem_of(error: ShuqiaoError) -> JsonResponse:
    """Problem JSON of one of the five errors."""
    status = status_of(error)
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidInput):
        extra["problems"] = [{"where": p.where, "what": p.what} for p in error.problems]
    if isinstance(error, RuleRefused):
        decision = error.decision
        extra["rule"] = decision.rule
        extra["basis"] = [law.cited(article) for article in decision.basis]
    if isinstance(error, NotAllowed):
        extra["permission"] = error.permission
    answer = problem(status, HTTPStatus(status).phrase, str(error), **extra)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer["Retry-After"] = RETRY_SECONDS
    return answer


def problem(status: int, title: str, detail: str, **extra: Any) -> JsonResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


class BoundedUpload(FileUploadHandler):
    """Stops an upload that grows past the limit; refuses at once when the request says it will.

    One form carries at most one file here, so the request's length is the file's bound.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django calls it so
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.left = settings.UPLOAD_MAX_BYTES
        if content_length > settings.UPLOAD_MAX_BYTES + 1024 * 1024:
            raise InvalidInput.one("文件", too_big())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.left -= len(raw_data)
        if self.left < 0:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def too_big() -> str:
    """What to tell somebody whose file is over the limit."""
    return f"文件超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB，请拆分或压缩（.csv.gz）后再传"
