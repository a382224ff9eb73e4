"""Sharing beyond plain requests: with bodies outside government, in emergencies, and down to lower divisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shuqiao.accounts.models import User
from shuqiao.accounts.types import Actor
from shuqiao.organizations import queries
from shuqiao.sample.public import COMPANY
from shuqiao.sample.world import World
from shuqiao.sharing.emergencies import services as emergencies
from shuqiao.sharing.emergencies.types import Declaration, Sharing
from shuqiao.sharing.outside import services as outside
from shuqiao.sharing.outside.types import Consent, Draft
from shuqiao.sharing.returning import services as returning
from shuqiao.sharing.returning.types import AreaForm, ReturnDraft
from shuqiao.sharing.types import Scope


def play_beyond(world: World) -> None:
    """After the public: one of the applicants is the company that registered there."""
    company = queries.actor_of(User.objects.get(username=COMPANY), on=world.today)
    _outside(world, company)
    _emergencies(world)
    _returns(world)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a body outside government asks for."""

    entry: str
    items: tuple[str, ...]
    purpose: str
    scenario: str


def _apply(world: World, company: Actor, wish: _Wish, age: int) -> UUID:
    case, _ = outside.submit_outside(
        actor=company,
        entry_id=world.entries[wish.entry],
        resource_id=world.resources[wish.entry],
        draft=Draft(
            items=tuple((name, "none") for name in wish.items),
            modes=("interface",),
            purpose=wish.purpose,
            scenario=wish.scenario,
            safeguards="数据存于境内专用服务器，两人可见，逐次留痕，协议到期三十日内删除并提交删除证明",
            valid_until=world.days.ahead(240),
        ),
        on=world.days.back(age),
    )
    return case.id


def _outside(world: World, company: Actor) -> None:
    """In 东昌府, whose text knows this way: one opened under its agreement, one to be confirmed, one that the provider
    is asked about, one refused, one just come in."""
    bureau, market = world.reviewer("dcf-market"), world.head("dcf-market")
    code, name = "统一社会信用代码", "名称"
    lorries = _Wish(
        "dcf-market",
        (code, name, "登记状态"),
        "货运平台承运企业资质核验",
        "承运企业注册时核对一次，此后每月核对存续状态，已注销的停止派单",
    )
    opened = _apply(world, company, lorries, 30)
    _agree(world, opened, bureau, market, age=22, conditions="每日不超过 2000 次，不得建立企业名录库")
    for who, age in ((company, 20), (bureau, 19)):
        outside.confirm_agreement(actor=who, request_id=opened, on=world.days.back(age))
    clinics = _Wish(
        "dcf-clinic", ("机构名称", "类别", "地址"), "无障碍就医路线", "在出行应用中标出可以直达的医疗机构"
    )
    agreed = _apply(world, company, clinics, 12)
    _agree(world, agreed, bureau, world.head("dcf-health"), age=4, conditions="标明数据来源和日期")
    permits = _Wish(
        "dcf-permit", (code, "许可事项", "有效期至"), "承运许可到期提醒", "许可到期前三十日提醒承运企业"
    )
    asked = _apply(world, company, permits, 6)
    outside.consult_provider(
        actor=bureau, request_id=asked, note="请重点看许可事项是否需要限定", on=world.days.back(4)
    )
    _refused(world, company, bureau)
    buses = _Wish("dcf-market", (code, name, "所在街镇"), "通勤班线规划", "按企业分布估算早晚高峰的通勤需求")
    _apply(world, company, buses, 1)


def _agree(world: World, case: UUID, bureau: Actor, provider: Actor, *, age: int, conditions: str) -> None:
    """The provider agrees, then the bureau."""
    outside.consult_provider(actor=bureau, request_id=case, on=world.days.back(age + 3))
    outside.say_consent(
        actor=provider,
        request_id=case,
        consent=Consent.YES,
        reason="限于申请所写场景",
        on=world.days.back(age + 1),
    )
    outside.agree_outside(
        actor=bureau,
        request_id=case,
        conditions=conditions,
        reason="场景明确，安全保障措施可行",
        on=world.days.back(age),
    )


def _refused(world: World, company: Actor, bureau: Actor) -> None:
    """Rows about people in need, for advertising: the provider objects and the bureau says no."""
    wish = _Wish("dcf-living", ("保障类别",), "优惠乘车推广", "向低收入家庭推送优惠乘车券，按保障类别分档")
    case = _apply(world, company, wish, 16)
    outside.consult_provider(actor=bureau, request_id=case, on=world.days.back(14))
    outside.say_consent(
        actor=world.head("dcf-civil"),
        request_id=case,
        consent=Consent.NO,
        reason="推广不是履行救助职责，且可能让困难家庭被认出",
        on=world.days.back(12),
    )
    outside.refuse_outside(
        actor=bureau,
        request_id=case,
        reason="营销推广不需要低保对象信息；愿意提供优惠的，可由民政部门凭证件在现场核验",
        ground="《中华人民共和国个人信息保护法》第六条",
        on=world.days.back(11),
    )


