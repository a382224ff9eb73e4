"""The ceiling of lookups: what the server, the event loop and SQLite can do when nothing is asked of them."""

from __future__ import annotations

import os
import sqlite3

import orjson


def app():
    """An ASGI application that answers a lookup by the first of the columns, and does nothing else."""
    names = os.environ["BENCH_COLUMNS"].split(",")
    address = f"file:{os.environ['BENCH_SQLITE']}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
    connection.execute(f"PRAGMA mmap_size={1 << 30}")
    codes = [row[1] for row in connection.execute("PRAGMA table_info(rows)") if row[1][1:].isdigit()]
    statement = f"SELECT {', '.join(codes[: len(names)])} FROM rows WHERE {codes[0]} = ?"

    async def answer(scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        row = connection.execute(statement, (scope["path"].rpartition("/")[2],)).fetchone()
        body = orjson.dumps(dict(zip(names, row, strict=True)))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer
