"""Saved column mappings: a change is a new version, so that an import always tells by which rules it was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.mappings import Rules
from shuqiao.catalog.models import ColumnMapping
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.organizations.models import Division

NAME_MAX = 100


def demand_mapping(actor: Actor, division: str) -> None:
    """Whoever imports in a division may save its mappings: its departments' cataloguers and its bureau."""
    own = {
        post.division
        for post in actor.posts
        if post.department_id in actor.departments_with(P.CATALOG_ENTRY_EDIT)
    }
    if division not in own and not actor.may(P.CATALOG_ENTRY_REVIEW, division=division):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您不在这个区划编制或审核目录，不能保存它的列对应方案")


@transaction.atomic
def save_mapping(
    *, actor: Actor, division: str, name: str, rules: Mapping[str, object], at: datetime
) -> ColumnMapping:
    """Save rules under a name; of a name that exists the next version, unless nothing changed. Raises InvalidInput
    naming every rule that is none."""
    demand_mapping(actor, division)
    name = name.strip()
    if not name or len(name) > NAME_MAX:
        raise InvalidInput.one("方案名称", f"必填，最多 {NAME_MAX} 字")
    known = Rules.from_json(rules).to_json()
    Division.objects.select_for_update(no_key=True).get(
        code=division
    )  # versions are numbered one after another
    last = ColumnMapping.objects.filter(division=division, name=name).order_by("-version").first()
    if last and last.rules == known and not last.retired:
        return last
    return ColumnMapping.objects.create(
        division_id=division,
        name=name,
        version=last.version + 1 if last else 1,
        rules=known,
        by_id=actor.user_id,
        at=at,
    )


@transaction.atomic
def retire_mapping(*, actor: Actor, mapping_id: UUID) -> ColumnMapping:
    """No longer offered for new imports; what was imported by it keeps pointing at it. All versions of the name."""
    mapping = ColumnMapping.objects.filter(pk=mapping_id).first()
    if mapping is None:
        raise NotFound("列对应方案")
    demand_mapping(actor, mapping.division_id)
    ColumnMapping.objects.filter(division=mapping.division_id, name=mapping.name).update(retired=True)
    mapping.retired = True
    return mapping
