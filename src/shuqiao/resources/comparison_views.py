"""Pages of the difference between two versions: asked for, followed, read, taken away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import now
from shuqiao.resources import comparisons, queries, services
from shuqiao.resources.models import Comparison, Version
from shuqiao.resources.types import ComparisonState
from shuqiao.store.differences import ChangeKind


@require_POST
def compare(request: Request, version_id: UUID) -> HttpResponse:
    """Ask for the difference to another version."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    try:
        old_id = UUID(request.POST.get("old", ""))
    except ValueError:
        raise InvalidInput.one("对照版本", "请选择一个版本") from None
    found = services.ask_comparison(
        actor=request.actor,
        old_id=old_id,
        new_id=version.id,
        key=[name for name in request.POST.get("key", "").split("\x1f") if name],
        at=now(),
    )
    return redirect(found.get_absolute_url())


def offers(request: Request, version: Version) -> dict[str, Any]:
    """What the form on a version's page offers: versions to compare with, and keys to compare by."""
    others = list(queries.comparable_with(request.actor, version)[:50])
    declared = [tuple(key) for key in (version.recipe or {}).get("keys", [])]
    single = [(column["name"],) for column in version.schema if (column["name"],) not in declared]
    keys = [("\x1f".join(key), "＋".join(key)) for key in (*declared, *single)]
    return {"others": others, "keys": keys}


@require_GET
def show_comparison(request: Request, comparison_id: UUID) -> HttpResponse:
    """Counts, columns, and fifty changed rows of one kind, old and new side by side."""
    found = queries.get_comparison_for(request.actor, comparison_id)
    wanted = request.GET.get("kind", "")
    kind = ChangeKind(wanted) if wanted in set(ChangeKind) else _first_kind(found)
    total = min(found.counts.get(kind.value, 0), comparisons.MOST_LINES)
    pages = max(1, -(-total // comparisons.PAGE_LINES))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked) if asked.isdecimal() and len(asked) < 10 else 1, 1), pages)
    context = {
        "found": found,
        "resource": found.new.resource,
        "waiting": found.state == ComparisonState.WAITING,
        "failed": found.state == ComparisonState.FAILED,
        "kind": kind,
        "kinds": [(one, found.counts.get(one.value, 0)) for one in ChangeKind],
        "changes": [_line(one) for one in comparisons.read_page(found.id, kind, number)],
        "number": number,
        "pages": pages,
        "cut": found.counts.get(kind.value, 0) > comparisons.MOST_LINES,
        "cells": sorted(
            ((name, count) for name, count in found.counts.get("cells", {}).items() if count),
            key=lambda pair: -pair[1],
        ),
    }
    return render(request, "resources/comparison.html", context)


def _first_kind(found: Comparison) -> ChangeKind:
    order = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED)
    return next((kind for kind in order if found.counts.get(kind.value)), ChangeKind.CHANGED)


def _line(change: Any) -> dict[str, Any]:
    return {
        "key": "＋".join("缺" if value is None else str(value) for value in change.key.values()),
        "cells": comparisons.cells_of(change),
        "repeated": change.repeated,
    }


@require_GET
def comparison_state(request: Request, comparison_id: UUID) -> HttpResponse:
    """How far the worker is; asks the page to load anew when it is done."""
    found = queries.get_comparison_for(request.actor, comparison_id)
    if found.state != ComparisonState.WAITING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "resources/comparing.html", {"found": found})


def _done(request: Request, comparison_id: UUID) -> Comparison:
    found = queries.get_comparison_for(request.actor, comparison_id)
    if found.state != ComparisonState.DONE or not comparisons.folder_of(found.id).is_dir():
        raise NotFound("算好的版本对照")
    return found


@require_GET
def comparison_csv(request: Request, comparison_id: UUID) -> StreamingHttpResponse:
    """The whole difference as a table."""
    found = _done(request, comparison_id)
    return _file(found, comparisons.write_csv(found.id, found.key), "csv", "text/csv; charset=utf-8")


@require_GET
def comparison_ndjson(request: Request, comparison_id: UUID) -> StreamingHttpResponse:
    """The whole difference, one JSON object a line."""
    found = _done(request, comparison_id)
    return _file(found, comparisons.read_lines(found.id), "ndjson", "application/x-ndjson")


def _file(found: Comparison, pieces: Any, ending: str, kind: str) -> StreamingHttpResponse:
    name = f"difference-{found.new.resource_id}-{found.old.number}-{found.new.number}.{ending}"
    return StreamingHttpResponse(
        pieces, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
