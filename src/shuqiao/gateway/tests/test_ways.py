"""Many keys, figures, exports, packed and conditional answers, limits: through the application."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import time
from datetime import timedelta

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shuqiao.gateway.conditional import has_it
from shuqiao.gateway.ranges import OutsideFile, Part, range_holds, wanted_part
from shuqiao.gateway.tests.city import ROWS, Desk, a_grant, code, found, lookup, opened, publish, rows
from shuqiao.journal import find, iter_records, sm3
from shuqiao.kernel.time import today
from shuqiao.store import EXPORT_FORMATS, VersionHandle, open_store, shipping

RESOURCE = "/v1/resources/enterprises"
MANY = f"{RESOURCE}/lookup"
GRANTED = ["统一社会信用代码", "名称", "地区", "成立日期"]


def post(desk: Desk, body: object, headers=None, kind: str = "application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = {**(headers or desk.city.bearer()), "Content-Type": kind}
    return desk.ask(MANY, method="POST", headers=asked, content=content)


def record_of(desk: Desk, response):
    return find(desk.city.settings.journal_root, response.headers["shuqiao-receipt"])


@pytest.mark.article("yingkou-2022", "22")
def test_many_keys_are_answered_in_their_order_and_stand_in_the_evidence(desk: Desk) -> None:
    keys = [[code(4)], [code(1)], ["nobody"], [code(2)], [code(4)]]
    answer = post(desk, {"keys": keys, "select": ["名称"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == [
        [{"名称": "企业04有限公司"}],
        [],
        [],
        [{"名称": "企业02有限公司"}],
        [{"名称": "企业04有限公司"}],
    ]
    record = record_of(desk, answer)
    assert (record.action, record.rows, record.columns) == ("lookups", 3, ["名称"])
    assert record.extra == {"by": ["统一社会信用代码"], "keys": keys}
    assert record.answer == sm3(answer.content).hex()


def test_a_thousand_keys_in_one_call_and_not_one_more(desk: Desk) -> None:
    keys = [[code(number % 40)] for number in range(1000)]
    answer = post(desk, {"keys": keys})
    assert [bool(found) for found in answer.json()["rows"]] == [number % 2 == 0 for number in range(1000)]
    refused = post(desk, {"keys": [*keys, ["x"]]})
    assert (refused.status_code, refused.json()["rule"]) == (400, "gateway.query.invalid")


def test_many_keys_signed_need_their_digest(desk: Desk) -> None:
    body = json.dumps({"keys": [[code(2)]]}).encode()
    signed = desk.sign(MANY, method="POST", body=body, algorithm="hmac-sm3")
    assert post(desk, body, signed).status_code == 200
    signed = desk.sign(MANY, method="POST", body=body)
    changed = post(desk, body.replace(b"keys", b"Keys"), signed)
    assert (changed.status_code, changed.json()["rule"]) == (401, "gateway.digest.mismatch")
    bare = {**desk.sign(MANY, method="POST"), "Content-Digest": "sha-256=:AAAA:"}
    assert post(desk, body, bare).json()["rule"] == "gateway.signature.coverage"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"keys": []}, 400),
        ({"keys": [[]]}, 400),
        ({"keys": [["a", "b"]]}, 400),
        ({"keys": [["a"]], "by": ["地区"]}, 400),
        ({"keys": [["a"]], "where": []}, 400),
        ({"keys": [["a"]], "select": ["电话"]}, 403),
        (b"\xff", 400),
        (b"", 400),
        (b'{"keys":[["' + b"x" * 600_000 + b'"]]}', 413),
    ],
)
def test_a_body_that_cannot_be_answered_is_refused(desk: Desk, body: object, status: int) -> None:
    answer = post(desk, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["rule"]


def test_a_body_of_another_type_and_other_methods_are_refused(desk: Desk) -> None:
    assert post(desk, {"keys": [["a"]]}, kind="text/plain").status_code == 415
    for path, method, allowed in (
        (MANY, "GET", "POST"),
        (ROWS, "POST", "GET"),
        ("/healthz", "POST", "GET, HEAD"),
        (f"{RESOURCE}/file", "DELETE", "GET, HEAD"),
    ):
        answer = desk.ask(path, method=method, headers=desk.city.bearer())
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"keys": []}, "keys 须是 1 至 1000 个键的列表"),
        ({"keys": [["a"]], "by": 5}, "by 须是"),
        ({"by": ["a"]}, "keys 须是 1 至 1000 个键的列表"),
        ({"keys": [["a"]], "sort": "a"}, "不认识“sort”，只有 keys、by、select"),
        (b"\xff", "须是一个 UTF-8 编码的 JSON 对象"),
    ],
)
def test_what_is_wrong_in_a_body_is_said_in_chinese(desk: Desk, body: object, said: str) -> None:
    assert said in post(desk, body).json()["reason"]


def test_a_thousand_long_keys_in_one_call(desk: Desk) -> None:
    answer = post(desk, {"keys": [[f"{number:0400}"] for number in range(1000)]})
    assert (answer.status_code, answer.json()["rows"]) == (200, [[]] * 1000)
    assert len(record_of(desk, answer).extra["keys"]) == 1000


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_a_probe_may_ask_for_the_head_alone(desk: Desk, path: str) -> None:
    head, whole = desk.ask(path, method="HEAD"), desk.ask(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_figures_by_group(desk: Desk) -> None:
    answer = desk.ask(
        f"{RESOURCE}/aggregate?group=地区&aggregate=count,min:成立日期", headers=desk.city.bearer()
    )
    assert answer.status_code == 200, answer.text
    first = min(row[4] for row in rows() if row[3] == "营口")
    assert answer.json()["rows"] == [{"地区": "营口", "count": 20, "min:成立日期": first}]
    assert record_of(desk, answer).action == "aggregate"
    assert desk.ask(f"{RESOURCE}/aggregate", headers=desk.city.bearer()).json()["rows"] == [{"count": 20}]
    masked = desk.ask(f"{RESOURCE}/aggregate?group=电话", headers=desk.city.bearer("k-other"))
    assert (masked.status_code, masked.json()["rule"]) == (403, "sharing.scope.not_wider")
    outside = desk.ask(f"{RESOURCE}/aggregate?aggregate=min:电话", headers=desk.city.bearer())
    assert outside.status_code == 403


@pytest.mark.parametrize("extension", EXPORT_FORMATS)
def test_every_format_is_exported_whole(desk: Desk, extension: str) -> None:
    answer = desk.ask(f"{RESOURCE}/export.{extension}", headers=desk.city.bearer())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == EXPORT_FORMATS[extension]
    records = list(iter_records(desk.city.settings.journal_root, "gw-test"))
    begun, delivered = records[-2].record, records[-1].record
    assert (begun.kind, begun.extra["phase"], delivered.kind) == ("read", "begun", "delivered")
    assert delivered.extra["complete"] is True
    assert (delivered.rows, delivered.extra["bytes"]) == (20, len(answer.content))
    assert delivered.answer == sm3(answer.content).hex()
    names = [row[1] for row in rows() if row[3] == "营口"]
    if extension == "parquet":
        assert pq.read_table(io.BytesIO(answer.content))["名称"].to_pylist() == names
    if extension == "arrow":
        assert pa.ipc.open_stream(answer.content).read_all()["名称"].to_pylist() == names
    if extension == "ndjson":
        assert [json.loads(line)["名称"] for line in answer.text.splitlines()] == names


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_answers_are_packed_where_the_client_says_so(desk: Desk, encoding: str) -> None:
    for path in (f"{RESOURCE}/export.csv", ROWS):
        plain = desk.ask(path, headers={**desk.city.bearer(), "Accept-Encoding": "identity"})
        packed = desk.ask_raw(path, headers={**desk.city.bearer(), "Accept-Encoding": f"{encoding}, br"})
        assert packed.headers["content-encoding"] == encoding
        assert packed.headers["vary"] == "accept-encoding"
        unpack = gzip.decompress if encoding == "gzip" else unzstd
        assert unpack(packed.content) == plain.content
        assert len(packed.content) < len(plain.content)
    digests = {entry.record.answer for entry in iter_records(desk.city.settings.journal_root, "gw-test")}
    assert sm3(plain.content).hex() in digests, "the evidence is of the content, not of its packing"
    small = desk.ask_raw(lookup(2), headers={**desk.city.bearer(), "Accept-Encoding": encoding})
    assert "content-encoding" not in small.headers


def unzstd(content: bytes) -> bytes:
    return pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()


def test_what_a_client_has_is_not_sent_again_and_is_a_read_of_no_rows(desk: Desk) -> None:
    for path in (lookup(2), f"{ROWS}?limit=3", f"{RESOURCE}/aggregate?group=地区"):
        first = desk.ask(path, headers=desk.city.bearer())
        tag = first.headers["etag"]
        again = desk.ask(path, headers={**desk.city.bearer(), "If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        record = record_of(desk, again)
        assert (record.kind, record.rows, record.answer) == ("read", 0, "")
        other = desk.ask(path, headers={**desk.city.bearer(), "If-None-Match": '"other"'})
        assert other.status_code == 200


def test_a_mark_is_another_for_another_version_scope_or_question(desk: Desk) -> None:
    city = desk.city

    def tag(path: str = lookup(2)) -> str:
        desk.reload()
        return desk.ask(path, headers=city.bearer()).headers["etag"]

    first = tag()
    assert tag(lookup(2, "?select=名称")) != first
    assert tag(lookup(4)) != first
    city.change("g-interface", columns=city.grants["g-interface"].columns[:2])
    narrowed = tag()
    assert narrowed != first
    version = publish(city.home, "second", [[row[0], "改名", *row[2:]] for row in rows()])
    city.resources["enterprises"] = msgspec.structs.replace(city.resources["enterprises"], version=version)
    city.write()
    assert tag() not in (first, narrowed)
    denied = desk.ask(lookup(2), headers={"If-None-Match": first})
    assert denied.status_code == 401, "a mark opens nothing"


def test_marks_are_compared_weakly() -> None:
    assert has_it("*", '"a"')
    assert has_it('W/"a"', '"a"')
    assert has_it('"b" , "a"', 'W/"a"')
    assert not has_it('"ab"', '"a"')
    assert not has_it("", '"a"')


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=2-", Part(2, 10)),
        ("bytes=-3", Part(7, 10)),
        ("bytes=-30", Part(0, 10)),
        ("bytes = 4-99", Part(4, 10)),
        ("bytes=5-4", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
    ],
)
def test_a_range_names_a_part(header: str, part: Part | None) -> None:
    assert wanted_part(header, 10) == part


def test_a_range_outside_is_told_apart() -> None:
    for header, size in (("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)):
        with pytest.raises(OutsideFile):
            wanted_part(header, size)
    assert range_holds("", '"a"')
    assert range_holds('"a"', '"a"')
    assert not range_holds('W/"a"', '"a"')


def test_a_rate_of_a_grant_holds_beside_its_quota(desk: Desk) -> None:
    desk.city.change("g-interface", rate_per_minute=6, daily_quota=5)
    desk.reload()
    answer = desk.ask(lookup(2), headers=desk.city.bearer())
    assert answer.headers["ratelimit-policy"] == '"minute";q=6;w=60, "day";q=5;w=86400'
    assert answer.headers["ratelimit"].startswith('"minute";r=0;t=1, "day";r=4;t=')
    refused = desk.ask(lookup(2), headers=desk.city.bearer())
    assert (refused.status_code, refused.json()["rule"]) == (429, "gateway.limit.rate")
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert refused.json()["basis"]
    desk.city.change("g-interface", rate_per_minute=None)
    desk.reload()
    many = post(desk, {"keys": [[code(number)] for number in range(5)]})
    assert (many.status_code, many.json()["rule"]) == (429, "gateway.limit.quota")
    assert "还剩 4 次" in many.json()["reason"], "many keys are many reads"
    assert post(desk, {"keys": [[code(number)] for number in range(4)]}).status_code == 200
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 429


def test_an_installation_may_set_a_rate_for_every_grant(tmp_path) -> None:
    city = found(tmp_path / "home", rate_per_minute=12)
    with opened(city) as desk:
        statuses = [desk.ask(lookup(2), headers=city.bearer()).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_an_answer_beyond_its_size_is_refused(tmp_path) -> None:
    city = found(tmp_path / "home", max_answer=500)
    with opened(city) as desk:
        refused = desk.ask(ROWS, headers=city.bearer())
        assert (refused.status_code, refused.json()["rule"]) == (400, "gateway.limit.answer")
        assert desk.ask(f"{ROWS}?limit=1", headers=city.bearer()).status_code == 200


def test_a_page_has_a_deadline(tmp_path, monkeypatch) -> None:
    from shuqiao.gateway.tests.endless import _rows

    monkeypatch.setattr(VersionHandle, "rows", _rows)
    city = found(tmp_path / "home", page_seconds=0.2)
    with opened(city) as desk:
        started = time.monotonic()
        refused = desk.ask(ROWS, headers=city.bearer())
        assert (refused.status_code, refused.json()["rule"]) == (504, "gateway.limit.deadline")
        assert time.monotonic() - started < 2
        assert desk.gateway.corridor.ways.scans.pending == 0


def test_a_grant_whose_condition_fits_no_value_is_its_own_fault(desk: Desk) -> None:
    city = desk.city
    bad = [{"column": "成立日期", "op": "gte", "values": ["去年"]}]
    city.grants["g-bad"] = a_grant(id="g-bad", where=bad)
    city.write()
    desk.reload()
    refused = desk.ask(ROWS, headers={**city.bearer(), "Shuqiao-Grant": "g-bad"})
    assert (refused.status_code, refused.json()["rule"]) == (403, "gateway.grant.faulty")
    assert "去年" in refused.json()["reason"]
    by_key = desk.ask(lookup(2), headers={**city.bearer(), "Shuqiao-Grant": "g-bad"})
    assert by_key.json()["rule"] == "gateway.grant.faulty"
    ready = desk.ask("/readyz")
    assert ready.status_code == 200
    assert "g-bad" in ready.json()["faults"][0]
    assert desk.ask(ROWS, headers={**city.bearer(), "Shuqiao-Grant": "g-interface"}).status_code == 200


def test_figures_are_for_the_networks_named(tmp_path) -> None:
    city = found(tmp_path / "home", metrics_from=())
    with opened(city) as desk:
        assert desk.ask("/metrics").status_code == 403
    other = found(tmp_path / "other")
    with opened(other) as desk:
        assert desk.ask("/metrics").status_code == 200
        assert desk.ask("/metrics", headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 403
        text = desk.ask("/metrics").text
    for name in ("exports_open 0.0", "scans_waiting 0.0", "evidence_writable 1.0", "book_faults 0.0"):
        assert f"shuqiao_gateway_{name}" in text
    assert "shuqiao_gateway_commit_seconds_bucket" in text


def test_open_data_is_exported_and_described_without_a_key(desk: Desk) -> None:
    answer = desk.ask("/v1/resources/halls/export.ndjson")
    assert [json.loads(line)["编号"] for line in answer.text.splitlines()] == [f"D{n:02d}" for n in range(5)]
    assert "内部电话" not in desk.ask("/v1/resources/halls/openapi.json").text
    expired = a_grant(id="g-file", modes=["file"], valid_until=today() - timedelta(days=1))
    desk.city.grants["g-file"] = expired
    desk.city.write()
    desk.reload()
    assert desk.ask(f"{RESOURCE}/export.csv", headers=desk.city.bearer()).status_code == 403


@pytest.mark.parametrize("extension", EXPORT_FORMATS)
def test_every_format_is_exported_under_masks(desk: Desk, extension: str) -> None:
    answer = desk.ask(f"{RESOURCE}/export.{extension}", headers=desk.city.bearer("k-other"))
    assert answer.status_code == 200, answer.text
    *_, delivered = iter_records(desk.city.settings.journal_root, "gw-test")
    assert (delivered.record.rows, delivered.record.extra["complete"]) == (40, True)
    plain = [row[2].encode() for row in rows()] + [row[5].encode() for row in rows()]
    assert not any(value in answer.content for value in plain)


def test_a_version_this_node_lacks_is_fetched_beside_the_loop(tmp_path) -> None:
    address = (tmp_path / "objects").as_uri()
    city = found(tmp_path / "home", objects=address)
    version = city.resources["enterprises"].version
    kept = open_store(city.settings.store_root, address)
    shipping.push(kept.objects, version, kept.path_of(version))
    shutil.rmtree(kept.path_of(version))
    with opened(city) as desk:
        assert desk.ask(lookup(2), headers=city.bearer()).status_code == 200
        assert kept.has(version)
    shutil.rmtree(kept.path_of(version))
    shutil.rmtree(tmp_path / "objects")
    with opened(city) as desk:
        refused = desk.ask(lookup(2), headers=city.bearer())
        assert (refused.status_code, refused.json()["rule"]) == (503, "gateway.version.missing")
        assert desk.ask("/v1/resources/halls/rows/D01").status_code == 200, "others are not held up"
