"""One world with a thing in every state, for the access matrix. Built through the services, on this very day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services as catalog
from shuqiao.catalog import spreadsheet, staging
from shuqiao.catalog.life.rules import quarter_of
from shuqiao.catalog.models import DuplicatePair, ItemSpread
from shuqiao.catalog.onesource.rules import EmergencyFacts
from shuqiao.catalog.services import add_class
from shuqiao.catalog.services.synonyms import save_synonyms
from shuqiao.catalog.tests import factories as entries
from shuqiao.catalog.types import Trigger
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests import factories as tables
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.kernel.time import now, today
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.jobs import seal_events
from shuqiao.procedures.models import EventSeal
from shuqiao.resources.models import Resource
from shuqiao.resources.tests import factories as mounted
from shuqiao.sharing import services as sharing
from shuqiao.sharing.collecting import services as collecting
from shuqiao.sharing.models import SharingRequest
from tests.access.parts import PARTS

Id = UUID | str | tuple[object, ...]
YES = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))


def build_world(city: City, folder: Path) -> dict[str, Id]:
    """Everything by name: drafts, what waits, what is in force, on the side of the provider and of the consumer."""
    world: dict[str, Id] = {
        "provider": city.provider.id,
        "consumer": city.consumer.id,
        "other": city.other.id,
        "person": city.user("consumer-developer").id,
        "appointment": city.user("consumer-developer").memberships.get().id,
    }
    world |= _catalogue(city, folder)
    world |= _life(city, UUID(str(world["published_entry"])))
    world |= _resources(city, folder)
    world |= _requests(city)
    world |= _grants(city)
    world |= _one_source(city)
    for part in PARTS:
        if hasattr(part, "build"):
            world |= part.build(city, folder, world)
    seal_events(now())
    world["receipt"] = EventSeal.objects.first().receipt
    return world


def _one_source(city: City) -> dict[str, Id]:
    """A pair that may be one, an item two departments hold with its source, an emergency, a check, a merged entry."""
    one = entries.published(city, on=today(), title="加油站信息")
    other = entries.published(city, on=today(), title="加油站情况")
    gone = entries.published(city, on=today(), title="加油站基本情况")
    catalog.find_changed_duplicates(at=now())
    # Of the pairs found, one is merged for the address that leads on and one waits for a decision.
    seen = DuplicatePair.objects.filter(Q(first=gone.pk) | Q(second=gone.pk))
    merged = next(pair for pair in seen if other.pk in {pair.first_id, pair.second_id})
    catalog.merge_entries(
        actor=city.actor("bureau-reviewer"), pair_id=merged.pk, keep_id=other.pk, note="同一批", on=today()
    )
    catalog.count_spread()
    spread = ItemSpread.objects.create(
        division=city.yingkou, datum="企业名称", data_type="C", names=["企业名称"], entries=2, departments=2
    )
    source = catalog.designate_source(
        actor=city.actor("bureau-reviewer"), division="210800", datum="企业名称", department_id=city.provider.id,
        reason="登记机关", on=today(),
    )  # fmt: skip
    emergency = catalog.open_emergency(
        actor=city.actor("provider-approver"),
        department_id=city.provider.id,
        facts=EmergencyFacts("住址", "台风", "市防指3号", today(), today() + timedelta(days=5)),
        on=today(),
    )
    check = collecting.check_collection(
        actor=city.actor("provider-cataloguer"),
        department_id=city.provider.id,
        wanted=collecting.Wanted("调查", "检查", "企业", ("餐位数",), "某法"),
        on=today(),
    )
    pair = DuplicatePair.objects.get(first__in=[one.pk, other.pk], second__in=[one.pk, other.pk])
    return {
        "pair": pair.id,
        "kept": other.pk,
        "merged": gone.pk,
        "spread": spread.id,
        "source": source.id,
        "emergency": emergency.id,
        "check": check.id,
    }


def _catalogue(city: City, folder: Path) -> dict[str, Id]:
    draft = entries.draft(city, title="起草中的")
    published = entries.published(city, on=today(), title="已发布的")
    sheet = spreadsheet.write(
        [spreadsheet.SheetEntry(entries.content(title="表里的"), "", city.provider.name, "")],
        folder / "a.xlsx",
    )
    waiting = staging.folder() / "waiting.xlsx"
    waiting.write_bytes(sheet.read_bytes())
    record = catalog.check_import(
        actor=city.actor("provider-cataloguer"),
        department_id=city.provider.id,
        reading=spreadsheet.read(sheet),
        file_name="目录.xlsx",
        sha256="",
        at=now(),
    )
    _, record.sha256 = staging.fetch(UUID(staging.keep(waiting, record.id).stem))
    record.save(update_fields=["sha256"])
    return {
        "draft": draft.id,
        "draft_entry": draft.entry_id,
        "submitted": entries.submitted(city, on=today(), title="待审核的").id,
        "published_entry": published.id,
        "published_revision": published.published_id,
        "import": record.id,
        "mapping": catalog.save_mapping(
            actor=city.actor("provider-cataloguer"),
            division=city.provider.division_id,
            name="园林系统",
            rules={"fields": {"title": "标题"}},
            at=now(),
        ).id,
        "own_class": add_class(
            actor=city.actor("bureau-reviewer"), division="210800", above="307001", name="市场监管"
        ).pk,
        "synonyms": save_synonyms(
            actor=city.actor("bureau-reviewer"), words=["低保", "最低生活保障"], at=now()
        ).id,
    }


def _life(city: City, entry_id: UUID) -> dict[str, Id]:
    """Update duties, the quarter's maintenance and theme catalogues, in the states their steps want."""
    cataloguer, reviewer, on = city.actor("provider-cataloguer"), city.actor("bureau-reviewer"), today()

    def duty(*touched: UUID) -> UUID:
        (made,) = catalog.record_duties(
            actor=reviewer,
            department_ids=[city.provider.id],
            occasion=catalog.Occasion(Trigger.LAW, "条例修改", on),
            entry_ids=touched,
            on=on,
        )
        return made.id

    def theme(name: str) -> UUID:
        made = catalog.create_theme(
            actor=cataloguer, department_id=city.provider.id, name=name, purpose="", on=on
        )
        catalog.change_members(actor=cataloguer, theme_id=made.id, add=[entry_id], on=on)
        return made.id

    asked, reported = duty(), duty()
    catalog.ask_update_extension(actor=cataloguer, duty_id=asked, days=1, reason="系统停机", on=on)
    catalog.report_duty(actor=cataloguer, duty_id=reported, report="已更新", on=on)
    waiting = theme("待审核的主题")
    catalog.submit_theme(actor=city.actor("provider-approver"), theme_id=waiting, on=on)
    campaign = catalog.open_campaign(actor=reviewer, division="210800", quarter=quarter_of(on), on=on)
    return {
        "duty": duty(),
        "touching_duty": duty(entry_id),
        "asked_duty": asked,
        "reported_duty": reported,
        "theme": theme("起草中的主题"),
        "waiting_theme": waiting,
        "campaign": campaign.id,
    }


