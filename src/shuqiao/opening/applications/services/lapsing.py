"""When the entry of an open application leaves the catalogue: both sides are told, the provider ends it.

A withdrawal ends no application by itself: the clock runs on until the provider refuses with its reasons, or ends the
application because of the withdrawal and says what follows.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.opening.applications import queries, rules
from shuqiao.opening.applications.services.asking import close_reply
from shuqiao.opening.applications.services.telling import assign_to_provider, write_to_applicant
from shuqiao.opening.applications.types import UNDECIDED, ApplicationStatus
from shuqiao.opening.models import OpenApplication
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import queries as procedures_queries
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, E

AT_ONCE = 200


@transaction.atomic
def lapse_application(*, actor: Actor, application_id: UUID, note: str, on: date) -> OpenApplication:
    """The provider ends an application for what is no longer offered; the applicant is told when and why the entry was
    withdrawn, and what the provider says to it. Refused while the entry is in force."""
    application = queries.get_application_for(actor, application_id, P.OPENING_APPLICATION_ANSWER, lock=True)
    gone, regime = queries.offer_now(application).gone, queries.regime_for(application, on)
    decision = rules.may_lapse(gone=gone, note=note, regime=regime).or_raise()
    before = application.status
    application.move_to(ApplicationStatus.LAPSED)
    application.end_reason, application.ended_on = decision.reason[:500], on
    application.save()
    close_reply(application, on)
    case = application.case_ref()
    write_to_applicant(application, "开放申请已因目录撤下办结", application.end_reason)
    bureau = organizations.bureau_of(application.division_id)
    text = f"{application.provider.name}因目录撤下办结开放申请：{application.end_reason}"
    procedures.notify(case=case, department_id=bureau.id, text=text)
    events.record(
        E.APPLICATION_LAPSED, actor=actor, case=case, department_id=application.provider_id, on=on,
        decision=decision, data={"from": before, "withdrawn_reason": application.entry.withdrawn_reason},
    )  # fmt: skip
    return application


def tell_of_withdrawn_entries(*, on: date) -> int:
    """Tell of open applications on entries withdrawn since the application was last told of. Returns how many."""
    told = Event.objects.filter(
        type=E.APPLICATION_ENTRY_WITHDRAWN, case_kind=CaseKind.OPEN_APPLICATION, case_id=OuterRef("pk"),
        at__gte=OuterRef("entry__withdrawn_at"),
    )  # fmt: skip
    waiting = OpenApplication.objects.filter(
        status__in=UNDECIDED, entry__withdrawn_at__isnull=False, entry__published=None
    ).exclude(Exists(told))
    return sum(_tell(one, on) for one in list(waiting.values_list("id", flat=True)[:AT_ONCE]))


@transaction.atomic
def _tell(application_id: UUID, on: date) -> int:
    """One application in its own transaction; the row lock makes a second worker find it told."""
    found = OpenApplication.objects.select_for_update(of=("self",)).filter(
        id=application_id, status__in=UNDECIDED
    )
    application = found.select_related("party", "provider", "entry", "division").first()
    if application is None or not (gone := application.gone()):
        return 0
    told = Event.objects.filter(type=E.APPLICATION_ENTRY_WITHDRAWN, case_id=application.id)
    if told.filter(at__gte=application.entry.withdrawn_at).exists():
        return 0
    case = application.case_ref()
    decision = rules.may_lapse(gone=gone, note="—", regime=queries.regime_for(application, on))
    term = procedures_queries.open_term_of(case)
    detail = f"{gone}：写明理由不同意，或者说明后办结"
    assign_to_provider(application, "办结目录已撤下的申请", detail, decision, term)
    write_to_applicant(application, "申请的数据已从目录撤下", f"{gone}。提供部门将办结并告知您。")
    events.record(
        E.APPLICATION_ENTRY_WITHDRAWN, actor=PLATFORM, case=case, department_id=application.provider_id, on=on,
        data={"entry": str(application.entry_id), "code": application.entry.code},
    )  # fmt: skip
    return 1
