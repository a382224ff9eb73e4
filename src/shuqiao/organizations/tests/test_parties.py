"""Registration of people and organisations outside government."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shuqiao.accounts.models import User
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.organizations import limits, parties
from shuqiao.organizations.models import Attempt, Party, PartyLink
from shuqiao.organizations.tests.factories import PASSWORD, City, credit_code, make_party
from shuqiao.organizations.types import LinkPurpose, PartyKind

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
PERSON = parties.Registration(PartyKind.PERSON, "周公民", "Zhou@Example.cn", "correct-horse-battery")
FIRM = replace(
    PERSON, kind=PartyKind.LEGAL_PERSON, name="营口某公司", credit_code=credit_code(60_000_001), contact="周"
)
pytestmark = pytest.mark.django_db


def register(given: parties.Registration = PERSON) -> Party:
    party = parties.register_party(given=given, at=AT)
    assert party is not None
    return party


def verified(given: parties.Registration = PERSON) -> Party:
    party = register(given)
    return parties.verify_email(token=parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT), at=AT)


@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
def test_every_kind_registers_and_logs_in_only_after_the_address_is_verified(city: City) -> None:
    for kind in PartyKind:
        made = make_party(city, kind, f"who-{kind}")
        assert made.may_apply
        assert city.actor(f"who-{kind}").party_id == made.id
    party = register()
    assert not party.user.is_active
    assert not party.may_apply
    parties.verify_email(token=parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT), at=AT)
    user = User.objects.get(id=party.user_id)
    assert user.username == "zhou@example.cn"
    assert user.is_active


def test_everything_wrong_is_named_at_once() -> None:
    bad = parties.Registration(PartyKind.LEGAL_PERSON, " ", "no address", "123", "91210800123456789X")
    with pytest.raises(InvalidInput) as caught:
        parties.register_party(given=bad, at=AT)
    where = {problem.where for problem in caught.value.problems}
    assert where == {"姓名或名称", "电子邮箱", "统一社会信用代码", "联系人", "密码"}


def test_a_person_leaves_no_code_and_no_phone() -> None:
    party = register(replace(FIRM, kind=PartyKind.PERSON, phone="13800000000"))
    assert (party.credit_code, party.contact, party.phone) == ("", "", "")


def test_a_link_works_once_and_a_day(city: City) -> None:
    party = register()
    token = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT)
    with pytest.raises(NotFound):
        parties.verify_email(token=token, at=AT + timedelta(hours=25))
    with pytest.raises(NotFound):
        parties.verify_email(token=token[:-2] + "zz", at=AT)
    with pytest.raises(NotFound):  # made for another purpose
        parties.change_email(token=token, at=AT)
    parties.verify_email(token=token, at=AT)
    with pytest.raises(NotFound):
        parties.verify_email(token=token, at=AT)


def test_a_second_link_makes_the_first_useless() -> None:
    party = register()
    first = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT)
    second = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT)
    with pytest.raises(NotFound):
        parties.verify_email(token=first, at=AT)
    assert parties.verify_email(token=second, at=AT).email_verified_at == AT


def test_of_two_registrations_with_one_address_the_verified_one_counts() -> None:
    squatter, owner = register(), register()
    stale = parties.link_for(party=squatter, purpose=LinkPurpose.VERIFY, at=AT)
    parties.verify_email(token=parties.link_for(party=owner, purpose=LinkPurpose.VERIFY, at=AT), at=AT)
    with pytest.raises(InvalidInput):
        parties.verify_email(token=stale, at=AT)
    assert parties.register_party(given=PERSON, at=AT) is None
    found = parties.party_of_email("ZHOU@example.cn")
    assert found is not None
    assert found.id == owner.id


def test_an_address_is_changed_only_when_the_new_one_is_proved() -> None:
    party = verified()
    token = parties.link_for(party=party, purpose=LinkPurpose.CHANGE, email="new@example.cn", at=AT)
    assert Party.objects.get(id=party.id).email == "zhou@example.cn"
    parties.change_email(token=token, at=AT)
    assert User.objects.get(id=party.user_id).username == "new@example.cn"


def test_a_lost_password_is_set_anew_and_a_weak_one_spends_no_link() -> None:
    party = verified()
    token = parties.link_for(party=party, purpose=LinkPurpose.RESET, at=AT)
    with pytest.raises(InvalidInput):
        parties.reset_password(token=token, password="123", at=AT)
    parties.reset_password(token=token, password="another-long-word-1", at=AT)
    assert User.objects.get(id=party.user_id).check_password("another-long-word-1")
    with pytest.raises(NotFound):
        parties.reset_password(token=token, password="another-long-word-2", at=AT)


@pytest.mark.parametrize("keep", [True, False])
def test_closing_erases_what_no_case_needs(keep: bool) -> None:
    party = verified()
    token = parties.link_for(party=party, purpose=LinkPurpose.RESET, at=AT)
    closed = parties.close_party(party_id=party.id, keep_name=keep, at=AT)
    user = User.objects.get(id=party.user_id)
    assert (closed.email, closed.contact, closed.phone) == ("", "", "")
    assert closed.name == ("周公民" if keep else parties.ERASED)
    assert user.name == closed.name
    assert "zhou" not in user.username
    assert not user.is_active
    assert not user.check_password(PASSWORD)
    with pytest.raises(NotFound):
        parties.reset_password(token=token, password="another-long-word-1", at=AT)
    with pytest.raises(NotFound):
        parties.close_party(party_id=party.id, keep_name=keep, at=AT)
    assert verified().id != party.id  # the address is free again


def test_what_nobody_verified_is_removed_after_a_week() -> None:
    kept, gone = verified(), register(replace(PERSON, email="other@example.cn"))
    parties.link_for(party=gone, purpose=LinkPurpose.VERIFY, at=AT)
    assert parties.clear_unverified(at=AT + timedelta(days=6)) == 0
    assert parties.clear_unverified(at=AT + timedelta(days=8)) == 1
    assert list(Party.objects.values_list("id", flat=True)) == [kept.id]
    assert not User.objects.filter(id=gone.user_id).exists()
    assert PartyLink.objects.filter(party=kept).exists()


def test_tries_are_counted_without_keeping_who_tried() -> None:
    limit = limits.Limit("test", 3, timedelta(minutes=10))
    for _ in range(3):
        limits.spend([(limit, "10.0.0.1")], at=AT)
    with pytest.raises(InvalidInput, match="10 分钟"):
        limits.spend([(limit, "10.0.0.1")], at=AT)
    limits.spend([(limit, "10.0.0.2"), (limit, None)], at=AT)
    limits.spend([(limit, "10.0.0.1")], at=AT + timedelta(minutes=11))
    assert not Attempt.objects.filter(key__contains="10.0").exists()
