"""Which versions may go, and how: garbage collection in two steps, and the node's cache within its size.

Nothing here knows why a version is kept. The control plane says which it names: the current ones, those within
their retention time, those that a running grant, a use, a case or evidence within its retention names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shuqiao.kernel import NotFound
from shuqiao.store import shipping
from shuqiao.store.layout import META, sync

if TYPE_CHECKING:
    from shuqiao.store.objects import ObjectStore
    from shuqiao.store.versions import Store

Keep = Collection[str] | Callable[[], Collection[str]]
_TOMBSTONES = ".tombstones"


def collect(store: Store, keep: Keep, older_than: timedelta) -> list[str]:
    """Two steps, each safe to repeat and to be killed in: a version nobody names is marked; one that was marked
    `older_than` ago and is still not named goes. Returns the ids that went.

    `keep` names the versions to keep; given as a function it is asked again, under the lock, before each removal.
    Naming a version again, or publishing it again, takes its mark off. A version that is open on this node stays
    until the next time; what other nodes have cached of a removed version goes with their next eviction.
    With an object store, unfinished uploads older than `older_than` go too.
    """
    named = frozenset(keep() if callable(keep) else keep)
    gone = [one for one in store.list_versions() if _collect_one(store, one, keep, named, older_than)]
    if store.objects is not None:
        left = [one for one in shipping.remote_versions(store.objects) if one not in named]
        gone += [one for one in left if _collect_remote(store.objects, one, keep, older_than)]
        _revive_remote(store.objects, named)
        _collect_parts(store.objects, older_than)
    return sorted(set(gone))


def marked(store: Store) -> dict[str, datetime]:
    """Versions marked for removal, and since when."""
    found = {path.name: _since(path) for path in _tombstones(store)}
    if store.objects is not None:
        for one in store.objects.list("tombstones/"):
            found.setdefault(one.key.rpartition("/")[2], one.at)
    return found


def revive(store: Store, version_id: str) -> None:
    """Take the mark off."""
    (store.root / _TOMBSTONES / version_id).unlink(missing_ok=True)


def _tombstones(store: Store) -> list[Path]:
    area = store.root / _TOMBSTONES
    return sorted(area.iterdir()) if area.is_dir() else []


def _since(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _collect_one(
    store: Store, version_id: str, keep: Keep, named: frozenset[str], older_than: timedelta
) -> bool:
    """Mark, spare or remove one version of this node."""
    mark = store.root / _TOMBSTONES / version_id
    if version_id in named:
        mark.unlink(missing_ok=True)
        return False
    if not mark.exists():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        sync(mark.parent)
    if not _due(mark, older_than):
        return False
    with store.collecting():
        if not _due(mark, older_than):  # published again while we waited for the lock
            return False
        if callable(keep) and version_id in keep():
            mark.unlink(missing_ok=True)
            return False
        if not store.take_away(version_id):
            return False
        mark.unlink(missing_ok=True)
    return True


def _due(mark: Path, older_than: timedelta) -> bool:
    try:
        return mark.stat().st_mtime <= time.time() - older_than.total_seconds()
    except FileNotFoundError:
        return False


def _collect_remote(objects: ObjectStore, version_id: str, keep: Keep, older_than: timedelta) -> bool:
    """Mark or remove one version of the object store, alone among all nodes."""
    key = shipping.tombstone_key(version_id)
    objects.put_bytes(key, b"", create=True)
    with shipping.remote_lock(objects, version_id):
        since = next((one.at for one in objects.list("tombstones/") if one.key == key), None)
        if since is None or since > datetime.now(UTC) - older_than:
            return False
        if callable(keep) and version_id in keep():
            objects.delete(key)
            return False
        shipping.withdraw(objects, version_id)
    return True


def _revive_remote(objects: ObjectStore, named: frozenset[str]) -> None:
    for one in list(objects.list("tombstones/")):
        if one.key.rpartition("/")[2] in named:
            objects.delete(one.key)


def _collect_parts(objects: ObjectStore, older_than: timedelta) -> None:
    """Remove what killed uploads left: objects of versions without meta.json, the newest older than `older_than`."""
    newest: dict[str, datetime] = {}
    whole: set[str] = set()
    for one in objects.list("versions/"):
        parts = one.key.split("/", 3)
        if len(parts) < 4:
            continue
        newest[parts[2]] = max(one.at, newest.get(parts[2], one.at))
        if parts[3] == META:
            whole.add(parts[2])
    limit = datetime.now(UTC) - older_than
    for version_id in sorted(one for one, at in newest.items() if at <= limit and one not in whole):
        with shipping.remote_lock(objects, version_id):
            if not shipping.is_remote(objects, version_id):
                shipping.withdraw(objects, version_id)


def evict(store: Store, limit: int, spare: Collection[str] = ()) -> list[str]:
    """Take the versions used longest ago off this node until the rest is within `limit` bytes; 0 is no limit.

    Goes only what the object store has whole; never what is open, and never one of `spare`.
    """
    if store.objects is None or limit <= 0:
        return []
    held = sorted(_used(store), key=lambda one: one[0])
    total, gone = sum(size for _, size, _ in held), []
    for _, size, version_id in held:
        if total <= limit:
            break
        if version_id in spare:
            continue
        if not shipping.is_remote(store.objects, version_id):
            continue
        if store.take_away(version_id):
            gone.append(version_id)
            total -= size
    return gone


def _used(store: Store) -> list[tuple[float, int, str]]:
    """(last used, bytes, id) of each version on this node."""
    found = []
    for version_id in store.list_versions():
        path = store.path_of(version_id)
        with suppress(NotFound, OSError):
            files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
            size = sum(file.stat().st_size for file in files)
            found.append(((path / META).stat().st_mtime, size, version_id))
    return found
