"""Through a real server: exports that are stopped, clients that leave, files in parts, several processes."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from shuqiao import store
from shuqiao.gateway.book import ResourceRow
from shuqiao.gateway.signing import sign
from shuqiao.gateway.tests.city import BASIS, ROWS, City, a_grant, found, lookup, publish, wait_for
from shuqiao.gateway.tests.serving import Server
from shuqiao.journal import Record, iter_records, sm3, verify
from shuqiao.kernel.time import now

BIG_ROWS = 300_000
BIG = "/v1/resources/big/export.csv"


@pytest.fixture(scope="module")
def big_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city with a table whose export is larger than any buffer between us and a client."""
    city = found(tmp_path_factory.mktemp("big") / "home")
    table = [[f"{number:08d}", f"企业名称{number}" * 6] for number in range(BIG_ROWS)]
    version = publish(city.home, "big", table, ["编号", "名称"])
    city.resources["big"] = ResourceRow(
        id="big", entry="e9", name="大表", version=version, lookup_keys=[["编号"]], provider="无", basis=BASIS
    )
    city.grants["g-big"] = a_grant(
        id="g-big",
        resource="big",
        modes=["file", "interface"],
        where=[],
        columns=[type(city.grants["g-file"].columns[0])(name) for name in ("编号", "名称")],
    )
    paper = city.home / "地图.bin"
    paper.write_bytes(bytes(range(256)) * 40_000)
    built = store.build_file(paper, city.home / "store", filename="地图.pdf")
    city.resources["paper"] = ResourceRow(
        id="paper", entry="e10", name="地图", version=built.id, provider="无", basis=BASIS
    )
    city.grants["g-paper"] = a_grant(id="g-paper", resource="paper", modes=["file"], where=[], columns=[])
    city.write()
    return city


@pytest.fixture(scope="module")
def server(big_city: City) -> Iterator[Server]:
    server = Server(big_city, SHUQIAO_GATEWAY_KEY_EXPORTS="3")
    server.start()
    yield server
    assert server.stop() == 0
    assert verify(big_city.settings.journal_root).ok


def records(city: City) -> list[Record]:
    root = city.settings.journal_root
    return [
        entry.record
        for node in sorted(path.name for path in root.iterdir())
        for entry in iter_records(root, node)
    ]


def delivered(city: City, receipt: str) -> Record:
    """The record of how a long answer ended."""

    def one() -> list[Record]:
        return [record for record in records(city) if record.extra.get("begun") == receipt]

    wait_for(one, 10)
    return one()[0]


