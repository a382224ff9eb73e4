"""Reads of data items held by several departments, and of who is their source."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from shuqiao.accounts.types import PLATFORM, Actor, P
from shuqiao.catalog import search
from shuqiao.catalog.models import DataItem, Entry, ItemSpread, SourceDesignation
from shuqiao.catalog.models.revisions import datum_of as datum_of  # noqa: PLC0414 - for those who ask for items
from shuqiao.catalog.onesource.jurisdictions import below, chain_of, parents, root_of
from shuqiao.catalog.types import EntryFilters, SharingType, Status
from shuqiao.kernel import NotFound

# Items every table has: their spread says nothing.
GENERIC = frozenset(
    {
        "名称", "备注", "序号", "编号", "类型", "状态", "日期", "时间", "年份", "年度", "月份", "数量", "单位",
        "说明", "描述", "内容", "标题", "代码", "id", "主键", "创建时间", "更新时间", "修改时间", "创建人",
        "修改人", "更新日期", "发布时间", "数据更新时间", "数据来源", "是否有效", "是否删除", "排序", "版本号",
        "图片", "附件", "链接", "url",
    }
)  # fmt: skip


def list_spread(*, division: str = "", words: str = "") -> QuerySet[ItemSpread]:
    """Items held by at least two departments, the widest spread first."""
    rows = ItemSpread.objects.select_related("division")
    if division:
        rows = rows.filter(division=root_of(division, parents()))
    return rows.filter(datum__contains=datum_of(words)) if words.strip() else rows


def get_spread(spread_id: UUID) -> ItemSpread:
    """One item's spread. Raises NotFound."""
    spread = ItemSpread.objects.select_related("division").filter(pk=spread_id).first()
    if spread is None:
        raise NotFound("数据项")
    return spread


def items_of_spread(spread: ItemSpread) -> QuerySet[DataItem]:
    """The published items themselves, by department."""
    return (
        DataItem.objects.filter(
            name__in=spread.names,
            data_type=spread.data_type,
            revision__status=Status.PUBLISHED,
            revision__entry__division__in=below(spread.division_id, parents()),
        )
        .select_related("revision__entry__department", "revision__entry__division")
        .order_by("revision__entry__department__name", "revision__title", "order")
    )


def holders_of(datum: str, division: str) -> dict[UUID, str]:
    """Departments of the jurisdiction whose published entries hold an item of this name: id and name."""
    up = parents()
    rows = DataItem.objects.filter(
        datum=datum_of(datum),
        revision__status=Status.PUBLISHED,
        revision__entry__division__in=below(root_of(division, up), up),
    )
    pairs = rows.order_by().values_list("revision__entry__department_id", "revision__entry__department__name")
    return dict(pairs.distinct())


def designations(*, division: str = "", datum: str = "") -> QuerySet[SourceDesignation]:
    """Source departments that count now."""
    rows = SourceDesignation.objects.filter(ended_on=None).select_related(
        "department", "division", "entry__published"
    )
    if division:
        rows = rows.filter(division__in=chain_of(division, parents()))
    return rows.filter(datum=datum_of(datum)) if datum else rows


def history_of_source(division: str, datum: str) -> list[SourceDesignation]:
    """All that was ever named for a datum, newest first."""
    rows = SourceDesignation.objects.filter(division=division, datum=datum_of(datum))
    return list(rows.select_related("department").order_by("-on", "-id"))


def get_designation_for(actor: Actor, designation_id: UUID, permission: P) -> SourceDesignation:
    """A designation the actor may change. Everybody signed in sees it: not allowed is NotAllowed."""
    row = SourceDesignation.objects.select_related("department", "division").filter(pk=designation_id).first()
    if row is None:
        raise NotFound("数源部门")
    actor.demand(permission, division=row.division_id)
    return row


@dataclass(frozen=True, slots=True)
class SourceLine:
    """An item of an entry with its source department. `own`: the entry's department is that source."""

    item: str
    designation: SourceDesignation
    own: bool = field(default=False)


def sources_of_items(division: str, names: Iterable[str]) -> dict[str, SourceDesignation]:
    """The source that counts for each of these item names in a division: the nearest division's word goes first."""
    chain = chain_of(division, parents())
    wanted = {datum_of(name) for name in names}
    rows = SourceDesignation.objects.filter(ended_on=None, division__in=chain, datum__in=wanted)
    found: dict[str, SourceDesignation] = {}
    for row in sorted(rows.select_related("department"), key=lambda row: -chain.index(row.division_id)):
        found[row.datum] = row
    return found


