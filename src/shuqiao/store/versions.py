"""The store on disk: immutable versions, published by one rename, and what a crash left behind swept up.

With an object store, that is where versions are kept, and the folder is this node's cache of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shuqiao.kernel import NotFound
from shuqiao.kernel.ids import new_id
from shuqiao.store import retention, shipping
from shuqiao.store.building.profiling import TableProfile, kept_profile, profile_table
from shuqiao.store.failures import telling_full
from shuqiao.store.holding import Hold, alone, locked
from shuqiao.store.layout import (
    CONTENT,
    DATA,
    META,
    QUARANTINE,
    ROWS,
    file_meta,
    is_version_id,
    sync,
)
from shuqiao.store.types import Column, FileMeta, Meta

if TYPE_CHECKING:
    from shuqiao.store.handle import VersionHandle
    from shuqiao.store.objects import ObjectStore

__all__ = ["BUILDER", "CONTENT", "DATA", "META", "QUARANTINE", "ROWS", "Store", "file_meta", "sync"]

BUILDER = 1
_STAGING, _LOCKS = ".staging", ".locks"


class Store:
    """A directory of versions. Opening it writes nothing; any number of processes may share it.

    With `objects`, publishing writes there first, and what this node lacks is fetched when it is opened.
    `cache_bytes` (0: no limit) is how much of it the node keeps; see `evict`.
    """

    def __init__(self, root: Path, objects: ObjectStore | None = None, cache_bytes: int = 0) -> None:
        self.root = root
        self.objects = objects
        self.cache_bytes = cache_bytes

    def path_of(self, version_id: str) -> Path:
        """Where a version stands or would stand. Raises NotFound for what cannot be an id."""
        if not is_version_id(version_id):
            raise NotFound(f"数据版本 {version_id[:80]}")
        return self.root / "versions" / version_id[:2] / version_id

    def has(self, version_id: str) -> bool:
        """Whether the version is published and on this node."""
        return is_version_id(version_id) and (self.path_of(version_id) / META).is_file()

    def list_versions(self) -> list[str]:
        """Ids of all versions on this node, in order."""
        found = (self.root / "versions").glob("[0-9a-f][0-9a-f]/*")
        return sorted(path.name for path in found if is_version_id(path.name))

    def open(self, version_id: str) -> VersionHandle:
        """Open a published version for reading; while it is open nothing removes it from this node.

        Raises NotFound; where it must be fetched first, ObjectsUnavailable, Damaged and StoreFull too.
        """
        from shuqiao.store.handle import VersionHandle  # the handle knows the file names kept here

        path = self.path_of(version_id)
        if self.objects is None:
            return VersionHandle(path)
        for _ in range(3):  # a fetched version may be evicted before it is held
            try:
                handle = VersionHandle(path)
            except NotFound:
                self.fetch(version_id)
            else:
                handle.hold.touch()
                return handle
        return VersionHandle(path)

    def meta(self, version_id: str) -> Meta:
        """What the version says of itself. Raises NotFound."""
        try:
            data = (self.path_of(version_id) / META).read_bytes()
        except FileNotFoundError:
            if self.objects is None:
                raise NotFound(f"数据版本 {version_id}") from None
            return shipping.remote_meta(self.objects, version_id)
        return msgspec.json.decode(data, type=Meta)

    def profile(self, version_id: str) -> TableProfile:
        """What the columns of a table version look like; looked at now where it was built without a profile.
        Raises NotFound; where the version must be fetched first, what `fetch` raises."""
        with self.open(version_id) as handle:
            kept = kept_profile(handle.path)
            return kept or profile_table(handle.path / DATA, handle.meta.columns, handle.meta.rows)

    def kept_profile(self, version_id: str) -> TableProfile | None:
        """`profile` where the version was built with one; None, and no look at its rows, where it was not."""
        with self.open(version_id) as handle:
            return kept_profile(handle.path)

    def damaged_files(self, version_id: str) -> list[str]:
        """Names of the files whose content is no longer what meta.json says; empty when the version is whole."""
        path, meta = self.path_of(version_id), self.meta(version_id)
        return [
            name
            for name, file in meta.files.items()
            if not (path / name).is_file() or file_meta(path / name) != file
        ]

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A directory to build in, on the same file system as the versions; gone afterwards unless published.
        When the disk is full while the body runs, StoreFull comes out."""
        area = self.root / _STAGING
        path = area / str(new_id())
        with telling_full():
            path.mkdir(parents=True)
        try:
            with telling_full(path):
                yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def publish_dir(self, staged: Path, version_id: str) -> Path:
        """Make a staged directory the version: into the object store, if there is one; then sync all of it,
        rename once, sync the parent.

        A version that is there already stays; the staged copy is left to be removed. Raises ObjectsUnavailable
        and StoreFull; then the version is not published.
        """
        if self.objects is not None:
            shipping.push(self.objects, version_id, staged)
        target = self.place(staged, version_id)
        self.evict(spare=(version_id,))
        return target

    def place(self, staged: Path, version_id: str) -> Path:
        """Make a staged directory the version on this node."""
        target = self.path_of(version_id)
        with telling_full():
            for folder, _, names in os.walk(staged, topdown=False):
                for name in names:
                    sync(Path(folder, name))
                sync(Path(folder))
            for parent in (self.root / "versions", target.parent):
                if not parent.is_dir():
                    parent.mkdir(parents=True, exist_ok=True)
                    sync(parent.parent)
        with self.collecting(shared=True):
            try:
                staged.rename(target)
            except OSError:
                if not self.has(version_id):
                    raise
            retention.revive(self, version_id)
        sync(target.parent)
        return target

    def adopt(self, version_id: str) -> Meta | None:
        """What this content says of itself if it is published already; then it is made sure of: on this node, in
        the object store, and no longer marked for removal. A builder that finds its result here need not publish.
        Raises what `fetch` does."""
        path = self.path_of(version_id)
        while True:
            try:
                hold = Hold(path / META)
            except FileNotFoundError:
                if self.objects is None or not shipping.is_remote(self.objects, version_id):
                    return None
                self.fetch(version_id)
            else:
                break
        with closing(hold):
            with self.collecting(shared=True):
                retention.revive(self, version_id)
            if self.objects is not None:
                shipping.push(self.objects, version_id, path)
            return msgspec.json.decode(hold.read(), type=Meta)

    def fetch(self, version_id: str, told: Callable[[int], object] | None = None) -> Path:
        """Bring a version from the object store to this node, whole and checked, once however many ask.

        Raises NotFound, ObjectsUnavailable, Damaged, StoreFull; then nothing of it is here.
        """
        target = self.path_of(version_id)
        if self.objects is None:
            raise NotFound(f"数据版本 {version_id}")
        with locked(self.root / _LOCKS / f"fetch-{version_id[:2]}"):
            if not self.has(version_id):
                with self.staging() as staged:
                    shipping.pull(self.objects, version_id, staged, told)
                    self.place(staged, version_id)
        self.evict(spare=(version_id,))
        return target

    def evict(self, limit: int | None = None, spare: Collection[str] = ()) -> list[str]:
        """Take the versions used longest ago off this node until the rest is within `limit` bytes (`cache_bytes`).
        Only what the object store has whole goes, and never what is open. Returns the ids."""
        return retention.evict(self, self.cache_bytes if limit is None else limit, spare)

    def collect(
        self, keep: Collection[str] | Callable[[], Collection[str]], older_than: timedelta
    ) -> list[str]:
        """Remove versions nobody names, in two steps; returns the ids removed now. See `retention.collect`."""
        return retention.collect(self, keep, older_than)

    def take_away(self, version_id: str) -> bool:
        """Remove a version from this node unless somebody has it open. At no moment is a part of it visible."""
        path = self.path_of(version_id)
        with alone(path / META) as free:
            if not free:
                return False
            area = self.root / _STAGING
            area.mkdir(parents=True, exist_ok=True)
            gone = area / str(new_id())
            path.rename(gone)
        sync(path.parent)
        shutil.rmtree(gone, ignore_errors=True)
        return True

    @contextmanager
    def collecting(self, *, shared: bool = False) -> Iterator[None]:
        """Removal holds this alone while it decides and removes; publishing shares it."""
        with locked(self.root / _LOCKS / "collect", shared=shared):
            yield

    def sweep(self, older_than: timedelta) -> list[str]:
        """Remove what killed builds left in the staging area, untouched for `older_than`. Returns the names."""
        limit = time.time() - older_than.total_seconds()
        area = self.root / _STAGING
        stale = [path for path in area.iterdir() if _last_touched(path) < limit] if area.is_dir() else []
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return sorted(path.name for path in stale)


