"""Duties of the worker for the catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta

from shuqiao.catalog import services, staging

KEPT = timedelta(days=30)


def clear_stale_imports(now: datetime) -> int:
    """Uploaded sheets that nobody confirmed for 30 days are given up and their files removed."""
    expired = services.expire_imports(before=now - KEPT)
    for record_id in expired:
        staging.clear(record_id)
    return len(expired)
