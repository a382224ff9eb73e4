"""The public side of the city: a citizen and a company, what they ask for, say and make."""

from __future__ import annotations

from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.kernel.ids import new_id
from shuqiao.opening.applications import services as applications
from shuqiao.opening.applications.types import Draft, Given
from shuqiao.opening.feedback import services as feedback
from shuqiao.opening.feedback.services import Words
from shuqiao.opening.feedback.types import FeedbackKind
from shuqiao.opening.registration import services as registration
from shuqiao.opening.works import services as works
from shuqiao.organizations import parties, queries
from shuqiao.organizations.types import LinkPurpose, PartyKind
from shuqiao.sample.invented import credit_code
from shuqiao.sample.places import PASSWORD
from shuqiao.sample.world import World

CITIZEN, COMPANY = "citizen@example.cn", "company@example.cn"


def play_public(world: World) -> None:
    """Register, apply, answer, say, rate, show."""
    citizen = _register(world, parties.Registration(PartyKind.PERSON, "周公民（示例）", CITIZEN, PASSWORD))
    company = _register(
        world,
        parties.Registration(
            PartyKind.LEGAL_PERSON,
            "营口智慧出行科技有限公司（示例）",
            COMPANY,
            PASSWORD,
            credit_code=credit_code("91", "210800", 9_000_001),
            contact="周联系（示例）",
            phone="0417-0000 901",
        ),
    )
    _opened(world, company)
    _to_sign(world, company)
    _refused(world, citizen)
    _apply(world, citizen, "individual", ("字号名称", "登记状态"), "社区便民商户地图", age=3)
    _said(world, citizen, company)
    _made(world, company)


def _register(world: World, given: parties.Registration) -> Actor:
    """Registered and verified: the sample city sends no mail, so the link is followed here."""
    at = world.days.moment(world.days.back(60))
    registration.register(given=given, at=at)
    party = parties.waiting_party(given.email)
    if party is None:
        raise RuntimeError(f"{given.email} did not register")
    token = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=at)
    return queries.actor_of(registration.verify(token=token, at=at).user, on=world.today)


def _apply(
    world: World,
    who: Actor,
    entry: str,
    items: tuple[str, ...],
    purpose: str,
    *,
    age: int,
    reply: bool = False,
) -> UUID:
    draft = Draft(
        items=items,
        purpose=purpose,
        scenario=f"用于{purpose}，按月更新，结果向公众免费提供",
        safeguards="数据存于境内服务器，专人管理，不与其他数据关联识别个人，到期删除",
        valid_until=world.days.ahead(300),
        written_reply=reply,
    )
    application, _ = applications.submit_application(
        actor=who,
        entry_id=world.entries[entry],
        resource_id=world.resources[entry],
        draft=draft,
        on=world.days.back(age),
    )
    return application.id


def _opened(world: World, company: Actor) -> None:
    """Agreed to with less than was asked for, both have confirmed the agreement, the reply was issued in writing."""
    items = ("使用登记证编号", "设备类别", "使用地点", "下次检验日期")
    wanted = _apply(world, company, "special-equipment", items, "电梯安全出行提示", age=30, reply=True)
    provider, on = world.head("yk-market"), world.days.back(24)
    applications.agree_application(
        actor=provider,
        application_id=wanted,
        given=Given(
            tuple((name, "none") for name in items if name != "使用登记证编号"),
            world.days.ahead(180),
            "只展示检验是否到期，不得公布单位明细",
            3,
        ),
        reason="提示检验到期不需要登记证编号；期限先给半年，按利用情况延长",
        on=on,
    )
    applications.confirm_agreement(actor=provider, application_id=wanted, on=world.days.back(23))
    applications.confirm_agreement(actor=company, application_id=wanted, on=world.days.back(22))
    applications.report_use(
        actor=company,
        application_id=wanted,
        usage="每天读取一次，小程序中按小区提示电梯检验到期，日均查询 160 次",
        products="微信小程序“电梯检没检”",
        cited=True,
        on=world.days.back(5),
    )


