"""Workbooks the worker made: their files, kept privately for a day, and who may have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from shuqiao.accounts.types import Actor
from shuqiao.catalog.models import Entry, Export
from shuqiao.catalog.spreadsheet import SheetEntry
from shuqiao.catalog.types import ExportStatus
from shuqiao.kernel import NotFound
from shuqiao.kernel.time import now

WIDTH = 16  # bytes of an id
CHECKED = 1_000
FORGOTTEN = "文件里有 {} 个条目已撤下或并入其他条目，这份文件不再提供；请重新导出"


def folder() -> Path:
    """Where they lie; nobody but the platform may look in."""
    place = Path(settings.HOME) / "exports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def list_exports_for(actor: Actor) -> QuerySet[Export]:
    """What the actor himself asked for."""
    return Export.objects.filter(by=actor.user_id) if actor.user_id else Export.objects.none()


def get_export_for(actor: Actor, export_id: UUID) -> Export:
    """An export of the actor's own. Anybody else's: NotFound."""
    found = list_exports_for(actor).filter(pk=export_id).first()
    if found is None:
        raise NotFound("导出")
    return found


def why_not(actor: Actor, export: Export) -> str:
    """Why the actor cannot have the file now; empty when he can. What has left the catalogue, or what he may not see
    any more, since the file was made, he does not get from the file either."""
    if export.status != ExportStatus.DONE:
        return export.problem or "还在制作，请稍候"
    path = _path(export.file)
    if not export.has_file(now()) or not path.is_file() or not _ids_beside(path).is_file():
        return "文件已过保存期限；请重新导出"
    gone = count_gone(actor, export)
    return FORGOTTEN.format(gone) if gone else ""


def fetch(actor: Actor, export_id: UUID) -> tuple[Export, Path]:
    """An export with its file. Raises NotFound, with the reason, when there is none to have."""
    export = get_export_for(actor, export_id)
    if why := why_not(actor, export):
        raise NotFound(f"导出的文件（{why}）")
    return export, _path(export.file)


def count_gone(actor: Actor, export: Export) -> int:
    """How many entries of the file the actor does not find in the catalogue any more."""
    kept = _ids_beside(_path(export.file)).read_bytes()
    seen = Entry.objects.all().visible_to(actor).published()
    gone = 0
    for start in range(0, len(kept), WIDTH * CHECKED):
        part = kept[start : start + WIDTH * CHECKED]
        ids = [UUID(bytes=part[place : place + WIDTH]) for place in range(0, len(part), WIDTH)]
        gone += len(ids) - seen.filter(pk__in=ids).count()
    return gone


class Written(NamedTuple):
    """A file that is whole."""

    name: str
    size: int
    entries: int


class Writing:
    """A file that comes into being: no row names it before it is whole, so nobody can have half of it."""

    def __init__(self, export_id: UUID, attempt: str) -> None:
        self.name = f"{export_id.hex}-{attempt}.xlsx"
        self.path = _path(self.name)
        self.ids = bytearray()
        for old in folder().glob(f"{export_id.hex}-*"):  # of a worker that died over it
            old.unlink(missing_ok=True)

    def noting(self, entries: Iterable[tuple[UUID, SheetEntry]]) -> Iterator[SheetEntry]:
        """The entries, remembering which they are."""
        for entry_id, entry in entries:
            self.ids += entry_id.bytes
            yield entry

    def finish(self) -> Written:
        """The workbook is written: keep beside it which entries it holds."""
        _ids_beside(self.path).write_bytes(self.ids)
        return Written(self.name, self.path.stat().st_size, len(self.ids) // WIDTH)

    def drop(self) -> None:
        """Nothing of it remains."""
        for path in folder().glob(f"{Path(self.name).stem}*"):
            path.unlink(missing_ok=True)


def remove(export: Export) -> None:
    """The files of an export go."""
    for path in folder().glob(f"{export.pk.hex}-*"):
        path.unlink(missing_ok=True)


def sweep() -> int:
    """Files go that belong to no export that waits or can be downloaded. Returns how many."""
    files = [
        path for path in folder().iterdir() if path.is_file()
    ]  # before the rows: what is newer is not looked at
    waiting = Export.objects.filter(status=ExportStatus.WAITING)
    busy = {one.hex for one in waiting.values_list("pk", flat=True)}
    done = set(Export.objects.filter(status=ExportStatus.DONE).values_list("file", flat=True))
    gone = [
        path
        for path in files
        if path.name.partition("-")[0] not in busy and f"{path.name.partition('.')[0]}.xlsx" not in done
    ]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _path(name: str) -> Path:
    return folder() / name


def _ids_beside(path: Path) -> Path:
    return path.with_suffix(".ids")
