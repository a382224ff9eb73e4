"""A duty of the worker: emergencies whose last day has passed are over, and every grant under them with it."""

from __future__ import annotations

from datetime import datetime

from shuqiao.kernel.time import day_of
from shuqiao.sharing.emergencies.services import end_if_due
from shuqiao.sharing.emergencies.types import EmergencyStatus
from shuqiao.sharing.models import SharingEmergency


def end_emergencies(now: datetime) -> int:
    """End what is due, each in its own transaction; the row lock makes a second worker find nothing."""
    day = day_of(now)
    due = SharingEmergency.objects.filter(status=EmergencyStatus.RUNNING, until__lt=day)
    ids = list(due.values_list("id", flat=True)[:100])
    return sum(end_if_due(emergency_id=one, on=day) is not None for one in ids)
