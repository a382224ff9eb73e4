"""What each regime says of disputes, and who coordinates across divisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shuqiao.accounts.types import Role
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import NotAllowed, NotFound, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department, Division
from shuqiao.organizations.tests.factories import make_user
from shuqiao.sharing import services as sharing
from shuqiao.sharing.disputes import rules, services, superiors
from shuqiao.sharing.disputes.tests.conftest import (
    KEEP,
    MONDAY,
    OPEN,
    TUESDAY,
    answer,
    decide,
    raise_about,
    refused_of,
)
from shuqiao.sharing.disputes.types import ReferralFacts, RulingFacts
from shuqiao.sharing.tests.conftest import draft_of

BEFORE, AFTER = date(2025, 7, 31), date(2025, 8, 1)
TALKED = ReferralFacts(both_spoke=False, raised_on=AFTER, on=AFTER, why="谈不拢")


@pytest.mark.article("yingkou-2022", "27")
@pytest.mark.article("shenyang-2020", "21")
@pytest.mark.article("national-2025", "28")
@pytest.mark.parametrize(
    ("division", "own"),
    [("210800", ["yingkou-2022:27"]), ("210100", ["shenyang-2020:21"]), ("371502", [])],
)
def test_before_the_decree_the_bureau_is_the_end_and_since_then_the_government(city, division, own):
    before, after = (organizations.regime_of(division, on) for on in (BEFORE, AFTER))
    assert [str(one) for one in rules.articles(before)] == own
    assert sorted(str(one) for one in rules.articles(after)) == sorted([*own, "national-2025:28"])
    assert rules.is_final(before)
    assert not rules.is_final(after)
    assert rules.may_refer(TALKED, before).allowed
    assert not rules.may_refer(TALKED, after).allowed
    assert rules.may_refer(replace(TALKED, both_spoke=True), after).allowed
    assert not rules.may_object("不服", before).allowed
    assert before.term(rules.COORDINATE) is None
    assert after.term(rules.COORDINATE) is None


@pytest.mark.article("shenyang-2020", "21")
def test_across_divisions_without_a_common_superior_it_is_named_and_one_bureau_records(city):
    refused = refused_of(city, city.shenyang_provider, "shenyang-approver")
    dispute = raise_about(city, refused)
    assert dispute.number.startswith("沈数争")
    answer(city, dispute, by="shenyang-approver")
    refer = {
        "actor": city.actor("consumer-approver"),
        "dispute_id": dispute.id,
        "why": "谈不拢",
        "on": TUESDAY,
    }
    with pytest.raises(RuleRefused, match="共同上级主管部门"):
        services.refer_dispute(**refer)
    referred = services.refer_dispute(**refer, superior="辽宁省数据局", keeper_id=city.bureau.id)
    assert (referred.superior, referred.coordinator) == ("辽宁省数据局", city.bureau)
    decided = decide(city, referred, KEEP)
    assert decided.status == "decided"


def test_the_nearest_common_division_coordinates_and_no_bureau_in_its_own_cause(city):
    town = Department.objects.create(
        division=city.county, name="大石桥市民政局", short_name="民政局", credit_code="11210882MB00000001"
    )
    assert superiors.common_bureau(town, city.provider) == city.bureau
    assert superiors.common_bureau(city.consumer, city.provider) == city.bureau
    assert superiors.common_bureau(city.consumer, city.shenyang_provider) is None
    assert superiors.common_bureau(city.bureau, city.provider) is None
    province = Division.objects.create(code="210000", name="辽宁省", short_name="辽宁", case_prefix="辽")
    above = Department.objects.create(
        division=province,
        name="辽宁省数据局",
        short_name="省数据局",
        credit_code="11210000MB00000002",
        kind="bureau",
    )
    Division.objects.filter(code__in=["210800", "210100"]).update(parent=province)
    assert superiors.common_bureau(city.consumer, city.shenyang_provider) == above
    assert superiors.common_bureau(city.bureau, city.provider) == above
    assert superiors.keepers(city.bureau, city.shenyang_provider) == [city.shenyang_bureau, above]


@pytest.mark.article("yingkou-2022", "27")
def test_before_the_decree_the_opinion_is_carried_out_at_once(city):
    day = date(2025, 7, 28)
    refused = refused_of(city, city.provider, "provider-approver", on=day)
    dispute = raise_about(city, refused, on=day)
    referred = services.refer_dispute(
        actor=city.actor("consumer-approver"), dispute_id=dispute.id, why="谈不拢", on=day
    )
    done = decide(city, referred, KEEP, on=day)
    assert (done.status, done.done) == ("upheld", {"outcome": "keep"})


@pytest.mark.article("dongchangfu-2020", "5")
@pytest.mark.article("national-2025", "28")
def test_what_a_district_bureau_cannot_settle_is_decided_by_the_district_government(city):
    """The district leads and settles what is major: nobody but its own bureau brings it the case, nobody but the
    government ends it, and what it decides is carried out."""
    office = Department.objects.create(
        division=city.dongchangfu,
        name="东昌府区民政局",
        short_name="区民政局",
        credit_code="11371502MB00000004",
    )
    city.users["district-user"] = make_user("district-user", "东民政", office, Role.APPROVER, Role.CATALOGUER)
    asks, gives = city.actor("district-user"), city.actor("dongchangfu-approver")
    table = make_table(make_entry(city.dongchangfu_provider))
    asked = sharing.create_draft(
        actor=asks, entry_id=table.entry_id, resource_id=table.id, department_id=office.id,
        draft=draft_of(), on=MONDAY,
    )  # fmt: skip
    sharing.submit_request(actor=asks, request_id=asked.id, on=MONDAY)
    sharing.refuse_request(
        actor=gives, request_id=asked.id, reason="无关", basis="统计法 第二十五条", level=BasisLevel.LAW,
        on=MONDAY,
    )  # fmt: skip
    dispute = services.raise_dispute(actor=asks, request_id=asked.id, claim="属于履职所需", on=MONDAY)
    answer(city, dispute, by="dongchangfu-approver")
    referred = services.refer_dispute(actor=asks, dispute_id=dispute.id, why="谈不拢", on=TUESDAY)
    assert referred.coordinator == city.dongchangfu_bureau
    decide(city, referred, KEEP, by="dongchangfu-bureau")
    services.object_to_opinion(actor=asks, dispute_id=dispute.id, reason="涉及低保核对", on=TUESDAY)
    ruling = RulingFacts("东昌府区人民政府", "东政函〔2026〕3号", "应当共享", TUESDAY, TUESDAY)
    step = {"dispute_id": dispute.id, "result": OPEN, "ruling": ruling, "on": TUESDAY}
    with pytest.raises((NotAllowed, NotFound)):
        services.record_ruling(actor=city.actor("bureau-supervisor"), **step)
    ruled = services.record_ruling(actor=city.actor("dongchangfu-bureau"), **step)
    assert (ruled.status, ruled.government) == ("ruled", "东昌府区人民政府")
    assert Grant.objects.get(case_id=asked.id).grantee == office
