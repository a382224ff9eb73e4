"""What is asked of the search, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from shuqiao.catalog.search.words import Term


class View(Enum):
    """Which documents are asked: published entries as officials or as the public see them, the revisions of the
    actor's own departments, or everything the actor may see."""

    SHARED = "shared"
    PUBLIC = "public"
    OWN = "own"
    SEEN = "seen"


class Line(NamedTuple):
    """What a list shows of a document, kept in the index with it: only what those who find it may see. Days are
    written as in ISO 8601; what there is not, or may not be shown, is empty."""

    entry: str
    revision: str
    title: str
    summary: str
    code: str
    division: str
    department: str
    data_updated_on: str | None
    published_on: str | None
    format_category: str
    update_cycle: str
    sharing_type: str
    sharing_basis: str
    opening_type: str
    opening_basis: str
    items: list[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found."""

    line: Line

    @property
    def entry_id(self) -> UUID:
        """The entry."""
        return UUID(self.line.entry)

    @property
    def revision_id(self) -> UUID:
        """Its revision."""
        return UUID(self.line.revision)

    @property
    def title(self) -> str:
        """The title as it was written."""
        return self.line.title


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
