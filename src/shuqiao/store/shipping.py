"""Versions to and from the object store: there whole or not at all, and checked when they come back.

A version is there when its meta.json is: that is written last and removed first. Files whose bytes the id does
not fix (the row index) carry their hash in the key, so that two nodes that build the same version at once cannot
mix their files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import msgspec

from shuqiao.kernel import NotFound
from shuqiao.kernel.ids import new_id
from shuqiao.store.failures import Damaged, ObjectsUnavailable
from shuqiao.store.layout import CONTENT, DATA, META, QUARANTINE, file_meta, is_version_id
from shuqiao.store.types import FileMeta, Meta

if TYPE_CHECKING:
    from shuqiao.store.objects import ObjectStore

_FIXED = frozenset({DATA, QUARANTINE, CONTENT})
LEASE = timedelta(minutes=2)
"""How long one holder may have a version's lock in the object store; a killed holder's lapses."""
_WAIT = 0.2


def prefix_of(version_id: str) -> str:
    """Where a version's objects lie."""
    return f"versions/{version_id[:2]}/{version_id}/"


def meta_key(version_id: str) -> str:
    """The object whose presence says that the version is whole."""
    return prefix_of(version_id) + META


def tombstone_key(version_id: str) -> str:
    """The mark of a version that nobody named when it was last looked at."""
    return f"tombstones/{version_id}"


def keys_of(meta: Meta) -> dict[str, str]:
    """File name → key of the object."""
    return {
        name: prefix_of(meta.id) + (name if name in _FIXED else f"{name}.{file.sha256[:16]}")
        for name, file in meta.files.items()
    }


def is_remote(objects: ObjectStore, version_id: str) -> bool:
    """Whether the object store has the version, whole."""
    return objects.exists(meta_key(version_id))


def remote_versions(objects: ObjectStore) -> Iterator[str]:
    """Ids of the versions in the object store."""
    for one in objects.list("versions/"):
        parts = one.key.split("/")
        if len(parts) == 4 and parts[3] == META and is_version_id(parts[2]):
            yield parts[2]


def remote_meta(objects: ObjectStore, version_id: str) -> Meta:
    """What the version says of itself there. Raises NotFound, Damaged."""
    try:
        data = objects.get_bytes(meta_key(version_id))
    except NotFound:
        raise NotFound(f"数据版本 {version_id}") from None
    try:
        meta = msgspec.json.decode(data, type=Meta)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise Damaged(version_id, [META]) from None
    if meta.id != version_id:
        raise Damaged(version_id, [META])
    return meta


def push(objects: ObjectStore, version_id: str, folder: Path) -> None:
    """Make the folder the version in the object store, unless it is there already; take off its mark for removal.

    Raises ObjectsUnavailable; then the version is not there (parts of it may be, unseen, until they are collected).
    """
    meta = msgspec.json.decode((folder / META).read_bytes(), type=Meta)
    sending = not is_remote(objects, version_id)
    for last in (False, False, True):
        if sending and not last:
            _send(objects, meta, folder)
        with remote_lock(objects, version_id):
            if (
                last
            ):  # its parts were collected each time before we had the lock: no one collects while we hold it
                _send(objects, meta, folder)
            objects.delete(tombstone_key(version_id))
            if not sending and is_remote(objects, version_id):
                return
            if sending and not missing_files(objects, meta):
                objects.put_bytes(meta_key(version_id), (folder / META).read_bytes(), create=True)
                return
        sending = True  # it was collected while we looked, or its parts were: send it again
    raise ObjectsUnavailable(objects.where, f"数据版本 {version_id} 写入后没有找到")


def _send(objects: ObjectStore, meta: Meta, folder: Path) -> None:
    for name, key in keys_of(meta).items():
        objects.put_file(key, folder / name)


def missing_files(objects: ObjectStore, meta: Meta) -> list[str]:
    """Names of the files that are not there in their size."""
    return [name for name, key in keys_of(meta).items() if _size(objects, key) != meta.files[name].size]


def _size(objects: ObjectStore, key: str) -> int | None:
    try:
        return objects.size(key)
    except NotFound:
        return None


def pull(
    objects: ObjectStore, version_id: str, into: Path, told: Callable[[int], object] | None = None
) -> Meta:
    """Bring a version's files into an empty folder and check each against its hash. Raises NotFound, Damaged,
    ObjectsUnavailable, StoreFull."""
    wrong: list[str] = []
    for _ in range(2):  # it may be collected while we read, and published again
        meta = remote_meta(objects, version_id)
        wrong = [
            name
            for name, key in keys_of(meta).items()
            if not _pulled(objects, key, into / name, meta.files[name], told)
        ]
        if not wrong:
            (into / META).write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=1))
            return meta
    raise Damaged(version_id, wrong)


def _pulled(
    objects: ObjectStore, key: str, path: Path, file: FileMeta, told: Callable[[int], object] | None
) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        objects.get_file(key, path, told)
    except NotFound:
        return False
    return file_meta(path) == file


def withdraw(objects: ObjectStore, version_id: str) -> None:
    """Remove a version from the object store: meta.json first, so that no part is ever visible."""
    objects.delete(meta_key(version_id))
    objects.delete(*[one.key for one in objects.list(prefix_of(version_id))])
    objects.delete(tombstone_key(version_id))


class _Lease(msgspec.Struct):
    owner: str
    until: datetime


@contextmanager
def remote_lock(objects: ObjectStore, version_id: str, wait: timedelta = LEASE) -> Iterator[None]:
    """Alone among all nodes with one version: a small object that only one can create. A lock whose lease is over
    is taken away. Raises ObjectsUnavailable when it cannot be had."""
    key, owner = f"locks/{version_id}", str(new_id())
    give_up = datetime.now(UTC) + wait
    while True:
        lease = msgspec.json.encode(_Lease(owner, datetime.now(UTC) + LEASE))
        if objects.put_bytes(key, lease, create=True):
            break
        held = _lease_at(objects, key)
        if held is not None and held.until < datetime.now(UTC):
            objects.delete(key)
        elif datetime.now(UTC) > give_up:
            raise ObjectsUnavailable(objects.where, f"另一节点正在处理数据版本 {version_id}")
        else:
            sleep(_WAIT)
    try:
        yield
    finally:
        with suppress(ObjectsUnavailable):
            held = _lease_at(objects, key)
            if held is not None and held.owner == owner:
                objects.delete(key)


def _lease_at(objects: ObjectStore, key: str) -> _Lease | None:
    try:
        return msgspec.json.decode(objects.get_bytes(key), type=_Lease)
    except NotFound:
        return None
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _Lease("", datetime.min.replace(tzinfo=UTC))
