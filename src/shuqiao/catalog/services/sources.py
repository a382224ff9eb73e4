"""The authority names source departments; the spread of items is counted anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.models import (
    ChangeCounter,
    DataItem,
    DuplicateCursor,
    Entry,
    ItemSpread,
    SourceDesignation,
)
from shuqiao.catalog.onesource import items, rules
from shuqiao.catalog.onesource.jurisdictions import parents, root_of
from shuqiao.catalog.types import Status
from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, CaseRef, E


@transaction.atomic
def designate_source(
    *,
    actor: Actor,
    division: str,
    datum: str,
    department_id: UUID,
    reason: str,
    on: date,
    entry_id: UUID | None = None,
) -> SourceDesignation:
    """The bureau names the department that is the source of a datum (Decree 19, Dongchangfu 17). One named before
    ends on the same day for the same reason; the departments that hold the datum are told."""
    actor.demand(P.CATALOG_ENTRY_REVIEW, division=division)
    name = items.datum_of(datum)
    if not name:
        raise InvalidInput.one("数据项", "必填")
    department = organizations.get_department(department_id)
    holders = items.holders_of(datum, division)
    up = parents()
    facts = rules.SourceFacts(
        datum=datum,
        department=str(department_id),
        holders=frozenset(map(str, holders)),
        same_jurisdiction=root_of(department.division_id, up) == root_of(division, up),
        reason=reason,
    )
    decision = rules.may_designate(facts, organizations.regime_of(division, on)).or_raise()
    if (
        entry_id
        and not Entry.objects.filter(pk=entry_id, department=department, published__isnull=False).exists()
    ):
        raise InvalidInput.one("条目", "须是该部门已发布的条目")
    _end_the_one_before(
        actor=actor, division=division, datum=name, department=department, reason=reason, on=on
    )
    try:
        with transaction.atomic():
            made = SourceDesignation.objects.create(
                division_id=division, datum=name, department=department, entry_id=entry_id,
                reason=reason.strip()[:500], by_id=actor.user_id, on=on,
            )  # fmt: skip
    except IntegrityError:  # somebody named one at the same moment
        raise IllegalMove(f"“{datum}”的数源部门", "刚由别人确定", "再次确定") from None
    case = _case(made)
    events.record(
        E.SOURCE_DESIGNATED, actor=actor, case=case, on=on, decision=decision,
        data={"datum": name, "department": department.name, "reason": made.reason},
    )  # fmt: skip
    _tell_holders(made, datum, holders)
    return made


def _end_the_one_before(
    *, actor: Actor, division: str, datum: str, department: Department, reason: str, on: date
) -> None:
    """The designation in force ends when another department is named. Raises IllegalMove for the same one."""
    before = (
        SourceDesignation.objects.select_for_update()
        .filter(division=division, datum=datum, ended_on=None)
        .first()
    )
    if before is None:
        return
    if before.department_id == department.id:
        raise IllegalMove(f"“{datum}”的数源部门", f"已是{department.name}", "再次确定")
    _end(before, actor, f"改由{department.name}提供：{reason.strip()}", on)


def _tell_holders(made: SourceDesignation, datum: str, holders: Iterable[UUID]) -> None:
    """Every department that holds the datum hears who its source is."""
    name = made.department.name
    for holder in holders:
        told = (
            "请继续及时更新并统一提供"
            if holder == made.department_id
            else f"请向{name}共享获取，不再重复采集"
        )
        text = f"“{datum}”的数源部门是{name}，{told}。"
        procedures.notify(case=_case(made), department_id=holder, text=text)


def _case(row: SourceDesignation) -> CaseRef:
    return CaseRef(
        CaseKind.DEPARTMENT, row.department_id, row.department.short_name, f"数源部门：{row.datum}"[:100],
        f"/catalog/sources/?q={row.datum}",
    )  # fmt: skip


def _end(row: SourceDesignation, actor: Actor, reason: str, on: date) -> None:
    row.ended_on, row.end_reason = on, reason[:500]
    row.save(update_fields=["ended_on", "end_reason"])
    events.record(
        E.SOURCE_ENDED,
        actor=actor,
        case=_case(row),
        on=on,
        data={"datum": row.datum, "reason": row.end_reason},
    )
    procedures.notify(
        case=_case(row),
        department_id=row.department_id,
        text=f"不再是“{row.datum}”的数源部门：{reason}",
    )


@transaction.atomic
def end_designation(*, actor: Actor, designation_id: UUID, reason: str, on: date) -> SourceDesignation:
    """The bureau takes a designation back, with the reason."""
    row = items.get_designation_for(actor, designation_id, P.CATALOG_ENTRY_REVIEW)
    row = (
        SourceDesignation.objects.select_for_update(of=("self",)).select_related("department").get(pk=row.pk)
    )
    if row.ended_on is not None:
        raise IllegalMove(f"“{row.datum}”的数源部门", "已失效", "失效")
    if not reason.strip():
        raise InvalidInput.one("失效原因", "必填")
    _end(row, actor, reason.strip(), on)
    return row


Spread = dict[tuple[str, str, str], tuple[set[UUID], set[str], list[int]]]


def count_spread() -> int:
    """Count anew which items several departments hold, when entries changed since. Returns the number of items."""
    cursor, _ = DuplicateCursor.objects.get_or_create(pk=1)
    last = ChangeCounter.objects.values_list("last", flat=True).first() or 0
    if cursor.items_seen == last:
        return 0
    found = _spread()
    _write_spread(found)
    DuplicateCursor.objects.filter(pk=1).update(items_seen=last)
    return len(found)


def _spread() -> Spread:
    up = parents()
    rows = (
        DataItem.objects.filter(revision__status=Status.PUBLISHED, revision__entry__published__isnull=False)
        .order_by()
        .values_list("name", "data_type", "revision__entry__division_id", "revision__entry__department_id")
        .annotate(entries=Count("revision__entry_id"))
    )
    found: Spread = defaultdict(lambda: (set(), set(), [0]))
    for name, data_type, division, department, entries in rows.iterator(chunk_size=5_000):
        datum = items.datum_of(name)
        if datum and datum not in items.GENERIC:
            departments, names, count = found[root_of(division, up), datum, data_type]
            departments.add(department)
            names.add(name)
            count[0] += entries
    return {key: said for key, said in found.items() if len(said[0]) > 1}


@transaction.atomic
def _write_spread(found: Spread) -> None:
    known = {
        (row.division_id, row.datum, row.data_type): row for row in ItemSpread.objects.select_for_update()
    }
    new, changed = [], []
    for (division, datum, data_type), (departments, names, count) in found.items():
        row = known.pop((division, datum, data_type), None)
        said = (len(departments), count[0], sorted(names)[:50])
        if row is None:
            row = ItemSpread(division_id=division, datum=datum, data_type=data_type)
            new.append(row)
        elif (row.departments, row.entries, row.names) != said:
            changed.append(row)
        row.departments, row.entries, row.names = said
    ItemSpread.objects.bulk_create(new, batch_size=1_000)
    ItemSpread.objects.bulk_update(changed, ["departments", "entries", "names"], batch_size=500)
    gone = [row.pk for row in known.values()]
    for start in range(0, len(gone), 500):
        ItemSpread.objects.filter(pk__in=gone[start : start + 500]).delete()
