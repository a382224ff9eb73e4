"""A small city for the tests: one published table, an open one, keys and grants, and a gateway over them."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec
from anyio.from_thread import BlockingPortal, start_blocking_portal

from shuqiao import store
from shuqiao.gateway import sealing
from shuqiao.gateway.app import Gateway, create_app
from shuqiao.gateway.book import Book, ColumnRow, GrantRow, KeyRow, ResourceRow, book_path, write_book
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.signing import sign
from shuqiao.journal import Entry, iter_records, verify
from shuqiao.kernel.time import today

MASTER = bytes(range(32))
BASE = "http://gateway.test"
COLUMNS = ["统一社会信用代码", "名称", "法定代表人", "地区", "成立日期", "电话"]
BASIS = ["yingkou-2022:20", "national-2025:25"]


def rows() -> list[list[str]]:
    """Forty enterprises, every other one of 营口."""
    return [
        [
            f"9121{number:014d}",
            f"企业{number:02d}有限公司",
            f"张三{number:02d}",
            "营口" if number % 2 == 0 else "沈阳",
            f"20{number % 20:02d}-01-{number % 28 + 1:02d}",
            f"1390417{number:04d}",
        ]
        for number in range(40)
    ]


def code(number: int) -> str:
    """The credit code of an enterprise."""
    return rows()[number][0]


def publish(home: Path, name: str, table: list[list[str]], header: list[str] = COLUMNS) -> str:
    """Build and publish a version through the store; its id."""
    source = home / f"{name}.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *table])
    recipe = msgspec.structs.replace(store.sniff(source).recipe(), keys=((header[0],),))
    return store.build(source, recipe, home / "store").id


def a_grant(**changes) -> GrantRow:
    values = {
        "id": "g-interface",
        "case": "营数享〔2026〕0001号",
        "resource": "enterprises",
        "grantee": "营口市政务服务中心",
        "keys": ["k-counter"],
        "columns": [
            ColumnRow("统一社会信用代码"),
            ColumnRow("名称"),
            ColumnRow("地区"),
            ColumnRow("成立日期"),
        ],
        "where": [{"column": "地区", "op": "eq", "values": ["营口"]}],
        "purpose": "窗口核验",
        "legal_basis": "市场主体登记管理条例",
        "modes": ["interface"],
        "valid_from": today() - timedelta(days=10),
        "valid_until": today() + timedelta(days=10),
    }
    return GrantRow(**{**values, **changes})


@dataclass
class City:
    """The installation on disk and its secrets."""

    home: Path
    settings: GatewaySettings
    minted: dict[str, sealing.MintedKey] = field(default_factory=dict)
    grants: dict[str, GrantRow] = field(default_factory=dict)
    resources: dict[str, ResourceRow] = field(default_factory=dict)
    keys: dict[str, KeyRow] = field(default_factory=dict)
    revision: int = 0

    def mint(self, key_id: str) -> None:
        key = sealing.mint_key(MASTER, key_id)
        self.minted[key_id] = key
        self.keys[key_id] = KeyRow(
            id=key_id,
            department="营口市政务服务中心",
            system="综合窗口",
            secret_sha256=key.secret_sha256,
            sealed_secret=key.sealed_secret,
        )

    def write(self) -> None:
        """Write the book with the next revision."""
        self.revision += 1
        book = Book(
            revision=self.revision,
            written_at="2026-01-01T00:00:00+08:00",
            keys=self.keys,
            grants=list(self.grants.values()),
            resources=self.resources,
        )
        write_book(book_path(self.home), book)

    def change(self, grant_id: str, **changes) -> None:
        """Change a grant and write the book."""
        self.grants[grant_id] = msgspec.structs.replace(self.grants[grant_id], **changes)
        self.write()

    def bearer(self, key_id: str = "k-counter") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.minted[key_id].bearer}"}

    def entries(self) -> list[Entry]:
        """The evidence, checked against its chain."""
        root, node = self.settings.journal_root, self.settings.node
        return [entry for entry in iter_records(root, node) if entry.record.kind in ("read", "refusal")]

    def chain_holds(self) -> bool:
        return verify(self.settings.journal_root).ok


def found(home: Path, **settings) -> City:
    """A city in an empty folder, its book written."""
    home.mkdir(parents=True, exist_ok=True)
    city = City(home, GatewaySettings(home=home, master_key=MASTER, node="gw-test", **settings))
    for key_id in ("k-counter", "k-other"):
        city.mint(key_id)
    version = publish(home, "enterprises", rows())
    secret = publish(
        home,
        "halls",
        [[f"D{number:02d}", f"大厅{number}", f"0417-{number}"] for number in range(5)],
        ["编号", "名称", "内部电话"],
    )
    city.resources = {
        "enterprises": ResourceRow(
            id="enterprises",
            entry="e1",
            name="企业登记信息",
            version=version,
            lookup_keys=[["统一社会信用代码"]],
            provider="营口市市场监督管理局",
            basis=BASIS,
        ),
        "halls": ResourceRow(
            id="halls",
            entry="e2",
            name="政务大厅",
            version=secret,
            lookup_keys=[["编号"]],
            open_columns=["编号", "名称"],
            provider="营口市政务服务中心",
            basis=BASIS,
        ),
        "unpublished": ResourceRow(
            id="unpublished", entry="e3", name="未发布", version=None, provider="无", basis=BASIS
        ),
    }
    city.grants = {
        "g-interface": a_grant(),
        "g-file": a_grant(id="g-file", modes=["file"], keys=["k-counter"]),
        "g-whole": a_grant(
            id="g-whole",
            keys=["k-other"],
            where=[],
            modes=["interface", "batch"],
            columns=[
                ColumnRow("统一社会信用代码"),
                ColumnRow("法定代表人", "hash"),
                ColumnRow("电话", "keep_ends"),
                ColumnRow("成立日期", "year"),
            ],
            hash_key=sealing.mint_hash_key(MASTER, "g-whole"),
        ),
        "g-unpublished": a_grant(id="g-unpublished", resource="unpublished"),
    }
    city.write()
    return city


@dataclass
class Raw:
    """An answer as it was sent."""

    headers: httpx.Headers
    content: bytes


class Desk:
    """A gateway that runs in a loop of its own, asked through ASGI from a synchronous test."""

    def __init__(self, city: City, gateway: Gateway, portal: BlockingPortal) -> None:
        self.city, self.gateway, self._portal = city, gateway, portal

    def ask(self, path: str, *, method: str = "GET", headers=None, content: bytes = b"") -> httpx.Response:
        """Send one request; `path` may hold Chinese characters."""
        return self._portal.call(self._ask, method, path, headers or {}, content)

    async def _ask(self, method: str, path: str, headers, content: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.gateway)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, path, headers=headers, content=content)

    def ask_raw(self, path: str, headers) -> Raw:
        """Send one request; the answer's content is as it was sent, not unpacked."""
        return self._portal.call(self._ask_raw, path, headers)

    async def _ask_raw(self, path: str, headers) -> Raw:
        transport = httpx.ASGITransport(app=self.gateway)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            request = client.build_request("GET", path, headers=headers)
            response = await client.send(request, stream=True)
            content = b"".join([piece async for piece in response.aiter_raw()])
            await response.aclose()
        return Raw(response.headers, content)

    def sign(self, path: str, key_id: str = "k-counter", **options) -> dict[str, str]:
        """The headers of a signed request for `path`."""
        secret = options.pop("secret", None) or self.city.minted[key_id].secret
        headers = dict(options.pop("headers", {}))
        url = str(httpx.URL(BASE).join(path))
        signed = sign(
            method=options.pop("method", "GET"),
            url=url,
            key_id=key_id,
            secret=secret,
            headers=headers,
            **options,
        )
        return {**headers, **signed}

    def call(self, function, *arguments):
        """Run a coroutine function in the gateway's loop."""
        return self._portal.call(function, *arguments)

    def reload(self) -> None:
        """Take up the book now rather than within 100 ms."""
        self.call(self.gateway.corridor.watcher.look)


@contextmanager
def opened(city: City) -> Iterator[Desk]:
    """A started gateway over a city, stopped at the end."""
    gateway = create_app(city.settings)
    with start_blocking_portal() as portal:
        portal.call(gateway.start)
        try:
            yield Desk(city, gateway, portal)
        finally:
            portal.call(gateway.stop)


def wait_for(condition, seconds: float = 5.0) -> float:
    """Seconds until the condition holds; fails after `seconds`."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it did not happen"
        time.sleep(0.005)
    return time.monotonic() - started


def lookup(number: int, query: str = "") -> str:
    """The address of one enterprise."""
    return f"/v1/resources/enterprises/rows/{quote(code(number))}{query}"


ROWS = "/v1/resources/enterprises/rows"
