"""Duties of the worker."""

from shuqiao.sharing.verification.correcting import notice_corrections

__all__ = ["notice_corrections"]
