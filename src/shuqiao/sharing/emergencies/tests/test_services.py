"""An emergency is declared, data opens at once and for its time only, and only a review closes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.journal import Record, Writer
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Notice
from shuqiao.sharing.emergencies import jobs, queries, services, telling
from shuqiao.sharing.emergencies.tests.conftest import (
    BUREAU,
    MONDAY,
    UNTIL,
    declare,
    lines_of,
    said,
    share,
    types_of,
)
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.types import Scope

pytestmark = pytest.mark.article("yingkou-2022", "33")


def at(day) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def end(city, emergency, reason="水退了"):
    return services.end_emergency(
        actor=city.actor(BUREAU), emergency_id=emergency.id, reason=reason, on=MONDAY
    )


def review(city, emergency, findings="均用于本次应急", on=MONDAY):
    return services.review_emergency(
        actor=city.actor(BUREAU), emergency_id=emergency.id, findings=findings, on=on
    )


def test_from_declaration_to_review(city, emergency, table, home):
    assert lines_of(emergency) == ["管理应急共享"]
    share(city, emergency, table)
    grants = Grant.objects.order_by("number")
    assert {one.grantee_id for one in grants} == {city.consumer.id, city.other.id}
    assert {(one.state, one.valid_until) for one in grants} == {("active", UNTIL)}
    assert Notice.objects.filter(department=city.provider, case_id=emergency.id).exists()
    assert Notice.objects.filter(department=city.other, case_id__in=grants.values("id")).exists()
    end(city, emergency)
    assert {one.state for one in Grant.objects.all()} == {"ended"}, "every grant ends with it, at once"
    assert lines_of(emergency) == ["审查应急共享"]
    first = grants[0]
    with Writer(home / "journal", "gw1") as writer:
        for kind, day, rows in (("read", "02", 7), ("read", "09", 5), ("refusal", "12", 0)):
            writer.append_sync(
                Record(kind=kind, grant=str(first.id), rows=rows, at=f"2026-03-{day}T09:00:00.000+08:00")
            )
    late = MONDAY + timedelta(days=90)  # the review comes long after, and still sees the first day
    done = review(city, emergency, on=late)
    assert [(one["grant"], one["reads"], one["rows"], one["refusals"]) for one in done.review_json] == [
        (first.number, 2, 12, 1),
        (grants[1].number, 0, 0, 0),
    ]
    assert done.status == "reviewed"
    assert not lines_of(done)
    assert types_of(done) == ["declared", "granted", "ended", "reviewed"]


def test_nothing_closes_it_but_a_review(city, emergency):
    with pytest.raises(IllegalMove):
        review(city, emergency)
    end(city, emergency)
    with pytest.raises(RuleRefused, match="审查结论"):
        review(city, emergency, " ")
    with pytest.raises(IntegrityError), transaction.atomic():
        SharingEmergency.objects.filter(id=emergency.id).update(status="reviewed")
    assert [act.name for act in telling.acts_for(city.actor(BUREAU), _again(emergency), MONDAY)] == ["review"]


def _again(emergency):
    return SharingEmergency.objects.get(id=emergency.id)


def test_it_ends_by_itself_after_its_last_day(city, emergency, table):
    share(city, emergency, table)
    assert jobs.end_emergencies(at(UNTIL)) == 0
    assert jobs.end_emergencies(at(UNTIL + timedelta(days=1))) == 1
    assert jobs.end_emergencies(at(UNTIL + timedelta(days=1))) == 0
    assert not Grant.objects.filter(state="active").exists()
    assert (_again(emergency).status, lines_of(emergency)) == ("ended", ["审查应急共享"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event": " "}, "事件"),
        ({"reason": ""}, "理由"),
        ({"divisions": ()}, "区划"),
        ({"until": None}, "截止日期"),
        ({"until": MONDAY - timedelta(days=1)}, "早于今天"),
        ({"until": MONDAY + timedelta(days=31)}, "最多 30 天"),
    ],
)
def test_a_declaration_says_everything_and_is_limited(city, changes, words):
    with pytest.raises(RuleRefused, match=words) as refused:
        declare(city, **changes)
    assert refused.value.decision.basis


@pytest.mark.parametrize(
    ("who", "division"), [("shenyang-bureau", "210100"), ("dongchangfu-bureau", "371502")]
)
@pytest.mark.parametrize("year", [2025, 2026])
def test_where_the_texts_are_silent_there_is_no_such_path(city, who, division, year):
    on = MONDAY.replace(year=year)
    with pytest.raises(RuleRefused, match="没有应急共享"):
        services.declare_emergency(
            actor=city.actor(who),
            division=division,
            said=said(divisions=(division,), until=on),
            on=on,
        )


def test_only_the_bureau_and_only_where_it_oversees(city, emergency, table):
    for who in ("bureau-reviewer", "provider-approver", "stranger"):
        with pytest.raises(NotAllowed):
            services.declare_emergency(actor=city.actor(who), division="210800", said=said(), on=MONDAY)
    with pytest.raises(InvalidInput, match="职责范围"):
        declare(city, divisions=("210100",))
    far = make_table(make_entry(city.shenyang_provider))
    with pytest.raises(NotAllowed):
        share(city, emergency, far)
    with pytest.raises(NotFound):
        queries.get_emergency_for(city.actor("stranger"), emergency.id)
    share(city, emergency, table, departments=(city.other.id,))
    seen = queries.get_emergency_for(city.actor("stranger"), emergency.id)
    assert len(queries.shares_of(seen, city.actor("stranger"))) == 1
    with pytest.raises(NotAllowed):
        queries.get_emergency_for(city.actor("stranger"), emergency.id, queries.DECLARE)


def test_what_may_not_be_opened(city, emergency, table):
    share(city, emergency, table, departments=(city.other.id,))
    with pytest.raises(RuleRefused, match="已在本次应急中开通"):
        share(city, emergency, table)
    with pytest.raises(RuleRefused, match="不在本次应急的区划"):
        share(city, emergency, table, departments=(city.shenyang_bureau.id,))
    with pytest.raises(RuleRefused, match="信息项"):
        share(city, emergency, table, departments=(city.consumer.id,), scope=Scope((), (), ("interface",)))
    wide = Scope((("企业名称", "none"),), (), ("batch",))
    with pytest.raises(RuleRefused, match="超出目录条目"):
        share(city, emergency, table, departments=(city.consumer.id,), scope=wide)
    closed = make_table(make_entry(city.provider, sharing="none"))
    with pytest.raises(RuleRefused, match="不予共享"):
        share(city, emergency, closed)
    with pytest.raises(RuleRefused, match="已到期"):
        share(city, emergency, table, departments=(city.consumer.id,), on=UNTIL + timedelta(days=1))
    end(city, emergency)
    with pytest.raises(RuleRefused, match="已结束"):
        share(city, emergency, table, departments=(city.consumer.id,))
    with pytest.raises(IllegalMove):
        end(city, emergency)
