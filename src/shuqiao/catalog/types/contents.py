"""What a department writes into an entry, before it is a row: from a form, a sheet or the API."""

from __future__ import annotations

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
    opening_type: str = ""
    sensitive: str = Sensitive.NONE
    base_item: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class RevisionContent:
    """Everything a revision says. Names are those of the columns; what is empty is missing, not guessed."""

    title: str
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
    storage_gb: Decimal = ZERO
    records_wan: Decimal = ZERO
    shared_storage_gb: Decimal = ZERO
    shared_records_wan: Decimal = ZERO
    opened_storage_gb: Decimal = ZERO
    opened_records_wan: Decimal = ZERO
    items: tuple[ItemContent, ...] = field(default=())


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
