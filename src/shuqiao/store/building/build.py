"""`build`: one streaming pass from a source to a published version."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from shuqiao.kernel import time
from shuqiao.store.building.quarantine import Quarantine
from shuqiao.store.building.rowindex import build_row_index
from shuqiao.store.building.sieve import Sieve, columns_of
from shuqiao.store.reading import Source, open_reader
from shuqiao.store.types import BuiltVersion, FileMeta, Key, Meta, Progress, Recipe
from shuqiao.store.versions import BUILDER, DATA, META, QUARANTINE, ROWS, Store, file_meta, version_id_of

ROW_GROUP = 100_000


def build(
    source: Path,
    recipe: Recipe,
    into: Path | Store,
    *,
    filename: str | None = None,
    progress: Progress | None = None,
) -> BuiltVersion:
    """Build the version of `source` under `recipe` and publish it in the store `into` (or the one at that folder).

    Rows that cannot be right are in the version's quarantine report. The same content under the same schema
    has the same id and is not built twice. Raises InvalidInput when the recipe does not fit the file or the
    file cannot be read, StoreFull when there is no room; then nothing is left behind.
    """
    recipe.validate()
    store = into if isinstance(into, Store) else Store(into)
    with store.staging() as staged:
        sieve, quarantine, blanks = _write_rows(
            Source(source, filename or source.name), recipe, staged, progress
        )
        columns = columns_of(recipe)
        files = {name: file_meta(staged / name) for name in (DATA, QUARANTINE)}
        version_id = version_id_of(columns, recipe.keys, files)
        if store.adopt(version_id):
            return BuiltVersion(
                id=version_id, path=store.path_of(version_id), meta=store.meta(version_id), existed=True
            )
        keys = _write_row_index(recipe, staged, files)
        meta = Meta(
            id=version_id,
            columns=columns,
            rows=sieve.rows,
            quarantined=quarantine.rows,
            reasons=dict(quarantine.reasons),
            reported=dict(quarantine.reported),
            blank_lines=blanks,
            keys=keys,
            recipe=recipe,
            source_sha256=file_meta(source).sha256,
            files=files,
            builder=BUILDER,
            built_at=time.now().isoformat(timespec="seconds"),
        )
        (staged / META).write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=1))
        path = store.publish_dir(staged, version_id)
    return BuiltVersion(id=version_id, path=path, meta=store.meta(version_id))


def _write_rows(
    source: Source, recipe: Recipe, staged: Path, progress: Progress | None
) -> tuple[Sieve, Quarantine, int]:
    reader = open_reader(source, recipe)
    blanks = 0
    with Quarantine(staged / QUARANTINE) as quarantine:
        sieve = Sieve(recipe, quarantine)
        with pq.ParquetWriter(staged / DATA, sieve.schema, compression="zstd", compression_level=3) as writer:
            waiting: list[pa.RecordBatch] = []
            for chunk in reader.chunks():
                blanks += chunk.blanks
                batch = sieve.sift(chunk)
                if batch is not None:
                    waiting.append(batch)
                if sum(part.num_rows for part in waiting) >= ROW_GROUP:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting.clear()
                if progress is not None:
                    progress(sieve.rows, reader.position)
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
        sieve.finish()
        quarantine.finish()
    return sieve, quarantine, blanks


def _write_row_index(recipe: Recipe, staged: Path, files: dict[str, FileMeta]) -> tuple[Key, ...]:
    if not recipe.keys:
        return ()
    keys = build_row_index(staged / DATA, staged / ROWS, columns_of(recipe), recipe.keys)
    files[ROWS] = file_meta(staged / ROWS)
    return keys
