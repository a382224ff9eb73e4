"""The client against a real gateway: rows, refusals, files, frames; the same from asyncio."""

from __future__ import annotations

import asyncio
import csv
import datetime

import httpx
import pytest

from shuqiao import journal
from shuqiao.gateway.tests.city import City, code, rows
from shuqiao_client import AsyncClient, BrokenOff, Client, GatewayError, Refused

GRANTED = ["统一社会信用代码", "名称", "地区", "成立日期"]
YINGKOU = [row for row in rows() if row[3] == "营口"]


@pytest.fixture(params=["hmac-sha256", "hmac-sm3"])
def client(server, request):
    """A client that signs for the counter."""
    secret = server.city.minted["k-counter"].secret
    with Client(server.url, "k-counter", secret, algorithm=request.param) as client:
        yield client


@pytest.fixture
def table(client):
    return client.table("enterprises")


def test_one_row_and_none(table):
    row = table.get(code(2))
    assert list(row) == GRANTED
    assert row["名称"] == "企业02有限公司"
    assert table.get(code(2), select=["名称"]) == {"名称": "企业02有限公司"}
    assert table.get(code(1)) is None, "a row of another city is not there for this grant"
    assert table.get("没有这个") is None


def test_many_keys_keep_their_order(table):
    found = table.get_many([code(4), code(1), code(2), code(4)], select=["名称"])
    names = [[row["名称"] for row in one] for one in found]
    assert names == [["企业04有限公司"], [], ["企业02有限公司"], ["企业04有限公司"]]


def test_more_keys_than_one_call_takes(table):
    found = table.get_many([f"无{number}" for number in range(1_500)] + [code(2)], select=["名称"])
    assert len(found) == 1_501
    assert [one for one in found if one] == [[{"名称": "企业02有限公司"}]]


def test_rows_page_by_page_equal_the_source(table):
    got = list(table.rows(page_size=7, sort=["统一社会信用代码"]))
    assert [row["统一社会信用代码"] for row in got] == [row[0] for row in YINGKOU]
    some = list(table.rows(where={"成立日期__gte": datetime.date(2010, 1, 1)}, page_size=3))
    assert len(some) == sum(row[4] >= "2010-01-01" for row in YINGKOU) > 0
    assert table.count(where={"名称__contains": "企业0"}) == 5


def test_a_page_says_where_it_came_from(table, gateway_city):
    page = table.page(limit=5)
    assert len(page.rows) == 5
    assert page.next
    assert page.version == gateway_city.resources["enterprises"].version
    assert journal.find(gateway_city.settings.journal_root, page.receipt).rows == 5


def test_aggregates(table):
    assert table.aggregate(["count"], group=["地区"]) == [{"地区": "营口", "count": len(YINGKOU)}]


def test_a_refusal_is_an_error_with_rule_reason_articles_and_receipt(table):
    with pytest.raises(Refused) as caught:
        table.page(select=["电话"])
    refused = caught.value
    assert (refused.status, refused.rule) == (403, "sharing.scope.not_wider")
    assert refused.basis
    assert all(one.title in str(refused) for one in refused.basis)
    assert refused.receipt


def test_a_missing_resource_is_no_missing_row(client):
    with pytest.raises(Refused, match=r"gateway\.resource\.unknown"):
        client.table("nothing").get("1")


def test_a_wrong_secret_is_refused(server):
    with Client(server.url, "k-counter", "wrong-secret") as client, pytest.raises(Refused) as caught:
        client.table("enterprises").get(code(2))
    assert caught.value.status == 401


def test_half_a_key_is_misuse():
    with pytest.raises(ValueError, match="an id and a secret"):
        Client("http://gateway.test", "k-counter")


def test_open_data_needs_no_key(server):
    with Client(server.url) as client:
        assert client.table("halls").get("D03") == {"编号": "D03", "名称": "大厅3"}


def test_a_download_is_there_whole(client, tmp_path):
    path = client.table("enterprises", grant="g-file").download(tmp_path / "企业.csv")
    with path.open(encoding="utf-8", newline="") as file:
        got = list(csv.DictReader(file))
    assert [row["统一社会信用代码"] for row in got] == [row[0] for row in YINGKOU]
    assert list(tmp_path.iterdir()) == [path], "nothing partial is left"


def test_a_refused_download_leaves_nothing(client, tmp_path):
    with pytest.raises(Refused):
        client.table("enterprises", grant="g-interface").download(tmp_path / "企业.csv")
    assert list(tmp_path.iterdir()) == []


