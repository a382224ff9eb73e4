"""What several steps share: the version before, the newest recipe, and whose turn it is."""

from __future__ import annotations

from typing import Any

from shuqiao.accounts.types import P
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import services as procedures
from shuqiao.resources import previews
from shuqiao.resources.changes import RecipeBefore
from shuqiao.resources.models import ReadingRecipe, Resource, Version


def previous_of(version: Version) -> Version | None:
    """The version published when this one came: what a new file is compared with."""
    current = version.resource.current_version
    return current if current is not None and current.pk != version.pk else None


def newest_recipe(resource: Resource) -> ReadingRecipe | None:
    """How files of the resource were last confirmed to be read."""
    return resource.recipes.order_by("-number").first()


def reading_of(resource: Resource) -> dict[str, Any]:
    """Sheet, member and path that the newest recipe names; nothing when there is none."""
    saved = newest_recipe(resource)
    return dict(saved.reading) if saved else {}


def checks_of(resource: Resource) -> dict[str, tuple[str, ...]]:
    """The checks of the newest recipe, by the headers of their columns: a new file is held to them."""
    saved = newest_recipe(resource)
    recipe = previews.recipe_from_json(saved.recipe) if saved else None
    return {plan.source: plan.checks for plan in recipe.kept if plan.checks} if recipe else {}


def recipe_before(saved: ReadingRecipe) -> RecipeBefore:
    """What a new file is compared with."""
    keys = tuple(tuple(key) for key in saved.unique_keys)
    return RecipeBefore(previews.recipe_from_json(saved.recipe), keys)


def next_step(version: Version, action: str, detail: str, *, at_bureau: bool = False) -> None:
    """Clear the version from every inbox and, when there is an `action`, put it into one: the provider's, or
    that of the division's bureau for its re-check."""
    procedures.settle(case=version.case)
    if not action:
        return
    department = version.resource.department
    procedures.assign(
        case=version.case,
        department=organizations.bureau_of(department.division_id) if at_bureau else department,
        permission=P.RESOURCES_VERSION_REVIEW if at_bureau else P.RESOURCES_RESOURCE_EDIT,
        action=action,
        detail=detail,
        stage="rule",
    )
