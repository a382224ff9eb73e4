"""Mixed load on a real gateway while versions are published, grants suspended and clients leave.

    python -m tests.soak --minutes 15

Ends with 1 when an answer was not an expected one, an answer has no record or a record no answer, memory grows, or a
suspended grant was still answered after a second. `tests/test_soak.py` runs the same for some seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from shuqiao.gateway.book import ColumnRow
from shuqiao.gateway.tests.city import COLUMNS, City, a_grant, found, publish
from shuqiao.gateway.tests.serving import Server
from shuqiao.journal import iter_records, verify
from shuqiao_client import Signer

ROWS = 30_000
TABLE = "/v1/resources/enterprises"
OPEN = "/v1/resources/halls"
REVOKED = "g-revoked"
REVOCATION_SECONDS = 1.0
GROWTH_ALLOWED = 1.15
"""Memory late in the run, against early in it: what a warm process may still gather."""

RESULT = Path(__file__).parent.parent / "bench" / "results" / "soak.json"


def table(version: int) -> list[list[str]]:
    """A state of the table: every state has other names, and half of its rows are of 营口."""
    return [
        [
            f"9121{number:014d}",
            f"企业{number:05d}第{version}版",
            f"张三{number:05d}",
            "营口" if number % 2 == 0 else "沈阳",
            (date(2000, 1, 1) + timedelta(days=number % 9_000)).isoformat(),
            f"139{number:08d}",
        ]
        for number in range(ROWS)
    ]


@dataclass
class Tally:
    """What the clients saw."""

    answers: Counter[str] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)
    left: int = 0
    wrong: list[str] = field(default_factory=list)
    revocations: list[float] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)

    def note(self, kind: str, response: httpx.Response, expected: tuple[int, ...]) -> None:
        """Count an answer, keep its receipt, remember one that should not be."""
        self.answers[f"{kind} {response.status_code}"] += 1
        if receipt := response.headers.get("shuqiao-receipt"):
            self.receipts.append(receipt)
        if response.status_code not in expected:
            self.wrong.append(f"{kind}: {response.status_code} {response.text[:200]}")


class Soak:
    """One run: the city, its gateway, and everybody who uses it until the time is over."""

    def __init__(self, home: Path, seconds: float, seed: int = 1) -> None:
        self.city = self._found(home)
        self.server = Server(self.city)
        self.seconds = seconds
        self.chance = random.Random(seed)
        self.tally = Tally()
        self.suspended_at: float | None = None
        self.versions = [publish(home, f"v{number}", table(number)) for number in range(3)]
        self._serve(self.versions[0])

    @staticmethod
    def _found(home: Path) -> City:
        city = found(home)
        whole = [ColumnRow(name) for name in COLUMNS[:5]]
        for grant in (
            a_grant(id="g-interface", columns=whole),
            a_grant(id="g-file", columns=whole, modes=["file"]),
            a_grant(id="g-leaver", columns=whole, modes=["file"], keys=["k-other"]),
            a_grant(id=REVOKED, columns=whole, keys=["k-other"]),
        ):
            city.grants[grant.id] = grant
        del city.grants["g-whole"]
        return city

    def _serve(self, version: str) -> None:
        """Publish a version: move the pointer in the grant book."""
        row = self.city.resources["enterprises"]
        self.city.resources["enterprises"] = msgspec.structs.replace(row, version=version)
        self.city.write()

    # The clients.

    def headers(
        self, method: str, path: str, *, key: str = "k-counter", grant: str = "", body: bytes = b""
    ) -> dict[str, str]:
        """A signed request's headers."""
        signer = Signer(key, self.city.minted[key].secret)
        return signer.headers(method, self.server.url + path, grant=grant, body=body)

    def code(self) -> str:
        """The key of some row of 营口."""
        return f"9121{self.chance.randrange(ROWS // 2) * 2:014d}"

    async def get(
        self, http: httpx.AsyncClient, kind: str, path: str, *, grant: str, expected: tuple[int, ...] = (200,)
    ) -> httpx.Response:
        """One signed read."""
        response = await http.get(path, headers=self.headers("GET", path, grant=grant))
        self.tally.note(kind, response, expected)
        return response

    async def lookups(self, http: httpx.AsyncClient) -> None:
        code = self.code()
        response = await self.get(http, "lookup", f"{TABLE}/rows/{code}", grant="g-interface")
        row = response.json().get("row", {})
        if row.get("统一社会信用代码") != code or "电话" in row:
            self.tally.wrong.append(f"lookup answered {row}")

    async def batches(self, http: httpx.AsyncClient) -> None:
        path = f"{TABLE}/lookup"
        asked = {
            "by": ["统一社会信用代码"],
            "keys": [[self.code()] for _ in range(self.chance.randrange(1, 200))],
        }
        body = json.dumps(asked).encode()
        headers = self.headers("POST", path, grant="g-interface", body=body)
        response = await http.post(
            path, content=body, headers={**headers, "Content-Type": "application/json"}
        )
        self.tally.note("batch", response, (200,))
        if response.status_code == 200 and not all(len(rows) == 1 for rows in response.json()["rows"]):
            self.tally.wrong.append("a batch missed a row")

    async def pages(self, http: httpx.AsyncClient) -> None:
        day = date(2000, 1, 1) + timedelta(days=self.chance.randrange(9_000))
        query = f"{quote('成立日期')}__gte={day}&sort=-{quote('成立日期')}&limit=50&count=exact"
        # Pages may be turned away while all places are taken; then they say when to come again.
        response = await self.get(
            http, "page", f"{TABLE}/rows?{query}", grant="g-interface", expected=(200, 503)
        )
        if response.status_code == 200 and any(row["地区"] != "营口" for row in response.json()["rows"]):
            self.tally.wrong.append("a page held a row of another city")

    async def aggregates(self, http: httpx.AsyncClient) -> None:
        path = f"{TABLE}/aggregate?group={quote('地区')}&aggregate=count"
        response = await self.get(http, "aggregate", path, grant="g-interface", expected=(200, 503))
        if response.status_code == 200 and response.json()["rows"] != [{"地区": "营口", "count": ROWS // 2}]:
            self.tally.wrong.append(f"an aggregate was {response.text[:200]}")

    async def exports(self, http: httpx.AsyncClient) -> None:
        kind = self.chance.choice(["csv", "ndjson", "json", "parquet", "arrow", "xml"])
        response = await self.get(
            http, "export", f"{TABLE}/export.{kind}", grant="g-file", expected=(200, 503)
        )
        if (
            response.status_code == 200
            and kind == "ndjson"
            and len(response.content.splitlines()) != ROWS // 2
        ):
            self.tally.wrong.append("an export missed rows")

    async def leavers(self, http: httpx.AsyncClient) -> None:
        """Ask for something long and go away."""
        path = self.chance.choice([f"{TABLE}/export.csv", f"{TABLE}/export.xlsx", f"{TABLE}/export.json"])
        headers = self.headers("GET", path, key="k-other", grant="g-leaver")
        self.tally.left += 1
        try:
            async with asyncio.timeout(self.chance.uniform(0.005, 0.2)):
                async with http.stream("GET", path, headers=headers) as response:
                    async for _ in response.aiter_raw(1024):
                        await asyncio.sleep(0.01)
        except (TimeoutError, httpx.HTTPError):
            return

    async def strangers(self, http: httpx.AsyncClient) -> None:
        """Open data without a key, as often as is fair and then some."""
        response = await http.get(f"{OPEN}/rows?limit=5")
        self.tally.note("open", response, (200, 429))
        await asyncio.sleep(0.1)

    async def attackers(self, http: httpx.AsyncClient) -> None:
        """Columns that were not granted, other people's rows, altered and repeated signatures."""
        path = f"{TABLE}/rows/{self.code()}"
        good = self.headers("GET", path, grant="g-interface")
        self.tally.note("first", await http.get(path, headers=good), (200,))
        self.tally.note("replay", await http.get(path, headers=good), (401,))
        self.tally.note(
            "altered",
            await http.get(path + "?select=x", headers=self.headers("GET", path, grant="g-interface")),
            (401, 429),  # whoever proves no key shares the fair use of their address with the strangers
        )
        await self.get(
            http, "column", f"{TABLE}/rows?select={quote('电话')}", grant="g-interface", expected=(403,)
        )
        await self.get(
            http, "probe", f"{TABLE}/rows?{quote('电话')}__eq=1", grant="g-interface", expected=(403,)
        )
        await asyncio.sleep(0.05)

    async def suspended(self, http: httpx.AsyncClient) -> None:
        """Read under the grant that is suspended now and then; late answers are measured."""
        began, since = time.monotonic(), self.suspended_at
        path = f"{TABLE}/rows/{self.code()}"
        response = await http.get(path, headers=self.headers("GET", path, key="k-other", grant=REVOKED))
        self.tally.note("suspended", response, (200, 403))
        if response.status_code == 200 and since is not None and since == self.suspended_at:
            self.tally.revocations.append(began - since)
        await asyncio.sleep(0.005)

    # The bureau.

    async def bureau(self) -> None:
        """Suspend and resume, publish other versions, build new ones."""
        number = 3
        while True:
            await asyncio.sleep(2.0)
            await asyncio.to_thread(self.city.change, REVOKED, state="suspended", state_reason="核查")
            self.suspended_at = time.monotonic()
            await asyncio.sleep(2.0)
            self.suspended_at = None
            await asyncio.to_thread(self.city.change, REVOKED, state="active", state_reason="")
            if number % 5 == 0:
                built = await asyncio.to_thread(publish, self.city.home, f"v{number}", table(number))
                self.versions = [*self.versions[1:], built]
            number += 1
            await asyncio.to_thread(self._serve, self.chance.choice(self.versions))

    async def watcher(self) -> None:
        """The gateway's memory, every second."""
        while True:
            self.tally.memory.append((time.monotonic(), memory_of(self.server.pid)))
            await asyncio.sleep(1.0)

    async def _again(self, client: Callable[[httpx.AsyncClient], Awaitable[None]], until: float) -> None:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=60) as http:
            while time.monotonic() < until:
                await client(http)

    async def _run(self) -> None:
        until = time.monotonic() + self.seconds
        clients = [
            *[self.lookups] * 6,
            *[self.suspended] * 2,
            *[self.leavers] * 2,
            *[self.pages] * 2,
            *[self.strangers] * 2,
            self.batches,
            self.aggregates,
            self.exports,
            self.attackers,
        ]
        beside = [asyncio.create_task(self.bureau()), asyncio.create_task(self.watcher())]
        try:
            await asyncio.gather(*(self._again(client, until) for client in clients))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def run(self) -> dict[str, object]:
        """The whole run; what came of it. `faults` is empty when all is well."""
        self.server.start()
        try:
            asyncio.run(self._run())
        finally:
            self.server.stop()
        return self._judge()

    def _judge(self) -> dict[str, object]:
        tally, root = self.tally, self.city.settings.journal_root
        recorded = Counter(
            entry.receipt.id
            for entry in iter_records(root, self.city.settings.node)
            if entry.record.kind in ("read", "refusal")
        )
        received = Counter(tally.receipts)
        without_record = sum((received - recorded).values())
        without_answer = sum((recorded - received).values())
        late = max(tally.revocations, default=0.0)
        early, end = self._memory_windows()
        faults = [
            *tally.wrong[:20],
            *([f"{without_record} answers without a record"] if without_record else []),
            *(
                [f"{without_answer} records without an answer, {tally.left} clients left"]
                if without_answer > tally.left
                else []
            ),
            *([f"a suspended grant was answered {late:.2f} s later"] if late > REVOCATION_SECONDS else []),
            *([f"memory grew from {early >> 20} to {end >> 20} MB"] if end > early * GROWTH_ALLOWED else []),
            *([] if verify(root).ok else ["the chain does not hold"]),
        ]
        return {
            "seconds": self.seconds,
            "answers": dict(sorted(tally.answers.items())),
            "received": sum(received.values()),
            "recorded": sum(recorded.values()),
            "left": tally.left,
            "latest_answer_after_suspension_s": round(late, 3),
            "memory_early_mb": early >> 20,
            "memory_late_mb": end >> 20,
            "faults": faults,
        }

    def _memory_windows(self) -> tuple[int, int]:
        """Median memory of the second and of the last fifth of the run, in bytes."""
        values = [used for _, used in self.tally.memory]
        fifth = max(1, len(values) // 5)
        return int(statistics.median(values[fifth : 2 * fifth])), int(statistics.median(values[-fifth:]))


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its children."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        if pid in (int(fields["Pid"]), int(fields["PPid"])):
            total += int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    return total


def main() -> int:
    """Run it and write bench/results/soak.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=15.0)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="shuqiao-soak-"))
    try:
        result = Soak(home, options.minutes * 60).run()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs"
    result = {"id": "soak", "date": date.today().isoformat(), "machine": machine, **result}
    print(json.dumps(result, indent=1, ensure_ascii=False))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
