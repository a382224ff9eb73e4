"""Steps of registering: the rows are written below (organizations.parties); here are the event and the mail.

Every step that takes an address answers the same whether it is known or not; only the mail differs.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from shuqiao.accounts.types import Actor
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import day_of
from shuqiao.opening.feedback import services as feedback
from shuqiao.opening.works import services as works
from shuqiao.organizations import parties
from shuqiao.organizations.models import Party
from shuqiao.organizations.types import LinkPurpose, PartyKind
from shuqiao.procedures import events, mailing, owning
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind, CaseRef, E

# An agreement or an answered application names the party: its name stays with the case.
NAMED_IN = frozenset({CaseKind.OPEN_APPLICATION, CaseKind.OUTSIDE_REQUEST})


def case_of(party: Party) -> CaseRef:
    """The registration as a case: its number says nothing about the person."""
    return CaseRef(CaseKind.PARTY, party.id, f"户{party.id.hex[-8:]}", "注册用户", reverse("opening:account"))


def actor_of(party: Party) -> Actor:
    return Actor(user_id=party.user_id, name="", party_id=party.id)


def _mail_link(party: Party, purpose: LinkPurpose, to: str, at: datetime) -> None:
    token = parties.link_for(party=party, purpose=purpose, email=to, at=at)
    address = {
        LinkPurpose.VERIFY: "opening:verify",
        LinkPurpose.CHANGE: "opening:confirm-email",
        LinkPurpose.RESET: "opening:set-password",
    }[purpose]
    link = f"{settings.PUBLIC_URL}{reverse(address)}?{urlencode({'t': token})}"
    text = (
        f"请打开下面的链接{purpose.label}，24 小时内有效，只能用一次：\n\n{link}\n\n"
        "如果不是您本人操作，请不要理会这封邮件。"
    )
    mailing.queue_mail(to=to, subject=f"公共数据开放平台：{purpose.label}", text=text, case=case_of(party))


@transaction.atomic
def register(*, given: parties.Registration, at: datetime) -> None:
    """Somebody registers. A known address gets a mail that says so, a new one the link that verifies it."""
    party = parties.register_party(given=given, at=at)
    if party is None:
        _mail_known(parties.normal(given.email))
        return
    events.record(
        E.PARTY_REGISTERED,
        actor=actor_of(party),
        case=case_of(party),
        on=day_of(at),
        data={"kind": party.kind},
    )
    _mail_link(party, LinkPurpose.VERIFY, party.email, at)


def _mail_known(email: str) -> None:
    text = (
        "有人用这个邮箱在公共数据开放平台注册，而它已经注册过了。\n\n"
        f"登录：{settings.PUBLIC_URL}{reverse('accounts:login')}\n"
        f"忘记密码：{settings.PUBLIC_URL}{reverse('opening:forgotten')}\n\n如果不是您本人操作，请不要理会。"
    )
    mailing.queue_mail(to=email, subject="公共数据开放平台：这个邮箱已经注册", text=text)


@transaction.atomic
def resend(*, email: str, at: datetime) -> None:
    """Another verification link, to a registration that waits for one. To any other address nothing goes."""
    party = parties.waiting_party(email)
    if party is not None and parties.party_of_email(email) is None:
        _mail_link(party, LinkPurpose.VERIFY, party.email, at)


@transaction.atomic
def verify(*, token: str, at: datetime) -> Party:
    """The link in the mail was opened and confirmed: the registration is open."""
    party = parties.verify_email(token=token, at=at)
    events.record(E.PARTY_VERIFIED, actor=actor_of(party), case=case_of(party), on=day_of(at))
    return party


@transaction.atomic
def forgot_password(*, email: str, at: datetime) -> None:
    """A link to set a new password, to a registered address. To any other address nothing goes."""
    party = parties.party_of_email(email)
    if party is not None:
        _mail_link(party, LinkPurpose.RESET, party.email, at)


@transaction.atomic
def set_password(*, token: str, password: str, at: datetime) -> Party:
    """The new password counts."""
    party = parties.reset_password(token=token, password=password, at=at)
    events.record(
        E.PARTY_CHANGED, actor=actor_of(party), case=case_of(party), on=day_of(at), data={"what": "password"}
    )
    return party


def own_party(actor: Actor) -> Party:
    """The registration of whoever is signed in. Raises NotAllowed for everybody else."""
    party = Party.objects.filter(id=actor.party_id, closed_at=None).first() if actor.party_id else None
    if party is None:
        raise NotAllowed("organizations:party:own", "这里是注册用户的页面，请用注册邮箱登录")
    return party


@transaction.atomic
def change_data(*, actor: Actor, name: str, contact: str, phone: str, at: datetime) -> Party:
    """The party corrects its own data."""
    party = own_party(actor)
    changed = parties.change_contacts(party_id=party.id, name=name, contact=contact, phone=phone)
    events.record(E.PARTY_CHANGED, actor=actor, case=case_of(party), on=day_of(at), data={"what": "data"})
    return changed


def _demand_proof(party: Party, password: str, *, proved: bool) -> None:
    """Before what cannot be undone: the password, or the identity service's word given a moment ago (`proved`)."""
    if not (proved and party.identity_verified_at) and not party.user.check_password(password):
        raise InvalidInput.one("密码", "密码不正确")


