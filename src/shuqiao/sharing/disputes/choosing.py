"""Which requests and grants somebody may dispute now: what raising a dispute offers when none is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from shuqiao.accounts.types import Actor, P
from shuqiao.delivery import queries as delivery
from shuqiao.delivery.types import GrantState
from shuqiao.organizations import queries as organizations
from shuqiao.sharing import queries as sharing
from shuqiao.sharing.disputes import queries, rules
from shuqiao.sharing.disputes.types import OPEN_DISPUTES
from shuqiao.sharing.models import Dispute
from shuqiao.sharing.types import Status

AT_MOST = 100
"""The newest cases that are looked at, of requests and of grants each."""
MAY_BE = (Status.REFUSED, Status.LAPSED, Status.APPROVED_NARROWER, Status.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Disputable:
    """One case that may be disputed: what it is, on which ground, and by which query its form opens."""

    number: str
    title: str
    other: str
    ground: str
    query: str


def disputable_for(actor: Actor, on: date) -> list[Disputable]:
    """Requests and grants of the departments for which the actor may raise disputes, as far as the rule of raising
    allows it today; those with an open dispute are left out. Newest first, requests before grants."""
    mine = actor.departments_with(P.SHARING_DISPUTE_RAISE)
    open_ones = Dispute.objects.filter(status__in=OPEN_DISPUTES)
    requests = sharing.list_requests_for(actor).filter(requester__in=mine, status__in=MAY_BE)
    requests = requests.exclude(id__in=open_ones.exclude(request=None).values("request"))
    grants = delivery.list_grants_for(actor).filter(
        Q(grantee__in=mine, state__in=[GrantState.SUSPENDED, GrantState.ENDED])
        | Q(provider__in=mine, grantee__isnull=False, state__in=delivery.LIVE)
    )
    grants = grants.exclude(id__in=open_ones.exclude(grant=None).values("grant"))
    subjects = [queries.Subject(one, None) for one in requests[:AT_MOST]]
    subjects += [queries.Subject(None, one) for one in grants[:AT_MOST]]
    return [line for subject in subjects for line in _line(actor, subject, on)]


def _line(actor: Actor, subject: queries.Subject, on: date) -> Iterator[Disputable]:
    """The line of a case, if the rule allows a dispute about it."""
    side, thing = queries.side_on(actor, subject), subject.thing
    if side is None:
        return
    facts = queries.facts_of(subject, side, on)
    ground = rules.ground_of(facts)
    regime = organizations.regime_of(thing.provider.division_id, on)
    if ground is None or not rules.may_raise(facts, rules.CLAIM, regime).allowed:
        return
    grant = subject.grant
    other = thing.provider.name if side == side.REQUESTER or grant is None else grant.holder_name
    kind = "grant" if grant else "request"
    yield Disputable(thing.number, thing.title, other, str(ground.label), f"{kind}={thing.id}")
