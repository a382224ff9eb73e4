"""Entries: drafted by the clerk, signed by the head, reviewed by the bureau, each on its own day."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID

from shuqiao.catalog import services
from shuqiao.catalog.types import (
    FormatCategory,
    ItemContent,
    Kind,
    MethodType,
    OpeningMethod,
    RevisionContent,
)
from shuqiao.kernel import Problem
from shuqiao.sample.places import phone
from shuqiao.sample.specs import EntrySpec, ItemSpec
from shuqiao.sample.world import World

_BASE_CLASSES = {
    "population": "101001",
    "legal_person": "102001",
    "natural_geography": "103007",
    "e_certificate": "105001",
}
_DEPARTMENT_CLASSES = {"authorised": "307008", "utility": "307009"}
_TYPED = ("unconditional", "conditional", "none")


def list_entries(world: World) -> None:
    """Every entry as far as its spec says, the oldest first, so that numbers and codes follow the days."""
    for entry in sorted(world.spec.entries, key=lambda one: -one.age):
        world.entries[entry.key] = _list(world, entry)


def _list(world: World, entry: EntrySpec) -> UUID:
    days, age = world.days, entry.age
    department, clerk, head = world.departments[entry.dept], world.clerk(entry.dept), world.head(entry.dept)
    reviewer = world.reviewer(entry.dept)
    content = content_of(world, entry)
    drafted = services.create_entry(
        actor=clerk, department_id=department.id, content=content, on=days.back(age + 4)
    )
    if entry.stage == "draft":
        services.ask_sign_off(actor=clerk, revision_id=drafted.id, on=days.back(age))
        return drafted.entry_id
    signed_on = days.back(age if entry.stage == "submitted" else age + 1)
    services.submit_revision(actor=head, revision_id=drafted.id, on=signed_on)
    if entry.stage == "submitted":
        return drafted.entry_id
    if entry.stage == "returned":
        reasons = [Problem(where, what) for where, what in entry.reasons]
        services.return_revision(actor=reviewer, revision_id=drafted.id, reasons=reasons, on=days.back(age))
        return drafted.entry_id
    services.publish_revision(actor=reviewer, revision_id=drafted.id, on=days.back(age))
    if entry.stage == "revising":
        following = services.start_revision(actor=clerk, entry_id=drafted.entry_id, on=days.back(2))
        better = replace(content, summary=f"{content.summary}增列保护范围和开放时间。")
        services.save_draft(
            actor=clerk, revision_id=following.id, content=better, on=days.back(1), lock_version=None
        )
    return drafted.entry_id


def content_of(world: World, entry: EntrySpec) -> RevisionContent:
    """What the department writes into the entry."""
    category, kind_of_file = entry.format
    as_file = FormatCategory(category).is_file
    department = world.department(entry.dept)
    chance = random.Random(f"{world.seed}:contact:{entry.key}")  # noqa: S311 - invented numbers
    return RevisionContent(
        title=entry.title,
        summary=entry.summary,
        kind=Kind(entry.kind),
        classification=_classification(world, entry),
        theme=entry.theme,
        base_domain=entry.base,
        inner_department="信息科",
        format_category=category,
        format_type=kind_of_file,
        update_cycle=entry.cycle,
        sharing_type=entry.share,
        sharing_condition=entry.share_condition or entry.share_scope,
        sharing_scope=entry.share_scope,
        sharing_use=entry.share_use,
        sharing_reason=entry.share_reason,
        sharing_basis=entry.share_basis,
        sharing_basis_level=entry.share_level,
        method_type=MethodType.FILE if as_file else MethodType.INTERFACE,
        opening_type=entry.open,
        opening_method=_opening_method(entry.open),
        opening_condition=entry.open_condition,
        opening_basis=entry.open_basis,
        opening_basis_level=entry.open_level,
        secrecy_assessed=True,
        personal_information_assessed=True,
        grade=entry.grade,
        source_system=entry.system or f"{department.short}业务库",
        contact_name=world.clerk(entry.dept).name,
        contact_phone=phone(world.division_of(entry.dept), chance),
        items=tuple(_item(item) for item in entry.item_specs()),
    )


def _opening_method(kind: str) -> str:
    return {
        "unconditional": OpeningMethod.DOWNLOAD.value,
        "conditional": OpeningMethod.ON_APPLICATION.value,
    }.get(kind, "")


def _classification(world: World, entry: EntrySpec) -> str:
    """A class of the national list: what the entry says, else that of its base domain or of its department's kind."""
    if entry.classification:
        return entry.classification
    if entry.kind == Kind.BASE:
        return _BASE_CLASSES[entry.base]
    return _DEPARTMENT_CLASSES.get(world.department(entry.dept).kind, "307001")


def _item(item: ItemSpec) -> ItemContent:
    sharing = next((flag for flag in _TYPED if flag in item.flags), "")
    return ItemContent(
        name=item.name,
        column=item.column,
        data_type=item.type,
        length=item.length,
        is_key="key" in item.flags,
        nullable="key" not in item.flags,
        sharing_type=sharing,
        sharing_condition="须说明办理事项" if sharing == "conditional" else "",
        opening_type="closed" if "closed" in item.flags else "",
        sensitive=item.sensitive,
        base_item="base" in item.flags,
    )
