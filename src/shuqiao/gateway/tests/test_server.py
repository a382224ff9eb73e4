"""Through a real server process: signatures over the wire, revocation, kill -9."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from shuqiao.gateway.signing import sign
from shuqiao.gateway.tests.city import ROWS, City, lookup, wait_for
from shuqiao.gateway.tests.serving import Server


@pytest.fixture
def server(city: City) -> Iterator[Server]:
    """A started gateway process, killed at the end if it still runs."""
    server = Server(city)
    server.start()
    yield server
    if server.running:
        server.kill()


def signed(server: Server, path: str, key_id: str = "k-counter") -> tuple[str, dict[str, str]]:
    url = str(httpx.URL(server.url).join(path))
    return url, sign(method="GET", url=url, key_id=key_id, secret=server.city.minted[key_id].secret)


def test_a_signed_program_reads_over_the_wire(server: Server) -> None:
    for path in (lookup(2), f"{ROWS}?地区=营口&名称__contains=企业&limit=5", f"{ROWS}?名称__in=a%20b,c%2Cd"):
        url, headers = signed(server, path)
        with httpx.Client() as client:
            response = client.get(url, headers=headers)
            assert response.status_code == 200, response.text
            replayed = client.get(url, headers=headers)
            altered = client.get(
                url + ("&" if "?" in url else "?") + "select=名称", headers=signed(server, path)[1]
            )
        assert (replayed.status_code, replayed.json()["rule"]) == (401, "gateway.nonce.replayed")
        assert (altered.status_code, altered.json()["rule"]) == (401, "gateway.signature.invalid")
    assert server.stop() == 0
    assert len(server.city.entries()) == 9
    assert server.city.chain_holds()


def test_paths_are_signed_as_they_are_on_the_wire(server: Server) -> None:
    url, headers = signed(server, "/v1/resources/halls/rows/%E8%90%A5%2f%20%2C")
    response = httpx.get(url, headers=headers)
    assert (response.status_code, response.json()["rule"]) == (404, "gateway.row.missing")
    exported = httpx.get(
        *signed(server, "/v1/resources/enterprises/export.csv")[:1], headers=server.city.bearer()
    )
    assert exported.text.count("\n") == 21


def test_revocation_over_the_wire_takes_less_than_a_second(server: Server) -> None:
    with httpx.Client(headers=server.city.bearer()) as client:
        url = server.url + lookup(2)
        assert client.get(url).status_code == 200
        for round_number in range(5):
            state = "suspended" if round_number % 2 == 0 else "active"
            server.city.change("g-interface", state=state)
            written = time.monotonic()
            wanted = 403 if state == "suspended" else 200
            while client.get(url).status_code != wanted:
                assert time.monotonic() - written < 1.0


class Reader(threading.Thread):
    """Reads rows as fast as it can and keeps every receipt it got, until the server is gone."""

    def __init__(self, server: Server, number: int) -> None:
        super().__init__()
        self.server, self.number = server, number
        self.receipts: list[str] = []
        self.odd: list[str] = []

    def run(self) -> None:
        with httpx.Client() as client:
            turn = 0
            while True:
                turn += 1
                path = lookup((self.number + turn) % 40)
                url, headers = signed(self.server, path)
                try:
                    response = client.get(url, headers=headers)
                except httpx.HTTPError:
                    return
                if response.status_code not in (200, 404):
                    self.odd.append(response.text)
                self.receipts.append(response.headers["shuqiao-receipt"])


@pytest.mark.crash
@pytest.mark.article("yingkou-2022", "22")
def test_killed_under_load_every_answered_read_is_in_the_evidence(city: City) -> None:
    server = Server(city)
    answered: list[str] = []
    for round_number in range(5):
        server.start()
        readers = [Reader(server, number) for number in range(6)]
        for reader in readers:
            reader.start()
        under_load = 5 + 10 * round_number
        wait_for(lambda: all(len(reader.receipts) >= under_load for reader in readers), 30)  # noqa: B023
        server.kill()
        for reader in readers:
            reader.join(10)
            assert not reader.odd
            answered += reader.receipts
    server.start()
    response = httpx.get(server.url + lookup(2), headers=city.bearer())
    assert response.status_code == 200, "service goes on"
    answered.append(response.headers["shuqiao-receipt"])
    assert server.stop() == 0
    assert city.chain_holds()
    recorded = {entry.receipt.id for entry in city.entries()}
    assert len(answered) == len(set(answered))
    assert set(answered) <= recorded
    assert len(recorded) - len(answered) <= 5 * 6, "at most the requests under way were recorded unanswered"
    assert {entry.record.grant for entry in city.entries()} == {"g-interface"}
