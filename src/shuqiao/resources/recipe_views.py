"""Pages of reading recipes: their history, and taking the newest one unchanged."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import now
from shuqiao.resources import previews, queries, services, structure
from shuqiao.resources.models import ReadingRecipe
from shuqiao.store import find_check

PAGE = 10


@require_GET
def list_recipes(request: Request, resource_id: UUID) -> HttpResponse:
    """Every recipe of a resource with what it changed against the one before."""
    resource = queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_READ)
    recipes = list(queries.list_recipes_for(request.actor, resource_id))
    before = dict(pairwise([*recipes, None]))
    page = Paginator(recipes, PAGE).get_page(request.GET.get("page"))
    lines = [_line(one, before[one]) for one in page.object_list]
    return render(request, "resources/recipes.html", {"resource": resource, "page": page, "lines": lines})


def _line(saved: ReadingRecipe, before: ReadingRecipe | None) -> dict[str, Any]:
    recipe = previews.recipe_from_json(saved.recipe)
    columns = [
        {
            "source": plan.source,
            "name": plan.name,
            "item": saved.items.get(plan.name, ""),
            "type": f"{plan.type.label}{f' {plan.form}' if plan.form else ''}",
            "check": "、".join(check.label for check in map(find_check, plan.checks) if check),
        }
        for plan in recipe.kept
    ]
    earlier = previews.recipe_from_json(before.recipe) if before else None
    return {
        "saved": saved,
        "recipe": recipe,
        "columns": columns,
        "dropped": [plan.source for plan in recipe.columns if not plan.keep],
        "differences": structure.differences(earlier, recipe) if earlier else [],
        "first": before is None,
        "versions": sorted(saved.versions.all(), key=lambda version: version.number),
    }


@require_POST
def accept(request: Request, version_id: UUID) -> HttpResponse:
    """The newest recipe as it is, in one click."""
    version = services.accept_recipe(actor=request.actor, version_id=version_id, at=now())
    messages.success(request, f"已按{version.saved_recipe}读取，正在生成")
    return redirect("resources:version", version.id)
