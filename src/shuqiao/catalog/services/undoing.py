"""Taking an import back: its drafts go, except those somebody has worked on since."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, ForeignObjectRel, OuterRef, QuerySet

from shuqiao.accounts.types import Actor
from shuqiao.catalog import queries
from shuqiao.catalog.models import DataItem, Entry, ImportRecord, Revision
from shuqiao.catalog.services.changes import note_changes
from shuqiao.catalog.services.importing import demand_import
from shuqiao.catalog.types import Change, ImportStatus, Status
from shuqiao.kernel import RuleRefused
from shuqiao.kernel.decision import refuse
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E

KEPT_LEFT = 1_000
BATCH = 500


@transaction.atomic
def undo_import(*, actor: Actor, import_id: UUID, at: datetime, on: date) -> ImportRecord:
    """Remove the drafts of an import that nobody edited, put up for signature or submitted since; the others stay, and
    the record says which and why. RuleRefused when every one of them has been worked on."""
    record = queries.get_import_for(actor, import_id)
    demand_import(actor, record.department_id, record.division_id)
    record = ImportRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    record.move_to(ImportStatus.UNDONE)
    rows = Revision.objects.filter(imported_by=record).select_for_update(of=("self",))
    ids = list(rows.values_list("pk", flat=True))
    untouched = _untouched(record)
    removed = list(untouched.values_list("pk", "entry_id"))
    if not removed:
        raise RuleRefused(
            refuse("catalog.import.undo", "这次导入的条目都已有人修改、提请审签或报送，不能撤销；请逐条处理")
        )
    gone = {revision for revision, _ in removed}
    record.left = _left([one for one in ids if one not in gone])
    counts = _remove(removed)
    record.undone_at, record.undone_by_id = at, actor.user_id
    record.save()
    for department_id, count in counts.items():
        case = CaseRef(
            CaseKind.DEPARTMENT,
            department_id,
            "",
            f"撤销导入：{record.file_name}"[:300],
            f"/catalog/imports/{record.pk}/",
        )
        data = {"undone": count, "left": len(ids) - len(removed), "record": str(record.pk)}
        events.record(
            E.ENTRY_IMPORT_UNDONE, actor=actor, case=case, department_id=department_id, on=on, data=data
        )
    return record


def _untouched(record: ImportRecord) -> QuerySet[Revision]:
    """Its first drafts as they came: not saved since, no further revision, and nothing else points at the entry."""
    rows = (
        Revision.objects.filter(imported_by=record, status=Status.DRAFT, lock_version=1, number=1)
        .filter(entry__was_submitted=False, entry__published=None)
        .exclude(Exists(Revision.objects.filter(entry=OuterRef("entry_id"), number__gt=1)))
    )
    for relation in Entry._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.related_model is not Revision:
            others = relation.related_model._base_manager
            rows = rows.exclude(Exists(others.filter(**{relation.field.name: OuterRef("entry_id")})))
    return rows


def _left(ids: list[UUID]) -> list[dict[str, str]]:
    """What stays, by title, and why."""
    said = []
    for start in range(0, min(len(ids), KEPT_LEFT), BATCH):
        for one in Revision.objects.filter(pk__in=ids[start : start + BATCH]):
            if one.status != Status.DRAFT:
                why = f"已是“{Status(one.status).label}”"
            else:
                why = "导入后有人修改过" if one.lock_version > 1 else "已被别处引用"
            said.append({"title": one.title, "why": why, "revision": str(one.pk)})
    return said


def _remove(removed: list[tuple[UUID, UUID]]) -> Counter[UUID]:
    """Delete revisions and entries, batch by batch. Returns how many by department."""
    counts: Counter[UUID] = Counter()
    for start in range(0, len(removed), BATCH):
        some = removed[start : start + BATCH]
        revisions, entries = [one for one, _ in some], [one for _, one in some]
        rows = list(Entry.objects.filter(pk__in=entries))
        note_changes([(entry, None) for entry in rows], Change.TOUCHED)
        counts.update(
            dict(
                Entry.objects.filter(pk__in=entries)
                .values_list("department_id")
                .annotate(count=Count("pk"))
                .order_by()
            )
        )
        DataItem.objects.filter(revision__in=revisions).delete()
        Revision.objects.filter(pk__in=revisions).delete()
        Entry.objects.filter(pk__in=entries).delete()
    return counts
