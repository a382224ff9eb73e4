"""Two revisions of an entry side by side."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request
from shuqiao.catalog import queries
from shuqiao.catalog.life.presenting import difference_of
from shuqiao.kernel import NotFound


@require_GET
def compare(request: Request, entry_id: UUID) -> HttpResponse:
    """The difference of two revisions the reader may see: by default the newest and the one before."""
    entry = queries.get_entry_for(request.actor, entry_id)
    revisions = queries.revisions_of(request.actor, entry_id)
    by_number = {str(one.number): one for one in revisions}
    after = by_number.get(request.GET.get("to", ""), revisions[0] if revisions else None)
    if after is None:
        raise NotFound("目录条目的版次")
    older = [one for one in revisions if one.number < after.number]
    before = by_number.get(request.GET.get("from", ""), older[0] if older else after)
    context = {"entry": entry, "revisions": revisions, "difference": difference_of(before, after)}
    return render(request, "catalog/compare.html", context)
