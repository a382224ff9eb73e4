"""What a search must know of the database before it asks the index: how far the changes have come, which words mean
the same, what departments and divisions are called. One query; names are kept for a few seconds."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection

from shuqiao.catalog.models import ChangeCounter, Synonyms
from shuqiao.catalog.search import synonyms
from shuqiao.catalog.search.counting import number_of
from shuqiao.catalog.search.documents import as_text, dashed
from shuqiao.catalog.search.synonyms import Group
from shuqiao.organizations.models import Department, Division

# How long a department that was renamed may still be found by its old name.
NAMES_SECONDS = 5.0
NAMED_MAX = 500


class Names:
    """Names of departments and divisions."""

    def __init__(self, departments: Iterable[tuple[str, str, str]], divisions: dict[str, str]) -> None:
        self.departments = {dashed(key): (name, short) for key, name, short in departments}
        self.divisions = divisions
        self._ids = list(self.departments)
        lines = [f"{name} {short}".lower() for name, short in self.departments.values()]
        self._starts, at = [], 0
        for line in lines:
            self._starts.append(at)
            at += len(line) + 1
        self._lines = "\n".join(lines)
        self._numbered = {number_of(key): key for key in self._ids}
        # Within a question the same word is asked for the finding and for the points.
        self._asked = lru_cache(maxsize=64)(self._holding)

    def of_number(self, number: int) -> str:
        """The id of the department that has this number in the index; empty when there is none (any more)."""
        return self._numbered.get(number, "")

    def holding(self, word: str) -> Sequence[str]:
        """Ids of the departments in whose name a word of two letters and more stands, at most 500."""
        return self._asked(word)

    def _holding(self, word: str) -> tuple[str, ...]:
        found: list[str] = []
        at = self._lines.find(word) if 1 < len(word) <= 64 else -1
        while at >= 0 and len(found) < NAMED_MAX:
            line = bisect_right(self._starts, at) - 1
            found.append(self._ids[line])
            at = self._lines.find(word, self._starts[line + 1]) if line + 1 < len(self._ids) else -1
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says now."""

    seq: int
    groups: tuple[Group, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class _Kept:
    signature: tuple[object, ...]
    read_at: float
    groups: tuple[Group, ...]
    names: Names


_kept: dict[str, _Kept] = {}


@lru_cache(maxsize=1)
def _question() -> str:
    """The number of the last change, and what tells that synonyms or departments were added or taken off."""
    changes, groups, departments = (
        connection.ops.quote_name(model._meta.db_table) for model in (ChangeCounter, Synonyms, Department)
    )
    return (
        f"SELECT (SELECT last FROM {changes} WHERE id = 1), "  # noqa: S608 - names of our own tables
        f"(SELECT count(*) FROM {groups}), (SELECT max(at) FROM {groups}), "
        f"(SELECT count(*) FROM {departments})"
    )


def known() -> Known:
    """What the database says now; names as of at most five seconds ago. One query, three when lists are read again."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        last, *signature = cursor.fetchone()
    kept = _kept.get(str(settings.HOME))
    now = time.monotonic()
    if kept is None or kept.signature != tuple(signature) or now - kept.read_at > NAMES_SECONDS:
        kept = _Kept(tuple(signature), now, synonyms.groups(), _names())
        _kept.clear()
        _kept[str(settings.HOME)] = kept
    return Known(last or 0, kept.groups, kept.names)


def _names() -> Names:
    departments = Department.objects.annotate(key=as_text("id")).order_by()
    return Names(
        departments.values_list("key", "name", "short_name"),
        dict(Division.objects.order_by().values_list("code", "short_name")),
    )
