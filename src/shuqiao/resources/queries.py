"""Reads of resources and versions, always for an actor; and published tables as sharing and delivery offer them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from shuqiao import store
from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.types import EntryFacts, ItemFacts, OpeningType
from shuqiao.kernel import NotFound
from shuqiao.resources import openings
from shuqiao.resources.models import Comparison, ReadingRecipe, Resource, Transfer, Version
from shuqiao.resources.openings import offer_of, opening_of
from shuqiao.resources.types import (
    OPEN_STATUSES,
    WHOLE_FILE,
    WITH_TABLE,
    ColumnFacts,
    ColumnShape,
    FileFacts,
    KeptTable,
    Kind,
    Mode,
    ResourceFacts,
    Status,
    TransferState,
    VersionFacts,
)


def store_root() -> Path:
    """The store of built versions, shared with the gateway."""
    return Path(settings.HOME) / "store"


def shelf() -> store.Store:
    """The store of this installation, with its object store where there is one."""
    return store.open_store(store_root(), settings.OBJECTS, settings.CACHE_BYTES)


def get_resource_for(actor: Actor, resource_id: UUID, permission: P, *, lock: bool = False) -> Resource:
    """The resource, if the actor may do this with it. Not visible: NotFound; visible, not allowed: NotAllowed.

    Reading a published resource needs no post in its department: everybody who is signed in finds it.
    """
    resources = Resource.objects.visible_to(actor).select_related("department", "entry", "current_version")
    if lock:
        resources = resources.select_for_update(of=("self",))
    resource = resources.filter(id=resource_id).first()
    if resource is None:
        raise NotFound("资源")
    if permission is P.RESOURCES_RESOURCE_READ and resource.current_version_id:
        return resource
    _demand(actor, permission, resource)
    return resource


def get_version_for(actor: Actor, version_id: UUID, permission: P, *, lock: bool = False) -> Version:
    """The version, if the actor may do this with it. A published version stays readable by id for good."""
    versions = Version.objects.visible_to(actor).select_related(
        "resource__department", "resource__entry", "upload"
    )
    if lock:
        versions = versions.select_for_update(of=("self",))
    version = versions.filter(id=version_id).first()
    if version is None:
        raise NotFound("数据版本")
    _demand(actor, permission, version.resource)
    return version


def get_transfer_for(actor: Actor, transfer_id: UUID, *, lock: bool = False) -> Transfer:
    """A file on its way, for whoever may send files to its resource; nobody else knows of it."""
    transfers = Transfer.objects.select_related("resource__department")
    if lock:
        transfers = transfers.select_for_update(of=("self",))
    transfer = transfers.filter(id=transfer_id, resource__in=Resource.objects.managed_by(actor)).first()
    if transfer is None:
        raise NotFound("上传")
    _demand(actor, P.RESOURCES_RESOURCE_EDIT, transfer.resource)
    return transfer


def get_comparison_for(actor: Actor, comparison_id: UUID) -> Comparison:
    """The difference of two versions, for whoever sees both: those who manage the table."""
    found = (
        Comparison.objects.select_related(
            "old__resource__department", "new__resource__department", "new__upload"
        )
        .filter(id=comparison_id, new__in=Version.objects.visible_to(actor))
        .first()
    )
    if found is None:
        raise NotFound("版本对照")
    _demand(actor, P.RESOURCES_RESOURCE_READ, found.new.resource)
    return found


def comparable_with(actor: Actor, version: Version) -> QuerySet[Version]:
    """Other versions of the same table whose rows are still there, newest first."""
    others = Version.objects.visible_to(actor).filter(
        resource_id=version.resource_id, status__in=WITH_TABLE, removed_on=None
    )
    return others.exclude(id=version.id)


def list_transfers_for(actor: Actor, resource: Resource) -> QuerySet[Transfer]:
    """Files of the resource that have not come whole, newest first."""
    if not manages(actor, resource, P.RESOURCES_RESOURCE_EDIT):
        return Transfer.objects.none()
    return resource.transfers.filter(state=TransferState.RECEIVING).select_related("started_by")


def list_recipes_for(actor: Actor, resource_id: UUID) -> QuerySet[ReadingRecipe]:
    """How the resource's files were confirmed to be read, newest first. For who manages the resource."""
    resource = get_resource_for(actor, resource_id, P.RESOURCES_RESOURCE_READ)
    if not manages(actor, resource):
        raise NotFound("读取方案")
    return resource.recipes.select_related("confirmed_by").prefetch_related("versions")


def _demand(actor: Actor, permission: P, resource: Resource) -> None:
    actor.demand(permission, department_id=resource.department_id, division=resource.department.division_id)


def manages(actor: Actor, resource: Resource, permission: P = P.RESOURCES_RESOURCE_READ) -> bool:
    """Whether the actor sees the resource whole (or may do `permission` with it), not only its published face."""
    return actor.may(
        permission, department_id=resource.department_id, division=resource.department.division_id
    )


def list_resources_for(actor: Actor, *, waiting: bool = False) -> QuerySet[Resource]:
    """Resources of the actor's departments and divisions, with what is published of each. `waiting`: only those
    with a version before the bureau."""
    resources = Resource.objects.managed_by(actor)
    if waiting:
        resources = resources.filter(versions__status=Status.SUBMITTED).distinct()
    joined = resources.select_related("department", "entry__published", "current_version")
    return joined.prefetch_related("versions")


def list_versions_for(actor: Actor, resource_id: UUID) -> QuerySet[Version]:
    """Versions of one resource, newest first."""
    return (
        Version.objects.visible_to(actor)
        .filter(resource_id=resource_id)
        .select_related("resource", "upload", "upload__uploaded_by")
    )


