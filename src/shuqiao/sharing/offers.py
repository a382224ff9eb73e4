"""What a published entry and its table offer to a request: the bridge from catalogue and resources to the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.resources import queries as resources
from shuqiao.resources.types import ColumnFacts, Mode, ResourceFacts
from shuqiao.sharing.types import Offer, Scope
from shuqiao.store import Column as StoreColumn
from shuqiao.store import ColumnType, Condition, Mask
from shuqiao.store.binding import bind_predicate

# Every read through a grant evaluates its condition, and the grant book carries it to every gateway.
PREDICATES_MAX, VALUES_MAX, VALUE_LENGTH = 30, 1000, 200
# What a data item of the catalogue's types becomes; whatever is not here is text until data is mounted.
_TYPES = {"D": ColumnType.DATE, "T": ColumnType.DATETIME, "I": ColumnType.INTEGER, "L": ColumnType.BOOLEAN}
_TYPES |= dict.fromkeys("NYBF", ColumnType.DECIMAL)


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
    """A published entry with one of its tables, column by column. Without a table, while nothing is mounted: then
    the data items of the entry stand in for the columns. `gone`: no longer offered, and why, in words."""

    entry: EntryFacts
    table: ResourceFacts | None
    columns: tuple[Column, ...]
    gone: str = ""

    @property
    def resource_id(self) -> UUID | None:
        """The table, where there is one."""
        return self.table.id if self.table else None

    @property
    def provider_id(self) -> UUID:
        """The department that answers."""
        return self.table.department_id if self.table else self.entry.department_id

    @property
    def division(self) -> str:
        """The division whose regime holds."""
        return self.table.division if self.table else self.entry.division

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The ways of handing over: the table's; every one while they are not known."""
        return self.table.modes if self.table else tuple(Mode)

    def offer(self) -> Offer:
        """The facts that rules look at."""
        return Offer(
            sharing_type=self.entry.sharing_type,
            masks={column.name: column.masks for column in self.columns if column.sharing_type != "none"},
            types={column.name: column.sharing_type for column in self.columns},
            modes=frozenset(mode.value for mode in self.modes),
            basis=self.entry.sharing_basis,
            reason=self.entry.sharing_reason,
            gone=self.gone,
        )

    def labels(self) -> dict[str, str]:
        """The item's name of each column."""
        return {column.name: column.label for column in self.columns}


def listing_of(entry_id: UUID, resource_id: UUID | None = None) -> Listing:
    """The entry with the named table, or its first; bare when nothing is mounted. Raises NotFound when the entry is
    not published, or has no such table."""
    entry = catalog.facts_of(entry_id)
    tables = resources.list_resources_of_entry(entry_id)
    table = next((one for one in tables if resource_id in {None, one.id}), None)
    if table is None and resource_id is None:
        return _bare(entry)
    if table is None:
        raise NotFound("这个目录条目下已发布的资源")
    return Listing(entry, table, tuple(_column(column, entry, table) for column in table.columns))


def listing_asked_of(entry_id: UUID, resource_id: UUID | None) -> Listing:
    """The listing that a request was made from. What was asked for by data items stays so when data is mounted."""
    return listing_of(entry_id, resource_id) if resource_id else _bare(catalog.facts_of(entry_id))


def listing_kept(entry: EntryFacts, asked: Iterable[tuple[str, str, str]], gone: str) -> Listing:
    """What a case says it is about, from the entry as it was: `asked` are column, item and mask. For cases whose entry,
    or whose table, is no longer offered."""
    bare = _bare(entry)
    names = {item: (name, mask) for name, item, mask in asked}
    columns = tuple(
        replace(column, name=names[column.label][0], masks=column.masks | {names[column.label][1]})
        if column.label in names
        else column
        for column in bare.columns
    )
    return replace(bare, columns=columns, gone=gone)


def _bare(entry: EntryFacts) -> Listing:
    """The entry by its data items, before anything is mounted on it."""
    columns = tuple(
        Column(
            name=item.name,
            label=item.name,
            type=_TYPES.get(item.data_type, ColumnType.TEXT).value,
            sharing_type=item.sharing_type or entry.sharing_type,
            condition=item.sharing_condition,
            sensitive=bool(item.sensitive),
            is_key=item.is_key,
            masks=frozenset(
                mask.value for mask in Mask if mask.fits(_TYPES.get(item.data_type, ColumnType.TEXT))
            ),
        )
        for item in entry.items
    )
    return Listing(entry, None, columns)


def in_columns(scope: Scope, listing: Listing) -> tuple[Scope, tuple[str, ...]]:
    """A scope that was asked for by data items, in the columns of the table that carries them now; and the items
    that no column carries yet."""
    columns = {column.label: column.name for column in listing.columns}
    named = [name for name, _ in scope.items] + [predicate["column"] for predicate in scope.where]
    missing = tuple(dict.fromkeys(name for name in named if name not in columns))
    if missing:
        return scope, missing
    return replace(
        scope,
        items=tuple((columns[name], mask) for name, mask in scope.items),
        where=tuple({**predicate, "column": columns[predicate["column"]]} for predicate in scope.where),
    ), ()


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