def ask_slowly(
    server: Server, path: str, headers: dict[str, str]
) -> tuple[socket.socket, http.client.HTTPResponse]:
    """Send a request and read no more than the head of the answer."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return connection, answer


def drain(answer: http.client.HTTPResponse) -> bool:
    """Read to the end; whether it was a whole answer."""
    try:
        while answer.read(1 << 16):
            pass
    except (http.client.IncompleteRead, ConnectionError):
        return False
    return True


def test_an_export_is_whole_and_says_so(server: Server) -> None:
    answer = httpx.get(server.url + BIG, headers=server.city.bearer(), timeout=60)
    assert answer.status_code == 200
    assert answer.text.count("\n") == BIG_ROWS + 1
    end = delivered(server.city, answer.headers["shuqiao-receipt"])
    assert (end.rows, end.extra["complete"]) == (BIG_ROWS, True)
    assert end.answer == sm3(answer.content).hex()


@pytest.mark.article("national-2025", "27")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "suspended", "state_reason": "核查中"}, "核查中"),
        ({"where": [{"column": "编号", "op": "lt", "values": ["00000100"]}]}, "授权范围已变更"),
        ({"keys": ["k-other"]}, "授权已撤下"),
    ],
)
def test_an_export_under_way_stops_within_a_second_of_its_grant(server: Server, change, reason: str) -> None:
    city = server.city
    before = city.grants["g-big"]
    connection, answer = ask_slowly(server, BIG, city.bearer())
    assert answer.status == 200
    assert answer.read(1000)
    written = now()
    city.change("g-big", **change)
    try:
        end = delivered(city, answer.getheader("shuqiao-receipt"))
        assert not drain(answer), "the client sees that something is missing"
    finally:
        connection.close()
        city.grants["g-big"] = before
        city.write()
        wait_until_book(server)
    assert (datetime.fromisoformat(end.at) - written).total_seconds() < 1.0
    assert end.extra["complete"] is False
    assert reason in end.extra["reason"]
    assert end.rows < BIG_ROWS


def test_an_export_under_way_stops_when_its_key_is_revoked(server: Server) -> None:
    city = server.city
    connection, answer = ask_slowly(server, BIG, city.bearer())
    key = city.keys["k-counter"]
    city.keys["k-counter"] = msgspec.structs.replace(key, state="revoked")
    city.write()
    try:
        end = delivered(city, answer.getheader("shuqiao-receipt"))
        assert not drain(answer)
    finally:
        connection.close()
        city.keys["k-counter"] = key
        city.write()
        wait_until_book(server)
    assert end.extra["reason"] == "密钥已变更或撤销"


def wait_until_book(server: Server) -> None:
    wait_for(lambda: httpx.get(f"{server.url}/readyz").json()["book"] == server.city.revision)


def test_a_client_that_leaves_ends_its_export(server: Server) -> None:
    connection, answer = ask_slowly(server, BIG, server.city.bearer())
    receipt = answer.getheader("shuqiao-receipt")
    connection.close()
    answer.close()
    end = delivered(server.city, receipt)
    assert (end.extra["complete"], end.extra["reason"]) == (False, "客户端提前断开")
    wait_for(lambda: gauge(server, "exports_open") == 0)


def gauge(server: Server, name: str) -> float:
    text = httpx.get(f"{server.url}/metrics").text
    line = next(line for line in text.splitlines() if line.startswith(f"shuqiao_gateway_{name} "))
    return float(line.rpartition(" ")[2])


def test_exports_starve_neither_lookups_nor_pages_and_each_key_has_its_share(server: Server) -> None:
    city = server.city
    under_way = [ask_slowly(server, BIG, city.bearer()) for _ in range(3)]
    one_more = httpx.get(server.url + BIG, headers=city.bearer())
    assert (one_more.status_code, one_more.json()["rule"]) == (429, "gateway.limit.exports")
    assert one_more.headers["retry-after"]
    assert httpx.get(server.url + lookup(2), headers=city.bearer()).status_code == 200
    assert httpx.get(f"{server.url}/v1/resources/big/rows?limit=5", headers=city.bearer()).status_code == 200
    for connection, answer in under_way:
        connection.close()
        answer.close()
    wait_for(lambda: gauge(server, "exports_open") == 0)


def test_a_file_is_read_whole_in_parts_and_not_again(server: Server) -> None:
    city, url = server.city, f"{server.url}/v1/resources/paper/file"
    content = (city.home / "地图.bin").read_bytes()
    whole = httpx.get(url, headers=city.bearer())
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.headers["content-length"] == str(len(content))
    assert whole.headers["accept-ranges"] == "bytes"
    assert "%E5%9C%B0%E5%9B%BE.pdf" in whole.headers["content-disposition"]
    end = delivered(city, whole.headers["shuqiao-receipt"])
    assert end.answer == sm3(content).hex()
    tag = whole.headers["etag"]

    def ask(**headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(url, headers={**city.bearer(), **named})

    part = ask(Range="bytes=100-299")
    assert (part.status_code, part.content) == (206, content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(content)}"
    assert delivered(city, part.headers["shuqiao-receipt"]).extra["bytes"] == 200
    assert ask(Range="bytes=-5").content == content[-5:]
    assert ask(Range="bytes=10-19", If_Range=tag).status_code == 206
    assert ask(Range="bytes=10-19", If_Range='"old"').status_code == 200
    outside = ask(Range=f"bytes={len(content)}-")
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(content)}")
    again = ask(If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(url, headers=city.bearer())
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(content)), b"")
    described = httpx.get(f"{server.url}/v1/resources/paper/openapi.json", headers=city.bearer()).json()
    assert list(described["paths"]) == ["/v1/resources/paper/file"]


def test_tables_and_files_are_told_apart(server: Server) -> None:
    city = server.city
    rows_of_file = httpx.get(f"{server.url}/v1/resources/paper/export.csv", headers=city.bearer())
    assert (rows_of_file.status_code, rows_of_file.json()["rule"]) == (404, "gateway.table.missing")
    file_of_table = httpx.get(f"{server.url}/v1/resources/big/file", headers=city.bearer())
    assert (file_of_table.status_code, file_of_table.json()["rule"]) == (404, "gateway.file.missing")


def test_a_client_that_leaves_stops_its_query(tmp_path: Path) -> None:
    city = found(tmp_path / "home")
    server = Server(city, app="shuqiao.gateway.tests.endless:app")
    server.start()
    try:
        took = []
        for _ in range(5):
            connection = socket.create_connection(("127.0.0.1", server.port))
            lines = [f"GET {ROWS} HTTP/1.1", "Host: x", f"Authorization: {city.bearer()['Authorization']}"]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            wait_for(lambda: gauge(server, "scans_pending") == 1)
            left = now()
            connection.close()
            number = len(took) + 1
            wait_for(lambda: len(records(city)) == number)  # noqa: B023
            record = records(city)[-1]
            assert (record.kind, record.decision["rule"]) == ("refusal", "gateway.client.left")
            took.append((datetime.fromisoformat(record.at) - left).total_seconds())
            assert gauge(server, "scans_pending") == 0
        assert min(took) < 0.1, took
    finally:
        assert server.stop() == 0


def test_processes_of_a_host_share_nonces_and_quotas(tmp_path: Path) -> None:
    city = found(tmp_path / "home")
    city.change("g-interface", daily_quota=30)
    server = Server(city, workers=2)
    server.start()
    try:
        nodes = set()
        for _ in range(200):
            nodes.add(httpx.get(f"{server.url}/readyz").json()["node"])
        assert len(nodes) > 1, "more than one process answers"
        assert nodes <= {"gw-test", "gw-test-2"}
        url = server.url + lookup(2)
        replayed = []
        for _ in range(10):
            headers = sign(method="GET", url=url, key_id="k-counter", secret=city.minted["k-counter"].secret)
            answers = [httpx.get(url, headers=headers) for _ in range(4)]
            replayed.append([answer.status_code for answer in answers])
        assert replayed == [[200, 401, 401, 401]] * 10
        statuses = [httpx.get(url, headers=city.bearer()).status_code for _ in range(25)]
        assert statuses == [200] * 20 + [429] * 5
    finally:
        assert server.stop() == 0
    assert verify(city.settings.journal_root).ok
    assert sum(record.kind == "read" for record in records(city)) == 30


def test_a_new_book_under_load_drops_no_request(server: Server) -> None:
    city = server.city
    statuses = []
    with httpx.Client(headers=city.bearer()) as client:
        for number in range(300):
            if number % 10 == 0:
                city.write()
            statuses.append(client.get(server.url + lookup(2)).status_code)
    assert set(statuses) == {200}
    wait_until_book(server)
    assert json.loads(httpx.get(f"{server.url}/healthz").text) == {"status": "ok"}
