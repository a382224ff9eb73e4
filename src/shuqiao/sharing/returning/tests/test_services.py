"""A lower division's department gets its own area's rows, without new conditions."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.law import BasisLevel
from shuqiao.procedures.models import Event
from shuqiao.sharing.models import ReturnFlow
from shuqiao.sharing.returning import queries, services, telling
from shuqiao.sharing.returning.tests.conftest import (
    LOWER,
    MONDAY,
    PROVIDER,
    ask,
    lines_of,
    mark,
    types_of,
)
from shuqiao.sharing.returning.types import Area, AreaForm, NoFacts

pytestmark = pytest.mark.article("national-2025", "24")


def refuse(city, flow, level=BasisLevel.LAW, basis="某法 第一条"):
    no = NoFacts("涉及国家秘密", basis, level)
    return services.refuse_return(actor=city.actor(PROVIDER), flow_id=flow.id, no=no, on=MONDAY)


def test_marked_it_opens_at_once_with_the_rows_of_the_area(city, lower, table):
    mark(city, table)
    flow = ask(city, table, lower)
    grant = Grant.objects.get()
    assert (flow.status, flow.grant_id, lines_of(flow)) == ("opened", grant.id, [])
    assert grant.where == [{"column": "地区", "op": "in", "values": ["大石桥市", "大石桥"]}]
    assert {one["mask"] for one in grant.columns} == {"none"}, "no new conditions"
    assert grant.valid_until is None
    assert grant.grantee_id == lower.id
    opened = Event.objects.get(case_id=flow.id, type="sharing.return.opened")
    assert opened.decision["basis"] == ["national-2025:24"] or "24" in str(opened.decision["basis"])
    assert types_of(flow) == ["asked", "opened"]


def test_unmarked_it_waits_and_opens_with_the_mark(city, lower, table):
    flow = ask(city, table, lower)
    assert lines_of(flow) == ["标注回流数据的区划列"]
    with pytest.raises(RuleRefused, match="还没有标注"):
        services.open_return(actor=city.actor(PROVIDER), flow_id=flow.id, on=MONDAY)
    mark(city, table, AreaForm.CODE)
    flow.refresh_from_db()
    assert flow.status == "opened"
    assert flow.where == [{"column": "地区", "op": "startswith", "values": ["210882"]}]


@pytest.mark.parametrize(
    ("code", "prefix"),
    [("210882", "210882"), ("210800", "2108"), ("210000", "21"), ("210882001000", "2108820010")],
)
def test_a_code_covers_every_code_under_it(code, prefix):
    assert Area(code, "", "").prefix == prefix


@pytest.mark.parametrize(("on", "allowed"), [(date(2025, 7, 31), False), (date(2025, 8, 1), True)])
def test_from_the_decrees_first_day(city, lower, table, on, allowed):
    if allowed:
        assert ask(city, table, lower, on=on).status == "asked"
        return
    with pytest.raises(RuleRefused, match="没有数据回流") as refused:
        ask(city, table, lower, on=on)
    assert refused.value.decision.basis, "it shows the usual way"


def test_it_flows_down_only(city, lower, table):
    with pytest.raises(RuleRefused, match="上级向下级"):
        ask(city, table, city.consumer, who="consumer-approver")
    county = make_table(make_entry(lower, title="县里的数据"))
    with pytest.raises(RuleRefused, match="上级向下级"):
        ask(city, county, city.consumer, who="consumer-approver")
    far = make_table(make_entry(city.shenyang_provider))
    with pytest.raises(RuleRefused, match="上级向下级"):
        ask(city, far, lower)


def test_what_is_not_shared_missing_or_asked_twice(city, lower, table):
    closed = make_table(make_entry(city.provider, sharing="none"))
    with pytest.raises(RuleRefused, match="不予共享"):
        ask(city, closed, lower)
    with pytest.raises(RuleRefused, match="用途"):
        ask(city, table, lower, purpose=" ")
    first = ask(city, table, lower)
    with pytest.raises(RuleRefused, match=first.number):
        ask(city, table, lower)


@pytest.mark.article("national-2025", "15")
def test_only_the_law_is_a_ground_for_a_no(city, lower, table):
    flow = ask(city, table, lower)
    with pytest.raises(RuleRefused, match="法律依据"):
        refuse(city, flow, basis="")
    with pytest.raises(RuleRefused, match="不足以"):
        refuse(city, flow, BasisLevel.NORMATIVE)
    done = refuse(city, flow)
    assert (done.status, done.answer_level, lines_of(done)) == ("refused", "law", [])
    assert done.decision().basis
    with pytest.raises(IllegalMove):
        services.open_return(actor=city.actor(PROVIDER), flow_id=flow.id, on=MONDAY)


def test_strangers_and_those_who_may_not(city, lower, table):
    with pytest.raises(NotAllowed):
        ask(city, table, lower, who="county-cataloguer")
    with pytest.raises(NotAllowed):
        ask(city, table, lower, who="stranger")
    flow = ask(city, table, lower)
    with pytest.raises(NotFound):
        queries.get_return_for(city.actor("stranger"), flow.id, queries.P.SHARING_REQUEST_READ)
    with pytest.raises(NotAllowed):
        services.refuse_return(
            actor=city.actor(LOWER), flow_id=flow.id, no=NoFacts("a", "b", BasisLevel.LAW), on=MONDAY
        )
    with pytest.raises(NotAllowed):
        services.mark_resource(
            actor=city.actor("stranger"),
            entry_id=table.entry_id,
            column="地区",
            form=AreaForm.NAME,
            on=MONDAY,
        )
    with pytest.raises(RuleRefused, match="选一列"):
        mark(city, table, column="成立日期")
    names = {act.name for act in telling.acts_for(city.actor(PROVIDER), flow, MONDAY) if act.decision.allowed}
    assert names == {"mark", "refuse"}
    assert [act.name for act in telling.acts_for(city.actor(LOWER), flow, MONDAY)] == ["withdraw"]
    with pytest.raises(RuleRefused, match="原因"):
        services.withdraw_return(actor=city.actor(LOWER), flow_id=flow.id, reason="", on=MONDAY)
    services.withdraw_return(actor=city.actor(LOWER), flow_id=flow.id, reason="不需要", on=MONDAY)
    assert not lines_of(flow)
    assert ReturnFlow.objects.get().status == "withdrawn"
    mark(city, table)
    assert ReturnFlow.objects.get().status == "withdrawn", "what was withdrawn does not open"
