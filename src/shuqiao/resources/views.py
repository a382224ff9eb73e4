"""Pages of resources: the list, a resource and its versions, and the fragment on the entry page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel.time import now, today
from shuqiao.resources import previewing, queries, rules, services
from shuqiao.resources.forms import MountForm
from shuqiao.resources.models import Resource
from shuqiao.resources.types import Kind, Mode, ResourceFacts

PAGE = 50


@require_GET
def list_resources(request: Request) -> HttpResponse:
    """What the actor's departments have mounted, with state and freshness."""
    reviews = request.actor.may(P.RESOURCES_VERSION_REVIEW)
    waiting = reviews and request.GET.get("state") == "review"
    found = queries.list_resources_for(request.actor, waiting=waiting)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    on = today()
    lines = [_line(resource, on) for resource in page.object_list]
    may_mount = request.actor.may(P.RESOURCES_RESOURCE_EDIT)
    context = {
        "page": page,
        "lines": lines,
        "may_mount": may_mount,
        "reviews": reviews,
        "waiting": waiting,
        "on": on,
    }
    return render(request, "resources/list.html", context)


def _line(resource: Resource, on: date) -> dict[str, object]:
    current = resource.current_version
    revision = resource.entry.published
    cycle = revision.update_cycle if revision else ""
    return {
        "resource": resource,
        "current": current,
        "under_way": queries.under_way(resource),
        "fresh": rules.freshness(cycle, current.published_on if current else None, on),
    }


@require_http_methods(["GET", "POST"])
def mount(request: Request) -> HttpResponse:
    """Choose an entry and mount a table or a file on it."""
    request.actor.demand(P.RESOURCES_RESOURCE_EDIT)
    entries = _mountable(request.actor)
    initial = {"entry": request.GET.get("entry"), "modes": list(Mode.values), "kind": Kind.TABLE}
    form = MountForm(request.POST if request.method == "POST" else None, entries=entries, initial=initial)
    if request.method == "POST" and form.is_valid():
        resource = services.mount_resource(
            actor=request.actor,
            entry_id=form.cleaned_data["entry"].id,
            name=form.cleaned_data["name"],
            modes=form.chosen_modes(),
            kind=Kind(form.cleaned_data["kind"]),
            at=now(),
        )
        messages.success(request, f"已挂载“{resource.name}”，请上传文件")
        return redirect("resources:upload", resource.id)
    status = 400 if request.method == "POST" else 200
    return render(request, "resources/mount.html", {"form": form, "any": entries.exists()}, status=status)


def _mountable(actor: Actor) -> QuerySet[Any]:
    mine = actor.departments_with(P.RESOURCES_RESOURCE_EDIT)
    return catalog.list_entries_for(actor).filter(department__in=mine)


@require_GET
def show_resource(request: Request, resource_id: UUID) -> HttpResponse:
    """A resource: what is published, its versions, its address at the gateway."""
    actor = request.actor
    resource = queries.get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_READ)
    facts = queries.list_published([resource.id])
    entry = catalog.facts_of_many([resource.entry_id]).get(resource.entry_id)
    context = {
        "resource": resource,
        "facts": facts[0] if facts else None,
        "entry": entry,
        "manages": queries.manages(actor, resource),
        "may_edit": queries.manages(actor, resource, P.RESOURCES_RESOURCE_EDIT),
        "versions": list(queries.list_versions_for(actor, resource.id)),
        "fresh": rules.freshness(
            entry.update_cycle if entry else "",
            resource.current_version.published_on if resource.current_version else None,
            today(),
        ),
        "address": f"{settings.GATEWAY_URL}/v1/resources/{resource.id}",
    }
    return render(request, "resources/resource.html", context)


@require_GET
def of_entry(request: Request, entry_id: UUID) -> HttpResponse:
    """What is mounted on an entry, for the entry page: version, rows, day, formats, and the first rows for those
    who may see them."""
    catalog.get_entry_for(request.actor, entry_id)
    tables = [
        {
            "facts": facts,
            "preview": _preview(request.actor, facts),
            "modes": [mode.label for mode in facts.modes],
        }
        for facts in queries.list_resources_of_entry(entry_id)
    ]
    may_mount = _mountable(request.actor).filter(id=entry_id).exists()
    return render(
        request, "resources/of_entry.html", {"tables": tables, "may_mount": may_mount, "entry_id": entry_id}
    )


def _preview(actor: Actor, facts: ResourceFacts) -> object:
    """The first rows, or None where the actor may not see any."""
    resource = queries.get_resource_for(actor, facts.id, P.RESOURCES_RESOURCE_READ)
    if facts.file is not None:
        return None
    if not (facts.open_columns or queries.manages(actor, resource)) or resource.current_version is None:
        return None
    return previewing.preview_for(actor, facts, resource.current_version)


@require_POST
def discard(request: Request, version_id: UUID) -> HttpResponse:
    """Give up a version that was not published."""
    version = services.discard_version(actor=request.actor, version_id=version_id, at=now())
    messages.success(request, f"已放弃{version}")
    return redirect("resources:resource", version.resource_id)
