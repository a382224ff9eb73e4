"""Steps of signing in by the identity service: the rows are written below (organizations.identities), the events here.

An account is found by the service's word for the person and by nothing else. An address that is registered already
is never joined to: its owner logs in the old way and binds the identity there.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shuqiao.accounts.types import Actor
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import day_of
from shuqiao.opening.identity.types import WHERE, Identity
from shuqiao.opening.registration.services import actor_of, case_of, own_party
from shuqiao.organizations import identities, parties
from shuqiao.organizations.models import Party
from shuqiao.organizations.types import PartyKind
from shuqiao.procedures import events
from shuqiao.procedures.types import E


def party_of(identity: Identity, *, at: datetime) -> Party | None:
    """The registration that this identity signs in to. Raises NotAllowed for an account with a post."""
    return identities.party_of_identity(identity.known, at=at)


def address_taken(identity: Identity) -> bool:
    """Whether the identity's verified address belongs to a registration made earlier."""
    return bool(identity.email) and parties.party_of_email(identity.email) is not None


@transaction.atomic
def register(*, given: parties.Registration, identity: Identity, at: datetime) -> Party:
    """The person confirms: a registration with a verified identity is open at once. What the service vouches for
    (a body's name and code, a person's name, the address) is taken from it and not from `given`."""
    if address_taken(identity):
        raise InvalidInput.one("电子邮箱", "这个邮箱已有注册。请先用邮箱登录，再在“我的资料”里绑定")
    party = identities.register_identified(given=vouched(given, identity), known=identity.known, at=at)
    data = {"kind": party.kind, "by": "identity", "service": identity.known.issuer}
    events.record(E.PARTY_REGISTERED, actor=actor_of(party), case=case_of(party), on=day_of(at), data=data)
    return party


def vouched(given: parties.Registration, identity: Identity) -> parties.Registration:
    """What somebody entered, with the service's word in its place where it has one. Raises InvalidInput when the
    account of a body registers as a person: the code would be nobody's."""
    if identity.is_body and given.kind == PartyKind.PERSON:
        raise InvalidInput.one("注册类别", "这是单位的身份，请选择法人或者其他组织")
    name = identity.legal_name if identity.is_body else ""
    if given.kind == PartyKind.PERSON:
        name = identity.name
    return parties.Registration(
        kind=given.kind,
        name=name or given.name,
        email=identity.email,
        credit_code=identity.credit_code or given.credit_code,
        contact=given.contact,
        phone=given.phone,
    )


@transaction.atomic
def bind(*, actor: Actor, identity: Identity, password: str, at: datetime) -> Party:
    """Somebody who is signed in by password lets the identity service open the same registration. The password is asked
    for again: who can sign in to the account keeps it. Raises NotAllowed, InvalidInput."""
    party = own_party(actor)
    if not party.user.check_password(password):
        raise InvalidInput.one("密码", "密码不正确")
    if identity.is_body and identity.credit_code != party.credit_code:
        raise InvalidInput.one(WHERE, "这个身份的统一社会信用代码与注册的不一致")
    bound = identities.bind_identity(party_id=party.id, known=identity.known, at=at)
    events.record(
        E.PARTY_CHANGED,
        actor=actor_of(bound),
        case=case_of(bound),
        on=day_of(at),
        data={"what": "identity", "service": identity.known.issuer},
    )
    return bound
