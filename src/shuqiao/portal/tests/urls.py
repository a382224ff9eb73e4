"""Addresses of the portal and of logging in alone, for tests of the shell by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from shuqiao.accounts.access import public


@public
def shell(request: HttpRequest, name: str) -> HttpResponse:
    """A bare page on one of the shells, for eyes and for tests."""
    return render(request, f"portal/{name}.html")


@public
def fails(request: HttpRequest) -> HttpResponse:
    """A defect."""
    raise ZeroDivisionError("a defect in a view")


urlpatterns = [
    path("", include("shuqiao.portal.urls")),
    path("account/", include("shuqiao.accounts.urls")),
    path("shell/<str:name>/", shell),
    path("fails/", fails),
]
handler404 = "shuqiao.portal.views.not_found"
handler500 = "shuqiao.portal.views.server_error"
handler403 = "shuqiao.portal.views.forbidden"
handler400 = "shuqiao.portal.views.bad_request"
