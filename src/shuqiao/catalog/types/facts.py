"""What the apps above read of a published entry, and how they ask for entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

ORDERS = (("relevance", "相关度"), ("newest", "最近发布"), ("title", "名称"), ("code", "代码"))


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A data item with the attributes that hold for it: its own, or those of the entry."""

    id: UUID
    order: int
    name: str
    column: str
    data_type: str
    length: str
    is_key: bool
    nullable: bool
    dictionary: str
    sharing_type: str
    sharing_condition: str
    opening_type: str
    sensitive: str
    description: str


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """A published entry as sharing, resources and opening need to know it."""

    id: UUID
    code: str
    revision_id: UUID
    revision_number: int
    title: str
    summary: str
    division: str
    department_id: UUID
    department_name: str
    kind: str
    base_domain: str
    theme: str
    format_category: str
    format_type: str
    update_cycle: str
    sharing_type: str
    sharing_condition: str
    sharing_scope: str
    sharing_use: str
    sharing_reason: str
    sharing_basis: str
    sharing_basis_level: str
    method_category: str
    method_type: str
    opening_type: str
    opening_method: str
    opening_condition: str
    opening_basis: str
    opening_basis_level: str
    grade: str
    contact_name: str
    contact_phone: str
    items: tuple[ItemFacts, ...] = field(default=())

    def item(self, name: str) -> ItemFacts | None:
        """The item of this name."""
        return next((item for item in self.items if item.name == name), None)


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """What a list of entries is narrowed to. Several values of one filter are alternatives."""

    words: str = ""
    divisions: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    sharing: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    cycles: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    freshness: tuple[str, ...] = ()
    order: str = ""  # relevance, newest, title, code; empty: relevance when there are words, newest otherwise

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """The orders one may choose, and whether it is the one that holds; relevance only when there are words."""
        chosen = self.order or ("relevance" if self.words else "newest")
        return [
            (value, label, value == chosen) for value, label in ORDERS if self.words or value != "relevance"
        ]

    @property
    def any_set(self) -> bool:
        """Whether anything narrows the list."""
        return bool(
            self.words
            or self.divisions
            or self.departments
            or self.sharing
            or self.opening
            or self.formats
            or self.kinds
            or self.cycles
            or self.themes
            or self.freshness
        )
