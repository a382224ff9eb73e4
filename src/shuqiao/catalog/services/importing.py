"""Batch import of a sheet: checked first, with every problem kept; then its good entries taken over in one step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries
from shuqiao.catalog.models import DataItem, Entry, ImportRecord, Revision
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.services.changes import note_changes
from shuqiao.catalog.services.codes import hold_codes
from shuqiao.catalog.types import Change, EntryDraft, ImportStatus, Reading, RevisionContent, Status
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.ids import new_id
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E

Key = tuple[str, str, str]


@transaction.atomic
def check_import(
    *, actor: Actor, department_id: UUID, reading: Reading, file_name: str, sha256: str, at: datetime
) -> ImportRecord:
    """Judge a sheet for a department without importing anything: the record keeps the whole report."""
    department = organizations.get_department(department_id)
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department.id)
    judged = _judged(reading, department)
    return ImportRecord.objects.create(
        department=department,
        file_name=file_name[:200],
        sha256=sha256,
        by_id=actor.user_id,
        by_name=actor.name,
        at=at,
        rows=judged.rows,
        found=len(judged.drafts),
        good=sum(draft.is_good for draft in judged.drafts),
        problems=[problem.to_json() for problem in judged.problems],
    )


@transaction.atomic
def confirm_import(
    *, actor: Actor, import_id: UUID, reading: Reading, sha256: str, at: datetime, on: date
) -> ImportRecord:
    """Take over the good entries of a checked sheet as drafts, all in one transaction. The sheet is judged anew,
    since entries may have come meanwhile; another file than the one checked is refused."""
    record = queries.get_import_for(actor, import_id)
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=record.department_id)
    record = (
        ImportRecord.objects.select_for_update(of=("self",)).select_related("department").get(pk=record.pk)
    )
    if sha256 != record.sha256:
        raise InvalidInput.one("文件", "不是检查过的那一份，请重新上传")
    record.move_to(ImportStatus.IMPORTED)
    hold_codes(record.department.division_id)  # what is judged good must still be so when it is written
    judged = _judged(reading, record.department)
    good = [draft for draft in judged.drafts if draft.is_good]
    if not good:
        raise InvalidInput.one("文件", "没有可导入的条目，请按报告修改后重新上传")
    _take_over(record, good)
    record.imported_at, record.good, record.imported = at, len(good), len(good)
    record.problems = [problem.to_json() for problem in judged.problems]
    record.save()
    case = CaseRef(
        CaseKind.DEPARTMENT,
        record.department_id,
        "",
        f"批量导入：{record.file_name}"[:300],
        f"/catalog/imports/{record.pk}/",
    )
    counts = {"found": record.found, "imported": record.imported, "sha256": sha256, "record": str(record.pk)}
    events.record(
        E.ENTRY_IMPORTED, actor=actor, case=case, department_id=record.department_id, on=on, data=counts
    )
    return record


@transaction.atomic
def discard_import(*, actor: Actor, import_id: UUID) -> ImportRecord:
    """The department will correct the sheet instead; the report stays readable."""
    record = queries.get_import_for(actor, import_id)
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=record.department_id)
    record = ImportRecord.objects.select_for_update().get(pk=record.pk)
    record.move_to(ImportStatus.DISCARDED)
    record.save(update_fields=["status"])
    return record


@transaction.atomic
def expire_imports(*, before: datetime) -> list[UUID]:
    """Checked sheets that nobody confirmed since `before` are given up; at most 100 at once. Returns their ids."""
    stale = list(
        ImportRecord.objects.select_for_update(of=("self",)).filter(
            status=ImportStatus.CHECKED, at__lt=before
        )[:100]
    )
    for record in stale:
        record.move_to(ImportStatus.DISCARDED)
        record.save(update_fields=["status"])
    return [record.pk for record in stale]


@transaction.atomic
def import_entries(
    *,
    actor: Actor,
    department_id: UUID,
    reading: Reading,
    file_name: str,
    sha256: str,
    at: datetime,
    on: date,
) -> ImportRecord:
    """Check and take over in one go: what scripts and the sample city use."""
    record = check_import(
        actor=actor, department_id=department_id, reading=reading, file_name=file_name, sha256=sha256, at=at
    )
    return confirm_import(actor=actor, import_id=record.id, reading=reading, sha256=sha256, at=at, on=on)


def _judged(reading: Reading, department: Department) -> Reading:
    """The sheet's own problems, and those that only show against department and catalogue."""
    taken_codes = set(
        Entry.objects.filter(division=department.division_id, code__isnull=False).values_list(
            "code", flat=True
        )
    )
    taken = {
        (normalized(title), format_type, inner)
        for title, format_type, inner in Revision.objects.filter(entry__department=department)
        .exclude(status__in=[Status.SUPERSEDED, Status.WITHDRAWN])
        .values_list("title", "format_type", "inner_department")
    }
    return replace(
        reading, drafts=tuple(_judge(draft, department, taken_codes, taken) for draft in reading.drafts)
    )


def _judge(
    draft: EntryDraft, department: Department, taken_codes: set[str | None], taken: set[Key]
) -> EntryDraft:
    found = []
    if draft.provider and draft.provider not in {department.name, department.short_name}:
        what = f"资源提供单位“{draft.provider}”不是本部门（{department.name}），只能导入本部门的目录"
        found.append(draft.problem("provider", what))
    if draft.provider_code and draft.provider_code != department.credit_code:
        what = f"与本部门的统一社会信用代码（{department.credit_code}）不符"
        found.append(draft.problem("provider_code", what))
    if draft.code and draft.code in taken_codes:
        found.append(draft.problem("code", f"代码 {draft.code} 已在目录中；修改已有条目请在条目页起草新版"))
    if key_of(draft.content) in taken:
        found.append(draft.problem("title", "本部门已有同名、同格式的条目"))
    return replace(draft, problems=draft.problems + tuple(found)) if found else draft


def key_of(content: RevisionContent) -> Key:
    """What makes two entries of one department the same: title, format and inner department."""
    return (normalized(content.title), content.format_type, content.inner_department)


def _take_over(record: ImportRecord, drafts: Iterable[EntryDraft]) -> None:
    entries, revisions, items = [], [], []
    for draft in drafts:
        entry = Entry(
            id=new_id(), division_id=record.department.division_id, department_id=record.department_id,
            code=draft.code or None,
        )  # fmt: skip
        revision = Revision(id=new_id(), entry_id=entry.id, number=1, imported_by_id=record.pk)
        revision.write(draft.content)
        entries.append(entry)
        revisions.append(revision)
        items += DataItem.rows_of(revision.id, draft.content.items)
    Entry.objects.bulk_create(entries, batch_size=1000)
    Revision.objects.bulk_create(revisions, batch_size=500)
    DataItem.objects.bulk_create(items, batch_size=1000)
    note_changes([(entry, one.pk) for entry, one in zip(entries, revisions, strict=True)], Change.TOUCHED)
