"""What an installation can set for its gateway. Every value has its unit in its comment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shuqiao.gateway.networks import Network, read_networks
from shuqiao.gateway.sealing import parse_master_key, read_master_key

LOOPBACK = "127.0.0.0/8,::1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Settings of one gateway process. `from_env` reads those that an operator sets."""

    home: Path  # the installation's folder: grantbook/, store/, journal/, gateway/, secrets/
    master_key: bytes = field(repr=False)  # 32 bytes
    node: str = "gw1"  # names this gateway's evidence chain; further processes are gw1-2, gw1-3 …
    processes: int = 1  # processes on this host, each with a chain of its own
    objects: str = ""  # address of the object store, if versions are kept in one
    cache_bytes: int = 0  # of versions kept on this node when there is an object store; 0: all
    public_url: str = ""  # scheme and host that clients sign, where a proxy stands before the gateway
    trusted_proxies: tuple[Network, ...] = ()  # whose word on the client's address is taken
    metrics_from: tuple[Network, ...] = read_networks(LOOPBACK)  # who may read /metrics

    skew: int = 300  # seconds a signature's created may differ from our clock
    nonce_limit: int = 8_000_000  # nonces held; at the limit signed requests get 503
    open_rate: float = 5.0  # anonymous requests a second and address, lasting
    open_burst: int = 30  # anonymous requests of an address at once
    rate_per_minute: int | None = None  # reads a minute of a grant that names no rate of its own
    max_target: int = 8_192  # bytes of path and query
    max_headers: int = 32_768  # bytes of all header names and values
    max_parameters: int = 64  # parameters in a query
    max_body: int = (
        524_288  # bytes of a request body: a thousand keys of some 500; its keys go into one record
    )
    max_answer: int = 67_108_864  # bytes of a page, an aggregate or a lookup of many keys
    poll: float = 0.1  # seconds between looks at the grant book

    scans: int = 4  # pages, aggregates and lookups of many keys that run at once in threads
    scan_queue: int = 64  # of these, how many may wait; more get 503
    page_seconds: float = 30.0  # until a page or an aggregate is given up, its wait included
    exports: int = 2  # threads that make exports, apart from those of pages
    open_exports: int = 16  # exports and files under way at once; more get 503
    key_exports: int = 2  # exports and files under way at once of one key, or of one anonymous address
    export_seconds: float = 3_600.0  # until an export is broken off
    stall_seconds: float = 60.0  # until an export is broken off whose client takes nothing
    fetch_seconds: float = 5.0  # a request waits for a version this node has to fetch first
    chunk: int = 262_144  # bytes of a file sent at once

    @property
    def store_root(self) -> Path:
        """Where published versions lie."""
        return self.home / "store"

    @property
    def journal_root(self) -> Path:
        """Where evidence is kept, one folder per node."""
        return self.home / "journal"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of this host's chains; a process takes the first that no other one holds."""
        return (self.node, *(f"{self.node}-{number}" for number in range(2, self.processes + 1)))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> GatewaySettings:
        """Read SHUQIAO_HOME (var), SHUQIAO_NODE (gw1), SHUQIAO_MASTER_KEY (else the file in `home`) and the
        SHUQIAO_GATEWAY_… of docs/reference/gateway.md. Raises SealError when there is no master key, ValueError
        naming a variable that cannot be read."""
        home = Path(environ.get("SHUQIAO_HOME") or "var").resolve()
        written = environ.get("SHUQIAO_MASTER_KEY", "")
        rate = _whole(environ, "RATE_PER_MINUTE", 0)
        return cls(
            home=home,
            master_key=parse_master_key(written) if written else read_master_key(home),
            node=environ.get("SHUQIAO_NODE") or "gw1",
            processes=_whole(environ, "PROCESSES", 1, least=1),
            objects=environ.get("SHUQIAO_OBJECTS", ""),
            cache_bytes=int(environ.get("SHUQIAO_CACHE_BYTES") or 0),
            public_url=environ.get("SHUQIAO_GATEWAY_PUBLIC_URL", "").rstrip("/"),
            trusted_proxies=_networks(environ, "TRUSTED_PROXIES", ""),
            metrics_from=_networks(environ, "METRICS_FROM", LOOPBACK),
            rate_per_minute=rate or None,
            page_seconds=_whole(environ, "PAGE_SECONDS", 30, least=1),
            export_seconds=_whole(environ, "EXPORT_SECONDS", 3_600, least=1),
            scans=_whole(environ, "SCANS", 4, least=1),
            exports=_whole(environ, "EXPORTS", 2, least=1),
            open_exports=_whole(environ, "OPEN_EXPORTS", 16, least=1),
            key_exports=_whole(environ, "KEY_EXPORTS", 2, least=1),
        )


def _whole(environ: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    text = environ.get(f"SHUQIAO_GATEWAY_{name}") or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise ValueError(f"SHUQIAO_GATEWAY_{name} must be a whole number from {least} on, got {text!r}")
    return int(text)


def _networks(environ: Mapping[str, str], name: str, default: str) -> tuple[Network, ...]:
    text = environ.get(f"SHUQIAO_GATEWAY_{name}")
    try:
        return read_networks(default if text is None else text)
    except ValueError as error:
        raise ValueError(f"SHUQIAO_GATEWAY_{name}: {error}") from error
