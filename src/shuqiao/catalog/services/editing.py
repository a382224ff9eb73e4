"""Steps of the department on its own entries."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import checking, classification, queries, rules
from shuqiao.catalog.models import CONTENT_COLUMNS, DataItem, Entry, Revision
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.services.followups import note_revised
from shuqiao.catalog.types import Change, RevisionContent, Status
from shuqiao.kernel import IllegalMove, InvalidInput
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import E


@transaction.atomic
def create_entry(*, actor: Actor, department_id: UUID, content: RevisionContent, on: date) -> Revision:
    """A department begins an entry: the draft of its first revision. What is still missing may be filled later;
    what can be no row or is off its list (no title, items twice, a class nobody keeps) is named at once."""
    department = organizations.get_department(department_id)
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department.id)
    content = _writable(content, department.division_id)
    entry = Entry.objects.create(division_id=department.division_id, department=department)
    revision = Revision(entry=entry, number=1)
    _write(revision, content)
    events.record(
        E.ENTRY_DRAFTED, actor=actor, case=revision.case(), department_id=department.id, on=on,
        data={"entry": str(entry.id)},
    )  # fmt: skip
    return revision


@transaction.atomic
def save_draft(
    *, actor: Actor, revision_id: UUID, content: RevisionContent, on: date, lock_version: int | None = None
) -> Revision:
    """The department changes a draft or a returned revision.

    `lock_version` is the one the editor started from: when somebody saved in between, nobody's words are lost
    silently (InvalidInput).
    """
    revision = queries.get_revision_for(actor, revision_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if not revision.is_editable:
        raise IllegalMove(f"目录条目“{revision.title}”", Status(revision.status).label, "修改中")
    if lock_version is not None and lock_version != revision.lock_version:
        raise InvalidInput.one("版本", "您打开以后，别人保存过这份草稿。请重新打开，把您的改动合进去再保存")
    content = _writable(content, revision.entry.division_id)
    before = revision.content()
    revision.lock_version += 1
    _write(revision, content)
    changed = [
        name for name in (*CONTENT_COLUMNS, "items") if getattr(before, name) != getattr(content, name)
    ]
    events.record(
        E.ENTRY_EDITED, actor=actor, case=revision.case(), department_id=revision.entry.department_id, on=on,
        data={"changed": changed},
    )  # fmt: skip
    return revision


def _writable(content: RevisionContent, division: str) -> RevisionContent:
    """The content without spaces at the ends of its texts. Raises InvalidInput with everything that is off."""
    content = checking.tidied(content)
    codes = classification.classes_of(division).codes if content.classification else frozenset[str]()
    if problems := checking.refused(content, codes):
        raise InvalidInput(problems)
    return content


def _write(revision: Revision, content: RevisionContent) -> None:
    revision.write(content)
    revision.save()
    revision.items.all().delete()
    DataItem.objects.bulk_create(DataItem.rows_of(revision.id, content.items))
    note_change(revision.entry, Change.TOUCHED, revision_id=revision.pk)


@transaction.atomic
def ask_sign_off(*, actor: Actor, revision_id: UUID, on: date) -> Revision:
    """The cataloguer has finished; the head of the sharing body finds it in the inbox to sign (Decree 13)."""
    revision = queries.get_revision_for(actor, revision_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if not revision.is_editable:
        raise IllegalMove(f"目录条目“{revision.title}”", Status(revision.status).label, "待审签")
    case = revision.case()
    revision.lock_version += 1  # worked on: an import that brought it in no longer takes it back
    revision.save(update_fields=["lock_version", "changed_at"])
    procedures.settle(case=case, department_id=revision.entry.department_id)
    procedures.assign(
        case=case,
        department=revision.entry.department,
        permission=P.CATALOG_ENTRY_SIGN,
        action="审签目录",
        detail=f"{actor.name} 请您审签“{revision.title}”并报送",
        basis=rules.sign_off_articles(organizations.regime_of(revision.entry.division_id, on)),
        stage="rule",
    )
    events.record(
        E.ENTRY_EDITED, actor=actor, case=case, department_id=revision.entry.department_id, on=on,
        data={"asked_sign_off": True},
    )  # fmt: skip
    return revision


@transaction.atomic
def start_revision(*, actor: Actor, entry_id: UUID, on: date) -> Revision:
    """The next revision begins as a copy of the published one, which stays visible meanwhile (Yingkou 15)."""
    entry = queries.get_entry_for(actor, entry_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if entry.published is None:
        raise IllegalMove(f"目录条目 {entry}", "未发布", "修订中")
    if existing := queries.open_revision_of(entry.id):
        raise IllegalMove(
            f"目录条目 {entry}", f"第 {existing.number} 版{Status(existing.status).label}", "再起草一版"
        )
    last = max(entry.revisions.values_list("number", flat=True))
    revision = Revision(entry=entry, number=last + 1)
    _write(revision, entry.published.content())
    events.record(
        E.ENTRY_DRAFTED, actor=actor, case=revision.case(), department_id=entry.department_id, on=on,
        data={"entry": str(entry.id), "follows": entry.published.number},
    )  # fmt: skip
    return revision


@transaction.atomic
def reach_revision(*, actor: Actor, entry_id: UUID, on: date) -> tuple[Revision, bool]:
    """The revision in work of an entry, begun now if there is none, and whether it was: who presses twice, or on a
    page opened before a colleague began, comes to the one there is."""
    entry = queries.get_entry_for(actor, entry_id, P.CATALOG_ENTRY_EDIT, lock=True)
    if existing := queries.open_revision_of(entry.id):
        return existing, False
    return start_revision(actor=actor, entry_id=entry_id, on=on), True


@transaction.atomic
def withdraw_entry(*, actor: Actor, entry_id: UUID, reason: str, on: date) -> Entry:
    """The entry leaves the catalogue; its revisions and history stay. By the department's head or the bureau."""
    entry = queries.get_entry_for(actor, entry_id, lock=True)
    if not actor.may(P.CATALOG_ENTRY_SIGN, department_id=entry.department_id):
        actor.demand(P.CATALOG_ENTRY_REVIEW, division=entry.division_id)
    if entry.published is None:
        raise IllegalMove(f"目录条目 {entry}", "未发布", "撤下")
    if not reason.strip():
        raise InvalidInput.one("撤下原因", "必填")
    revision = entry.published
    revision.move_to(Status.WITHDRAWN)
    entry.published, entry.withdrawn_at, entry.withdrawn_reason = None, now(), reason.strip()[:300]
    entry.save()
    revision.save(update_fields=["status", "changed_at"])
    note_revised(entry, actor, on, "已撤下")
    note_change(entry, Change.DELETED, revision_id=revision.pk)
    events.record(
        E.ENTRY_WITHDRAWN, actor=actor, case=revision.case(), on=on, data={"reason": entry.withdrawn_reason}
    )
    procedures.notify(
        case=revision.case(),
        department_id=entry.department_id,
        text=f"目录条目“{revision.title}”已撤下：{reason.strip()}",
    )
    return entry
