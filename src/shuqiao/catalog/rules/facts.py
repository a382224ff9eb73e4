"""What the rules look at."""

from __future__ import annotations

from dataclasses import dataclass

from shuqiao.catalog.types import RevisionContent
from shuqiao.kernel import Article


@dataclass(frozen=True, slots=True)
class RevisionFacts:
    """What the rules look at: the content, and whether the head of the sharing body has consented."""

    content: RevisionContent
    consented: bool = False


Missing = tuple[str, str, tuple[Article, ...]]
