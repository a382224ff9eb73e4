"""What a department writes into an entry, before it is a row: from a form, a sheet or the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shuqiao.catalog.types.lists import (
    BaseDomain,
    FormatCategory,
    Kind,
    MethodCategory,
    MethodType,
    OpeningType,
    SecrecyMark,
    Sensitive,
    SharingType,
)

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemContent:
    """One data item (信息项). Empty sharing or opening type: as the entry."""

    name: str
    column: str = ""
    data_type: str = ""
    length: str = ""
    is_key: bool = False
    nullable: bool = True
    dictionary: str = ""
    sharing_type: str = ""
    sharing_condition: str = ""
    method_category: str = ""
    method_type: str = ""
    opening_type: str = ""
    opening_condition: str = ""
    object_type: str = ""
    default_value: str = ""
    sensitive: str = Sensitive.NONE
    base_item: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class RevisionContent:
    """Everything a revision says. Names are those of the columns; what is empty is missing, not guessed."""

    title: str
    english_name: str = ""
    summary: str = ""
    kind: str = Kind.DEPARTMENT
    classification: str = ""
    theme: str = ""
    base_domain: str = BaseDomain.NONE
    inner_department: str = ""
    format_category: str = FormatCategory.DATABASE
    format_type: str = ""
    format_note: str = ""
    update_cycle: str = ""
    update_note: str = ""
    priority_domains: str = ""
    collected: bool = False
    collection_method: str = ""
    sharing_type: str = SharingType.UNCONDITIONAL
    sharing_condition: str = ""
    sharing_scope: str = ""
    sharing_use: str = ""
    sharing_reason: str = ""
    sharing_basis: str = ""
    sharing_basis_level: str = ""
    method_category: str = MethodCategory.PLATFORM
    method_type: str = MethodType.INTERFACE
    opening_type: str = OpeningType.CLOSED
    opening_method: str = ""
    opening_condition: str = ""
    opening_basis: str = ""
    opening_basis_level: str = ""
    secrecy_mark: str = SecrecyMark.NONE
    secrecy_assessed: bool = False
    personal_information_assessed: bool = False
    grade: str = ""
    source_system: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    published_on: date | None = None
    related_codes: str = ""
    online_address: str = ""
    ownership: str = ""
    management_mode: str = ""
    origin_mode: str = ""
    storage_gb: Decimal = ZERO
    records_wan: Decimal = ZERO
    shared_storage_gb: Decimal = ZERO
    shared_records_wan: Decimal = ZERO
    opened_storage_gb: Decimal = ZERO
    opened_records_wan: Decimal = ZERO
    items: tuple[ItemContent, ...] = field(default=())


def cell_name(column: str, row: int) -> str:
    """A cell as people write it: H14; in a file without lettered columns 第 14 行“标题”."""
    return f"第 {row} 行{column}" if column.startswith("“") else f"{column}{row}"


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One thing wrong with a sheet: where it is, what to do, and whether it keeps the entry out."""

    sheet: str
    cell: str
    what: str
    entry: str = ""
    blocks: bool = True

    @property
    def where(self) -> str:
        """Sheet and cell as people write it: 目录!H14."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def to_json(self) -> dict[str, str]:
        """The form kept in the import record."""
        return {
            "where": self.where,
            "what": self.what,
            "entry": self.entry,
            "blocks": "1" if self.blocks else "",
        }


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One resource read from a sheet: its content, the code and provider the sheet gives, and where it stands."""

    content: RevisionContent
    code: str
    provider: str
    provider_code: str
    sheet: str
    first_row: int
    last_row: int
    letters: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[SheetProblem, ...] = field(default=())

    def problem(self, column: str, what: str, *, blocks: bool = True) -> SheetProblem:
        """A problem at this entry's first row, in the column that holds `column`."""
        letter = self.letters.get(column) or self.letters.get("title", "")
        cell = cell_name(letter, self.first_row) if letter else f"第{self.first_row}行"
        return SheetProblem(self.sheet, cell, what, self.content.title, blocks)

    @property
    def is_good(self) -> bool:
        """Nothing keeps it out."""
        return not any(problem.blocks for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read: the entries found and every problem, those of the sheet itself first. `layout`: a, b, c of the
    sheets of a workbook, or m for a saved mapping."""

    drafts: tuple[EntryDraft, ...]
    sheet_problems: tuple[SheetProblem, ...]
    rows: int
    layout: str = ""

    @property
    def problems(self) -> tuple[SheetProblem, ...]:
        """All problems in the order of the sheet."""
        return self.sheet_problems + tuple(problem for draft in self.drafts for problem in draft.problems)
