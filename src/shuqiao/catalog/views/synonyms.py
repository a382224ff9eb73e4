"""The page on which the bureau keeps words that mean the same."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries
from shuqiao.catalog.services.synonyms import remove_synonyms, save_synonyms
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.kernel.time import now


@require_http_methods(["GET", "POST"])
def synonym_list(request: Request) -> HttpResponse:
    """The groups, and a line for one more."""
    request.actor.demand(P.CATALOG_ENTRY_REVIEW)
    if request.method != "POST":
        return _page(request)
    written = request.POST.get("words", "")[:1_000]
    try:
        save_synonyms(actor=request.actor, words=re.split(r"[、,，;；\s]+", written), at=now())
    except InvalidInput as error:
        return _page(request, written, error.problems)
    return redirect("catalog:synonyms")


def _page(request: Request, written: str = "", problems: tuple[Problem, ...] = ()) -> HttpResponse:
    context = {
        "kept": queries.list_synonyms(),
        "built_in": queries.built_in_synonyms(),
        "written": written,
        "problems": problems,
    }
    return render(request, "catalog/synonyms.html", context, status=400 if problems else 200)


@require_POST
def remove(request: Request, group_id: UUID) -> HttpResponse:
    """Take a group off."""
    remove_synonyms(actor=request.actor, group_id=group_id)
    return redirect("catalog:synonyms")
