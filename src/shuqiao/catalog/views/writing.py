"""What the form of an entry asks while it is being filled in: what the rules say, the classification, related entries."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.catalog import classification, queries
from shuqiao.catalog.explaining import said_of
from shuqiao.catalog.forms import EntryEditor
from shuqiao.catalog.models import CONTENT_COLUMNS
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations

FOUND = 10


def division_for(request: Request) -> str:
    """The division the form is for: the one asked for, else that of the person's first post."""
    post = request.actor.first_post
    return request.GET.get("division", "")[:12] or (post.division if post else "")


@require_POST
def check(request: Request) -> HttpResponse:
    """Every rule at its field with its article, for what stands in the form now. Nothing is saved."""
    content = EntryEditor(request.POST).draft()
    said = said_of(content, organizations.regime_of(division_for(request), today()))
    fields = [(name, said.get(name, [])) for name in (*CONTENT_COLUMNS, "items") if name != "related_codes"]
    waiting = sum(len(found) for found in said.values())
    return render(request, "catalog/_said.html", {"fields": fields, "waiting": waiting})


@require_GET
def classes(request: Request) -> HttpResponse:
    """The chooser of the classification: a level opens below what is chosen."""
    division = division_for(request)
    code = (request.GET.getlist("classification") or [""])[-1][:24]
    levels = classification.levels_of(division, code)
    known = next((level.chosen for level in reversed(levels) if level.chosen), "")
    context = {
        "levels": levels,
        "division": division,
        "unknown": code if len(code) > 5 and code != known else "",
    }
    return render(request, "catalog/_classes.html", context)


@require_GET
def related(request: Request) -> HttpResponse:
    """Published entries whose title has these words, to be ticked as related."""
    words = request.GET.get("related_q", "").strip()[:100]
    found = queries.list_titled_for(request.actor, words)[:FOUND] if words else []
    return render(request, "catalog/_related.html", {"found": found, "words": words})
