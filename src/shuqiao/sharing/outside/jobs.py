"""A duty of the worker: agreements whose last day has passed, or whose grant is over, are over."""

from __future__ import annotations

from datetime import datetime

from shuqiao.kernel.time import day_of
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside.signing import end_outside
from shuqiao.sharing.outside.types import OutsideStatus


def end_agreements(now: datetime) -> int:
    """End what is over, each in its own transaction; the row lock makes a second worker find nothing."""
    open_ = OutsideRequest.objects.filter(status=OutsideStatus.OPENED).values_list("id", flat=True)
    return sum(end_outside(request_id=one, on=day_of(now)) is not None for one in list(open_))
