"""Counting the reads of a grant: so many a minute, so many a day, and what the client is told of it (RateLimit headers
of draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

from datetime import datetime

from shuqiao.gateway.answers import Headers
from shuqiao.gateway.citing import SCOPE, articles_of
from shuqiao.gateway.grants import Held
from shuqiao.gateway.limits import Taken
from shuqiao.gateway.memory import Memory
from shuqiao.gateway.refusals import Refused

_DAY = 86_400


def count_reads(memory: Memory, held: Held, *, reads: int, rate: int | None, at: datetime) -> Headers:
    """Count one request and its `reads` against the grant's limits, where it has any; the headers that say what is
    left. `rate` counts where the grant names none. Raises Refused (429)."""
    if held.row is None:
        return []
    per_minute, quota = held.row.rate_per_minute or rate, held.row.daily_quota
    policies, left = [], []
    if per_minute is not None:
        taken = memory.rate.take(held.id, per_minute, now=at.timestamp())
        policies.append(f'"minute";q={per_minute};w=60')
        left.append(f'"minute";r={taken.left};t={max(1, taken.seconds)}')
        if not taken.allowed:
            raise _too_fast(held, per_minute, taken, at)
    if quota is not None:
        taken = memory.quota.take(held.id, quota, on=at.date(), reads=reads)
        policies.append(f'"day";q={quota};w={_DAY}')
        left.append(f'"day";r={taken.left};t={_until_midnight(at)}')
        if not taken.allowed:
            raise _used_up(held, quota, taken, reads=reads, at=at)
    if not policies:
        return []
    return [
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(left).encode()),
    ]


def _too_fast(held: Held, per_minute: int, taken: Taken, at: datetime) -> Refused:
    reason = f"授权每分钟最多 {per_minute} 次，请在 {taken.seconds} 秒后再试"
    basis = articles_of(SCOPE, held.named, at.date())
    refused = Refused.later("gateway.limit.rate", reason, *basis, seconds=taken.seconds)
    refused.headers["ratelimit-policy"] = f'"minute";q={per_minute};w=60'
    refused.headers["ratelimit"] = f'"minute";r=0;t={taken.seconds}'
    return refused


def _until_midnight(at: datetime) -> int:
    return _DAY - (at.hour * 3600 + at.minute * 60 + at.second)


def _used_up(held: Held, quota: int, taken: Taken, *, reads: int, at: datetime) -> Refused:
    seconds = _until_midnight(at)
    reason = f"授权每日最多 {quota} 次，今天已用完"
    if taken.left:
        reason = f"授权每日最多 {quota} 次，今天还剩 {taken.left} 次，这个请求要 {reads} 次"
    basis = articles_of(SCOPE, held.named, at.date())
    refused = Refused.later("gateway.limit.quota", reason, *basis, seconds=seconds)
    refused.headers["ratelimit-policy"] = f'"day";q={quota};w={_DAY}'
    refused.headers["ratelimit"] = f'"day";r={taken.left};t={seconds}'
    return refused
