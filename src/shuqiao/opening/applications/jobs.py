"""What falls due on open applications: looks at the use, and the end of an agreement's days."""

from __future__ import annotations

from datetime import datetime

from shuqiao.kernel.time import day_of
from shuqiao.opening.applications import services
from shuqiao.opening.applications.types import ApplicationStatus
from shuqiao.opening.models import OpenApplication

AT_ONCE = 200


def ask_for_use(now: datetime) -> int:
    """Ask whose day has come how the data is used. Safe in many workers: each application is locked and looked at
    again. Returns how many were asked."""
    day = day_of(now)
    due = OpenApplication.objects.filter(status=ApplicationStatus.OPENED, next_follow_up_on__lte=day)
    ids = list(due.values_list("id", flat=True)[:AT_ONCE])
    return sum(services.ask_for_use(application_id=one, on=day) is not None for one in ids)


def tell_of_withdrawn_entries(now: datetime) -> int:
    """Tell of open applications whose entry has left the catalogue. Returns how many."""
    return services.tell_of_withdrawn_entries(on=day_of(now))


def end_applications(now: datetime) -> int:
    """Agreements whose last day has passed are over; their grants have ended by themselves. Returns how many."""
    day = day_of(now)
    opened = OpenApplication.objects.filter(status=ApplicationStatus.OPENED)
    over = [one.id for one in opened.only("id", "given_json") if _until(one) < day.isoformat()]
    return sum(services.end_application(application_id=one, on=day) is not None for one in over[:AT_ONCE])


def _until(application: OpenApplication) -> str:
    return str((application.given_json or {}).get("valid_until", "9999-12-31"))