def published_table(resource_id: UUID) -> ResourceFacts:
    """The published face of a resource. Raises NotFound when nothing is published."""
    facts = list_published([resource_id])
    if not facts:
        raise NotFound("已发布的资源")
    return facts[0]


def list_resources_of_entry(entry_id: UUID) -> list[ResourceFacts]:
    """Published tables mounted on an entry."""
    return _facts_of(_published().filter(entry_id=entry_id))


def list_kept_tables(actor: Actor, permission: P) -> list[KeptTable]:
    """Tables with keys over which the actor holds the permission, by department and name."""
    joined = _held(actor, permission).select_related("department", "entry")
    found = joined.order_by("department__short_name", "name")
    return [_kept(resource) for resource in found if resource.lookup_keys]


def get_kept_table(actor: Actor, resource_id: UUID, permission: P) -> KeptTable:
    """One of those. Raises NotFound."""
    found = _held(actor, permission).select_related("department", "entry").filter(id=resource_id).first()
    if found is None:
        raise NotFound("资源")
    return _kept(found)


def _held(actor: Actor, permission: P) -> QuerySet[Resource]:
    if actor.is_platform:
        return Resource.objects.all()
    return Resource.objects.filter(
        Q(department__in=actor.departments_with(permission))
        | Q(department__division__in=actor.divisions_with(permission))
    )


def _kept(resource: Resource) -> KeptTable:
    return KeptTable(
        id=resource.id,
        name=resource.name,
        department_name=resource.department.short_name,
        lookup_keys=tuple(tuple(key) for key in resource.lookup_keys),
        code=resource.entry.code or "",
        url=resource.get_absolute_url(),
    )


def list_published(resource_ids: Collection[UUID] | None = None) -> list[ResourceFacts]:
    """Published tables: those named, or all. What the grant book lists. Three queries."""
    resources = _published()
    if resource_ids is not None:
        resources = resources.filter(id__in=resource_ids)
    return _facts_of(resources)


def _facts_of(resources: QuerySet[Resource]) -> list[ResourceFacts]:
    found = list(resources)
    entries = catalog.facts_of_many({resource.entry_id for resource in found})
    return [_facts(resource, entries.get(resource.entry_id)) for resource in found]


def _published() -> QuerySet[Resource]:
    return Resource.objects.filter(current_version__isnull=False).select_related(
        "current_version", "department", "entry", "opening"
    )


def _facts(resource: Resource, entry: EntryFacts | None) -> ResourceFacts:
    version = resource.current_version
    if version is None or version.published_on is None:
        raise NotFound("已发布的资源")
    is_file = resource.kind == Kind.FILE
    opening = opening_of(resource)
    offer = offer_of(opening, version, entry)
    at_once = offer if opening and opening.kind == OpeningType.UNCONDITIONAL else None
    return ResourceFacts(
        id=resource.id,
        entry_id=resource.entry_id,
        department_id=resource.department_id,
        division=resource.department.division_id,
        name=resource.name,
        columns=_columns(resource, version, entry),
        lookup_keys=tuple(tuple(key) for key in resource.lookup_keys),
        store_version=version.store_version,
        modes=tuple(Mode(mode) for mode in resource.modes),
        version_id=version.id,
        version_number=version.number,
        rows=version.rows,
        published_on=version.published_on,
        open_columns=tuple(one.name for one in at_once) if at_once else None,
        kind=Kind(resource.kind),
        file=FileFacts(**version.content) if is_file else None,
        offer=offer,
    )


def published_shapes(resource_id: UUID) -> tuple[Version, tuple[ColumnShape, ...]] | None:
    """The version in force with its columns as a review before opening sees them; None when nothing is published."""
    return openings.published_shapes(resource_id)


def _columns(resource: Resource, version: Version, entry: EntryFacts | None) -> tuple[ColumnFacts, ...]:
    if resource.kind == Kind.FILE:
        personal = any(item.sensitive for item in entry.items) if entry else False
        return (ColumnFacts(WHOLE_FILE, "text", sensitive=personal),)
    sensitive = version.sensitive_columns
    return tuple(
        ColumnFacts(
            name=column["name"],
            type=column["type"],
            sensitive=column["name"] in sensitive,
            item=item.id if (item := _item(version, column["name"], entry)) else None,
        )
        for column in version.schema
    )


def _item(version: Version, column: str, entry: EntryFacts | None) -> ItemFacts | None:
    """The data item a column carries. Kept by name: ids are those of a revision, and revisions change."""
    return entry.item(version.items.get(column, "")) if entry else None


def under_way(resource: Resource) -> Version | None:
    """The version of the resource that is on its way to publication, from what is already loaded."""
    return next((v for v in resource.versions.all() if Status(v.status) in OPEN_STATUSES), None)


def facts_for_rules(version: Version) -> VersionFacts:
    """What the rules look at, as the version and its entry stand now."""
    facts = catalog.facts_of_many([version.resource.entry_id]).get(version.resource.entry_id)
    items = {item.name for item in facts.items} if facts else set()
    unmatched = (
        tuple(c["name"] for c in version.schema if version.items.get(c["name"]) not in items) if items else ()
    )
    return VersionFacts(
        status=Status(version.status),
        entry_published=facts is not None,
        rows=version.rows,
        unmatched=unmatched,
        undecided=version.undecided_columns,
        secrecy_checked=version.secrecy_checked,
        personal_checked=version.personal_checked,
        submitted_by=version.submitted_by_id,
        is_file=version.resource.kind == Kind.FILE,
    )
