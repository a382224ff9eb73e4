"""One export on its way: rows are read, encoded and handed on at the same time, in order, with little in memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from shuqiao.kernel import InvalidInput
from shuqiao.store.exporting.encoding import Drain, Encoder, Shown
from shuqiao.store.exporting.lines import Json, Ndjson, Xml
from shuqiao.store.exporting.tables import Arrow, Csv, Parquet
from shuqiao.store.exporting.workbook import Workbook
from shuqiao.store.running import Running

EXPORT_FORMATS = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "ndjson": "application/x-ndjson",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml": "application/xml",
        "parquet": "application/vnd.apache.parquet",
        "arrow": "application/vnd.apache.arrow.stream",
    }
)
"""What can be exported, by the extension of its file: the media type."""

COMPRESSIONS = ("", "gzip", "zstd")
_PACKED = frozenset({"xlsx", "parquet", "arrow"})
_AHEAD = 3  # pieces encoded or waiting while one is handed on
_ENCODERS = 2


class Export:
    """A file that is made while it is read. Iterate it once; `rows` counts what has been handed out, and `close` it
    when it is not read to its end.

    `media_type` and `extension` belong to the file itself; `encoding` ("", "gzip", "zstd") is how its bytes are
    packed on top of that, as HTTP's Content-Encoding means it: "" for formats that pack themselves.
    """

    def __init__(
        self,
        kind: str,
        *,
        encoder: Encoder,
        shown: Shown,
        read: Callable[[], Generator[pa.RecordBatch]],
        running: Running,
        compression: str,
    ) -> None:
        self.columns = tuple(column.name for column, _ in shown)
        self.media_type = EXPORT_FORMATS[kind]
        self.extension = kind
        self.encoding = "" if kind in _PACKED else compression
        self.rows = 0
        self._running = running
        self._pieces = self._make(encoder, read)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Stop reading. What was handed out stays counted."""
        self._pieces.close()

    def _make(self, encoder: Encoder, read: Callable[[], Generator[pa.RecordBatch]]) -> Generator[bytes]:
        pack = _packer(self.encoding)
        self._running.check()
        if head := pack(encoder.head(), False):
            yield head
        first = True
        made = _pieces(encoder, read, self._running)
        try:
            for rows, piece in made:
                self._running.check()
                packed = pack(encoder.joined(piece, first=first), False)
                first = False
                self.rows += rows
                if packed:
                    yield packed
        finally:
            made.close()
        if tail := pack(encoder.tail(empty=first), True):
            yield tail


def export_rows(
    kind: str,
    shown: Shown,
    batches: Callable[[Encoder, Running], Generator[pa.RecordBatch]],
    *,
    bom: bool,
    running: Running | None,
    compression: str,
) -> Export:
    """The file of the rows that `batches` reads. Raises InvalidInput at once for what is not offered."""
    if compression not in COMPRESSIONS:
        raise InvalidInput.one("compression", f"不支持的压缩方式：{compression}（可用：gzip、zstd）")
    encoder = _encoder(kind, shown, bom=bom)
    own = running or Running()
    return Export(
        kind,
        encoder=encoder,
        shown=shown,
        read=lambda: batches(encoder, own),
        running=own,
        compression=compression,
    )


def _encoder(kind: str, shown: Shown, *, bom: bool) -> Encoder:
    match kind:
        case "csv":
            return Csv(shown, bom=bom)
        case "json":
            return Json(shown)
        case "ndjson":
            return Ndjson(shown)
        case "xlsx":
            return Workbook(shown)
        case "xml":
            return Xml(shown)
        case "parquet":
            return Parquet(shown)
        case "arrow":
            return Arrow(shown)
        case _:
            named = "、".join(EXPORT_FORMATS)
            raise InvalidInput.one("format", f"不支持的导出格式：{kind}（可用：{named}）")


def _pieces(
    encoder: Encoder, read: Callable[[], Generator[pa.RecordBatch]], running: Running
) -> Generator[tuple[int, bytes]]:
    """(rows, bytes) in order. A thread reads ahead, others encode; at most `_AHEAD` pieces wait."""
    ahead = _Ahead(encoder, read)
    try:
        while (one := ahead.waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one.result()
    except GeneratorExit:
        running.cancel()
        raise
    finally:
        ahead.leave()


class _Ahead:
    """Reads and encodes ahead of whoever takes from `waiting`, where an error stands last, or None."""

    def __init__(self, encoder: Encoder, read: Callable[[], Generator[pa.RecordBatch]]) -> None:
        self.waiting: queue.Queue[Future[tuple[int, bytes]] | BaseException | None] = queue.Queue(_AHEAD)
        self._encoder, self._source = encoder, read
        self._left = threading.Event()
        workers = 1 if encoder.in_order else _ENCODERS
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="store-encode")
        self._reader = threading.Thread(target=self._read, name="store-export", daemon=True)
        self._reader.start()

    def leave(self) -> None:
        """Nobody takes any more."""
        self._left.set()
        self._reader.join()
        self._pool.shutdown(cancel_futures=True)

    def _read(self) -> None:
        end: BaseException | None = None
        try:
            with closing(self._source()) as source:
                for batch in source:
                    if batch.num_rows and not self._put(self._pool.submit(_encoded, self._encoder, batch)):
                        return
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that takes
            end = error
        self._put(end)

    def _put(self, one: Future[tuple[int, bytes]] | BaseException | None) -> bool:
        while not self._left.is_set():
            try:
                self.waiting.put(one, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


def _encoded(encoder: Encoder, batch: pa.RecordBatch) -> tuple[int, bytes]:
    return batch.num_rows, encoder.piece(batch)


def _packer(encoding: Any) -> Callable[[bytes, bool], bytes]:
    """Takes pieces and whether one is the last; gives what can be sent."""
    if not encoding:
        return lambda piece, last: piece
    drain = Drain()
    stream: Any = pa.CompressedOutputStream(pa.PythonFile(drain, mode="w"), encoding)

    def pack(piece: bytes, last: bool) -> bytes:
        stream.write(piece)
        if last:
            stream.close()
        return drain.take()

    return pack