def test_arrow_and_pandas_keep_types(client):
    table = client.table("enterprises", grant="g-file")
    arrow = table.to_arrow(select=["统一社会信用代码", "成立日期"])
    assert arrow.column_names == ["统一社会信用代码", "成立日期"]
    assert str(arrow.schema.field("成立日期").type) == "date32[day]"
    frame = table.to_pandas(where={"地区": "营口"})
    assert frame["统一社会信用代码"].tolist() == [row[0] for row in YINGKOU], "codes stay text"
    assert frame["成立日期"][0] == datetime.date.fromisoformat(YINGKOU[0][4])


def test_asyncio_asks_the_same(server, tmp_path):
    async def ask() -> None:
        secret = server.city.minted["k-counter"].secret
        async with AsyncClient(server.url, "k-counter", secret) as client:
            table = client.table("enterprises", grant="g-interface")
            got = await asyncio.gather(*(table.get(code(number)) for number in range(0, 20, 2)))
            assert [row["名称"] for row in got] == [row[1] for row in YINGKOU[:10]]
            assert [row["统一社会信用代码"] async for row in table.rows(page_size=6)] == [
                row[0] for row in YINGKOU
            ]
            assert await table.count() == len(YINGKOU)
            assert len(await table.get_many([code(2), code(3)])) == 2
            assert await table.aggregate(["count"]) == [{"count": len(YINGKOU)}]
            assert len((await table.page(limit=3)).rows) == 3
            with pytest.raises(Refused):
                await table.page(select=["电话"])
            whole = client.table("enterprises", grant="g-file")
            path = await whole.download(tmp_path / "a.ndjson", format="ndjson")
            assert len(path.read_text(encoding="utf-8").splitlines()) == len(YINGKOU)
            assert (await whole.to_arrow()).num_rows == len(await whole.to_pandas()) == len(YINGKOU)

    asyncio.run(ask())


class Scripted:
    """A gateway that answers as it is told, for what a real one does only now and then."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers.pop(0)

    def client(self, **options) -> Client:
        return Client("http://gateway.test", "k", "s", transport=httpx.MockTransport(self), **options)


def test_waits_as_told_and_signs_anew():
    scripted = Scripted(
        httpx.Response(503, headers={"Retry-After": "0"}, json={"rule": "gateway.version.missing"}),
        httpx.Response(200, json={"row": {"a": 1}}),
    )
    assert scripted.client().table("r").get("1") == {"a": 1}
    first, second = (request.headers["signature-input"] for request in scripted.asked)
    assert first != second, "a nonce is used once"


def test_gives_up_after_its_tries_and_when_the_wait_is_long():
    busy = httpx.Response(429, headers={"Retry-After": "0"}, json={"rule": "gateway.limit.quota"})
    scripted = Scripted(busy, busy, busy)
    with pytest.raises(Refused) as caught:
        scripted.client(tries=2).table("r").page()
    assert (len(scripted.asked), caught.value.retry_after) == (2, 0)
    tomorrow = Scripted(
        httpx.Response(429, headers={"Retry-After": "40000"}, json={"rule": "gateway.limit.quota"})
    )
    with pytest.raises(Refused):
        tomorrow.client().table("r").page()


def test_rows_of_two_versions_are_not_mixed():
    pages = [
        httpx.Response(200, headers={"Shuqiao-Version": version}, json={"rows": [{"a": 1}], "next": "c"})
        for version in ("v1", "v2")
    ]
    with pytest.raises(GatewayError, match="another version"):
        list(Scripted(*pages).client().table("r").rows())


def test_a_proxy_that_answers_in_between_is_named():
    scripted = Scripted(httpx.Response(502, text="Bad Gateway"), httpx.Response(200, text="<html>"))
    with pytest.raises(Refused, match="502 http：Bad Gateway"):
        scripted.client().table("r").page()
    with pytest.raises(GatewayError, match="no JSON"):
        scripted.client().table("r").page()


def test_an_export_that_ends_early_is_no_export(tmp_path):
    class Breaking(httpx.SyncByteStream):
        def __iter__(self):
            yield b"a,b\n"
            raise httpx.RemoteProtocolError("peer closed connection")

    answers = [httpx.Response(200, stream=Breaking()), httpx.Response(200, content=b"ARROW1 half")]
    scripted = Scripted(*answers)
    table = scripted.client().table("r")
    with pytest.raises(BrokenOff):
        table.download(tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BrokenOff):
        table.to_arrow()


def test_city_is_the_one_the_gateway_serves(gateway_city):
    assert isinstance(gateway_city, City)
    assert gateway_city.chain_holds()
