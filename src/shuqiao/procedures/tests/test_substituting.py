"""A substitute acts with an absent person's posts, only there, only then, and every event row says for whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.accounts.types import P, Role
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.ids import new_id
from shuqiao.organizations import services as organizations
from shuqiao.organizations.queries import actor_of
from shuqiao.organizations.standing_in import Substitution
from shuqiao.organizations.tests.factories import City, make_user
from shuqiao.procedures import events, queries, substituting
from shuqiao.procedures.models import Event, Notice
from shuqiao.procedures.types import CaseKind, CaseRef, E

ON = date(2026, 3, 2)
HEAD, CLERK, OFFICER = "provider-approver", "provider-cataloguer", "provider-security"


def name(
    city: City, by: str = HEAD, absent: str = HEAD, stand_in: str = CLERK, **changes: object
) -> Substitution:
    given: dict[str, object] = {
        "department_id": city.provider.id,
        "absent_id": city.user(absent).id,
        "substitute_id": city.user(stand_in).id,
        "since": ON,
        "until": ON + timedelta(days=4),
        "reason": "出差",
        "on": ON,
    }
    return substituting.name_substitute(actor=city.actor(by), **(given | changes))  # type: ignore[arg-type]


def clerk_on(city: City, day: date):
    return actor_of(city.user(CLERK), on=day)


def test_it_counts_from_the_first_to_the_last_day_and_not_elsewhere(city: City) -> None:
    row = name(city)
    sign, where = P.SHARING_REQUEST_SIGN, city.provider.id
    days = [ON - timedelta(days=1), ON, row.until, row.until + timedelta(days=1)]
    assert [clerk_on(city, day).may(sign, department_id=where) for day in days] == [False, True, True, False]
    assert not clerk_on(city, ON).may(sign, department_id=city.other.id)
    assert not clerk_on(city, ON).may(sign, division="210800")
    assert clerk_on(city, ON).first_post.role == Role.CATALOGUER


def test_the_event_row_names_for_whom_only_where_it_was_needed(city: City) -> None:
    name(city)
    case = CaseRef(CaseKind.SHARING_REQUEST, new_id(), "案号", "题", "/")
    own = clerk_on(city, ON)
    own.demand(P.CATALOG_ENTRY_EDIT, department_id=city.provider.id)
    plain = events.record(E.ENTRY_EDITED, actor=own, case=case, department_id=city.provider.id)
    acting = clerk_on(city, ON)
    acting.demand(P.SHARING_REQUEST_ANSWER, department_id=city.provider.id)
    done = events.record(E.REQUEST_APPROVED, actor=acting, case=case, department_id=city.provider.id)
    assert plain.actor_name == "陈编目"
    assert "stands_in_for" not in plain.data
    assert done.actor_name == "陈编目 代 陈局长"
    assert done.data["stands_in_for"] == [str(city.user(HEAD).id)]


def test_it_is_told_and_recorded_and_shows_in_the_inbox(city: City) -> None:
    row = name(city)
    assert Event.objects.get(type=E.SUBSTITUTE_NAMED).case_id == row.id
    assert Notice.objects.get().text.startswith("陈编目 代 陈局长")
    assert queries.list_notices_for(city.actor(OFFICER)).count() == 1


def test_strangers_and_colleagues_cannot_name_and_substitutes_cannot_pass_it_on(city: City) -> None:
    for by in ("stranger", "admin", "bureau-supervisor", "consumer-approver"):
        with pytest.raises(NotAllowed):
            name(city, by=by)
    with pytest.raises(NotAllowed):
        name(city, by=CLERK, absent=OFFICER)
    name(city, since=date.today(), until=date.today() + timedelta(days=2), on=date.today())
    with pytest.raises(NotAllowed):  # the head's right to name substitutes is not the substitute's
        name(city, by=CLERK, absent=OFFICER, stand_in=CLERK)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"until": ON - timedelta(days=1)}, "截止日期"),
        ({"until": ON + timedelta(days=92)}, "不超过 92 天"),
        ({"since": ON - timedelta(days=9), "until": ON - timedelta(days=5)}, "截止日期"),
    ],
)
def test_the_rule_refuses(city: City, changes: dict[str, date], why: str) -> None:
    with pytest.raises(RuleRefused, match=why):
        name(city, **changes)


def test_not_across_departments_nor_for_oneself_nor_without_reason(city: City) -> None:
    with pytest.raises(RuleRefused, match="本部门任职"):
        name(city, stand_in="consumer-cataloguer")
    with pytest.raises(InvalidInput):
        name(city, stand_in=HEAD)
    with pytest.raises(InvalidInput):
        name(city, reason=" ")


def test_no_chain_and_no_second_substitute(city: City) -> None:
    name(city)
    with pytest.raises(RuleRefused, match="已有代理人"):
        name(city, stand_in=OFFICER)
    with pytest.raises(RuleRefused, match="正代理他人"):
        name(city, absent=CLERK, stand_in=OFFICER)
    with pytest.raises(RuleRefused, match="自己在这段时间"):
        name(city, absent=OFFICER, stand_in=HEAD)


def test_administration_and_audit_are_not_passed_on(city: City) -> None:
    reviewer, bureau = "bureau-reviewer", city.bureau.id
    for absent, stand_in in (
        ("admin", reviewer),
        ("auditor", reviewer),
        (reviewer, "admin"),
        (reviewer, "auditor"),
    ):
        with pytest.raises(RuleRefused):
            name(city, by=absent, absent=absent, stand_in=stand_in, department_id=bureau)
    city.users["two"] = make_user("two", "王两职", city.bureau, Role.BUREAU_REVIEWER, Role.SYSTEM_ADMIN)
    name(city, by="two", absent="two", stand_in="bureau-supervisor", department_id=bureau)
    held = actor_of(city.user("bureau-supervisor"), on=ON)
    assert held.may(P.CATALOG_ENTRY_REVIEW, division="210800")
    assert not held.may(P.ORGANIZATIONS_ADMIN, division="210800")


def test_it_ends_early_by_who_has_to_do_with_it_and_only_once(city: City) -> None:
    row = name(city)
    with pytest.raises(NotFound):
        substituting.end(actor=city.actor("stranger"), substitution_id=row.id, on=ON)
    with pytest.raises(NotFound):
        substituting.end(actor=city.actor(OFFICER), substitution_id=row.id, on=ON)
    substituting.end(actor=city.actor(CLERK), substitution_id=row.id, on=ON)
    assert not clerk_on(city, ON).may(P.SHARING_REQUEST_SIGN, department_id=city.provider.id)
    with pytest.raises(IllegalMove):
        substituting.end(actor=city.actor(HEAD), substitution_id=row.id, on=ON)


def test_it_falls_with_the_appointments_of_either(city: City) -> None:
    name(city)
    admin = city.actor("admin")
    post = city.user(HEAD).memberships.get()
    organizations.end_appointment(actor=admin, membership_id=post.id, on=ON)
    assert not clerk_on(city, ON).may(P.SHARING_REQUEST_SIGN, department_id=city.provider.id)
    post.until = None
    post.save()
    assert clerk_on(city, ON).may(P.SHARING_REQUEST_SIGN, department_id=city.provider.id)
    organizations.end_appointment(actor=admin, membership_id=city.user(CLERK).memberships.get().id, on=ON)
    assert clerk_on(city, ON).posts == ()


def test_the_database_refuses_oneself(city: City) -> None:
    row = name(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        Substitution.objects.filter(id=row.id).update(substitute=row.absent_id)
