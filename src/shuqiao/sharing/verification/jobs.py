"""Duties of the worker."""

from __future__ import annotations

from datetime import datetime

from shuqiao.sharing.verification import attaching
from shuqiao.sharing.verification.correcting import notice_corrections

__all__ = ["notice_corrections", "sweep_attachments"]


def sweep_attachments(now: datetime) -> int:
    """Remove files that undone steps left behind; safe in many workers: removed once, a file is gone."""
    return attaching.sweep(now)
