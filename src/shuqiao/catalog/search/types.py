"""What is asked of the search, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from shuqiao.catalog.search.words import Term


class View(Enum):
    """Which documents are asked: published entries as officials or as the public see them, the revisions of the
    actor's own departments, or everything the actor may see."""

    SHARED = "shared"
    PUBLIC = "public"
    OWN = "own"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found."""

    entry_id: UUID
    revision_id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search: the hits of one page in order, how many there are in all, and the facets' counts.

    `loose`: no entry holds all the words, these hold some of them. `terms`: the words as they were understood.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    terms: tuple[Term, ...] = field(default=())
    loose: bool = False

    @property
    def entry_ids(self) -> list[UUID]:
        """Entries of the page in their order."""
        return [hit.entry_id for hit in self.hits]

    @property
    def revision_ids(self) -> list[UUID]:
        """Revisions of the page in their order."""
        return [hit.revision_id for hit in self.hits]
