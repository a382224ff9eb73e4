"""Batch import of a file: checked first, with every problem kept; then its good entries taken over in one step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries
from shuqiao.catalog.models import CONTENT_COLUMNS, DataItem, Entry, ImportRecord, Revision
from shuqiao.catalog.models.revisions import ITEM_COLUMNS, search_text_of
from shuqiao.catalog.services.changes import note_changes
from shuqiao.catalog.services.codes import hold_codes
from shuqiao.catalog.services.inserting import insert_rows
from shuqiao.catalog.services.judging import division_of, judge, key_of
from shuqiao.catalog.types import Change, EntryDraft, ImportStatus, Reading
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.ids import new_id
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, CaseRef, E

BATCH = 1_000
Place = tuple[str, int]


def demand_import(actor: Actor, department_id: UUID | None, division: str | None) -> None:
    """A department's own sheet is its cataloguer's; a whole division's its bureau's. Raises NotAllowed."""
    if department_id:
        actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department_id)
    else:
        actor.demand(P.CATALOG_ENTRY_REVIEW, division=division)


@transaction.atomic
def check_import(
    *,
    actor: Actor,
    department_id: UUID | None,
    reading: Reading,
    file_name: str,
    sha256: str,
    at: datetime,
    division: str | None = None,
    mapping_id: UUID | None = None,
    choices: Mapping[str, object] | None = None,
) -> ImportRecord:
    """Judge a file without importing anything: the record keeps the whole report. For one department, or with
    `division` for all of its departments, told apart by the provider each entry names. `choices`: how the file was
    read (recipe), `providers` (name to department id) and `rest` (department id) for providers nobody knows."""
    department = organizations.get_department(department_id) if department_id else None
    demand_import(actor, department_id, division)
    record = ImportRecord(
        department=department,
        division_id=department.division_id if department else division,
        file_name=file_name[:200],
        sha256=sha256,
        by_id=actor.user_id,
        by_name=actor.name,
        at=at,
        mapping_id=mapping_id,
        choices=dict(choices or {}),
    )
    judge(reading, record).report(record)
    record.save()
    return record


@transaction.atomic
def assign_providers(
    *, actor: Actor, import_id: UUID, reading: Reading, providers: Mapping[str, str], rest: str, sha256: str
) -> ImportRecord:
    """Say into which departments entries of providers nobody knows go; the file is judged anew, nothing imported."""
    record = _locked(actor, import_id, sha256)
    if record.status != ImportStatus.CHECKED:
        record.move_to(ImportStatus.CHECKED)  # raises: only a checked file can be judged anew
    record.choices = {**record.choices, "providers": dict(providers), "rest": rest}
    judge(reading, record).report(record)
    record.save()
    return record


def _locked(actor: Actor, import_id: UUID, sha256: str) -> ImportRecord:
    record = queries.get_import_for(actor, import_id)
    demand_import(actor, record.department_id, record.division_id)
    record = (
        ImportRecord.objects.select_for_update(of=("self",)).select_related("department").get(pk=record.pk)
    )
    if sha256 != record.sha256:
        raise InvalidInput.one("文件", "不是检查过的那一份，请重新上传")
    return record


@transaction.atomic
def confirm_import(
    *,
    actor: Actor,
    import_id: UUID,
    reading: Reading,
    sha256: str,
    at: datetime,
    on: date,
    only: Collection[Place] | None = None,
) -> ImportRecord:
    """Take over the good entries of a checked file as drafts, all in one transaction; with `only` those that begin at
    these (sheet, row) places. The file is judged anew, since entries may have come meanwhile; another file than the
    one checked is refused."""
    record = _locked(actor, import_id, sha256)
    record.move_to(ImportStatus.IMPORTED)
    hold_codes(division_of(record))  # what is judged good must still be so when it is written
    judged = judge(reading, record)
    judged.report(record)
    good = judged.good
    chosen = [pair for pair in good if only is None or (pair[0].sheet, pair[0].first_row) in only]
    if not chosen:
        what = "没有可导入的条目，请按报告修改后重新上传" if not good else "所选的行里没有可导入的条目"
        raise InvalidInput.one("文件", what)
    _take_over(record, chosen)
    record.imported_at, record.imported = at, len(chosen)
    record.save()
    _tell(actor, record, chosen, on)
    return record


def _tell(
    actor: Actor, record: ImportRecord, taken: Collection[tuple[EntryDraft, Department]], on: date
) -> None:
    """One event per department; a department whose entries the bureau brought in is told."""
    counted: dict[UUID, int] = {}
    for _, department in taken:
        counted[department.id] = counted.get(department.id, 0) + 1
    for department_id, count in counted.items():
        case = CaseRef(
            CaseKind.DEPARTMENT,
            department_id,
            "",
            f"批量导入：{record.file_name}"[:300],
            f"/catalog/imports/{record.pk}/",
        )
        counts = {"found": record.found, "imported": count, "sha256": record.sha256, "record": str(record.pk)}
        events.record(
            E.ENTRY_IMPORTED, actor=actor, case=case, department_id=department_id, on=on, data=counts
        )
        if record.department_id is None:
            text = f"主管部门为贵部门导入了 {count:,} 个目录草稿（{record.file_name}），请核对后签署报送"
            procedures.notify(case=case, department_id=department_id, text=text)


@transaction.atomic
def discard_import(*, actor: Actor, import_id: UUID) -> ImportRecord:
    """The sheet will be corrected instead; the report stays readable."""
    record = queries.get_import_for(actor, import_id)
    demand_import(actor, record.department_id, record.division_id)
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


def _take_over(record: ImportRecord, chosen: Collection[tuple[EntryDraft, Department]]) -> None:
    """Write the drafts, a thousand at a time: no more of them are held as rows at once."""
    division = division_of(record)
    pairs = list(chosen)
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        entries: list[Entry] = []
        revisions: list[dict[str, Any]] = []
        items: list[dict[str, Any]] = []
        for draft, department in some:
            entry = Entry(id=new_id(), division_id=division, department=department, code=draft.code or None)
            revision_id, content = new_id(), draft.content
            written = {column: getattr(content, column) for column in CONTENT_COLUMNS}
            revisions.append(
                written
                | {"id": revision_id, "entry_id": entry.id, "number": 1, "imported_by_id": record.pk}
                | {"search_text": search_text_of(content)}
            )
            entries.append(entry)
            items += [
                {column: getattr(item, column) for column in ITEM_COLUMNS}
                | {"id": new_id(), "revision_id": revision_id, "order": order}
                for order, item in enumerate(content.items, 1)
            ]
        Entry.objects.bulk_create(entries, batch_size=BATCH)
        insert_rows(Revision, revisions)
        insert_rows(DataItem, items)
        changed = [(entry, one["id"]) for entry, one in zip(entries, revisions, strict=True)]
        note_changes(changed, Change.TOUCHED)


__all__ = [
    "assign_providers",
    "check_import",
    "confirm_import",
    "demand_import",
    "discard_import",
    "expire_imports",
    "import_entries",
    "key_of",
]
