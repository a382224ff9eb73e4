"""The content of a revision as REST takes it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.models import CONTENT_COLUMNS
from shuqiao.catalog.types import ItemContent, RevisionContent


class DataItemIn(Body):
    """One data item."""

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
    sensitive: str = ""
    base_item: bool = False
    description: str = ""


class ContentIn(Body):
    """The content of a revision; what is left out keeps the default of an empty form."""

    title: str
    english_name: str = ""
    summary: str = ""
    kind: str = "department"
    classification: str = ""
    theme: str = ""
    base_domain: str = ""
    inner_department: str = ""
    format_category: str = "database"
    format_type: str = ""
    format_note: str = ""
    update_cycle: str = ""
    update_note: str = ""
    priority_domains: str = ""
    collected: bool = False
    collection_method: str = ""
    sharing_type: str = "unconditional"
    sharing_condition: str = ""
    sharing_scope: str = ""
    sharing_use: str = ""
    sharing_reason: str = ""
    sharing_basis: str = ""
    sharing_basis_level: str = ""
    method_category: str = "platform"
    method_type: str = "interface"
    opening_type: str = "closed"
    opening_method: str = ""
    opening_condition: str = ""
    opening_basis: str = ""
    opening_basis_level: str = ""
    secrecy_mark: str = ""
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
    storage_gb: Decimal = Decimal(0)
    records_wan: Decimal = Decimal(0)
    shared_storage_gb: Decimal = Decimal(0)
    shared_records_wan: Decimal = Decimal(0)
    opened_storage_gb: Decimal = Decimal(0)
    opened_records_wan: Decimal = Decimal(0)
    items: list[DataItemIn] = []

    def content(self) -> RevisionContent:
        """As the services take it."""
        values = {name: getattr(self, name) for name in CONTENT_COLUMNS}
        return RevisionContent(**values, items=tuple(ItemContent(**item.dict()) for item in self.items))
