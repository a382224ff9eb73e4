"""The publisher confirms how a file is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.kernel.time import day_of
from shuqiao.procedures import events
from shuqiao.procedures.types import E
from shuqiao.resources import previews, queries, receiving
from shuqiao.resources.changes import BLOCKING
from shuqiao.resources.models import ReadingRecipe, Version
from shuqiao.resources.services.mounting import apply_preview
from shuqiao.resources.services.naming import checks_of, newest_recipe, next_step, previous_of
from shuqiao.resources.structure import Choices, carry_decisions, propose, recipe_of, suspects
from shuqiao.resources.types import Status
from shuqiao.store.types import Recipe


def reread_upload(*, actor: Actor, version_id: UUID, reading: dict[str, Any]) -> Version:
    """Look at the file again with another sheet, JSON list or header line. A big file waits for the worker.

    Raises InvalidInput when the file cannot be read that way; IllegalMove while it is being built or
    re-checked, and once it is published.
    """
    version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT)
    _back_to_uploaded(version)
    path = receiving.staging_root() / version.upload.path
    small = previews.is_small(path, version.upload.filename)
    checks = checks_of(version.resource)
    seen = previews.look_at(path, version.upload.filename, reading, checks) if small else None
    with transaction.atomic():
        version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
        _back_to_uploaded(version)
        version.reading = reading
        version.recipe, version.store_version = None, ""
        version.attempts, version.lease_until, version.claimed_by = 0, None, ""
        version.preview, version.head, version.changes = None, [], []
        if seen is not None:
            apply_preview(version, seen)
        version.save()
        next_step(version, "", "")
    return version


def _back_to_uploaded(version: Version) -> None:
    if version.status != Status.UPLOADED:
        version.move_to(Status.UPLOADED)


@transaction.atomic
def confirm_recipe(*, actor: Actor, version_id: UUID, choices: Choices, at: datetime) -> Version:
    """The publisher confirms columns, types, data items and lookup keys; the worker builds the version.

    Raises InvalidInput naming every column that cannot be carried out, kept columns without data item among
    them (Yingkou 14, 18: what is shared is what the catalogue lists).
    """
    version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
    if version.preview is None:
        raise InvalidInput.one("文件", "还没有读完，请稍候")
    items = catalog.published_items(version.resource.entry_id)
    preview = previews.from_json(version.preview)
    recipe = recipe_of(preview, choices, items)
    version.move_to(Status.CONFIRMED)
    version.recipe = msgspec.to_builtins(recipe)
    version.items = {c.name.strip(): c.item for c in choices.columns if c.keep and c.item}
    version.saved_recipe = _keep_recipe(version, recipe, actor, at)
    found = suspects(preview, recipe, version.items, items)
    before = previous_of(version)
    decided = [*(before.personal if before else []), *version.personal]
    version.personal = carry_decisions(found, decided)
    version.attempts, version.lease_until, version.claimed_by = 0, None, ""
    version.rows_done, version.bytes_done, version.error = 0, 0, []
    version.secrecy_checked = version.personal_checked = False
    version.save()
    next_step(version, "", "")
    events.record(
        E.VERSION_CONFIRMED,
        actor=actor,
        case=version.case,
        department_id=version.resource.department_id,
        on=day_of(at),
        data={
            "columns": len(recipe.kept),
            "keys": [list(key) for key in recipe.keys],
            "recipe": version.saved_recipe.number,
        },
    )
    return version


def _keep_recipe(version: Version, recipe: Recipe, actor: Actor, at: datetime) -> ReadingRecipe:
    """The version's choices as the resource's newest recipe; unchanged ones stay the recipe they are."""
    newest = newest_recipe(version.resource)
    if (
        newest is not None
        and previews.recipe_from_json(newest.recipe) == recipe
        and (newest.items, newest.reading) == (version.items, version.reading)
    ):
        return newest
    return ReadingRecipe.objects.create(
        resource=version.resource,
        number=newest.number + 1 if newest else 1,
        reading=version.reading,
        recipe=version.recipe,
        items=version.items,
        unique_keys=[],
        confirmed_by_id=actor.user_id,
        confirmed_at=at,
    )


def accept_recipe(*, actor: Actor, version_id: UUID, at: datetime) -> Version:
    """The publisher takes the newest recipe as it is, in one step. Raises InvalidInput naming every column that
    is not in the new file as the recipe expects it, and when there is no recipe yet."""
    version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT)
    saved = newest_recipe(version.resource)
    if version.preview is None or saved is None:
        raise InvalidInput.one("读取方案", "还没有保存的读取方案，请逐列确认")
    stands = [Problem(one["column"], one["detail"]) for one in version.changes if one["kind"] in BLOCKING]
    if stands:
        raise InvalidInput(stands)
    items = catalog.published_items(version.resource.entry_id)
    preview = previews.from_json(version.preview)
    choices = propose(preview, items, previews.recipe_from_json(saved.recipe), saved.items)
    return confirm_recipe(actor=actor, version_id=version_id, choices=choices, at=at)
