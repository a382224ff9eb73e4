"""One living case of every procedure of sharing and of the use of shared data, through the services."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shuqiao import law
from shuqiao.delivery import queries as delivery_queries
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import FilingKind
from shuqiao.delivery.use import services as use
from shuqiao.delivery.use.types import Report
from shuqiao.procedures import calendars, substituting
from shuqiao.sample.world import World
from shuqiao.sharing import services
from shuqiao.sharing.demands import services as demands
from shuqiao.sharing.demands.types import NoFacts, NoKind, Wanted
from shuqiao.sharing.disputes import services as disputes
from shuqiao.sharing.disputes.types import Outcome, Result
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.services import Common
from shuqiao.sharing.types import Scope

# Number and day as in the public copies of the notice, which name gov.cn/zhengce/zhengceku/202511/content_7047091.htm.
NOTICE_2026 = ("国务院办公厅关于2026年部分节假日安排的通知", "国办发明电〔2025〕7号", date(2025, 11, 4))

LACKING = "目录中没有这些信息项"


def play_procedures(world: World) -> None:
    """After the plain requests: what follows them, and what stands beside them."""
    _joint(world)
    _basket(world)
    _renewal(world)
    _use(world)
    _dispute(world)
    _demands(world)
    _substitutes(world)
    _notice(world)


def request_of(world: World, entry: str, by: str) -> SharingRequest:
    """The newest request of a department for an entry."""
    found = SharingRequest.objects.filter(entry=world.entries[entry], requester=world.departments[by].id)
    return found.latest("created_at")


def grant_of(world: World, entry: str, by: str) -> Grant:
    """The grant that request led to."""
    return delivery_queries.grants_of_case(request_of(world, entry, by).case_ref())[0]


def _joint(world: World) -> None:
    """Three entries in one application: one part agreed, one agreed and being set up, one waiting."""
    on, clerk = world.days.back(4), world.clerk("yk-housing")
    for entry, items in (
        ("real-estate", (("权利人证件号码", "none"), ("建筑面积（平方米）", "none"))),
        ("residence-permit", (("公民身份号码", "none"), ("居住地所在区县", "none"))),
        ("insured-medical", (("公民身份号码", "none"), ("参保状态", "none"))),
    ):
        part = services.add_part(
            actor=clerk,
            department_id=world.departments["yk-housing"].id,
            entry_id=world.entries[entry],
            resource_id=world.resources[entry],
            items=items,
            on=on,
        )
        joint_id = part.joint_id
    if joint_id is None:
        raise RuntimeError("a part of a joint application belongs to none")
    common = Common(
        purpose="保障性租赁住房申请资格联审",
        scenario="窗口一次受理，后台逐人核验住房、居住和参保情况，不再要求群众提交证明",
        legal_basis="《公共租赁住房管理办法》",
        legal_basis_level="rule",
        service_item="保障性租赁住房资格审核",
        modes=("interface",),
        valid_until=world.days.ahead(365),
    )
    services.save_joint(actor=clerk, joint_id=joint_id, common=common, on=on)
    services.submit_joint(actor=world.head("yk-housing"), joint_id=joint_id, on=on)
    for entry, provider, prepare in (
        ("real-estate", "yk-land", ""),
        ("residence-permit", "yk-police", "在居住证系统上增加按身份证号查询的接口"),
    ):
        services.approve_request(
            actor=world.head(provider),
            request_id=request_of(world, entry, "yk-housing").id,
            prepare=prepare,
            on=world.days.back(2),
        )


def _basket(world: World) -> None:
    """A department has put two entries aside and not yet signed."""
    for entry in ("water-account", "hazard-company"):
        services.add_part(
            actor=world.clerk("yk-market"),
            department_id=world.departments["yk-market"].id,
            entry_id=world.entries[entry],
            resource_id=world.resources[entry],
            on=world.days.back(1),
        )


def _renewal(world: World) -> None:
    """A grant runs out in some days: the next one is drafted."""
    services.renew_request(
        actor=world.clerk("yk-tax"),
        request_id=request_of(world, "real-estate", "yk-tax").id,
        valid_until=world.days.ahead(371),
        on=world.days.back(1),
    )


def _use(world: World) -> None:
    """Reports on use, an order to put a misuse right, and a service that is to end."""
    use.report_use(
        actor=world.head("yk-housing"),
        grant_id=grant_of(world, "minimum-living", "yk-housing").id,
        report=Report(
            scenario="公租房租金减免年审",
            process="经办人按身份证号逐户查询，结果只显示是否在保，写入年审结论",
            effect="本季度年审 312 户，免交低保证明 312 份，发现已退保 4 户",
            storage="只存年审结论和查询回执号，存于住房保障系统，专人管理",
        ),
        on=world.days.back(6),
    )
    use.order_correction(
        actor=world.head("yk-civil"),
        grant_id=grant_of(world, "marriage", "yk-hrss").id,
        demand="停止在内部报表中使用查询结果，删除已导出的报表，说明涉及的记录和经办人",
        due_on=world.days.ahead(9),
        on=world.days.back(1),
    )
    delivery.file_stop(
        actor=world.head("yk-hrss"),
        grant_id=grant_of(world, "pension-employer", "yk-tax").id,
        kind=FilingKind.CHANGE,
        reason="社保系统升级，批量交换改由每月 5 日提供",
        negotiation="已与使用部门信息科电话协商，对方同意，接口服务不变",
        effective_on=world.days.ahead(20),
        on=world.days.back(2),
    )


def _dispute(world: World) -> None:
    """A department was given less than it asked for, and proposes a way out; the provider is to answer."""
    request = request_of(world, "insured-person", "yk-civil")
    dispute = disputes.raise_dispute(
        actor=world.head("yk-civil"),
        request_id=request.id,
        claim="收入核定需要参保地，用来区分在外地参保的家庭成员，请恢复这一项",
        on=world.days.back(5),
    )
    disputes.speak(
        actor=world.head("yk-hrss"),
        dispute_id=dispute.id,
        text="参保地可以由申请人申报，核定只需判断缴费是否正常",
        on=world.days.back(3),
    )
    given = request.decided_scope() or request.scope()
    wider = Scope(
        items=(*given.items, ("参保地", "none")),
        where=given.where,
        modes=given.modes,
        valid_until=given.valid_until,
        daily_quota=given.daily_quota,
    )
    disputes.speak(
        actor=world.head("yk-civil"),
        dispute_id=dispute.id,
        text="申报与实际不符的情形去年有 27 件，仍需核验",
        proposal=Result(Outcome.CHANGE, "在现有授权上增加“参保地”一项，其余不变", wider),
        on=world.days.back(1),
    )


def _demands(world: World) -> None:
    """What no entry offers: one to be assigned, one assigned, one promised, one answered with a no."""
    bureau = world.reviewer("yk-market")
    days = world.days
    fund = _demand(
        world,
        "yk-housing",
        Wanted("住房公积金贷款余额", ("公民身份号码", "贷款余额"), "公租房家庭资产核定", not_enough=LACKING),
        6,
    )
    demands.assign_demand(
        actor=bureau, demand_id=fund, department_id=world.departments["yk-hrss"].id, on=days.back(4)
    )
    demands.support_demand(
        actor=world.clerk("yk-civil"),
        demand_id=fund,
        department_id=world.departments["yk-civil"].id,
        note="低保家庭财产核定同样需要",
        on=days.back(3),
    )
    lifts = _demand(
        world,
        "yk-emergency",
        Wanted("电梯维保单位名录", ("维保单位", "资质等级"), "困人救援调度", not_enough=LACKING),
        12,
    )
    demands.assign_demand(
        actor=bureau, demand_id=lifts, department_id=world.departments["yk-market"].id, on=days.back(10)
    )
    demands.accept_demand(
        actor=world.head("yk-market"),
        demand_id=lifts,
        promised_on=days.ahead(25),
        note="维保单位随使用登记采集，正在整理",
        on=days.back(7),
    )
    _refused_demand(world)
    _demand(
        world,
        "yk-edu",
        Wanted(
            "学区内新建住宅交付计划", ("小区名称", "交付套数", "交付月份"), "学位预测", not_enough=LACKING
        ),
        1,
    )


def _refused_demand(world: World) -> None:
    """A no with its legal basis."""
    bureau, days = world.reviewer("yk-market"), world.days
    diary = _demand(
        world,
        "yk-culture",
        Wanted("个人出行轨迹", ("手机号", "到访景区"), "景区客流画像", not_enough=LACKING),
        15,
    )
    demands.assign_demand(
        actor=bureau, demand_id=diary, department_id=world.departments["yk-transport"].id, on=days.back(13)
    )
    demands.refuse_demand(
        actor=world.head("yk-transport"),
        demand_id=diary,
        no=NoFacts(
            NoKind.CLOSED,
            "行踪轨迹是敏感个人信息，客流分析可用分时段的汇总人数",
            "《中华人民共和国个人信息保护法》",
            law.BasisLevel.LAW,
        ),
        on=days.back(9),
    )


def _demand(world: World, by: str, wanted: Wanted, age: int) -> UUID:
    posted = demands.post_demand(
        actor=world.clerk(by),
        department_id=world.departments[by].id,
        wanted=wanted,
        on=world.days.back(age),
    )
    return posted.id


def _substitutes(world: World) -> None:
    """One clerk acts for an absent head now, another will."""
    for department, first, last in (("yk-civil", 0, 6), ("yk-hrss", 5, 12)):
        absent, substitute = world.head(department).user_id, world.clerk(department).user_id
        if absent is None or substitute is None:
            raise RuntimeError(f"nobody in {department}")
        substituting.name_substitute(
            actor=world.head(department),
            department_id=world.departments[department].id,
            absent_id=absent,
            substitute_id=substitute,
            since=world.days.ahead(first),
            until=world.days.ahead(last),
            reason="外出培训",
            on=world.today,
        )


def _notice(world: World) -> None:
    """The bureau has taken in the holidays of 2026 as they were announced; the working days are those known before."""
    source, number, issued_on = NOTICE_2026
    known = law.default_calendar().notices.get(2026)
    if known is None or world.today < issued_on:
        return
    calendars.import_year(
        actor=world.actors["yk-bureau-supervisor"],
        notice=law.YearNotice(year=2026, off=known.off, work=known.work, source=f"{source}（{number}）"),
        source=source,
        number=number,
        issued_on=issued_on,
        on=world.today,
    )
