"""Mounting a table on an entry, and the files that come for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.kernel.time import day_of
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import events
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.resources import previews, queries, rules
from shuqiao.resources.changes import compare, elsewhere
from shuqiao.resources.models import Resource, Upload, Version
from shuqiao.resources.receiving import Taken
from shuqiao.resources.services.naming import (
    checks_of,
    newest_recipe,
    next_step,
    reading_of,
    recipe_before,
)
from shuqiao.resources.types import OPEN_STATUSES, Kind, Mode, Status, UploadState


@transaction.atomic
def mount_resource(
    *,
    actor: Actor,
    entry_id: UUID,
    name: str,
    modes: Sequence[Mode],
    at: datetime,
    kind: Kind = Kind.TABLE,
) -> Resource:
    """A department mounts a table or a file on its own published entry (Yingkou 18); data comes with the first
    upload. A file is handed over as a file, whatever ways are asked for."""
    entry = catalog.get_entry_for(actor, entry_id, lock=True)
    actor.demand(P.RESOURCES_RESOURCE_EDIT, department_id=entry.department_id)
    on = day_of(at)
    regime = organizations.regime_of(entry.division_id, on)
    decision = rules.may_mount(entry_published=entry.published_id is not None, regime=regime).or_raise()
    name = name.strip()
    _demand_mountable(entry.id, name, modes, kind)
    wanted = [Mode.FILE] if kind is Kind.FILE else [mode for mode in Mode if mode in modes]
    resource = Resource.objects.create(
        entry=entry,
        department_id=entry.department_id,
        name=name,
        kind=kind,
        modes=[mode.value for mode in wanted],
        created_by_id=actor.user_id,
        created_at=at,
    )
    case = CaseRef(
        CaseKind.RESOURCE_VERSION,
        resource.id,
        entry.code or "",
        resource.name,
        resource.get_absolute_url(),
    )
    events.record(
        E.RESOURCE_MOUNTED,
        actor=actor,
        case=case,
        department_id=resource.department_id,
        on=on,
        decision=decision,
        data={"entry": str(entry.id), "modes": resource.modes},
    )
    return resource


def _demand_mountable(entry_id: UUID, name: str, modes: Sequence[Mode], kind: Kind) -> None:
    """Raise InvalidInput for everything that keeps a resource of this name off the entry."""
    problems = []
    if not name or len(name) > 200:
        problems.append(Problem("资源名称", "必填，最多 200 字"))
    elif Resource.objects.filter(entry=entry_id, name=name).exists():
        problems.append(Problem("资源名称", f"这个条目上已挂载“{name}”；更新数据请在该资源上传新文件"))
    if not modes and kind is Kind.TABLE:
        problems.append(Problem("提供方式", "至少选一种"))
    if problems:
        raise InvalidInput(problems)


def receive_upload(*, actor: Actor, resource_id: UUID, taken: Taken, at: datetime) -> Version:
    """A file came for a resource: it becomes the next version, whatever was unfinished before it is given up.

    A small table is looked at here, before anything is written; a big one by the worker. A document is not looked
    at: the worker takes it as it is. Raises InvalidInput when the file is no table, IllegalMove while the last
    version is being built or re-checked.
    """
    resource = queries.get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_EDIT)
    try:
        seen = look(resource, taken)
        with transaction.atomic():
            return record_upload(actor, resource_id, taken, seen, at)
    except BaseException:  # the file belongs to no row: it must not stay behind
        taken.absolute.unlink(missing_ok=True)
        raise


def check_free(resource: Resource) -> None:
    """Raise IllegalMove while a version is being built or re-checked: no file can take its place."""
    for version in Version.objects.filter(resource=resource, status__in=OPEN_STATUSES):
        version.move_to(Status.DISCARDED)  # on the object only: it says whether the step may follow


def look(resource: Resource, taken: Taken) -> previews.Seen | None:
    """Look at a small table, in the way the newest recipe says where it can be found so; None for others."""
    if resource.kind == Kind.FILE or not previews.is_small(taken.absolute, taken.filename):
        return None
    return previews.look_again(taken.absolute, taken.filename, reading_of(resource), checks_of(resource))


def record_upload(
    actor: Actor, resource_id: UUID, taken: Taken, seen: previews.Seen | None, at: datetime
) -> Version:
    """The rows of a file that came. Part of the caller's transaction."""
    resource = queries.get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
    for unfinished in Version.objects.filter(resource=resource, status__in=OPEN_STATUSES).select_related(
        "resource", "upload"
    ):
        _give_up(unfinished, actor, at)
    on = day_of(at)
    upload = Upload.objects.create(
        resource=resource,
        filename=taken.filename,
        size=taken.size,
        sha256=taken.sha256,
        path=taken.path,
        uploaded_by_id=actor.user_id,
        at=at,
    )
    last = Version.objects.filter(resource=resource).aggregate(last=Max("number"))["last"] or 0
    version = Version(
        resource=resource,
        number=last + 1,
        case_number=procedures.next_case_number(
            kind=CaseKind.RESOURCE_VERSION, division=resource.department.division_id, on=on
        ),
        upload=upload,
        created_at=at,
    )
    if resource.kind == Kind.FILE:
        version.move_to(Status.CONFIRMED)
    if seen is not None:
        apply_preview(version, seen)
    version.save()
    if seen is not None:
        next_step(version, "确认读取方式", f"“{upload.filename}”已读完，请确认列、类型与信息项")
    events.record(
        E.UPLOAD_RECEIVED,
        actor=actor,
        case=version.case,
        department_id=resource.department_id,
        on=on,
        data={"sha256": upload.sha256, "size": upload.size, "filename": upload.filename},
    )
    return version


def apply_preview(version: Version, seen: previews.Seen) -> None:
    """Put what was seen on the version, with the differences from the newest recipe. Does not save."""
    saved = newest_recipe(version.resource)
    version.preview = previews.to_json(seen.preview)
    version.head = seen.head
    version.reading = seen.reading
    version.changes = []
    if saved is not None:
        before = recipe_before(saved)
        found = [*elsewhere(seen.given_up), *compare(before, seen.preview)]
        version.changes = [change.to_json() for change in found]


@transaction.atomic
def discard_version(*, actor: Actor, version_id: UUID, at: datetime) -> Version:
    """The provider gives up a version that was not published; its file goes with the next tidying up."""
    version = queries.get_version_for(actor, version_id, P.RESOURCES_RESOURCE_EDIT, lock=True)
    _give_up(version, actor, at)
    return version


def _give_up(version: Version, actor: Actor, at: datetime) -> None:
    version.move_to(Status.DISCARDED)
    version.save(update_fields=["status"])
    version.upload.state = UploadState.DISCARDED
    version.upload.save(update_fields=["state"])
    next_step(version, "", "")
    events.record(
        E.VERSION_DISCARDED,
        actor=actor,
        case=version.case,
        department_id=version.resource.department_id,
        on=day_of(at),
    )
