"""Registration of people and organisations outside government (Shenyang 26, Dongchangfu 25).

Only rows are written here: this app lies below the event log and the outgoing mail, so who calls (opening) records
the event and sends the link. Nothing here says whether an address is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from shuqiao.accounts.models import User
from shuqiao.accounts.services import create_user
from shuqiao.kernel import InvalidInput, NotFound, Problem
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.models import Party, PartyLink
from shuqiao.organizations.types import LinkPurpose, PartyKind, credit_code_problem

LINK_LIVES = timedelta(hours=24)
UNVERIFIED_LIVES = timedelta(days=7)
EMAIL_MOST = 64  # an address is the account name too
ERASED = "已注销用户"
_SALT = "shuqiao.organizations.party-link"


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody registers with. `contact` and `phone` are only asked of organisations."""

    kind: PartyKind
    name: str
    email: str
    password: str = ""
    credit_code: str = ""
    contact: str = ""
    phone: str = ""


def who_problems(given: Registration) -> list[Problem]:
    """What is wrong with who somebody says to be, whichever way that is proved."""
    found = []
    if not given.name.strip():
        found.append(Problem("姓名或名称", "必填"))
    if given.kind != PartyKind.PERSON:
        if problem := credit_code_problem(given.credit_code.strip().upper()):
            found.append(Problem("统一社会信用代码", problem))
        if not given.contact.strip():
            found.append(Problem("联系人", "单位注册须写明联系人"))
    return found


def problems_of(given: Registration) -> list[Problem]:
    """Everything wrong with a registration by address and password."""
    found = who_problems(given)
    if problem := email_problem(given.email):
        found.append(Problem("电子邮箱", problem))
    try:
        validate_password(given.password, User(username=given.email, name=given.name))
    except ValidationError as error:
        found += [Problem("密码", message) for message in error.messages]
    return found


def email_problem(email: str) -> str:
    """What is wrong with an address, or an empty string."""
    if len(email) > EMAIL_MOST:
        return f"邮箱地址最长 {EMAIL_MOST} 个字符"
    try:
        validate_email(email)
    except ValidationError:
        return "邮箱地址的写法不对"
    return ""


def normal(email: str) -> str:
    """The form in which addresses are compared and used as account names."""
    return email.strip().lower()


def party_of_email(email: str) -> Party | None:
    """The open, verified registration with this address."""
    return Party.objects.filter(email=normal(email), closed_at=None, email_verified_at__isnull=False).first()


@transaction.atomic
def register_party(*, given: Registration, at: datetime) -> Party | None:
    """Somebody registers: a party whose address is not verified, and whose account cannot log in before it is.

    None when the address is registered already: the caller tells it to the address and not to the page. Raises
    InvalidInput.
    """
    if problems := problems_of(given):
        raise InvalidInput(problems)
    email = normal(given.email)
    if party_of_email(email):
        make_password(given.password)  # takes as long as the other answer does
        return None
    user = create_user(
        username=f"party-{new_id().hex}", name=given.name.strip()[:64], password=given.password
    )
    user.is_active = False
    user.save(update_fields=["is_active"])
    return Party.objects.create(user=user, email=email, registered_at=at, **columns_of(given))


def columns_of(given: Registration) -> dict[str, str]:
    """The columns that say who it is; of a natural person no code, contact or telephone is kept."""
    person = given.kind == PartyKind.PERSON
    return {
        "kind": given.kind,
        "name": given.name.strip()[:128],
        "credit_code": "" if person else given.credit_code.strip().upper(),
        "contact": "" if person else given.contact.strip()[:64],
        "phone": "" if person else given.phone.strip()[:32],
    }


@transaction.atomic
def clear_unverified(*, at: datetime) -> int:
    """Remove registrations whose address nobody verified within a week, with all they hold. Returns how many."""
    old = Party.objects.filter(
        email_verified_at=None,
        identity_verified_at=None,
        closed_at=None,
        registered_at__lt=at - UNVERIFIED_LIVES,
    )
    gone = list(old.values_list("id", "user_id")[:500])
    PartyLink.objects.filter(party__in=[party for party, _ in gone]).delete()
    Party.objects.filter(id__in=[party for party, _ in gone]).delete()
    User.objects.filter(id__in=[user for _, user in gone]).delete()
    return len(gone)


@transaction.atomic
def link_for(*, party: Party, purpose: LinkPurpose, email: str = "", at: datetime) -> str:
    """A signed word for a link to the party's address, or to the one it wants to change to. Earlier links of the same
    purpose stop working."""
    party.links.filter(purpose=purpose, used_at=None).update(used_at=at)
    link = PartyLink.objects.create(
        party=party,
        purpose=purpose,
        email=normal(email or party.email),
        sent_at=at,
        expires_at=at + LINK_LIVES,
    )
    return signing.dumps(link.id.hex, salt=_SALT)


