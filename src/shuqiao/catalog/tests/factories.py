"""Entries for tests: a content that lacks nothing, and entries brought to a state through the services."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any

from shuqiao.catalog import services
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.types import ItemContent, RevisionContent
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.tests.factories import City

ON = date(2026, 11, 20)
ITEMS = (
    ItemContent(
        name="统一社会信用代码", column="uscc", data_type="C", length="18", is_key=True, nullable=False
    ),
    ItemContent(name="企业名称", column="name", data_type="C", length="200"),
    ItemContent(name="地区", column="area", data_type="C", length="20"),
    ItemContent(name="法人代表", column="legal_person", data_type="C", length="50", sensitive="name"),
)


def content(**changes: Any) -> RevisionContent:
    """A content that every regime of the cast accepts."""
    full = RevisionContent(
        title="企业登记信息",
        summary="全市企业的登记事项，含名称、代码、类型、地区。",
        kind="department",
        classification="307001",
        format_category="database",
        format_type="MySQL",
        update_cycle="daily",
        sharing_type="unconditional",
        method_category="platform",
        method_type="interface",
        opening_type="closed",
        opening_basis="《中华人民共和国个人信息保护法》第十三条",
        opening_basis_level="law",
        secrecy_assessed=True,
        personal_information_assessed=True,
        grade="general",
        contact_name="陈编目",
        contact_phone="0417-2800003",
        items=ITEMS,
    )
    if changes.get("opening_type") == "conditional":
        changes = {"opening_condition": "说明用途并签订协议"} | changes
    return replace(full, **changes)


def conditional(**changes: Any) -> RevisionContent:
    """A conditional content with all that Dongchangfu 19 and Decree 15 ask."""
    given = {
        "sharing_type": "conditional",
        "sharing_condition": "用于履行法定职责",
        "sharing_scope": "市级政务部门",
        "sharing_use": "核验企业身份",
        "sharing_reason": "含法人代表姓名",
        "sharing_basis": "《中华人民共和国个人信息保护法》",
        "sharing_basis_level": "law",
    }
    return content(**(given | changes))


def draft(city: City, *, by: str = "provider-cataloguer", department: Any = None, **changes: Any) -> Revision:
    """A draft of the provider's."""
    return services.create_entry(
        actor=city.actor(by),
        department_id=(department or city.provider).id,
        content=conditional(**changes)
        if changes.get("sharing_type") == "conditional"
        else content(**changes),
        on=ON,
    )


def submitted(city: City, *, on: date = ON, **changes: Any) -> Revision:
    """A revision the provider's head has signed."""
    revision = draft(city, **changes)
    return services.submit_revision(actor=city.actor("provider-approver"), revision_id=revision.id, on=on)


def published(city: City, *, on: date = ON, **changes: Any) -> Entry:
    """An entry of the provider's in force."""
    revision = submitted(city, on=on, **changes)
    services.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=revision.id, on=on)
    return Entry.objects.select_related("published", "department").get(id=revision.entry_id)


def published_copies(city: City, count: int) -> None:
    """Many entries of the provider's in force, without items, all alike but for their titles: written in bulk, for an
    index that is not there yet."""
    like = submitted(city)
    entries = [
        Entry(
            division_id=city.provider.division_id,
            department=city.provider,
            code=f"307001/9{number:06d}",
            was_submitted=True,
        )
        for number in range(count)
    ]
    Entry.objects.bulk_create(entries, batch_size=500)
    revisions = []
    for number, entry in enumerate(entries):
        one = Revision.objects.get(pk=like.pk) if not revisions else copy(revisions[0])
        one.pk, one.entry, one.title = new_id(), entry, f"企业名录第{number}批"
        one.status, one.case_number, one.published_on = "published", f"第{number}号", ON
        revisions.append(one)
    Revision.objects.bulk_create(revisions, batch_size=200)
    for entry, one in zip(entries, revisions, strict=True):
        entry.published = one
    Entry.objects.bulk_update(entries, ["published"], batch_size=200)
