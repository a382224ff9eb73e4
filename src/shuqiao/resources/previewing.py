"""The first rows of a built version, as somebody without a grant may see them: sensitive columns masked, and
for other departments only what is open to everybody."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shuqiao import store
from shuqiao.accounts.types import Actor
from shuqiao.kernel import NotFound
from shuqiao.resources.models import Version
from shuqiao.resources.queries import manages, published_table, shelf
from shuqiao.resources.types import ResourceFacts

PREVIEW_ROWS = 10
PREVIEW_COLUMNS = 50


def open_handle(resource_id: UUID) -> store.VersionHandle:
    """The published table of a resource, to be read inside a scope. Close it. Raises NotFound."""
    return shelf().open(published_table(resource_id).store_version)


def rows_through(resource_id: UUID, scope: store.Scope, limit: int = 3) -> store.Page | None:
    """The first rows of the published table that a scope reaches, with their number in all; for the provider's eyes.
    None when its rows are not on this node, or it is a file. Raises InvalidInput on a condition the columns cannot
    carry."""
    facts = published_table(resource_id)
    if facts.file is not None or not scope.columns or not shelf().has(facts.store_version):
        return None
    with shelf().open(facts.store_version) as handle:
        return handle.rows(store.Query(limit=limit, count="exact"), scope)


def masked_scope(columns: tuple[store.Column, ...], sensitive: frozenset[str]) -> store.Scope:
    """All columns, the sensitive ones with only their ends; those that cannot be masked are left out."""
    scopes = []
    for column in columns:
        if column.name not in sensitive:
            scopes.append(store.ColumnScope(column.name))
        elif store.Mask.KEEP_ENDS.fits(column.type):
            scopes.append(store.ColumnScope(column.name, store.Mask.KEEP_ENDS))
    return store.Scope(tuple(scopes))


def first_rows(
    version: Version, limit: int = PREVIEW_ROWS, names: Collection[str] | None = None
) -> store.Page | None:
    """The first rows of a version for those who manage it, sensitive columns masked: all columns, or those of these
    names. None when nothing of them may be shown."""
    with shelf().open(version.store_version) as handle:
        columns = tuple(one for one in handle.columns if names is None or one.name in names)
        scope = masked_scope(columns, version.sensitive_columns)
        return handle.rows(store.Query(limit=limit), scope) if scope.columns else None


def preview_for(
    actor: Actor, facts: ResourceFacts, version: Version, limit: int = PREVIEW_ROWS
) -> store.Page:
    """The first rows of a published table for an actor: the provider and its bureau see all columns masked,
    everybody else the open columns only; the first fifty of either. Raises NotFound when none may be seen."""
    if facts.file is not None:
        raise NotFound("可以预览的列")
    if manages(actor, version.resource):
        found = first_rows(version, limit, facts.column_names[:PREVIEW_COLUMNS])
        if found is None:
            raise NotFound("可以预览的列")
        return found
    if not facts.open_columns:
        raise NotFound("可以预览的列")
    with open_handle(facts.id) as handle:
        return handle.rows(store.Query(limit=limit), facts.open_scope(PREVIEW_COLUMNS))
