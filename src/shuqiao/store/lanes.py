"""Work side by side: stages that spend their time outside the interpreter each have a thread and a short queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_DEPTH = 3
_PATIENCE = 0.2


class _Abandoned(Exception):
    """Whoever fed or emptied this lane is gone."""


class _Pipe(Generic[Item]):
    """A bounded queue that both ends can leave."""

    def __init__(self, depth: int) -> None:
        self._queue: queue.Queue[Item | None] = queue.Queue(depth)
        self.left = threading.Event()

    def put(self, item: Item | None) -> None:
        while not self.left.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=_PATIENCE)
                return
        raise _Abandoned

    def items(self) -> Iterator[Item]:
        while True:
            try:
                item = self._queue.get(timeout=_PATIENCE)
            except queue.Empty:
                if self.left.is_set():
                    raise _Abandoned from None
                continue
            if item is None:
                return
            yield item


class Lane(Generic[Item, Result]):
    """A thread that works through what it is sent. As a context manager it never outlives its body."""

    def __init__(self, work: Callable[[Iterator[Item]], Result], depth: int = _DEPTH) -> None:
        self._work = work
        self._pipe: _Pipe[Item] = _Pipe(depth)
        self._error: BaseException | None = None
        self._result: list[Result] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Lane[Item, Result]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.left.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._result.append(self._work(self._pipe.items()))
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001  # told to whoever sends or finishes
            self._error = error
        finally:
            self._pipe.left.set()

    def send(self, item: Item) -> None:
        """Queue an item; waits while the lane is busy. Raises what the lane raised."""
        try:
            self._pipe.put(item)
        except _Abandoned:
            self._fail()

    def finish(self) -> Result:
        """No more items: wait for the result. Raises what the lane raised."""
        with suppress(_Abandoned):
            self._pipe.put(None)
        self._thread.join()
        if not self._result:
            self._fail()
        return self._result[0]

    def _fail(self) -> None:
        self._thread.join()
        raise self._error or RuntimeError("the lane ended before its input did")


def ahead(items: Iterable[Item], depth: int = _DEPTH) -> Generator[Item, None, None]:
    """The same items, produced in a thread of their own a few ahead of their use."""
    pipe: _Pipe[Item] = _Pipe(depth)
    errors: list[BaseException] = []

    def produce() -> None:
        try:
            for item in items:
                pipe.put(item)
        except _Abandoned:
            return
        except BaseException as error:  # noqa: BLE001  # told to the consumer below
            errors.append(error)
        with suppress(_Abandoned):
            pipe.put(None)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        yield from pipe.items()
    finally:
        pipe.left.set()
        thread.join()
    if errors:
        raise errors[0]