def _emergencies(world: World) -> None:
    """One looked back on, one over and to be looked back on, one running."""
    days = world.days
    flood = _declare(
        world, "浑河支流超警戒水位，沿岸转移安置", ("210800", "210882"), age=75, until=days.back(62)
    )
    _share(
        world,
        flood,
        ("population", ("公民身份号码", "姓名", "户籍所在区县")),
        ("yk-emergency", "dsq-civil"),
        75,
    )
    _share(
        world, flood, ("elder-home", ("机构名称", "床位数（张）", "地址")), ("yk-emergency", "yk-health"), 74
    )
    bureau = world.actors["yk-bureau-supervisor"]
    reason = "水位退至警戒线以下，群众已经返家"
    emergencies.end_emergency(actor=bureau, emergency_id=flood, reason=reason, on=days.back(64))
    emergencies.review_emergency(
        actor=bureau,
        emergency_id=flood,
        findings="四项授权都用于本次转移安置；户籍信息只查了安置点登记的人员，没有导出，使用部门已确认删除缓存",
        measures="把安置点核对人员做成固定场景，汛前由应急部门按普通申请办理",
        on=days.back(55),
    )
    frost = _declare(world, "寒潮蓝色预警，独居老人探访", ("210800",), age=14, until=days.back(4))
    _share(world, frost, ("minimum-living", ("公民身份号码", "保障状态")), ("yk-health",), 14)
    reason = "预警解除"
    emergencies.end_emergency(actor=bureau, emergency_id=frost, reason=reason, on=days.back(5))
    leak = _declare(
        world, "危化品运输车侧翻，周边单位疏散和救援", ("210800", "210882"), age=2, until=days.ahead(12)
    )
    items = ("企业名称", "许可类别", "重大危险源级别")
    _share(world, leak, ("hazard-company", items), ("yk-police", "yk-transport", "yk-eco"), 2)
    _share(world, leak, ("enterprise", ("企业名称", "所属区县", "行业门类")), ("yk-emergency",), 1)


def _declare(world: World, event: str, divisions: tuple[str, ...], *, age: int, until: date) -> UUID:
    said = Declaration(event, "逐件申请来不及，现场需要立即核对人员和单位", divisions, until)
    declared = emergencies.declare_emergency(
        actor=world.actors["yk-bureau-supervisor"],
        division=divisions[0],
        said=said,
        on=world.days.back(age),
    )
    return declared.id


def _share(
    world: World, emergency: UUID, opened: tuple[str, tuple[str, ...]], departments: tuple[str, ...], age: int
) -> None:
    entry, items = opened
    emergencies.share_in_emergency(
        actor=world.actors["yk-bureau-supervisor"],
        emergency_id=emergency,
        sharing=Sharing(
            entry_id=world.entries[entry],
            resource_id=world.resources[entry],
            departments=tuple(world.departments[one].id for one in departments),
            scope=Scope(tuple((name, "none") for name in items), (), ("interface",)),
            purpose="现场核对人员和单位",
        ),
        on=world.days.back(age),
    )


def _returns(world: World) -> None:
    """What the city holds of 大石桥: one marked and flowing, one that waits for the mark, one no longer needed."""
    returning.mark_resource(
        actor=world.head("yk-market"),
        entry_id=world.entries["enterprise"],
        resource_id=world.resources["enterprise"],
        column="所属区县",
        form=AreaForm.NAME,
        on=world.days.back(21),
    )
    for by, entry, items, purpose, age in (
        ("dsq-market", "enterprise", ("统一社会信用代码", "企业名称", "经营状态", "所属区县"), "辖区企业日常监管", 20),
        ("dsq-civil", "population", ("公民身份号码", "姓名", "户籍所在区县"), "辖区老年人补贴主动发现", 2),
        ("dsq-civil", "elder-home", ("机构名称", "床位数（张）", "地址"), "辖区养老床位统计", 9),
    ):  # fmt: skip
        flow = returning.ask_return(
            actor=world.head(by),
            department_id=world.departments[by].id,
            entry_id=world.entries[entry],
            resource_id=world.resources[entry],
            draft=ReturnDraft(items, ("interface",), purpose),
            on=world.days.back(age),
        )
    returning.withdraw_return(
        actor=world.head("dsq-civil"),
        flow_id=flow.id,
        reason="这张表已经无条件开放，直接下载即可",
        on=world.days.back(8),
    )