def _resources(city: City, folder: Path) -> dict[str, Id]:
    def version(name: str, **entry: object) -> mounted.Version:
        return mounted.upload_text(city, mounted.mount(city, name=name, **entry), mounted.SMALL, folder)

    uploaded = version("刚上传的")
    pieces = mounted.begin(city, uploaded.resource)
    open_one = mounted.publish(city, version("开放的", opening="unconditional"))
    return {
        "uploaded": uploaded.id,
        "unpublished_resource": uploaded.resource_id,
        "transfer": pieces.id,
        "comparison": mounted.compare(city, folder).id,
        "file_version": mounted.file_version(city, folder).id,
        "built": mounted.build(city, version("已生成的")).id,
        "in_review": mounted.submit(city, mounted.build(city, version("待复核的"))).id,
        "published_version": open_one.id,
        "published_resource": open_one.resource_id,
        "open_entry": open_one.resource.entry_id,
    }


def _requests(city: City) -> dict[str, Id]:
    table = tables.make_table(tables.make_entry(city.provider))
    direct = tables.make_table(tables.make_entry(city.provider, sharing="unconditional"))
    approver, on = city.actor("consumer-approver"), today()

    def drafted() -> SharingRequest:
        return sharing.create_draft(
            actor=city.actor("consumer-cataloguer"), entry_id=table.entry_id, resource_id=table.id,
            department_id=city.consumer.id, draft=draft_of(), on=on,
        )  # fmt: skip

    def asked() -> SharingRequest:
        return sharing.submit_request(actor=approver, request_id=drafted().id, on=on)

    provider = city.actor("provider-approver")
    waiting, incomplete, slow = asked(), asked(), asked()
    sharing.ask_supplement(actor=provider, request_id=incomplete.id, points=("材料",), on=on)
    sharing.ask_extension(actor=provider, request_id=slow.id, days=1, reason="特殊原因", on=on)
    return {
        "drafted": drafted().id,
        "asked": waiting.id,
        "supplement": incomplete.id,
        "extension": slow.id,
        "term": procedures.open_term_of(waiting.case_ref()).id,
        "conditional_entry": table.entry_id,
        "direct_entry": direct.entry_id,
    }


def draft_of(**changes: object) -> sharing.Draft:
    """A request that lacks nothing, but for `changes`."""
    values: dict[str, object] = {
        "items": (("统一社会信用代码", "none"),),
        "purpose": "社会保险费核定",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": "law",
        "modes": ("interface",),
        "valid_until": today() + timedelta(days=365),
    }
    return sharing.Draft(**(values | changes))


def _grants(city: City) -> dict[str, Id]:
    def grant() -> UUID:
        table: Resource = tables.make_table(tables.make_entry(city.provider))
        order = tables.order_of(table, city.consumer.id, valid_from=today())
        return delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=today()).id

    active, stopped = grant(), grant()
    delivery.suspend_grant(
        actor=city.actor("provider-approver"), grant_id=stopped, reason="用途不符", on=today()
    )
    key = delivery.issue_key(
        actor=city.actor("consumer-developer"), department_id=city.consumer.id, system="社保系统", on=today()
    )
    return {"grant": active, "stopped_grant": stopped, "key": key.id}
