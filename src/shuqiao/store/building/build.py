"""`build`: one streaming pass from a source to a published version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from shuqiao.kernel import time
from shuqiao.store.building.profiling import profile_table
from shuqiao.store.building.quarantine import Quarantine
from shuqiao.store.building.rowindex import fill_row_index, index_keys
from shuqiao.store.building.sieve import Sieve, columns_of
from shuqiao.store.lanes import Lane, ahead
from shuqiao.store.layout import PROFILE
from shuqiao.store.reading import Chunk, Reader, Source, open_reader
from shuqiao.store.reading.blocks import ColumnBlock
from shuqiao.store.reading.delimited import DelimitedReader
from shuqiao.store.reading.foot import with_foot
from shuqiao.store.reading.layout import Layout
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
    opened = Source(source, filename or source.name)
    columns = columns_of(recipe)
    with store.staging() as staged, Lane(partial(_hash, source)) as hashing:
        sieve, quarantine, blanks = _write_rows(opened, recipe, staged, progress)
        files = {name: file_meta(staged / name) for name in (DATA, QUARANTINE)}
        version_id = version_id_of(columns, recipe.keys, files)
        if store.adopt(version_id):
            return BuiltVersion(
                id=version_id, path=store.path_of(version_id), meta=store.meta(version_id), existed=True
            )
        keys = _derive(recipe, staged, files, sieve.rows)
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
            source_sha256=hashing.finish().sha256,
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
    """Read, sift and write: the reader, data.parquet and rows.sqlite each have a thread."""
    reader = open_reader(source, recipe)
    with Quarantine(staged / QUARANTINE) as quarantine, ExitStack() as stack:
        sieve = Sieve(recipe, quarantine)
        lanes = [stack.enter_context(Lane(partial(_write_parquet, staged / DATA, sieve.schema)))]
        if recipe.keys:
            lanes.append(
                stack.enter_context(Lane(partial(fill_row_index, staged / ROWS, columns_of(recipe))))
            )
        blanks = 0
        for part in stack.enter_context(closing(ahead(_parts(reader, recipe, sieve.layout)))):
            blanks += part.blanks if isinstance(part, Chunk) else 0
            for batch in sieve.sift_part(part):
                for lane in lanes:
                    lane.send(batch)
            if progress is not None:
                progress(sieve.rows, reader.position)
        sieve.finish()
        quarantine.finish()
        for lane in lanes:
            lane.finish()
    if progress is not None:
        progress(sieve.rows, reader.position)
    return sieve, quarantine, blanks


def _parts(reader: Reader, recipe: Recipe, layout: Layout) -> Iterator[Chunk | ColumnBlock]:
    if isinstance(reader, DelimitedReader):
        return with_foot(reader.blocks(len(recipe.columns), recipe.header_row), layout)
    return with_foot(reader.chunks(), layout)


def _write_parquet(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """Row groups of exactly `ROW_GROUP` rows, however the source was cut: the same rows give the same bytes."""
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        waiting: list[pa.RecordBatch] = []
        held = 0
        for batch in batches:
            waiting.append(batch)
            held += batch.num_rows
            if held >= ROW_GROUP:
                whole = pa.Table.from_batches(waiting)
                full = held - held % ROW_GROUP
                for start in range(0, full, ROW_GROUP):
                    writer.write_table(whole.slice(start, ROW_GROUP).combine_chunks())
                waiting, held = whole.slice(full).to_batches(), held - full
        if held:
            writer.write_table(pa.Table.from_batches(waiting).combine_chunks())


def _derive(recipe: Recipe, staged: Path, files: dict[str, FileMeta], rows: int) -> tuple[Key, ...]:
    """What follows from the rows: the keys' indexes and the profile, made side by side."""
    columns = columns_of(recipe)
    with Lane(partial(_index, recipe, staged)) as indexing:
        profile = profile_table(staged / DATA, columns, rows)
        (staged / PROFILE).write_bytes(msgspec.json.format(msgspec.json.encode(profile), indent=1))
        files[PROFILE] = file_meta(staged / PROFILE)
        keys, row_index = indexing.finish()
    if row_index is not None:
        files[ROWS] = row_index
    return keys


def _hash(source: Path, _: Iterator[None]) -> FileMeta:
    return file_meta(source)


def _index(recipe: Recipe, staged: Path, _: Iterator[None]) -> tuple[tuple[Key, ...], FileMeta | None]:
    if not recipe.keys:
        return (), None
    keys = index_keys(staged / ROWS, columns_of(recipe), recipe.keys)
    return keys, file_meta(staged / ROWS)