def _to_sign(world: World, company: Actor) -> None:
    """Agreed to, and waiting for the confirmation of both sides."""
    items = ("许可证编号", "有效期至")
    wanted = _apply(world, company, "hazard-company", items, "危险品运输路线避让", age=9)
    applications.agree_application(
        actor=world.head("yk-emergency"), application_id=wanted, on=world.days.back(4)
    )


def _refused(world: World, citizen: Actor) -> None:
    """A no with reason and basis, and the reply in writing."""
    wanted = _apply(
        world, citizen, "doctor", ("执业类别", "注册日期"), "医师人数统计练习", age=20, reply=True
    )
    applications.refuse_application(
        actor=world.head("yk-health"),
        application_id=wanted,
        reason="只为练习统计，不属于目录载明的医疗服务查询类应用；各类医师人数另有统计公报",
        ground="《中华人民共和国个人信息保护法》第六条",
        on=world.days.back(14),
    )


def _said(world: World, citizen: Actor, company: Actor) -> None:
    """A question answered and shown, a comment shown, an error reported, stars, and a wish for data."""
    air, stops = world.entries["air"], world.entries["bus-stop"]
    bureau = world.reviewer("yk-eco")
    text = "监测时间是整点还是前一小时的平均值？"
    asked = _say(world, citizen, FeedbackKind.QUESTION, text, air, age=12)
    answer = "是前一小时的平均值：10 时的数值为 9 时至 10 时的平均。"
    feedback.take_step(
        actor=world.head("yk-eco"), feedback_id=asked, step="answer", text=answer, on=world.days.back(10)
    )
    feedback.take_step(actor=bureau, feedback_id=asked, step="publish", on=world.days.back(9))
    text = "接口稳定，希望增加负氧离子浓度。"
    praised = _say(world, company, FeedbackKind.COMMENT, text, air, age=8)
    feedback.take_step(actor=bureau, feedback_id=praised, step="publish", on=world.days.back(7))
    text = "站前广场的站点坐标偏到了马路对面。"
    _say(world, citizen, FeedbackKind.CORRECTION, text, stops, age=2)
    for who, entry, stars in ((citizen, air, 5), (company, air, 4), (company, stops, 4)):
        feedback.rate(actor=who, entry_id=entry, stars=stars, at=world.days.moment(world.days.back(6)))
    words = Words(
        FeedbackKind.DEMAND,
        "想知道各小区充电桩的数量和位置，好决定要不要换电动车。",
        new_id(),
        division=world.division_of("yk-eco").code,
        title="居民小区充电桩分布",
    )
    feedback.say(actor=citizen, words=words, on=world.days.back(1))


def _say(world: World, who: Actor, kind: FeedbackKind, text: str, entry: UUID, *, age: int) -> UUID:
    return feedback.say(
        actor=who, words=Words(kind, text, new_id(), entry_id=entry), on=world.days.back(age)
    ).feedback.id


def _made(world: World, company: Actor) -> None:
    """A work that uses open data, shown to everybody, and a second one to be looked at."""
    for title, description, entries, age in (
        (
            "出门看空气",
            "把空气质量和公交站点放在一张图上：出门前看看沿线空气，少走一段路。每小时更新。",
            ("air", "bus-stop"),
            16,
        ),
        (
            "景区天气",
            "按景区查看当天天气和预警，老人和孩子出游前先看一眼。",
            ("scenic-spot", "weather-daily"),
            2,
        ),
    ):
        content = works.WorkContent(
            title=title,
            description=description,
            once=new_id(),
            entries=tuple(world.entries[one] for one in entries),
        )
        work, _ = works.submit_work(actor=company, content=content, on=world.days.back(age))
        if age > 10:
            works.take_step(
                actor=world.reviewer("yk-eco"), work_id=work.id, step="publish", on=world.days.back(13)
            )
