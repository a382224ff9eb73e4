"""Parquet: columns of declared types, handed on as the text each value would be written as.

Read row group by row group in batches. What a cell of ours cannot hold becomes text: nested values and maps JSON,
bytes lower-case hexadecimal, fractions of a second and time zones ISO text.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store.cells import MAX_DIGITS, TypeFit
from shuqiao.store.reading.chunks import CHUNK_ROWS, Chunk
from shuqiao.store.reading.layout import unique_names
from shuqiao.store.reading.source import Source
from shuqiao.store.types import ColumnPreview, ColumnType, Format, Preview

MAX_BATCH_BYTES = 64 << 20
NESTED_ROWS = 256
MAX_COLUMNS = 20_000
MAX_METADATA = 64 << 20
MAX_GROUP_BYTES = 1 << 30
_DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, MemoryError, RecursionError)
_TEXT = TypeFit(ColumnType.TEXT)
_Writer = Callable[[Any], str]


class ParquetReader:
    """A Parquet file; `columns` are its column names made unique, `types` what each of them is declared to be (None:
    the values decide). Raises InvalidInput naming column by column what `expected` has otherwise."""

    format = Format.PARQUET

    def __init__(self, source: Source, expected: Sequence[str] | None = None) -> None:
        self._source = source
        self._file = self._opened()
        schema = self._file.schema_arrow
        self.headers = tuple(schema.names)
        self.columns, _ = unique_names(self.headers)
        self.types = tuple(_declared(field.type) for field in schema)
        self._writers = [_writer(field.type) for field in schema]
        self._at_once = NESTED_ROWS if any(pa.types.is_nested(field.type) for field in schema) else CHUNK_ROWS
        self._size = source.path.stat().st_size
        self._read = 0
        if expected is not None:
            self._demand(tuple(expected))

    @property
    def position(self) -> int:
        """Bytes of the source read so far, as far as the share of rows tells."""
        total = self._file.metadata.num_rows
        return self._size * self._read // total if total > 0 else self._size

    def chunks(self) -> Iterator[Chunk]:
        """All rows; the line is the number of the row."""
        try:
            for group in range(self._file.num_row_groups):
                yield from self._group(group)
        except _DAMAGE as error:
            raise self._wrong(error) from None

    def typed(self, preview: Preview) -> Preview:
        """The proposal with the types the file declares, where it declares them."""
        columns = tuple(
            column if fit is None else _retyped(column, fit)
            for column, fit in zip(preview.columns, self.types, strict=True)
        )
        return msgspec.structs.replace(preview, columns=columns)

    def _group(self, group: int) -> Iterator[Chunk]:
        meta = self._file.metadata.row_group(group)
        self._demand_bounded(meta)
        rows, size = max(meta.num_rows, 1), max(meta.total_byte_size, 1)
        at_once = max(1, min(self._at_once, MAX_BATCH_BYTES * rows // size))
        for batch in self._file.iter_batches(batch_size=at_once, row_groups=[group], use_threads=False):
            yield from self._chunks(batch)

    def _chunks(self, batch: pa.RecordBatch) -> Iterator[Chunk]:
        """The rows of a batch, in chunks of at most `MAX_BATCH_BYTES` characters: one long text named by every row
        of a dictionary takes little room in the file."""
        columns = [_cells(write, array) for write, array in zip(self._writers, batch.columns, strict=True)]
        chunk, held = Chunk(), 0
        for cells in map(list, zip(*columns, strict=True)):
            self._read += 1
            chunk.add(self._read, cells)
            held += sum(len(cell) for cell in cells if cell)
            if held > MAX_BATCH_BYTES:
                yield chunk
                chunk, held = Chunk(), 0
        yield chunk

    def _opened(self) -> pq.ParquetFile:
        try:
            file = self._open(())
            schema = file.schema_arrow
            texts = [field.name for field in schema if _is_text(field.type)]
            file = self._open(texts) if texts else file
            columns = len(schema.names)
        except _DAMAGE as error:
            raise self._wrong(error) from None
        if not 0 < columns <= MAX_COLUMNS:
            raise InvalidInput.one(
                self._source.filename, f"Parquet 文件有 {columns} 列，应在 1 到 {MAX_COLUMNS} 列"
            )
        return file

    def _open(self, texts: Sequence[str]) -> pq.ParquetFile:
        """Texts stay in their dictionaries: a value is held once, however many rows name it."""
        return pq.ParquetFile(
            self._source.parquet_file(),
            read_dictionary=list(texts),
            thrift_string_size_limit=MAX_METADATA,
            thrift_container_size_limit=MAX_METADATA // 16,
        )

    def _demand_bounded(self, meta: Any) -> None:
        if not 0 <= meta.total_byte_size <= MAX_GROUP_BYTES:
            what = f"Parquet 的一个行组超过 {MAX_GROUP_BYTES >> 30} GB，请用较小的行组重新导出"
            raise InvalidInput.one(self._source.filename, what)

    def _wrong(self, error: BaseException) -> InvalidInput:
        words = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return InvalidInput.one(self._source.filename, f"Parquet 文件读不出来：{words}")

    def _demand(self, expected: tuple[str, ...]) -> None:
        if expected == self.columns:
            return
        gone = [
            Problem(name, "读取方案里有这一列，文件里没有") for name in expected if name not in self.columns
        ]
        new = [
            Problem(name, "文件里有这一列，读取方案里没有") for name in self.columns if name not in expected
        ]
        raise InvalidInput([*gone, *new] or [Problem("表头", "列的顺序与读取方案不一致")])


def _retyped(column: ColumnPreview, fit: TypeFit) -> ColumnPreview:
    checks = column.checks if fit.type is ColumnType.TEXT else ()
    return msgspec.structs.replace(column, type=fit.type, form=fit.form, scale=fit.scale, checks=checks)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _cells(write: _Writer, array: Any) -> list[str | None]:
    """An array as cells."""
    if pa.types.is_dictionary(array.type):
        words = _cells(write, array.dictionary)
        return [None if place is None else words[place] for place in array.indices.to_pylist()]
    return [None if value is None else write(value) for value in _microseconds(array).to_pylist()]


def _microseconds(array: Any) -> Any:
    """Python knows moments to the microsecond; where there are finer ones the array becomes text, digits kept."""
    kind = array.type
    if not ((pa.types.is_timestamp(kind) or pa.types.is_time64(kind)) and kind.unit == "ns"):
        return array
    try:
        coarse = pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else pa.time64("us")
        return array.cast(coarse)
    except pa.ArrowInvalid:
        return array.cast(pa.string())


def _declared(kind: Any) -> TypeFit | None:
    """The column type a Parquet type stands for; None where the values have to decide."""
    if pa.types.is_dictionary(kind):
        return _declared(kind.value_type)
    if pa.types.is_boolean(kind):
        return TypeFit(ColumnType.BOOLEAN, "true/false")
    if pa.types.is_integer(kind):
        return None if kind == pa.uint64() else TypeFit(ColumnType.INTEGER)
    if pa.types.is_date32(kind):
        return TypeFit(ColumnType.DATE, "YYYY-MM-DD")
    if pa.types.is_timestamp(kind):
        return None if kind.tz else _moment(kind)
    if pa.types.is_decimal(kind):
        fits = kind.precision <= MAX_DIGITS and 0 < kind.scale < MAX_DIGITS
        return TypeFit(ColumnType.DECIMAL, "fixed", kind.scale) if fits else None
    return None if pa.types.is_floating(kind) or pa.types.is_null(kind) else _TEXT


def _moment(kind: Any) -> TypeFit | None:
    return TypeFit(ColumnType.DATETIME, "YYYY-MM-DD hh:mm:ss") if kind.unit == "s" else None


def _writer(kind: Any) -> _Writer:
    """How a value of this type is written as a cell."""
    if pa.types.is_dictionary(kind):
        return _writer(kind.value_type)
    if pa.types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if pa.types.is_floating(kind):
        return _float
    if pa.types.is_decimal(kind):
        return lambda value: format(value, "f")
    if pa.types.is_timestamp(kind):
        return _written_moment
    return _plain if not pa.types.is_nested(kind) else _json


def _float(value: float) -> str:
    if math.isfinite(value) and value.is_integer() and abs(value) < 2**53:
        return str(int(value)) if value or math.copysign(1, value) > 0 else "-0"
    return repr(value)


def _written_moment(value: Any) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _plain(value: Any) -> str:
    match value:
        case str():
            return value
        case bytes():
            return value.hex()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner)


def _inner(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b16encode(value).decode().lower()
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)
