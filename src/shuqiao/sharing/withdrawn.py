"""That an entry has left the catalogue since, in the words every page and every refusal uses. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shuqiao.kernel.time import day_of, in_chinese

NOT_PUBLISHED = "申请的数据资源已不再发布"


class Leaving(Protocol):
    """An entry of the catalogue, as far as it says whether it is still in force."""

    @property
    def published_id(self) -> object: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def withdrawn_reason(self) -> str: ...


def said_of(entry: Leaving) -> str:
    """When the entry was withdrawn, and why; empty while it is in force, or was never published."""
    if entry.published_id or entry.withdrawn_at is None:
        return ""
    return f"目录条目已于{in_chinese(day_of(entry.withdrawn_at))}撤下（{entry.withdrawn_reason}）"
