"""The page on which the bureau keeps the classification: the national list, and what the division adds."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import classification
from shuqiao.catalog.services.classing import WIDTHS, add_class, use_class
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.organizations import queries as organizations


@require_http_methods(["GET", "POST"])
def class_list(request: Request) -> HttpResponse:
    """The classes below one, and a line for one more."""
    request.actor.demand(P.CATALOG_ENTRY_REVIEW)
    division, at = _asked(request)
    if request.method != "POST":
        return _page(request, division, at)
    name = request.POST.get("name", "")[:200]
    try:
        add_class(actor=request.actor, division=division, above=at, name=name)
    except InvalidInput as error:
        return _page(request, division, at, name, error.problems)
    return redirect(_place(division, at))


@require_POST
def use(request: Request, class_id: UUID) -> HttpResponse:
    """Out of use (`used` 0) or into use again."""
    division, at = _asked(request)
    try:
        use_class(actor=request.actor, class_id=class_id, used=request.POST.get("used") == "1")
    except InvalidInput as error:
        return _page(request, division, at, problems=error.problems)
    return redirect(_place(division, at))


def _asked(request: Request) -> tuple[str, str]:
    """The division (by default the post's own) and the code below which to look, as the address says."""
    divisions = request.actor.divisions_with(P.CATALOG_ENTRY_REVIEW)
    asked, post = request.GET.get("division", ""), request.actor.first_post
    own = post.division if post and post.division in divisions else min(divisions, default="")
    return asked if asked in divisions else own, request.GET.get("at", "")[:24]


def _place(division: str, at: str) -> str:
    return f"{reverse('catalog:classification')}?{urlencode({'division': division, 'at': at})}"


def _page(
    request: Request, division: str, at: str, name: str = "", problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    path = classification.steps_to(division, at)
    context = {
        "division": division,
        "divisions": organizations.list_divisions().filter(
            code__in=request.actor.divisions_with(P.CATALOG_ENTRY_REVIEW)
        ),
        "path": path,
        "at": path[-1] if path else None,
        "level": classification.LEVELS[min(len(path), 3)],
        "rows": classification.below(division, at),
        "may_add": bool(path) and not path[-1].retired and path[-1].level + 1 in WIDTHS,
        "name": name,
        "problems": problems,
    }
    return render(request, "catalog/classification.html", context, status=400 if problems else 200)
