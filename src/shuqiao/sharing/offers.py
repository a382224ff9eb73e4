"""What a published entry and its table offer to a request: the bridge from catalogue and resources to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ColumnFacts, ResourceFacts
from shuqiao.sharing.types import Offer, Scope
from shuqiao.store import Column as StoreColumn
from shuqiao.store import ColumnType, Condition, Mask
from shuqiao.store.binding import bind_predicate

# Every read through a grant evaluates its condition, and the grant book carries it to every gateway.
PREDICATES_MAX, VALUES_MAX, VALUE_LENGTH = 30, 1000, 200


@dataclass(frozen=True, slots=True)
class Column:
    """One column that can be asked for, with the data item it carries."""

    name: str
    label: str
    type: str
    sharing_type: str
    condition: str
    sensitive: bool
    is_key: bool
    masks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """A published entry with one of its tables, column by column."""

    entry: EntryFacts
    table: ResourceFacts
    columns: tuple[Column, ...]

    def offer(self) -> Offer:
        """The facts that rules look at."""
        return Offer(
            sharing_type=self.entry.sharing_type,
            masks={column.name: column.masks for column in self.columns if column.sharing_type != "none"},
            types={column.name: column.sharing_type for column in self.columns},
            modes=frozenset(mode.value for mode in self.table.modes),
            basis=self.entry.sharing_basis,
            reason=self.entry.sharing_reason,
        )

    def labels(self) -> dict[str, str]:
        """The item's name of each column."""
        return {column.name: column.label for column in self.columns}


def listing_of(entry_id: UUID, resource_id: UUID | None = None) -> Listing:
    """The entry with the named table, or its first. Raises NotFound when nothing is mounted."""
    entry = catalog.facts_of(entry_id)
    tables = resources.list_resources_of_entry(entry_id)
    table = next((one for one in tables if resource_id in {None, one.id}), None)
    if table is None:
        raise NotFound("这个目录条目下已发布的资源")
    return Listing(entry, table, tuple(_column(column, entry, table) for column in table.columns))


def _column(column: ColumnFacts, entry: EntryFacts, table: ResourceFacts) -> Column:
    item = next((item for item in entry.items if item.id == column.item), None)
    keys = {name for key in table.lookup_keys for name in key}
    kind = ColumnType(column.type)
    if table.file is not None:  # a file is asked for whole, under the conditions of its entry
        return Column(
            name=column.name,
            label=f"{table.file.filename}（整份文件）",
            type=column.type,
            sharing_type=entry.sharing_type,
            condition="",
            sensitive=column.sensitive,
            is_key=False,
            masks=frozenset({Mask.NONE.value}),
        )
    return Column(
        name=column.name,
        label=item.name if item else column.name,
        type=column.type,
        # A column that the entry does not list is not offered: the catalogue is what one asks by (Decree 20).
        sharing_type=(item.sharing_type or entry.sharing_type) if item else "none",
        condition=item.sharing_condition if item else "目录条目没有列出这一项",
        sensitive=column.sensitive or bool(item and item.sensitive),
        is_key=column.name in keys,
        masks=frozenset(mask.value for mask in Mask if mask.fits(kind)),
    )


def check_where(listing: Listing, condition: Condition) -> None:
    """Raises InvalidInput when a value of the condition cannot be one of its column; columns that the table does
    not have are the rules' business."""
    if len(condition.all) > PREDICATES_MAX or any(
        len(predicate.values) > VALUES_MAX
        or any(len(str(value)) > VALUE_LENGTH for value in predicate.values)
        for predicate in condition.all
    ):
        what = f"最多 {PREDICATES_MAX} 行，每行最多 {VALUES_MAX} 个取值，每个最多 {VALUE_LENGTH} 字"
        raise InvalidInput.one("行条件", what)
    columns = {
        column.name: StoreColumn(column.name, f"c{place}", ColumnType(column.type))
        for place, column in enumerate(listing.columns, 1)
    }
    for predicate in condition.all:
        if predicate.column in columns:
            bind_predicate(columns[predicate.column], predicate)


def check_scope(listing: Listing, scope: Scope) -> None:
    """`check_where` of a scope."""
    check_where(listing, Condition.from_json([dict(predicate) for predicate in scope.where]))
