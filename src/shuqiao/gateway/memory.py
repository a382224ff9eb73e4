"""What the gateway remembers between requests, shared by its processes on one host and kept over restarts.

The tables lie in <HOME>/gateway/<boot>-<form>/. They are as durable as the kernel: killed processes lose nothing.
After a start of the machine (another boot id) they are made anew, and filled from the evidence before anybody uses
them: nonces within the window, reads of the day per grant.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

from shuqiao.gateway.evidence import entries_since
from shuqiao.gateway.limits import DailyQuota, FairUse, GrantRate, TokenBuckets
from shuqiao.gateway.nonces import NonceWindow, WindowFull
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.shared import CounterTable, Marks, make_file
from shuqiao.journal import Entry, heads
from shuqiao.kernel.time import CHINA, today

_FORM = 1  # raise it when the tables change
_ADDRESSES = 100_000
_GRANTS = 50_000
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Memory:
    """Nonces, fair use, quotas and rates of one process, in tables shared with the others."""

    def __init__(self, folder: Path, settings: GatewaySettings) -> None:
        marks = Marks((folder / "key").read_bytes())
        self.nonces = NonceWindow(folder, marks, skew=settings.skew, limit=settings.nonce_limit)
        self._addresses = TokenBuckets(folder / "addresses", marks)
        self._rates = TokenBuckets(folder / "rates", marks)
        self.fair_use = FairUse(self._addresses, rate=settings.open_rate, burst=settings.open_burst)
        self.rate = GrantRate(self._rates)
        self.quota = DailyQuota(folder / "quotas", marks)

    def close(self) -> None:
        """Let go of the tables; what they hold stays."""
        self.nonces.close()
        self._addresses.close()
        self._rates.close()
        self.quota.close()


def open_memory(settings: GatewaySettings) -> Memory:
    """The memory of this host, made and filled from the evidence where there is none of this boot.

    Others that start meanwhile wait. Raises OSError when there is no room on the disk, JournalError when the
    evidence cannot be read.
    """
    root = settings.home / "gateway"
    root.mkdir(parents=True, exist_ok=True)
    place = root / f"{_boot()}-{_FORM}"
    with _turn(root / "lock"):
        if not place.is_dir():
            for old in root.glob("*-*"):
                shutil.rmtree(old, ignore_errors=True)
            _make(place, settings)
    return Memory(place, settings)


def _make(place: Path, settings: GatewaySettings) -> None:
    """All tables beside their place, filled, and put there at once."""
    draft = place.with_name(f"{place.name}-new")
    draft.mkdir()
    (draft / "key").write_bytes(secrets.token_bytes(32))
    make_file(draft / "addresses", CounterTable.size(_ADDRESSES))
    make_file(draft / "rates", CounterTable.size(_GRANTS))
    make_file(draft / "quotas", CounterTable.size(_GRANTS))
    memory = Memory(draft, settings)
    try:
        _remember(memory, settings)
    finally:
        memory.close()
    draft.replace(place)


def _remember(memory: Memory, settings: GatewaySettings) -> None:
    """Nonces used within the window and reads of today, from the evidence of every process of this host."""
    moment, on = time.time(), today()
    midnight = datetime(on.year, on.month, on.day, tzinfo=CHINA).timestamp()
    since = datetime.fromtimestamp(min(midnight, moment - 2 * settings.skew), CHINA)
    text = since.isoformat(timespec="milliseconds")
    for head in heads(settings.journal_root) if settings.journal_root.is_dir() else ():
        for entry in entries_since(settings.journal_root, head.node, text, last=head.seq):
            _remember_one(memory, entry, on, moment, settings.skew)


def _remember_one(memory: Memory, entry: Entry, on: date, moment: float, skew: int) -> None:
    record = entry.record
    if record.kind == "read" and record.grant and record.at[:10] == on.isoformat():
        memory.quota.take(record.grant, None, on=on, reads=max(1, len(record.extra.get("keys", ()))))
    nonce, created = record.extra.get("nonce"), record.extra.get("created")
    if isinstance(nonce, str) and isinstance(created, int) and created >= moment - skew:
        with suppress(WindowFull):
            memory.nonces.use(record.key, nonce, created=created, now=moment)


def _boot() -> str:
    """Which start of the machine this is; where nobody knows, the tables count as those of this one."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return "unknown"


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