def waiting_party(email: str) -> Party | None:
    """The newest registration with this address that waits for its verification."""
    return Party.objects.filter(
        email=normal(email), closed_at=None, email_verified_at=None, identity_verified_at=None
    ).first()


def read_link(token: str, *, at: datetime) -> PartyLink:
    """The link a signed word stands for, unless it was used or is too old. Raises NotFound: one answer for all."""
    try:
        link_id = UUID(hex=signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError):
        raise NotFound("这个链接，或它已使用、已失效") from None
    link = (
        PartyLink.objects.select_related("party", "party__user")
        .filter(id=link_id, used_at=None, expires_at__gt=at, party__closed_at=None)
        .first()
    )
    if link is None:
        raise NotFound("这个链接，或它已使用、已失效")
    return link


def _use(token: str, purpose: LinkPurpose, at: datetime) -> PartyLink:
    """Claim a link: of two who click at once, one gets it."""
    link = read_link(token, at=at)
    if link.purpose != purpose or not PartyLink.objects.filter(id=link.id, used_at=None).update(used_at=at):
        raise NotFound("这个链接，或它已使用、已失效")
    return link


@transaction.atomic
def verify_email(*, token: str, at: datetime) -> Party:
    """The address is the party's: the account may log in with it. Raises NotFound, or InvalidInput when somebody else
    has verified the same address meanwhile."""
    link = _use(token, LinkPurpose.VERIFY, at)
    party = Party.objects.select_for_update(of=("self",)).get(id=link.party_id)
    take_address(party, link.email, at)
    return party


def take_address(party: Party, email: str, at: datetime) -> None:
    """The party has this address from now on, and logs in with it."""
    try:
        with transaction.atomic():
            User.objects.filter(id=party.user_id).update(username=email, is_active=True)
            party.email, party.email_verified_at = email, at
            party.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        raise InvalidInput.one("电子邮箱", "这个邮箱已有注册，请直接登录") from None


@transaction.atomic
def change_email(*, token: str, at: datetime) -> Party:
    """The party's new address is proved, and takes the place of the old one. Raises NotFound, InvalidInput."""
    link = _use(token, LinkPurpose.CHANGE, at)
    party = Party.objects.select_for_update(of=("self",)).get(id=link.party_id)
    take_address(party, link.email, at)
    return party


@transaction.atomic
def reset_password(*, token: str, password: str, at: datetime) -> Party:
    """Who reads the address sets a new password. Raises NotFound, InvalidInput."""
    party = read_link(token, at=at).party
    try:
        validate_password(password, party.user)
    except ValidationError as error:
        raise InvalidInput(Problem("新密码", message) for message in error.messages) from None
    _use(token, LinkPurpose.RESET, at)
    party.user.set_password(password)
    party.user.save(update_fields=["password"])
    return party


@transaction.atomic
def change_contacts(*, party_id: UUID, name: str, contact: str, phone: str) -> Party:
    """The party corrects its own data. A verified credit code is not changed: another body registers itself."""
    party = Party.objects.select_for_update(of=("self",)).filter(id=party_id, closed_at=None).first()
    if party is None:
        raise NotFound("注册信息")
    if not name.strip():
        raise InvalidInput.one("姓名或名称", "必填")
    if party.kind != PartyKind.PERSON and not contact.strip():
        raise InvalidInput.one("联系人", "单位注册须写明联系人")
    party.name = name.strip()[:128]
    if party.kind != PartyKind.PERSON:
        party.contact, party.phone = contact.strip()[:64], phone.strip()[:32]
    party.save(update_fields=["name", "contact", "phone"])
    User.objects.filter(id=party.user_id).update(name=party.name[:64])
    return party


@transaction.atomic
def close_party(*, party_id: UUID, keep_name: bool, at: datetime) -> Party:
    """A registration ends: nobody logs in with it, and its personal data is gone. `keep_name`: an agreement or an
    answered application names the party and needs its name on; contact, phone and address go all the same."""
    party = Party.objects.select_for_update(of=("self",)).filter(id=party_id, closed_at=None).first()
    if party is None:
        raise NotFound("注册信息")
    party.links.all().delete()
    party.contact = party.phone = party.email = ""
    party.identity_issuer = party.identity_subject = ""
    party.identity_verified_at = None
    if party.kind == PartyKind.PERSON and not keep_name:
        party.name = ERASED
    party.closed_at = at
    party.save()
    user = User.objects.get(id=party.user_id)
    user.username, user.name, user.is_active = f"closed-{user.id.hex}", party.name[:64], False
    user.set_unusable_password()
    user.save()
    return party