@transaction.atomic
def ask_new_email(
    *, actor: Actor, email: str, password: str = "", proved: bool = False, at: datetime
) -> None:
    """The party wants another address, or its first: a link goes to the new one, a word to the old one."""
    party = own_party(actor)
    _demand_proof(party, password, proved=proved)
    if problem := parties.email_problem(parties.normal(email)):
        raise InvalidInput.one("新邮箱", problem)
    if parties.party_of_email(email) is None:
        _mail_link(party, LinkPurpose.CHANGE, parties.normal(email), at)
    if not party.email:
        return
    text = "您的注册账号正在更换邮箱。新邮箱核验之后，这个邮箱不能再用来登录。如果不是您本人操作，请立即修改密码。"
    mailing.queue_mail(
        to=party.email, subject="公共数据开放平台：正在更换邮箱", text=text, case=case_of(party)
    )


@transaction.atomic
def confirm_new_email(*, token: str, at: datetime) -> Party:
    """The new address is proved."""
    party = parties.change_email(token=token, at=at)
    events.record(
        E.PARTY_CHANGED, actor=actor_of(party), case=case_of(party), on=day_of(at), data={"what": "email"}
    )
    return party


def running_cases(party: Party) -> list[str]:
    """Numbers of the party's cases on which a clock runs: somebody is about to answer them."""
    return [
        row.case_number
        for row in owning.list_own_cases(party.id)
        if procedures.open_term_of(owning.case_of_own(row)) is not None
    ]


@transaction.atomic
def close(*, actor: Actor, password: str = "", proved: bool = False, at: datetime) -> Party:
    """The party ends its registration. Personal data goes where no case needs it; open cases are withdrawn first."""
    party = own_party(actor)
    _demand_proof(party, password, proved=proved)
    if waiting := running_cases(party):
        raise IllegalMove("注册", f"还有办理中的事项 {'、'.join(waiting[:5])}", "注销")
    feedback.forget_author(party_id=party.id)
    if party.kind == PartyKind.PERSON:
        works.forget_maker(party_id=party.id, name=parties.ERASED)
    keep = any(row.case_kind in NAMED_IN for row in owning.list_own_cases(party.id))
    mailing.forget_address(to=party.email, case=case_of(party))
    events.record(E.PARTY_CLOSED, actor=actor, case=case_of(party), on=day_of(at))
    return parties.close_party(party_id=party.id, keep_name=keep, at=at)


def party_of_link(token: str, purpose: LinkPurpose, at: datetime) -> UUID:
    """Whose link this is, before it is used. Raises NotFound."""
    link = parties.read_link(token, at=at)
    if link.purpose != purpose:
        raise NotFound("这个链接，或它已使用、已失效")
    return link.party_id
