"""REST of the control plane: OpenAPI 3.1 at /api/v1/docs, one router per app, same services as the pages.

What ninja would answer in words of its own is problem JSON here, as everywhere (RFC 9457).
"""

from __future__ import annotations

import copy
from http import HTTPStatus
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.parser import Parser
from ninja.security import SessionAuth

from shuqiao.accounts.access import Request, public
from shuqiao.accounts.types import Actor
from shuqiao.catalog.api import router as catalog
from shuqiao.catalog.api.doors import SYSTEMS, WITHOUT_SESSION
from shuqiao.delivery.api import router as delivery
from shuqiao.delivery.recognising import KeyRefused, system_of
from shuqiao.kernel import ShuqiaoError
from shuqiao.kernel.time import today
from shuqiao.middleware import problem, problem_of
from shuqiao.opening.api import router as opening
from shuqiao.resources.api import router as resources
from shuqiao.sharing.api import router as sharing

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _TokenCheck(CsrfViewMiddleware):
    """Django's check of the form token, answering with the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class HeaderToken(SessionAuth):
    """The session, and for every writing call the form token in the header X-CSRFToken.

    Only in the header: Django would look for it in the body first, and so read an upload of two gigabytes
    before anybody has asked whether the sender may send it.
    """

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def __call__(self, request: HttpRequest) -> Any:
        if not request.user.is_authenticated:
            return None
        if request.method not in SAFE and (reason := self._refusal(request)):
            raise HttpError(403, f"请求头 X-CSRFToken 缺失或不符（{reason}）")
        return super().__call__(request)

    def _refusal(self, request: HttpRequest) -> Any:
        asked = copy.copy(request)
        asked.method = "PUT"  # the body of a PUT is never searched for a token
        asked.csrf_processing_done = False  # type: ignore[attr-defined]
        check = _TokenCheck(_nothing)
        check.process_request(asked)
        return check.process_view(asked, _nothing, (), {})


class StrictParser(Parser):
    """JSON as the standard has it: bounded nesting, no NaN, whole characters, and no NUL, which no column holds."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        if b"\\u0000" in body:
            raise HttpError(400, "请求体含有不可用的字符（NUL）")
        return orjson.loads(body)


def _holder_of(bearer: str) -> Actor:
    """Whose system asks with this key. Delivery, where keys are kept, lies above the catalogue."""
    try:
        return system_of(bearer, today())
    except KeyRefused as refused:
        raise HttpError(HTTPStatus.UNAUTHORIZED, str(refused)) from None


SYSTEMS.actor_of = _holder_of
api = NinjaAPI(
    title="数桥 Shuqiao", version="1", auth=HeaderToken(), docs_url=None, urls_namespace="api", parser=StrictParser()
)  # fmt: skip
api.add_router("/catalog", catalog)
api.add_router("/resources", resources)
api.add_router("/sharing", sharing)
api.add_router("/delivery", delivery)
api.add_router("/opening", opening)


@api.exception_handler(ShuqiaoError)
def _one_of_the_five(request: Request, error: ShuqiaoError) -> JsonResponse:
    return problem_of(error)


@api.exception_handler(AuthenticationError)
def _unknown(request: Request, error: AuthenticationError) -> JsonResponse:
    what = "请先登录；系统读取目录请用 Authorization: Bearer 带上应用凭证，读取数据请访问数据网关。"
    return _challenge(problem(HTTPStatus.UNAUTHORIZED, "需要登录", what))


@api.exception_handler(Throttled)
def _too_often(request: Request, error: Throttled) -> JsonResponse:
    status, seconds = HTTPStatus.TOO_MANY_REQUESTS, int(error.wait or 1) + 1
    answer = problem(status, status.phrase, f"请求太频繁，请在 {seconds} 秒后再试")
    answer["Retry-After"] = str(seconds)
    return answer


def _challenge(answer: JsonResponse) -> JsonResponse:
    answer["WWW-Authenticate"] = 'Bearer realm="shuqiao"'
    return answer


@api.exception_handler(HttpError)
def _refused(request: Request, error: HttpError) -> JsonResponse:
    answer = problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error))
    return _challenge(answer) if error.status_code == HTTPStatus.UNAUTHORIZED else answer


@api.exception_handler(Http404)
def _nowhere(request: Request, error: Http404) -> JsonResponse:
    return problem(404, HTTPStatus(404).phrase, "没有这个地址")


@api.exception_handler(ValidationError)
def _malformed(request: Request, error: ValidationError) -> JsonResponse:
    """422: every field that cannot be read, by its place in the body, path or query."""
    problems = [
        {"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]}
        for one in error.errors[:100]
    ]
    return problem(422, HTTPStatus(422).phrase, "请求的格式不对", problems=problems)


def _mounted() -> tuple[Any, str, str]:
    """The addresses. Those systems and the public may read without a session ask for themselves who comes (`doors`),
    so the gate before all views lets them through."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name in WITHOUT_SESSION:
            public(pattern.callback)
    return patterns, app, namespace


urls = _mounted()
