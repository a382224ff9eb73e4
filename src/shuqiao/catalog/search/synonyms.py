"""Words that mean the same: ours, and those the bureau keeps."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from shuqiao.catalog.models import Synonyms
from shuqiao.catalog.searching import normalized

LIST = Path(__file__).with_name("synonyms.toml")
Group = tuple[str, ...]


@lru_cache(maxsize=1)
def built_in() -> tuple[Group, ...]:
    """The groups that come with the platform."""
    with LIST.open("rb") as file:
        return tuple(_group(words) for words in tomllib.load(file)["groups"])


def groups() -> tuple[Group, ...]:
    """All groups, those of the bureau first. One query."""
    kept = tuple(_group(words) for words in Synonyms.objects.values_list("words", flat=True))
    return _joined(kept + built_in())


@lru_cache(maxsize=8)
def _joined(every: tuple[Group, ...]) -> tuple[Group, ...]:
    """Groups that share a word are one."""
    joined: list[list[str]] = []
    for group in every:
        touching = [known for known in joined if set(known) & set(group)]
        joined = [known for known in joined if known not in touching]
        joined.append(list(dict.fromkeys([*group, *(word for known in touching for word in known)])))
    return tuple(tuple(group) for group in joined)


def _group(words: list[str]) -> Group:
    return tuple(filter(None, (normalized(str(word)).replace(" ", "") for word in words)))
