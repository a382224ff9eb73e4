"""Published entries, mounted tables and versions in every state, through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from shuqiao.catalog import queries as catalog
from shuqiao.catalog.models import DataItem, Entry, Revision
from shuqiao.kernel.decision import allow
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import CHINA, now
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import City
from shuqiao.resources import jobs, previews, queries, receiving, services
from shuqiao.resources.models import Comparison, Resource, Transfer, Version
from shuqiao.resources.structure import propose
from shuqiao.resources.types import Kind, Mode, OpenColumn, PersonalDecision

AT = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
TODAY = date(2026, 3, 2)
FIRMS = (
    *("企业名称", "统一社会信用代码", "注册日期", "企业类型", "法人代表"),
    *("注册资金", "经营范围", "所在省份", "地区", "注册地址"),
)
SMALL = "代码,名称,联系手机\n001,甲,13800138000\n002,乙,13900139000\n"
SMALL_ITEMS = ("代码", "名称", "联系手机")


def make_entry(
    department: Department,
    items: Sequence[str],
    *,
    published: bool = True,
    opening: str = "closed",
    sensitive: Sequence[str] = (),
    cycle: str = "monthly",
) -> Entry:
    """An entry with these data items, in force or still a draft."""
    entry = Entry.objects.create(
        division=department.division, department=department, code=f"307/{new_id()}", was_submitted=published
    )
    revision = Revision.objects.create(
        entry=entry,
        number=1,
        status="published" if published else "draft",
        case_number="营数目〔2026〕0001号" if published else "",
        title="企业登记信息",
        summary="各类企业的登记事项",
        kind="department",
        sharing_type="unconditional",
        opening_type=opening,
        update_cycle=cycle,
        signed_on=date(2026, 1, 5) if published else None,
        published_on=date(2026, 1, 6) if published else None,
    )
    for order, name in enumerate(items, 1):
        DataItem.objects.create(
            revision=revision, order=order, name=name, sensitive="name" if name in sensitive else ""
        )
    if published:
        entry.published = revision
        entry.save()
    return entry


def mount(city: City, items: Sequence[str] = SMALL_ITEMS, name: str = "登记表", **entry: object) -> Resource:
    """A table mounted by the provider on a published entry with these items."""
    made = make_entry(city.provider, items, **entry)
    return services.mount_resource(
        actor=city.actor("provider-cataloguer"),
        entry_id=made.id,
        name=name,
        modes=(Mode.INTERFACE, Mode.FILE),
        at=AT,
    )


def upload_text(city: City, resource: Resource, text: str, folder: Path, name: str = "表.csv") -> Version:
    """A small file of this text, received."""
    path = folder / f"{new_id().hex}.csv"
    path.write_text(text, encoding="utf-8")
    return upload(city, resource, path, name)


def upload(city: City, resource: Resource, path: Path, name: str = "") -> Version:
    """A file, received and (where the worker has to) looked at."""
    taken = receiving.take_path(path, name or path.name)
    version = services.receive_upload(
        actor=city.actor("provider-cataloguer"), resource_id=resource.id, taken=taken, at=AT
    )
    if version.preview is None:
        jobs.build_versions(AT)
        version.refresh_from_db()
    return version


def file_version(city: City, folder: Path, name: str = "图.pdf") -> Version:
    """A document, mounted, received and kept by the worker."""
    made = make_entry(city.provider, ("图名",))
    resource = services.mount_resource(
        actor=city.actor("provider-cataloguer"), entry_id=made.id, name=name, modes=(), kind=Kind.FILE, at=AT
    )
    path = folder / f"{new_id().hex}.pdf"
    path.write_bytes(b"%PDF-1.7 a plan")
    taken = receiving.take_path(path, name, Kind.FILE)
    version = services.receive_upload(
        actor=city.actor("provider-cataloguer"), resource_id=resource.id, taken=taken, at=AT
    )
    jobs.build_versions(AT)
    version.refresh_from_db()
    return version


def begin(
    city: City, resource: Resource, length: int = 4, name: str = "表.csv", sha256: str = ""
) -> Transfer:
    """A file in pieces, announced and not yet begun to come."""
    return services.begin_transfer(
        actor=city.actor("provider-cataloguer"),
        resource_id=resource.id,
        filename=name,
        length=length,
        sha256=sha256,
        at=now(),
    )


def compare(city: City, folder: Path) -> Comparison:
    """The difference between a published version and the next one, computed."""
    resource = mount(city, name="对照的")
    old = publish(city, upload_text(city, resource, SMALL, folder))
    new = build(city, upload_text(city, resource, SMALL.replace("甲", "丙"), folder))
    found = services.ask_comparison(
        actor=city.actor("provider-cataloguer"), old_id=old.id, new_id=new.id, key=("代码",), at=now()
    )
    jobs.compare_versions(now())
    return found


def confirm(city: City, version: Version) -> Version:
    """Confirm what is proposed."""
    items = catalog.published_items(version.resource.entry_id)
    choices = propose(previews.from_json(version.preview), items)
    return services.confirm_recipe(
        actor=city.actor("provider-cataloguer"), version_id=version.id, choices=choices, at=AT
    )


def build(city: City, version: Version) -> Version:
    """Confirm what is proposed and let the worker build."""
    confirm(city, version)
    jobs.build_versions(AT)
    version.refresh_from_db()
    return version


def submit(city: City, version: Version) -> Version:
    """Everything suspected is sensitive; both checks are done."""
    return services.submit_version(
        actor=city.actor("provider-cataloguer"),
        version_id=version.id,
        personal={
            one["column"]: services.PersonalChoice(PersonalDecision.SENSITIVE) for one in version.personal
        },
        secrecy_checked=True,
        personal_checked=True,
        note="",
        on=TODAY,
    )


def publish(city: City, version: Version) -> Version:
    """Built, submitted and published; of an entry that is open, what is not personal is opened."""
    submit(city, build(city, version))
    done = services.publish_version(actor=city.actor("bureau-reviewer"), version_id=version.id, on=TODAY)
    open_up(version.resource_id)
    return done


def open_up(resource_id: UUID) -> None:
    """What a review lets open when nobody justifies or masks anything: all that the entry opens and that is not
    personal. The tests of the review itself are in the app of opening."""
    found = queries.published_shapes(resource_id)
    entry = catalog.facts_of(Resource.objects.get(id=resource_id).entry_id)
    if found is None or entry.opening_type == "closed":
        return
    columns = [OpenColumn(one.name) for one in found[1] if one.opening_type != "closed" and not one.personal]
    if columns:
        services.open_columns(
            resource_id=resource_id,
            review_id=new_id(),
            kind=entry.opening_type,
            columns=columns,
            reviewed=found[1],
            decision=allow("opening.secrecy_check", "已审查"),
            on=TODAY,
        )
