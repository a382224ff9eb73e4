"""How often the public may try something: tries are counted by a keyed hash, so that no address is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from shuqiao.kernel import InvalidInput
from shuqiao.organizations.models import Attempt

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` of one purpose by one key within `within`."""

    purpose: str
    tries: int
    within: timedelta

    @property
    def words(self) -> str:
        """How long to wait, for people."""
        minutes = int(self.within.total_seconds() // 60)
        return f"{minutes // 60} 小时" if minutes >= 60 else f"{minutes} 分钟"


def hashed(purpose: str, who: str) -> str:
    """What stands for an address or a name in the counted rows."""
    return salted_hmac(f"shuqiao.attempts.{purpose}", who.casefold(), algorithm="sha256").hexdigest()


def may_try(limit: Limit, who: str | None, *, at: datetime) -> bool:
    """Whether one more try is within the limit. Nobody to count (no address known) is never refused."""
    if not who:
        return True
    recent = Attempt.objects.filter(
        purpose=limit.purpose, key=hashed(limit.purpose, who), at__gt=at - limit.within
    )
    return recent.count() < limit.tries


@transaction.atomic
def count_try(limit: Limit, who: str | None, *, at: datetime) -> None:
    """Remember one try; forget those that no longer count."""
    if who:
        Attempt.objects.filter(at__lt=at - KEPT).delete()
        Attempt.objects.create(purpose=limit.purpose, key=hashed(limit.purpose, who), at=at)


def spend(tries: Sequence[tuple[Limit, str | None]], *, at: datetime) -> None:
    """Count one try against every limit, or say when to come back. Raises InvalidInput.

    Call it outside of the step's transaction: a refused or failed step has been a try all the same.
    """
    for limit, who in tries:
        if not may_try(limit, who, at=at):
            raise InvalidInput.one("频次", f"提交过于频繁，请 {limit.words}后再试")
    for limit, who in tries:
        count_try(limit, who, at=at)
