"""What an installation can set for its gateway. Every value has its unit in its comment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shuqiao.gateway.sealing import parse_master_key, read_master_key


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Settings of one gateway process. `from_env` reads those that an operator sets."""

    home: Path  # the installation's folder: grantbook/, store/, journal/, secrets/
    master_key: bytes = field(repr=False)  # 32 bytes
    node: str = "gw1"  # names this gateway's evidence chain; one process per name
    public_url: str = ""  # scheme and host that clients sign, where a proxy stands before the gateway

    skew: int = 300  # seconds a signature's created may differ from our clock
    nonce_limit: int = 4_000_000  # nonces held; at the limit signed requests get 503
    open_rate: float = 5.0  # anonymous requests a second and address, lasting
    open_burst: int = 30  # anonymous requests of an address at once
    max_target: int = 8_192  # bytes of path and query
    max_headers: int = 32_768  # bytes of all header names and values
    max_parameters: int = 64  # parameters in a query
    max_body: int = 65_536  # bytes of a request body
    poll: float = 0.1  # seconds between looks at the grant book
    exports: int = 2  # exports made at once; more wait
    scans: int = 4  # page queries that run at once in threads; more wait
    chunk: int = 262_144  # bytes of an export sent at once
    spool: int = 1_048_576  # bytes of an export kept in memory before it goes to a file

    @property
    def store_root(self) -> Path:
        """Where published versions lie."""
        return self.home / "store"

    @property
    def journal_root(self) -> Path:
        """Where evidence is kept, one folder per node."""
        return self.home / "journal"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> GatewaySettings:
        """Read SHUQIAO_HOME (var), SHUQIAO_NODE (gw1), SHUQIAO_MASTER_KEY (else the file in `home`)
        and SHUQIAO_GATEWAY_PUBLIC_URL. Raises SealError when there is no master key."""
        home = Path(environ.get("SHUQIAO_HOME") or "var").resolve()
        written = environ.get("SHUQIAO_MASTER_KEY", "")
        return cls(
            home=home,
            master_key=parse_master_key(written) if written else read_master_key(home),
            node=environ.get("SHUQIAO_NODE") or "gw1",
            public_url=environ.get("SHUQIAO_GATEWAY_PUBLIC_URL", "").rstrip("/"),
        )
