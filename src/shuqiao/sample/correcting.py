"""Verifications: one that waits, and one that ends with a corrected version and everybody told who had read it."""

from __future__ import annotations

from shuqiao.delivery import queries as delivery
from shuqiao.kernel.time import now
from shuqiao.resources import queries as resources
from shuqiao.sample.mounting import bring_corrected
from shuqiao.sample.procedures import grant_of
from shuqiao.sample.world import World
from shuqiao.sharing.verification import correcting, services
from shuqiao.sharing.verification.types import Asked, Citizen, Claim, Finding, Outcome
from shuqiao.store import Query

COLUMN, RIGHT = "保障类别", "特困供养"
"""What the corrected row is to say, and where."""


def correct_after_reading(world: World) -> None:
    """A citizen at the counter disputes what the register says; the provider corrects it; who read it is told. Comes
    after systems have read, because only then there is somebody to tell."""
    _ask_employer(world)
    grant = grant_of(world, "minimum-living", "yk-housing")
    with resources.shelf().open(resources.published_table(grant.resource_id).store_version) as version:
        page = version.rows(Query(limit=20), delivery.scope_of(grant)).rows
    row = next(row for row in page if row[COLUMN] != RIGHT)
    key = str(row["公民身份号码"])
    asked = Asked(
        by=("公民身份号码",),
        claims=(Claim((key,), COLUMN, RIGHT),),
        reason="申请人无劳动能力、无法定赡养人，去年已转为特困供养，登记的类别没有改",
        proof="特困供养证复印件，窗口留存",
        citizen=Citizen("我去年就转成特困供养了，这里还是原来的类别", "", "特困供养证", "公租房租金减免"),
    )
    verification = services.ask_verification(
        actor=world.clerk("yk-housing"), grant_id=grant.id, asked=asked, on=world.days.back(4)
    )
    services.accept_verification(
        actor=world.head("yk-civil"),
        verification_id=verification.id,
        found={one.id: Finding(Outcome.WRONG, RIGHT) for one in verification.fields.all()},
        reason="与特困供养审批台账核对，登记的类别确未更新，随新版本更正",
        correct_by=world.days.ahead(3),
        on=world.days.back(2),
    )
    bring_corrected(world, world.entry("minimum-living"), key, COLUMN, RIGHT)
    correcting.notice_corrections(now())


def _ask_employer(world: World) -> None:
    """The tax office doubts the number of insured employees of a firm; the provider has to answer."""
    grant = grant_of(world, "pension-employer", "yk-tax")
    with resources.shelf().open(resources.published_table(grant.resource_id).store_version) as version:
        row = version.rows(Query(limit=1), delivery.scope_of(grant)).rows[0]
    asked = Asked(
        by=("统一社会信用代码",),
        claims=(Claim((str(row["统一社会信用代码"]),), "参保人数", str(int(row["参保人数"]) + 6)),),
        reason="本月申报缴费人数比参保人数多 6 人",
        proof="社会保险费申报表（本月），申报受理回执",
    )
    services.ask_verification(
        actor=world.head("yk-tax"), grant_id=grant.id, asked=asked, on=world.days.back(3)
    )
