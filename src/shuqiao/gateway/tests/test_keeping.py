"""The book is followed within a second, evidence comes before answers, and readiness tells the truth."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from shuqiao.gateway.book import book_path
from shuqiao.gateway.tests.city import City, Desk, a_grant, found, lookup, opened, wait_for
from shuqiao.journal import JournalUnavailable


@pytest.mark.article("national-2025", "27")
def test_a_suspension_holds_within_a_second_under_load(desk: Desk) -> None:
    stop, statuses = threading.Event(), []

    def hammer() -> None:
        while not stop.is_set():
            statuses.append((time.monotonic(), desk.ask(lookup(2), headers=desk.city.bearer()).status_code))

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(statuses) > 20)
    desk.city.change("g-interface", state="suspended", state_reason="违规使用")
    written = time.monotonic()
    wait_for(lambda: statuses[-1][1] == 403)
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join()
    last_answer = max(moment for moment, status in statuses if status == 200)
    assert last_answer - written < 1.0
    assert {status for _, status in statuses} == {200, 403}
    assert len(desk.city.entries()) == len(statuses)


def test_a_broken_book_keeps_the_old_one_and_says_so(desk: Desk) -> None:
    path = book_path(desk.city.home)
    assert desk.ask("/readyz").status_code == 200
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    wait_for(lambda: desk.ask("/readyz").status_code == 503)
    body = desk.ask("/readyz").json()
    assert "沿用第 1 版" in body["reasons"][0]
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200
    desk.city.write()
    wait_for(lambda: desk.ask("/readyz").status_code == 200)
    assert desk.ask("/readyz").json()["book"] == 2
    path.unlink()
    wait_for(lambda: desk.ask("/readyz").status_code == 503)
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200


def test_a_row_that_cannot_be_served_is_left_out_and_named(desk: Desk) -> None:
    city = desk.city
    city.keys["k-other"] = msgspec.structs.replace(city.keys["k-other"], sealed_secret=b"x" * 60)
    city.grants["g-bad"] = a_grant(id="g-bad", where=[{"column": "地区", "op": "sql", "values": ["1"]}])
    city.grants["g-unkeyed"] = a_grant(id="g-unkeyed", columns=city.grants["g-whole"].columns)
    city.write()
    desk.reload()
    ready = desk.ask("/readyz")
    assert ready.status_code == 200, "a wrong row keeps nobody else from reading"
    faults = "；".join(ready.json()["faults"])
    assert all(name in faults for name in ("k-other", "g-bad", "g-unkeyed"))
    assert desk.ask(lookup(2), headers=city.bearer()).status_code == 200
    refused = desk.ask(lookup(2), headers={**city.bearer(), "Shuqiao-Grant": "g-bad"})
    assert refused.status_code == 403
    path = lookup(2)
    assert desk.ask(path, headers=desk.sign(path, "k-other")).status_code == 401


def test_without_a_book_nothing_is_read(tmp_path) -> None:
    city = found(tmp_path / "home")
    book_path(city.home).unlink()
    with opened(city) as desk:
        response = desk.ask(lookup(2), headers=city.bearer())
        assert (response.status_code, response.json()["rule"]) == (503, "gateway.book.missing")
        assert desk.ask("/readyz").status_code == 503
        assert desk.ask("/healthz").status_code == 200
        city.write()
        wait_for(lambda: desk.ask("/readyz").status_code == 200)
        assert desk.ask(lookup(2), headers=city.bearer()).status_code == 200


def test_a_book_that_nobody_watches_is_not_served(desk: Desk) -> None:
    desk.call(desk.gateway.stop_watching)
    desk.gateway.corridor.watcher.looked_at -= 6
    response = desk.ask(lookup(2), headers=desk.city.bearer())
    assert (response.status_code, response.json()["rule"]) == (503, "gateway.book.unwatched")
    assert "没有" in desk.ask("/readyz").json()["reasons"][0]


class FullDisk:
    """Stands for a chain whose disk is full."""

    seq = 0
    failure = "磁盘已满（OSError 28）"

    async def append(self, record) -> None:
        raise JournalUnavailable("gw-test", self.failure)

    def close(self) -> None:
        return None


@pytest.mark.article("yingkou-2022", "22")
def test_no_evidence_no_answer(desk: Desk) -> None:
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200
    evidence = desk.gateway.corridor.evidence
    writer, evidence._writer = evidence._writer, FullDisk()
    evidence._tried = time.monotonic() + 3600
    paths = (lookup(2), "/v1/resources/enterprises/export.csv", lookup(1), lookup(2, "?select=电话"))
    for path in paths:
        response = desk.ask(path, headers=desk.city.bearer())
        body = response.json()
        assert (response.status_code, body["rule"]) == (503, "evidence.use_log")
        assert "yingkou-2022:22" in {basis["article"] for basis in body["basis"]}
        assert body["receipt"] is None
        assert "shuqiao-receipt" not in response.headers
        assert "企业02" not in response.text
    assert "磁盘已满" in desk.ask("/readyz").json()["reasons"][0]
    writer.close()
    evidence._tried = 0.0
    wait_for(lambda: desk.ask("/readyz").status_code == 200)
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200
    assert [entry.record.kind for entry in desk.city.entries()] == ["read", "read"]


def test_an_export_is_not_handed_out_when_its_grant_fell_meanwhile(desk: Desk) -> None:
    ways = desk.gateway.corridor.ways
    run = ways.run

    async def slow(read):
        outcome = await run(read)
        desk.city.change("g-file", state="suspended", state_reason="核查中")
        await desk.gateway.corridor.watcher.look()
        return outcome

    ways.run = slow
    response = desk.ask("/v1/resources/enterprises/export.csv", headers=desk.city.bearer())
    assert response.status_code == 403
    assert [entry.record.kind for entry in desk.city.entries()] == ["refusal"]
    assert len(ways.deliveries) == ways.slots.open == 0


def test_metrics_count_without_naming_anyone(desk: Desk) -> None:
    desk.ask(lookup(2), headers=desk.city.bearer())
    desk.ask(lookup(1), headers=desk.city.bearer())
    text = desk.ask("/metrics").text
    assert 'shuqiao_gateway_answers_total{action="lookup",status="200"} 1.0' in text
    assert 'shuqiao_gateway_answers_total{action="lookup",status="404"} 1.0' in text
    assert "shuqiao_gateway_book_revision 1.0" in text
    for private in ("k-counter", "enterprises", "127.0.0.1", "9121"):
        assert private not in text


def test_a_second_gateway_of_the_same_node_does_not_start(desk: Desk, city: City) -> None:
    from shuqiao.gateway.app import create_app
    from shuqiao.journal import JournalLocked

    with pytest.raises(JournalLocked):
        desk.call(create_app(city.settings).start)
