"""Files on their way in: which reader a staged file gets, what is listed of it, and who may bring in what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import mappings, spreadsheet, staging
from shuqiao.catalog.classification import classes_of
from shuqiao.catalog.models import ColumnMapping, ImportRecord
from shuqiao.catalog.services import check_import, demand_import, division_of
from shuqiao.catalog.services.judging import judge
from shuqiao.catalog.types import Reading
from shuqiao.kernel import NotFound
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Division
from shuqiao.store import Recipe


@dataclass(frozen=True, slots=True)
class Outline:
    """One entry of a checked file as the report lists it."""

    sheet: str
    row: int
    title: str
    provider: str
    good: bool

    @property
    def place(self) -> str:
        """The value a tick box sends."""
        return f"{self.row}@{self.sheet}"


def read_file(
    path: Path, filename: str, division: str, mapping: ColumnMapping | None, recipe: Recipe | None = None
) -> Reading:
    """Read a file for a division: by a mapping where one is given, else as one of the layouts. Raises InvalidInput
    when it cannot be read so."""
    classes = classes_of(division)
    if mapping is None:
        return spreadsheet.read(path, classes=classes)
    source = mappings.Source(path, filename, recipe) if recipe else mappings.look(path, filename)
    return mappings.read_mapped(source, mappings.Rules.from_json(mapping.rules), classes=classes)


def check(
    actor: Actor,
    path: Path,
    name: str,
    *,
    department_id: UUID | None,
    division: str,
    mapping: ColumnMapping | None,
    at: datetime,
) -> ImportRecord:
    """Judge a received file for a department, or (None) for all of a division's, and keep it with its record."""
    demand_import(actor, department_id, division)
    recipe = mappings.look(path, name).recipe if mapping else None
    reading = read_file(path, name, division, mapping, recipe)
    record = check_import(
        actor=actor,
        department_id=department_id,
        division=division,
        reading=reading,
        file_name=name,
        sha256=staging.digest(path),
        at=at,
        mapping_id=mapping.id if mapping else None,
    )
    staging.keep(path, record.id)
    outline(record, reading)
    return record


def read_record(record: ImportRecord, path: Path) -> Reading:
    """Read the staged file of an import again, the way it was read when it was checked."""
    return read_file(path, record.file_name, division_of(record), record.mapping)


def outline(record: ImportRecord, reading: Reading) -> None:
    """Keep the entries of a file in its order beside it: sheet, row, title, provider, whether it may go in as the
    record was judged last."""
    judged = judge(reading, record)
    rows = zip(judged.reading.drafts, judged.departments, strict=True)
    listed = [
        (
            draft.sheet,
            draft.first_row,
            draft.content.title,
            draft.provider,
            draft.is_good and whose is not None,
        )
        for draft, whose in rows
    ]
    staging.keep_outline(record.id, listed)


def importable_divisions(actor: Actor) -> list[Division]:
    """Divisions whose whole catalogue the actor may bring in: those the bureau role covers."""
    return list(organizations.list_divisions().filter(code__in=actor.divisions_with(P.CATALOG_ENTRY_REVIEW)))


def mapping_divisions(actor: Actor) -> frozenset[str]:
    """Divisions whose mappings the actor may use and save."""
    editable = actor.departments_with(P.CATALOG_ENTRY_EDIT)
    own = {post.division for post in actor.posts if post.department_id in editable}
    return frozenset(own) | actor.divisions_with(P.CATALOG_ENTRY_REVIEW)


def list_mappings_for(actor: Actor) -> list[ColumnMapping]:
    """The newest version of every mapping in use in the actor's divisions."""
    rows = ColumnMapping.objects.filter(division__in=mapping_divisions(actor), retired=False)
    newest: dict[tuple[str, str], ColumnMapping] = {}
    for row in rows.select_related("division").order_by("name", "-version"):
        newest.setdefault((row.division_id, row.name), row)
    return list(newest.values())


def get_mapping_for(actor: Actor, mapping_id: UUID) -> ColumnMapping:
    """One version of a mapping of the actor's divisions. Raises NotFound."""
    found = ColumnMapping.objects.filter(pk=mapping_id, division__in=mapping_divisions(actor)).first()
    if found is None:
        raise NotFound("列对应方案")
    return found


def listed(rows: list[tuple[str, int, str, str, bool]], provider: str) -> list[Outline]:
    """The kept outline of a file, narrowed to one provider."""
    return [Outline(*row) for row in rows if not provider or row[3] == provider]