def open_store(root: Path, objects_url: str = "", cache_bytes: int = 0) -> Store:
    """The store of an installation by its settings: the folder, the object store's address ("" for none) and how
    many bytes the folder may then hold (0: no limit). Asks nothing of the object store yet. Raises InvalidInput."""
    return Store(root, _objects_at(objects_url) if objects_url else None, cache_bytes)


@lru_cache(maxsize=4)
def _objects_at(url: str) -> ObjectStore:
    """One client, and so one pool of connections, an address and process."""
    from shuqiao.store.objects import (
        open_objects,
    )  # loads a library that an installation without one can spare

    return open_objects(url)


def _last_touched(path: Path) -> float:
    times = []
    for part in (path, *path.rglob("*")):
        try:
            times.append(part.stat().st_mtime)
        except FileNotFoundError:  # a living build moves its files while we look
            times.append(time.time())
    return max(times)


def version_id_of(
    columns: tuple[Column, ...], keys: tuple[tuple[str, ...], ...], files: dict[str, FileMeta]
) -> str:
    """The id: SHA-256 over the schema, the declared keys and the content files' hashes.

    rows.sqlite is derived from data.parquet and the keys, so it adds nothing; its hash stands in meta.json.
    """
    content = {name: files[name].sha256 for name in (DATA, QUARANTINE)}
    described = msgspec.json.encode([BUILDER, columns, keys, content], order="sorted")
    return hashlib.sha256(described).hexdigest()
