"""Published entries with tables, made as rows: what delivery and sharing find below them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from shuqiao.catalog.models import DataItem, Entry, Revision
from shuqiao.delivery.types import GrantOrder, Mode
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import now
from shuqiao.law import BasisLevel
from shuqiao.organizations.models import Department
from shuqiao.resources.models import Resource, Upload, Version

TODAY = date(2026, 11, 23)
COLUMNS = (
    ("统一社会信用代码", "text", "", True),
    ("企业名称", "text", "", False),
    ("地区", "text", "", False),
    ("成立日期", "date", "", False),
    ("联系电话", "text", "mobile", False),
)


def make_entry(
    department: Department,
    *,
    title: str = "企业登记信息",
    sharing: str = "conditional",
    opening: str = "closed",
    closed_items: tuple[str, ...] = (),
    **revision: object,
) -> Entry:
    """A published entry with five items; `closed_items` are not shared."""
    entry = Entry.objects.create(
        division=department.division, department=department, code=f"3/{new_id()}", was_submitted=True
    )
    values: dict[str, object] = {
        "sharing_condition": "仅限履职需要" if sharing == "conditional" else "",
        "sharing_scope": "行政机关",
        "sharing_use": "行政履职",
        "sharing_basis": "统计法 第二十五条" if sharing == "none" else "",
        "sharing_basis_level": "law" if sharing == "none" else "",
        "contact_name": "联络员",
    } | revision
    published = Revision.objects.create(
        entry=entry,
        number=1,
        status="published",
        case_number="营数目〔2026〕0001号",
        title=title,
        summary="样例",
        kind="department",
        sharing_type=sharing,
        opening_type=opening,
        signed_on=date(2026, 1, 5),
        published_on=date(2026, 1, 6),
        **values,
    )
    for order, (name, kind, sensitive, is_key) in enumerate(COLUMNS, 1):
        DataItem.objects.create(
            revision=published,
            order=order,
            name=name,
            column=name,
            data_type="D" if kind == "date" else "C",
            is_key=is_key,
            sharing_type="none" if name in closed_items else "",
            sensitive=sensitive,
        )
    entry.published = published
    entry.save()
    return entry


def make_table(entry: Entry, *, store_version: str = "", name: str = "企业登记表") -> Resource:
    """A resource with one published version of five columns. Its store version exists only when given."""
    resource = Resource.objects.create(
        entry=entry,
        department=entry.department,
        name=name,
        modes=["interface", "file"],
        lookup_keys=[["统一社会信用代码"]],
        created_at=now(),
    )
    upload = Upload.objects.create(
        resource=resource, filename="a.csv", size=1, sha256="0" * 64, path=str(new_id()), at=now()
    )
    items = {item.name: item.name for item in entry.published.items.all()}
    version = Version.objects.create(
        resource=resource,
        number=1,
        case_number="营数资〔2026〕0001号",
        upload=upload,
        status="published",
        store_version=store_version or f"v-{resource.id.hex}",
        schema=[{"name": name, "type": kind} for name, kind, _, _ in COLUMNS],
        items=items,
        personal=[{"column": "联系电话", "kind": "mobile", "decision": "sensitive"}],
        rows=3,
        secrecy_checked=True,
        personal_checked=True,
        published_on=date(2026, 1, 7),
        created_at=now(),
    )
    resource.current_version = version
    resource.save()
    return resource


def order_of(resource: Resource, grantee: UUID, **changes: object) -> GrantOrder:
    """A usual order: two columns, rows of 营口, a year."""
    values: dict[str, object] = {
        "resource_id": resource.id,
        "grantee_id": grantee,
        "columns": (("统一社会信用代码", "none"), ("企业名称", "none")),
        "where": ({"column": "地区", "op": "eq", "values": ["营口"]},),
        "purpose": "社会保险费核定",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": BasisLevel.LAW,
        "modes": (Mode.INTERFACE,),
        "valid_from": TODAY,
        "valid_until": TODAY + timedelta(days=365),
    } | changes
    return GrantOrder(**values)
