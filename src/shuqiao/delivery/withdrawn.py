"""Grants whose entry left the catalogue. The catalogue lies below and knows no grants, so it is noticed here.

A withdrawal ends no grant by itself: a running service may not be stopped without filing it (Decree 25). The bureau,
the provider and the grantee learn of it once, and decide under their own articles.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery.holders import tell_holder
from shuqiao.delivery.models import Grant
from shuqiao.delivery.queries import LIVE
from shuqiao.kernel.time import day_of
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, E

BATCH = 200


def tell_of_withdrawn_entries(now: datetime) -> int:
    """Tell of running grants on entries withdrawn since the grant was last told of. Returns how many grants."""
    told = Event.objects.filter(
        type=E.GRANT_ENTRY_WITHDRAWN, case_kind=CaseKind.GRANT, case_id=OuterRef("pk"),
        at__gte=OuterRef("entry__withdrawn_at"),
    )  # fmt: skip
    waiting = (
        Grant.objects.filter(state__in=LIVE, entry__withdrawn_at__isnull=False, entry__published=None)
        .exclude(Exists(told))
        .values_list("id", flat=True)[:BATCH]
    )
    return sum(_tell(grant_id, now) for grant_id in list(waiting))


@transaction.atomic
def _tell(grant_id: UUID, now: datetime) -> int:
    """One grant in its own transaction; the row lock makes a second worker find it told."""
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("entry", "grantee", "party")
        .get(id=grant_id)
    )
    entry, case = grant.entry, grant.case_ref()
    since = entry.withdrawn_at
    if grant.state not in LIVE or since is None:
        return 0
    done = Event.objects.filter(type=E.GRANT_ENTRY_WITHDRAWN, case_id=grant.id, at__gte=since)
    if done.exists():
        return 0
    text = f"目录条目已撤下，授权仍在使用：{grant.title}，{grant.number}，使用方{grant.holder_name}。"
    text += f"撤下原因：{entry.withdrawn_reason}"
    bureau = organizations.bureau_of(entry.division_id)
    for department_id in dict.fromkeys((bureau.pk, grant.provider_id)):
        procedures.notify(case=case, department_id=department_id, text=text)
    if grant.grantee_id != bureau.pk:
        tell_holder(grant, text)
    events.record(
        E.GRANT_ENTRY_WITHDRAWN, actor=PLATFORM, case=case, department_id=grant.provider_id, on=day_of(now),
        data={"entry": str(entry.pk), "code": entry.code},
    )  # fmt: skip
    return 1
