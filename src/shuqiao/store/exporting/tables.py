"""Formats that pyarrow writes: CSV, Parquet and the Arrow stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from shuqiao.store.cells import arrow_type
from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.exporting.encoding import Drain, Shown
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql
from shuqiao.store.types import ColumnType

_BOM = b"\xef\xbb\xbf"
_LINES = pacsv.WriteOptions(include_header=False, quoting_style="needed", batch_size=4096)
_WIDEST = 32  # bytes of a number, day or truth as text, or of quotes, with its separator
_DICTIONARY = (
    65_536  # bytes after which a column counts as one of ever new values; the usual 1 MB costs double
)
_AS_TYPED = frozenset({ColumnType.INTEGER, ColumnType.DATE, ColumnType.BOOLEAN})


class Csv:
    """RFC 4180, UTF-8; all text quoted, so that a missing value and an empty text stay two things. Text is kept
    exact: nothing is added in front of ``=`` or ``+``."""

    in_order = False

    def __init__(self, shown: Shown, *, bom: bool) -> None:
        self._shown = shown
        self._bom = bom

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """Types that are written alike stay typed: that is quicker than text."""
        return [
            Sql(column.code)
            if mask is Mask.NONE and column.type in _AS_TYPED
            else dialect.shown(column, mask, hash_key)
            for column, mask in self._shown
        ]

    def head(self) -> bytes:
        """The names."""
        line = io.StringIO()
        names = (column.name for column, _ in self._shown)
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(names)
        return (_BOM if self._bom else b"") + line.getvalue().encode()

    def piece(self, batch: pa.RecordBatch) -> bytes:
        """Lines. There is room for the longest they can be, every character a quote: a sink that grows copies what
        it holds, and untouched room costs nothing."""
        room = pa.allocate_buffer(2 * batch.nbytes + _WIDEST * batch.num_rows * batch.num_columns)
        sink = pa.FixedSizeBufferWriter(room)
        pacsv.write_csv(batch, sink, _LINES)
        return room.slice(0, sink.tell()).to_pybytes()

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """Every line ends itself."""
        return piece

    def tail(self, *, empty: bool) -> bytes:
        """Nothing."""
        return b""


class _Typed:
    """Columns with their types: whole numbers, decimals, days, moments; masked ones are text."""

    in_order = True

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._drain = Drain()
        self._schema = pa.schema(
            [
                pa.field(
                    column.name,
                    arrow_type(column.type, column.scale) if mask is Mask.NONE else pa.string(),
                )
                for column, mask in shown
            ]
        )
        self._writer = self._open()

    def _open(self) -> pq.ParquetWriter | pa.RecordBatchStreamWriter:
        raise NotImplementedError

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """Unmasked columns as they are kept."""
        return [
            Sql(column.code) if mask is Mask.NONE else dialect.shown(column, mask, hash_key)
            for column, mask in self._shown
        ]

    def head(self) -> bytes:
        """What the format begins with."""
        return self._drain.take()

    def piece(self, batch: pa.RecordBatch) -> bytes:
        """A row group or message of the stream."""
        self._writer.write_batch(batch.rename_columns(self._schema.names).cast(self._schema))
        return self._drain.take()

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """As they come."""
        return piece

    def tail(self, *, empty: bool) -> bytes:
        """What the format ends with."""
        self._writer.close()
        return self._drain.take()


class Parquet(_Typed):
    """Apache Parquet, a row group for each batch."""

    def _open(self) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            pa.PythonFile(self._drain, mode="w"),
            self._schema,
            compression="zstd",
            compression_level=1,
            dictionary_pagesize_limit=_DICTIONARY,
        )


class Arrow(_Typed):
    """The Arrow IPC stream."""

    def _open(self) -> pa.RecordBatchStreamWriter:
        return pa.ipc.new_stream(pa.PythonFile(self._drain, mode="w"), self._schema)
