"""A load generator that takes little of the processor: raw sockets, one epoll, requests made ready beforehand.

Each connection sends its next request when the answer is in. The same client loads the gateway, the ceiling and the
peers.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import socket
import time
from collections.abc import Iterator


class Connection:
    """One connection and the requests that go through it."""

    __slots__ = ("buffer", "requests", "sent", "socket")

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.buffer, self.sent = iter(requests), b"", 0.0

    def send_next(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.sent = time.perf_counter()
        self.socket.sendall(request)
        return True


def is_whole(answer: bytes) -> bool:
    """Whether all of an answer is in, by its length or by the end of its pieces."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        return b"chunked" in lowered and body.endswith(b"0\r\n\r\n")
    return len(body) >= int(lowered[at + 15 :].partition(b"\r")[0])


def load(port: int, batches: list[list[bytes]], seconds: float) -> dict[str, float]:
    """Requests per second and percentiles (ms) of all connections at once."""
    connections = [Connection(port, batch) for batch in batches]
    by_descriptor = {one.socket.fileno(): one for one in connections}
    clock = time.perf_counter
    times: list[float] = []
    failed = 0
    with _undisturbed(), select.epoll() as poll:
        started = clock()
        until = started + seconds
        for descriptor, one in by_descriptor.items():
            poll.register(descriptor, select.EPOLLIN)
            one.send_next()
        while by_descriptor:
            ready = poll.poll(30)
            if not ready:
                raise TimeoutError("no answer for 30 seconds")
            for descriptor, _ in ready:
                one = by_descriptor[descriptor]
                piece = one.socket.recv(65_536)
                one.buffer += piece
                if not is_whole(one.buffer):
                    if not piece:
                        raise ConnectionError("the server closed the connection")
                    continue
                now = clock()
                times.append((now - one.sent) * 1000)
                failed += not one.buffer.startswith(b"HTTP/1.1 200")
                one.buffer = b""
                if now >= until or not one.send_next():
                    poll.unregister(descriptor)
                    by_descriptor.pop(descriptor).socket.close()
        elapsed = clock() - started
    times.sort()
    return {
        "rate": len(times) / elapsed,
        "p50": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
        "failed": float(failed),
        "answers": float(len(times)),
    }


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """On the last processor alone, without the collector: the client's own pauses are nobody's answer times."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(before) > 1:
        os.sched_setaffinity(0, {max(before)})
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        if before:
            os.sched_setaffinity(0, before)
