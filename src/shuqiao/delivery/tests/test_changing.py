"""A running service is ended or changed only as filed; a change narrows, unless a case decided otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import book, rules, services
from shuqiao.delivery.models import Grant, StopFiling
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, make_entry, make_table, order_of
from shuqiao.delivery.types import EndGround, FilingKind, GrantScope, GrantState
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event, Notice

LESS = {"columns": (("企业名称", "none"),)}
MORE = {"columns": (("统一社会信用代码", "none"), ("企业名称", "none"), ("地区", "none"))}


@pytest.fixture
def provider(city):
    return city.actor("provider-approver")


def file(actor, grant, kind=FilingKind.CHANGE, **changes):
    said = {"reason": "系统改造", "negotiation": "已商定", "effective_on": TODAY, "on": TODAY} | changes
    return services.file_stop(actor=actor, grant_id=grant.id, kind=kind, **said)


@pytest.mark.article("national-2025", "27")
def test_a_change_is_filed_first_and_reaches_the_gateway(city, grant, provider):
    book.compile_book(1, now())  # the row is known to this process
    with pytest.raises(RuleRefused) as refused:
        services.change_grant(actor=provider, grant_id=grant.id, **LESS, on=TODAY)
    assert [str(one) for one in refused.value.decision.basis] == ["national-2025:27"]
    file(provider, grant)
    assert Notice.objects.filter(department=city.bureau, text__contains="备案").exists()
    assert Notice.objects.filter(department=city.consumer, text__contains="变更服务").exists()
    services.change_grant(actor=provider, grant_id=grant.id, **LESS, on=TODAY)
    row = book.compile_book(2, now()).grants[0]
    assert [column.name for column in row.columns] == ["企业名称"]
    assert StopFiling.objects.get().state == "carried_out"
    event = Event.objects.get(type="delivery.grant.changed")
    assert len(event.data["before"]["columns"]) == 2
    with pytest.raises(RuleRefused):  # what was filed is done
        services.change_grant(actor=provider, grant_id=grant.id, valid_until=TODAY, on=TODAY)


def test_the_day_that_was_filed_must_have_come(grant, provider):
    file(provider, grant, FilingKind.END, effective_on=TODAY + timedelta(days=7))
    end = {"actor": provider, "grant_id": grant.id, "ground": EndGround.NECESSARY, "reason": "下线"}
    with pytest.raises(RuleRefused):
        services.end_grant(**end, on=TODAY + timedelta(days=6))
    services.end_grant(**end, on=TODAY + timedelta(days=7))
    assert StopFiling.objects.get().state == "carried_out"


def test_who_files_and_what_is_wrong(city, grant, provider):
    for wrong in (
        {"reason": " "},
        {"negotiation": ""},
        {"effective_on": TODAY - timedelta(days=1)},
    ):
        with pytest.raises(RuleRefused):
            file(provider, grant, **wrong)
    filing = file(provider, grant)
    with pytest.raises(InvalidInput):
        file(provider, grant)
    for who, error in (
        ("stranger", NotFound),
        ("provider-cataloguer", NotAllowed),
        ("consumer-approver", RuleRefused),
        ("bureau-supervisor", RuleRefused),
    ):
        with pytest.raises(error):
            file(city.actor(who), grant, FilingKind.END)
    services.withdraw_filing(actor=provider, filing_id=filing.id, on=TODAY)
    with pytest.raises(IllegalMove):
        services.withdraw_filing(actor=provider, filing_id=filing.id, on=TODAY)


@pytest.mark.article("national-2025", "27")
def test_before_the_decree_a_provider_narrows_without_filing(city):
    before = date(2025, 7, 31)
    order = order_of(make_table(make_entry(city.provider)), city.consumer.id, valid_from=before)
    grant = services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=before)
    services.change_grant(actor=city.actor("provider-approver"), grant_id=grant.id, **LESS, on=before)


@pytest.mark.article("national-2025", "25")
def test_only_a_decision_widens(city, grant, provider):
    file(provider, grant)
    with pytest.raises(RuleRefused) as refused:
        services.change_grant(actor=provider, grant_id=grant.id, **MORE, on=TODAY)
    assert refused.value.decision.rule == "sharing.scope.not_wider"
    assert refused.value.decision.basis
    services.change_grant(actor=PLATFORM, grant_id=grant.id, **MORE, decision=YES, on=TODAY)
    assert len(Grant.objects.get().columns) == 3
    with pytest.raises(InvalidInput):
        services.change_grant(
            actor=PLATFORM, grant_id=grant.id, columns=(("没有", "none"),), decision=YES, on=TODAY
        )


def test_a_decided_end_needs_a_decision(grant, provider):
    end = {"actor": provider, "grant_id": grant.id, "ground": EndGround.DECIDED, "reason": "x", "on": TODAY}
    with pytest.raises(RuleRefused):
        services.end_grant(**end)
    services.end_grant(**end, decision=YES)
    with pytest.raises(IllegalMove):
        services.change_grant(actor=PLATFORM, grant_id=grant.id, **MORE, decision=YES, on=TODAY)


MASKS = st.sampled_from(["none", "keep_ends", "hash", "year", "drop"])
SCOPES = st.builds(
    GrantScope,
    columns=st.dictionaries(st.sampled_from("甲乙丙"), MASKS, min_size=1).map(lambda one: tuple(one.items())),
    where=st.sets(st.sampled_from("东西")).map(
        lambda names: tuple({"column": name, "op": "isnull", "values": []} for name in sorted(names))
    ),
    modes=st.sets(st.sampled_from(["interface", "batch", "file"])).map(lambda one: tuple(sorted(one))),
    valid_until=st.none() | st.dates(TODAY, TODAY + timedelta(days=3)),
    daily_quota=st.none() | st.integers(1, 3),
    rate_per_minute=st.none() | st.integers(1, 3),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(SCOPES, SCOPES, SCOPES)
def test_narrower_is_an_order(one, two, three):
    assert rules.wider_than(one, one) == ()
    if not rules.wider_than(one, two) and not rules.wider_than(two, three):
        assert not rules.wider_than(one, three)
    if not rules.wider_than(one, two):
        given_ = {name for name, mask in one.columns if mask != "drop"}
        assert {name for name, mask in two.columns if mask != "drop"} <= given_
        assert all(predicate in two.where for predicate in one.where)


def test_a_narrowed_grant_of_a_suspended_service_stays_suspended(grant, provider):
    file(provider, grant)
    services.suspend_grant(actor=provider, grant_id=grant.id, reason="核查", on=TODAY)
    services.change_grant(actor=provider, grant_id=grant.id, daily_quota=5, on=TODAY)
    found = Grant.objects.get()
    assert (found.state, found.daily_quota) == (GrantState.SUSPENDED, 5)
