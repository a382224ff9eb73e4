"""While a provider is silent: notices before the last day, and to the bureau and the requester once it has passed."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from shuqiao.kernel.time import in_chinese
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import services as procedures
from shuqiao.procedures.models import Term
from shuqiao.procedures.types import CaseKind
from shuqiao.sharing import rules
from shuqiao.sharing.models import SharingRequest

BEFORE = (1, 3)
"""Working days left at which the provider is told of the last day, the most urgent first."""
LATE = "late"
AHEAD = timedelta(days=30)
AT_ONCE = 500


@transaction.atomic
def tell_of_last_days(*, on: date) -> int:
    """Tell providers of answers and deliveries that are due in three working days and in one; once one is late, tell
    the bureau and whoever waits (Decree 38). Each is told once for each clock. Returns for how many requests
    somebody was told; run twice at the same time, nobody is told twice."""
    near = Term.objects.filter(
        case_kind=CaseKind.SHARING_REQUEST, closed_on=None, paused=False, due_on__lte=on + AHEAD
    )
    marks = {term.case_id: (term, _mark(term, on)) for term in near.order_by("-due_on")}
    told = dict(SharingRequest.objects.filter(id__in=list(marks)).values_list("id", "told"))
    due = [one for one, (_, mark) in marks.items() if mark and mark not in told.get(one, [mark])]
    locked = SharingRequest.objects.select_for_update(of=("self",)).select_related("requester", "provider")
    written = 0
    for request in locked.filter(id__in=due[:AT_ONCE]):
        term, mark = marks[request.id]
        if mark not in request.told:
            _tell(request, term, on)
            # Not a change of the request: whoever is answering it has not to start anew.
            SharingRequest.objects.filter(id=request.id).update(told=[*request.told, mark])
            written += 1
    return written


def _mark(term: Term, on: date) -> str:
    """Which notice is due for a clock: `<clock>:1`, `:3` or `:late`; none while there is time."""
    left = term.clock().days_left(on)
    if left < 0:
        return f"{term.id}:{LATE}"
    return next((f"{term.id}:{days}" for days in BEFORE if left <= days), "")


def _tell(request: SharingRequest, term: Term, on: date) -> None:
    left, case = term.clock().days_left(on), request.case_ref()
    what = "提供数据" if term.term_id == rules.DELIVERY else "答复"
    if left >= 0:
        last = in_chinese(term.due_on) if term.due_on else ""
        text = f"还剩 {left} 个工作日，最后一天是{last}，请{what}：{request.title}"
        procedures.notify(case=case, department_id=request.provider_id, text=text)
        return
    # The provider itself is told with the event of the overdue term (procedures.note_overdue).
    bureau = organizations.bureau_of(request.division_id)
    text = f"{request.provider.name}已逾期 {-left} 个工作日未{what}：{request.title}"
    for department_id in dict.fromkeys([bureau.id, request.requester_id]):
        procedures.notify(case=case, department_id=department_id, text=text)
