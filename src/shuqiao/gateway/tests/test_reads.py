"""What a grant gives is answered: exactly its columns, rows and masks, with evidence for each answer."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import pytest

from shuqiao.gateway.tests.city import ROWS, City, Desk, a_grant, code, lookup, rows
from shuqiao.journal import find, iter_records, sm3
from shuqiao.kernel.time import today

GRANTED = ["统一社会信用代码", "名称", "地区", "成立日期"]
EXPORT = "/v1/resources/enterprises/export"


def granted_rows() -> list[dict[str, str]]:
    """The answer a careful clerk would write by hand: granted columns of the rows in 营口."""
    names = ["统一社会信用代码", "名称", "法定代表人", "地区", "成立日期", "电话"]
    table = [dict(zip(names, row, strict=True)) for row in rows() if row[3] == "营口"]
    return [{name: row[name] for name in GRANTED} for row in table]


def record_of(desk: Desk, response):
    return find(desk.city.settings.journal_root, response.headers["shuqiao-receipt"])


def delivered_after(desk: Desk, response):
    """What the evidence says at the end of a long answer."""
    root, node = desk.city.settings.journal_root, desk.city.settings.node
    return next(
        entry.record
        for entry in iter_records(root, node)
        if entry.record.extra.get("begun") == response.headers["shuqiao-receipt"]
    )


@pytest.mark.article("yingkou-2022", "20")
def test_a_bearer_key_reads_one_row_of_its_grant(desk: Desk) -> None:
    response = desk.ask(lookup(2), headers=desk.city.bearer())
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert body["row"] == granted_rows()[1]
    assert list(body["row"]) == GRANTED
    assert body["resource"] == "enterprises"
    version = desk.city.resources["enterprises"].version
    assert response.headers["shuqiao-version"] == body["version"] == version
    assert response.headers["shuqiao-grant"] == "g-interface"


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "29")
def test_the_evidence_says_who_read_what_for_which_purpose(desk: Desk) -> None:
    path = lookup(2)
    response = desk.ask(path, headers=desk.sign(path, created=None))
    record = record_of(desk, response)
    assert record.kind == "read"
    assert (record.key, record.grant, record.case) == ("k-counter", "g-interface", "营数享〔2026〕0001号")
    assert (record.resource, record.action, record.purpose) == ("enterprises", "lookup", "窗口核验")
    assert record.version == desk.city.resources["enterprises"].version
    assert (record.columns, record.rows) == (GRANTED, 1)
    assert record.query == path
    assert record.answer == sm3(response.content).hex()
    assert record.client == "127.0.0.1"
    assert set(record.extra) == {"nonce", "created"}


def test_a_signed_request_reads_rows(desk: Desk) -> None:
    path = f"{ROWS}?limit=7&sort=统一社会信用代码"
    response = desk.ask(path, headers=desk.sign(path))
    assert response.status_code == 200, response.text
    assert response.json()["rows"] == granted_rows()[:7]
    assert record_of(desk, response).rows == 7


def test_pages_follow_the_cursor_to_the_end_without_loss(desk: Desk) -> None:
    seen, cursor = [], ""
    while True:
        response = desk.ask(f"{ROWS}?limit=6&count=exact{cursor}", headers=desk.city.bearer())
        body = response.json()
        assert body["count"] == 20
        seen += body["rows"]
        if body["next"] is None:
            break
        cursor = f"&cursor={body['next']}"
    assert sorted(seen, key=str) == sorted(granted_rows(), key=str)


def test_a_select_narrows_and_the_evidence_names_only_what_was_shown(desk: Desk) -> None:
    response = desk.ask(lookup(2, "?select=名称"), headers=desk.city.bearer())
    assert response.json()["row"] == {"名称": "企业02有限公司"}
    assert record_of(desk, response).columns == ["名称"]


@pytest.mark.article("yingkou-2022", "22")
def test_a_filter_on_another_city_finds_nothing(desk: Desk) -> None:
    response = desk.ask(f"{ROWS}?地区=沈阳&count=exact", headers=desk.city.bearer())
    assert response.status_code == 200
    assert response.json() == {
        "resource": "enterprises",
        "version": desk.city.resources["enterprises"].version,
        "rows": [],
        "next": None,
        "count": 0,
    }


def test_masks_hide_what_they_should(desk: Desk) -> None:
    row = desk.ask(lookup(3), headers=desk.city.bearer("k-other")).json()["row"]
    name, number = rows()[3][2], rows()[3][5]
    assert row["成立日期"] == rows()[3][4][:4]
    assert name not in str(row)
    assert number not in str(row)
    assert row["电话"].startswith(number[0])
    assert row["电话"].endswith(number[-1])
    again = desk.ask(lookup(3), headers=desk.city.bearer("k-other")).json()["row"]
    assert row["法定代表人"] == again["法定代表人"]
    other = desk.ask(lookup(5), headers=desk.city.bearer("k-other")).json()["row"]
    assert row["法定代表人"] != other["法定代表人"]


def test_a_named_grant_is_used_among_several(desk: Desk) -> None:
    city = desk.city
    city.grants["g-second"] = a_grant(id="g-second", where=[])
    city.write()
    desk.reload()
    ambiguous = desk.ask(lookup(1), headers=city.bearer())
    assert ambiguous.status_code == 400
    assert ambiguous.json()["rule"] == "gateway.grant.ambiguous"
    assert "g-second" in ambiguous.json()["reason"]
    path = lookup(1)
    named = desk.ask(path, headers=desk.sign(path, headers={"Shuqiao-Grant": "g-second"}))
    assert named.status_code == 200
    assert named.headers["shuqiao-grant"] == "g-second"
    wrong = desk.ask(lookup(1), headers={**city.bearer(), "Shuqiao-Grant": "g-nobody"})
    assert (wrong.status_code, wrong.json()["rule"]) == (403, "gateway.grant.missing")


def test_of_several_grants_the_only_usable_one_needs_no_name(desk: Desk) -> None:
    desk.city.grants["g-old"] = a_grant(id="g-old", valid_until=today() - timedelta(days=1))
    desk.city.write()
    desk.reload()
    assert desk.ask(lookup(2), headers=desk.city.bearer()).headers["shuqiao-grant"] == "g-interface"


def test_an_export_equals_the_rows(desk: Desk) -> None:
    everything = desk.ask(f"{ROWS}?limit=1000", headers=desk.city.bearer()).json()["rows"]
    response = desk.ask(f"{EXPORT}.csv", headers=desk.city.bearer())
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert table == everything == granted_rows()
    begun = record_of(desk, response)
    assert (begun.grant, begun.action, begun.columns) == ("g-file", "export.csv", GRANTED)
    assert begun.extra == {"phase": "begun"}
    delivered = delivered_after(desk, response)
    assert (delivered.grant, delivered.action, delivered.rows) == ("g-file", "export.csv", 20)
    assert delivered.answer == sm3(response.content).hex()
    assert delivered.extra == {
        "begun": response.headers["shuqiao-receipt"],
        "bytes": len(response.content),
        "complete": True,
    }


def test_an_export_for_a_spreadsheet_program_begins_with_a_mark_and_has_a_chinese_name(desk: Desk) -> None:
    plain = desk.ask(f"{EXPORT}.csv", headers=desk.city.bearer())
    marked = desk.ask(f"{EXPORT}.csv?bom=1", headers=desk.city.bearer())
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    name = marked.headers["content-disposition"].split("filename*=UTF-8''")[1]
    assert unquote(name).endswith(".csv")
    assert unquote(name) != "enterprises.csv", "the resource's own name"
    for wrong in ("csv?bom=2", "csv?bom=1&bom=0", "json?bom=1"):
        refused = desk.ask(f"{EXPORT}.{wrong}", headers=desk.city.bearer())
        assert (refused.status_code, refused.json()["rule"]) == (400, "gateway.query.invalid")


def test_an_export_as_json_and_as_a_workbook(desk: Desk) -> None:
    import openpyxl

    as_json = desk.ask(f"{EXPORT}.json", headers=desk.city.bearer())
    assert as_json.json() == granted_rows()
    workbook = desk.ask(f"{EXPORT}.xlsx", headers=desk.city.bearer())
    assert zipfile.is_zipfile(io.BytesIO(workbook.content))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content)).active
    values = [[str(cell) for cell in line] for line in sheet.iter_rows(values_only=True)]
    assert values[0] == GRANTED
    assert len(values) == 21
    assert delivered_after(desk, workbook).rows == 20


@pytest.mark.article("yingkou-2022", "29")
def test_what_is_open_is_read_without_a_key_and_only_its_open_columns(desk: Desk) -> None:
    response = desk.ask("/v1/resources/halls/rows/D03")
    assert response.status_code == 200
    assert response.json()["row"] == {"编号": "D03", "名称": "大厅3"}
    assert response.headers["shuqiao-grant"] == "open"
    record = record_of(desk, response)
    assert (record.kind, record.grant, record.key) == ("read", "open", "")
    assert len(desk.ask("/v1/resources/halls/rows").json()["rows"]) == 5
    assert desk.ask("/v1/resources/halls/export.csv").status_code == 200
    closed = desk.ask("/v1/resources/halls/rows?select=内部电话")
    assert (closed.status_code, closed.json()["rule"]) == (403, "sharing.scope.not_wider")


def test_a_key_without_a_grant_reads_what_is_open(desk: Desk) -> None:
    response = desk.ask("/v1/resources/halls/rows/D03", headers=desk.city.bearer("k-other"))
    assert response.status_code == 200
    assert (record_of(desk, response).key, record_of(desk, response).grant) == ("k-other", "open")


def test_every_answer_has_its_record_and_every_record_its_answer(desk: Desk) -> None:
    receipts = [
        desk.ask(lookup(number), headers=headers).headers["shuqiao-receipt"]
        for number in range(10)
        for headers in (desk.city.bearer(), {}, desk.sign(lookup(number)))
    ]
    assert [entry.receipt.id for entry in desk.city.entries()] == receipts
    assert desk.city.chain_holds()


def test_a_new_version_is_served_as_soon_as_the_book_names_it(desk: Desk) -> None:
    import msgspec

    from shuqiao.gateway.tests.city import publish

    city = desk.city
    changed = [[row[0], "改名有限公司", *row[2:]] for row in rows()]
    version = publish(city.home, "second", changed)
    city.resources["enterprises"] = msgspec.structs.replace(city.resources["enterprises"], version=version)
    city.write()
    desk.reload()
    response = desk.ask(lookup(2), headers=city.bearer())
    assert response.json()["row"]["名称"] == "改名有限公司"
    assert response.headers["shuqiao-version"] == version


def test_the_key_of_the_row_may_hold_anything(desk: Desk) -> None:
    response = desk.ask("/v1/resources/halls/rows/" + "%25%2F%2C%E8%90%A5")
    assert (response.status_code, response.json()["rule"]) == (404, "gateway.row.missing")
    assert code(0) not in response.text


def test_rows_are_the_city(city: City) -> None:
    assert len(granted_rows()) == 20
    assert len(city.grants) == 4