def sources_of_entry(entry: Entry) -> list[SourceLine]:
    """For each item of a published entry that has a source department: which, and whether it is its own."""
    if entry.published_id is None:
        return []
    names = list(
        DataItem.objects.filter(revision=entry.published_id).order_by("order").values_list("name", flat=True)
    )
    found = sources_of_items(entry.division_id, names)
    return [
        SourceLine(name, found[datum_of(name)], found[datum_of(name)].department_id == entry.department_id)
        for name in names
        if datum_of(name) in found
    ]


# The easiest way to have an item goes first.
EASIEST = (SharingType.UNCONDITIONAL, SharingType.CONDITIONAL, SharingType.NONE)
LIKE_FROM, LIKE_LOOKED = 3, 200  # characters of a name worth looking for in others; entries looked at


@dataclass(frozen=True, slots=True)
class ItemHolding:
    """A published item that answers a wanted one."""

    wanted: str
    item: str
    entry: Entry
    sharing_type: str
    exact: bool


def holdings_of(
    division: str,
    names: Collection[str],
    *,
    asking: UUID | None = None,
    per_name: int = 8,
    alike: bool = True,
) -> list[ItemHolding]:
    """Published items of the jurisdiction that answer the wanted ones, for the check before collecting (Shenyang 14,
    Decree 19). Items of the very name come first, however many are named alike: those of the department that asks,
    then the most freely shared, so that what is cut off at `per_name` never changes the answer. With room left and
    `alike`, items whose names hold the wanted one follow. The first are found by index, the others by the search."""
    up = parents()
    within = below(root_of(division, up), up)
    found: list[ItemHolding] = []
    for name in dict.fromkeys(names):
        exact = _named_so(name, within, asking, per_name)
        found += exact
        if alike and len(exact) < per_name:
            found += _named_like(name, within, per_name - len(exact))
    return found


def _named_so(name: str, within: list[str], asking: UUID | None, most: int) -> list[ItemHolding]:
    """Items of this very name: own ones, then the easiest to be had."""
    datum = datum_of(name)
    if not datum:
        return []
    kind = Case(When(sharing_type="", then=F("revision__sharing_type")), default=F("sharing_type"))
    own = [When(revision__entry__department=asking, then=Value(0))] if asking else []
    ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(EASIEST, 1)]
    rows = (
        DataItem.objects.filter(
            datum=datum, revision__status=Status.PUBLISHED, revision__entry__division__in=within
        )
        .annotate(kind=kind)
        .annotate(rank=Case(*own, *ranks, default=Value(len(EASIEST) + 1), output_field=IntegerField()))
        .order_by("rank", "revision__entry__code", "order")
    )
    chosen = list(rows.values_list("pk", flat=True)[:most])
    items = DataItem.objects.select_related("revision__entry__department").in_bulk(chosen)
    return [_holding(name, items[one], exact=True) for one in chosen if one in items]


def _named_like(name: str, within: list[str], most: int) -> list[ItemHolding]:
    """Items whose names hold this one, of entries that a search for it finds: a hint, which decides nothing."""
    datum = datum_of(name)
    if len(datum) < LIKE_FROM:
        return []
    asked = EntryFilters(words=name.replace("\0", "")[:100], divisions=tuple(within))
    hits = search.find(PLATFORM, asked, limit=LIKE_LOOKED, facets=False).hits
    told = [
        hit.revision_id for hit in hits if any(datum in one != datum for one in map(datum_of, hit.line.items))
    ][:most]
    rows = (
        DataItem.objects.filter(revision__in=told, revision__status=Status.PUBLISHED)
        .exclude(datum=datum)
        .select_related("revision__entry__department")
        .order_by("revision__entry__code", "order")
    )
    return [_holding(name, row, exact=False) for row in rows if datum in row.datum][:most]


def _holding(wanted: str, item: DataItem, *, exact: bool) -> ItemHolding:
    entry = item.revision.entry
    entry.published = item.revision
    return ItemHolding(wanted, item.name, entry, item.sharing_type or item.revision.sharing_type, exact)
