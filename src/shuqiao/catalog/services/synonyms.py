"""The bureau's list of words that a search takes for one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.models import Synonyms
from shuqiao.catalog.searching import normalized
from shuqiao.kernel import InvalidInput, NotFound, Problem
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E

GROUPS_MAX, WORDS_MAX, WORD_MAX = 1_000, 20, 30


@transaction.atomic
def save_synonyms(*, actor: Actor, words: Sequence[str], at: datetime) -> Synonyms:
    """Words that from the next search on are found for one another. Raises InvalidInput for fewer than two."""
    actor.demand(P.CATALOG_ENTRY_REVIEW)
    kept = list(dict.fromkeys(filter(None, (normalized(word).replace(" ", "") for word in words))))
    if not 2 <= len(kept) <= WORDS_MAX:
        raise InvalidInput([Problem("words", f"写明两个至{WORDS_MAX}个词，用顿号、逗号或空格隔开")])
    if long := [word for word in kept if len(word) > WORD_MAX]:
        raise InvalidInput([Problem("words", f"“{long[0][:WORD_MAX]}…”太长，每个词不超过{WORD_MAX}个字")])
    if Synonyms.objects.count() >= GROUPS_MAX:
        raise InvalidInput([Problem("words", f"最多保存{GROUPS_MAX}组，请先删除不用的")])
    group = Synonyms.objects.create(words=kept, by_id=actor.user_id, at=at)
    events.record(E.SYNONYMS_SAVED, actor=actor, case=_case(group), data={"words": kept})
    return group


@transaction.atomic
def remove_synonyms(*, actor: Actor, group_id: UUID) -> None:
    """Take a group off the list. Raises NotFound when it is not there any more."""
    actor.demand(P.CATALOG_ENTRY_REVIEW)
    group = Synonyms.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise NotFound("同义词")
    case, words = _case(group), group.words
    group.delete()
    events.record(E.SYNONYMS_REMOVED, actor=actor, case=case, data={"words": words})


def _case(group: Synonyms) -> CaseRef:
    """A group has no number: its words tell which it is."""
    return CaseRef(CaseKind.SYNONYMS, group.id, "", "、".join(group.words)[:300], "/catalog/synonyms/")
