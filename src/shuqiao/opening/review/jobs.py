"""What needs a review and has none: begun by the platform, so that somebody hears of it."""

from __future__ import annotations

from datetime import datetime

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import queries as catalog
from shuqiao.kernel.time import day_of
from shuqiao.opening.review import queries, services
from shuqiao.opening.review.rules import OPEN_TYPES
from shuqiao.opening.review.types import ReviewStatus
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ResourceFacts

# After these nobody is asked again by the platform: the provider has said what it wants.
DECIDED = frozenset({ReviewStatus.STOPPED, ReviewStatus.CANCELLED})


def begin_due_reviews(now: datetime) -> int:
    """Published data of an open entry that no review covers (never reviewed, or the new version has other columns or
    newly suspected personal data) gets one, and its provider an inbox line. Returns how many were begun."""
    waiting = [table for table in resources.list_published() if table.offer is None]
    kinds = catalog.facts_of_many({table.entry_id for table in waiting})
    begun = 0
    for table in waiting:
        entry = kinds.get(table.entry_id)
        if entry is not None and entry.opening_type in OPEN_TYPES and _is_due(table):
            last = queries.last_of(table.id)
            why = (
                "新版本的列或者疑似个人信息与审查时不同，重新审查之前不开放"
                if last
                else "数据已发布，开放之前须审查"
            )
            services.begin_review(actor=PLATFORM, resource_id=table.id, why=why, on=day_of(now))
            begun += 1
    return begun


def _is_due(table: ResourceFacts) -> bool:
    last = queries.last_of(table.id)
    if last is None:
        return True
    if last.status in DECIDED:
        return False
    return last.status == ReviewStatus.OPENED
