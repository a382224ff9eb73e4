"""Registrations vouched for by a city's identity service (Shenyang 26, Dongchangfu 25).

A person is known again by the service's address and its word for the person, and by nothing else: never by an e-mail
address or a name, which others may have given. An account with a post in a department is not reached this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from shuqiao.accounts.services import create_user
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import day_of
from shuqiao.organizations.models import Membership, Party
from shuqiao.organizations.parties import Registration, columns_of, normal, take_address, who_problems

PERMISSION = "organizations:party:identity"


@dataclass(frozen=True, slots=True)
class Known:
    """Who somebody is to an identity service: its address (`iss`) and its word for the person (`sub`)."""

    issuer: str
    subject: str


def party_of_identity(known: Known, *, at: datetime) -> Party | None:
    """The open registration of this identity. Raises NotAllowed when its account has a post in a department."""
    party = (
        Party.objects.select_related("user")
        .filter(
            identity_issuer=known.issuer,
            identity_subject=known.subject,
            identity_verified_at__isnull=False,
            closed_at=None,
        )
        .first()
    )
    if party is not None:
        demand_no_post(party.user_id, at=at)
        if not party.user.is_active:
            raise NotAllowed(PERMISSION, "这个账号已停用")
    return party


def demand_no_post(user_id: UUID, *, at: datetime) -> None:
    """Staff log in with the account their department gave them. Raises NotAllowed."""
    day = day_of(at)
    if Membership.objects.filter(Q(until=None) | Q(until__gt=day), user=user_id).exists():
        raise NotAllowed(PERMISSION, "这是部门工作人员的账号，请用部门账号和密码登录")


@transaction.atomic
def register_identified(*, given: Registration, known: Known, at: datetime) -> Party:
    """Somebody whom the identity service vouches for registers. `given.email` is an address that the service has
    verified, or empty; there is no password until one is set by a link to that address.

    Raises InvalidInput: what is wrong with the data, an address or an identity that is registered already.
    """
    if problems := who_problems(given):
        raise InvalidInput(problems)
    user = create_user(username=f"party-{new_id().hex}", name=given.name.strip()[:64], password=None)
    try:
        with transaction.atomic():
            party = Party.objects.create(
                user=user,
                registered_at=at,
                identity_issuer=known.issuer,
                identity_subject=known.subject,
                identity_verified_at=at,
                **columns_of(given),
            )
    except IntegrityError:
        raise InvalidInput.one("统一身份认证", "这个身份已有注册，请重新登录") from None
    if email := normal(given.email):
        take_address(party, email, at)
    return party


@transaction.atomic
def bind_identity(*, party_id: UUID, known: Known, at: datetime) -> Party:
    """A registration made by address and password may be logged in to by the identity service too.

    Raises NotFound, NotAllowed (an account with a post), InvalidInput (bound already, here or elsewhere).
    """
    party = Party.objects.select_for_update(of=("self",)).filter(id=party_id, closed_at=None).first()
    if party is None:
        raise NotFound("注册信息")
    demand_no_post(party.user_id, at=at)
    if party.identity_verified_at is not None:
        raise InvalidInput.one("统一身份认证", "这个注册已经绑定了一个身份")
    party.identity_issuer, party.identity_subject = known.issuer, known.subject
    party.identity_verified_at = at
    try:
        with transaction.atomic():
            party.save(update_fields=["identity_issuer", "identity_subject", "identity_verified_at"])
    except IntegrityError:
        raise InvalidInput.one("统一身份认证", "这个身份已有另一个注册") from None
    return party
