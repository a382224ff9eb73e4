"""The evidence on pages: who read a row, how exports ended, receipts out of the archive."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from shuqiao import journal
from shuqiao.delivery import asking
from shuqiao.journal import Record, Writer
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E

PERSON = "9121080012345678XY"


def url(name, *args):
    return reverse(f"delivery:{name}", args=args)


@pytest.fixture
def reads(grant, home):
    """Reads of one row in 2026: named, named in a batch, possible; others in other years, rows and tables."""
    table = str(grant.resource_id)
    rows = f"/v1/resources/{table}/rows"

    def one(query=rows, *, day=2, year=2026, **facts):
        at = f"{year}-03-{day:02d}T09:00:00.000+08:00"
        known = {"kind": "read", "grant": str(grant.id), "resource": table, "action": "lookup", "rows": 1}
        return Record(**{**known, "purpose": "核查", "query": query, "at": at, **facts})

    told = [
        one(f"{rows}/{PERSON}"),
        one(f"{rows}/{PERSON}", rows=0),
        one(f"{rows}/other"),
        one(f"{rows}/{PERSON}", resource="another"),
        one(action="lookups", day=3, rows=2, extra={"by": ["统一社会信用代码"], "keys": [["x"], [PERSON]]}),
        one(action="csv", day=4, rows=0, extra={"phase": "begun"}),
        one(f"{rows}/{PERSON}", day=4, year=2027),
    ]
    with Writer(home / "journal", "gw1") as writer:
        return [receipt.id for receipt in writer.append_many_sync(told)]


def question(grant, **changes):
    asked = {"key": f"{grant.resource_id}:0", "value": PERSON, "year": "2026", "reason": "群众询问"}
    return asked | changes


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.parametrize("who", ["auditor", "bureau-supervisor", "provider-approver"])
def test_who_read_a_record_is_answered_and_the_question_recorded(client_of, grant, reads, who):
    client = client_of(who)
    assert "统一社会信用代码" in client.get(url("who")).content.decode()
    page = client.post(url("who"), question(grant))
    text = page.content.decode()
    assert page.status_code == 200
    listed = re.findall(r"<code>(gw1-[0-9]{12}-[0-9a-f]{8})</code>", text)
    assert listed == [reads[place] for place in (0, 1, 4, 5)]
    for said in (
        "读到 2 次，查过，没有给出 1 次，可能包含 1 次",
        "批量查询 2 个键，共 2 行",
        grant.grantee.short_name,
    ):
        assert said in text, said
    assert PERSON not in text, "the value is not shown again"
    assert page["Cache-Control"] == "no-store"
    event = Event.objects.get(type=E.EVIDENCE_ASKED)
    assert event.data["reason"] == "群众询问"
    assert PERSON not in str(event.data)


def test_two_questions_for_one_row_are_known_as_such_and_for_another_not(client_of, grant, home):
    client = client_of("auditor")
    for value in (PERSON, PERSON, "another"):
        assert client.post(url("who"), question(grant, value=value)).status_code == 200
    first, second, third = [
        event.data["row"] for event in Event.objects.filter(type=E.EVIDENCE_ASKED).order_by("id")
    ]
    assert first == second != third


def test_nobody_asks_of_another_departments_table(client_of, grant, reads):
    for who in ("consumer-approver", "stranger", "shenyang-bureau"):
        answer = client_of(who).post(url("who"), question(grant))
        assert answer.status_code in (400, 403), who
    assert client_of("consumer-cataloguer").get(url("who")).status_code == 403
    assert client_of("admin").get(url("who")).status_code == 403
    assert not Event.objects.filter(type=E.EVIDENCE_ASKED).exists()


@pytest.mark.parametrize(
    "wrong",
    [{"value": " "}, {"year": "1999"}, {"year": "3000"}, {"reason": ""}, {"key": "nothing:0"}, {"key": "1"}],
)
def test_what_is_missing_is_named_and_nothing_recorded(client_of, grant, reads, wrong):
    assert client_of("auditor").post(url("who"), question(grant, **wrong)).status_code == 400
    assert not Event.objects.exists() or not Event.objects.filter(type=E.EVIDENCE_ASKED).exists()


def test_a_long_search_goes_on_request_by_request(client_of, grant, home, monkeypatch):
    import sys

    monkeypatch.setattr(sys.modules["shuqiao.journal.who"], "STRIDE", 10)
    monkeypatch.setattr(asking, "WITHIN", 0.0)
    monkeypatch.setattr(asking.go_on, "__kwdefaults__", {"within": 0.0})
    query = f"/v1/resources/{grant.resource_id}/rows/{PERSON}"
    facts = {
        "kind": "read",
        "resource": str(grant.resource_id),
        "action": "lookup",
        "rows": 1,
        "query": query,
    }
    with Writer(home / "journal", "gw1") as writer:
        made = writer.append_many_sync(Record(**facts, at="2026-03-02T09:00:00.000+08:00") for _ in range(35))
    client = client_of("auditor")
    text = client.post(url("who"), question(grant)).content.decode()
    listed, requests = re.findall(r"<code>(gw1-\S+)</code>", text), 1
    while token := re.search(r'name="search" value="([^"]+)"', text):
        assert "已查" in text
        headers = {"HX-Request": "true"} if requests % 2 else {}
        answer = client.post(url("who-more"), {"search": token[1]}, headers=headers)
        text = answer.content.decode()
        assert ("<html" in text) is not bool(headers)
        listed += re.findall(r"<code>(gw1-\S+)</code>", text)
        requests += 1
    assert listed == [receipt.id for receipt in made]
    assert requests > 3
    assert "读到 35 次" in text
    assert Event.objects.filter(type=E.EVIDENCE_ASKED).count() == 1


def test_a_search_is_ones_own_and_cannot_be_made_up(client_of, grant, reads, monkeypatch, city):
    search = asking.ask_who_read(
        actor=city.actor("auditor"),
        resource_id=grant.resource_id,
        key=0,
        values=[PERSON],
        year=2026,
        reason="群众询问",
        on=date(2026, 11, 23),
    )
    token = search.token()
    assert client_of("auditor").post(url("who-more"), {"search": token}).status_code == 200
    assert client_of("bureau-supervisor").post(url("who-more"), {"search": token}).status_code == 400
    assert client_of("consumer-cataloguer").post(url("who-more"), {"search": token}).status_code == 403
    assert client_of("auditor").post(url("who-more"), {"search": token[:-1]}).status_code == 400
    monkeypatch.setattr(asking, "LASTS", -1)
    assert client_of("auditor").post(url("who-more"), {"search": token}).status_code == 400


def _export(home, grant, *, complete=True, ended=True):
    facts = {"grant": str(grant.id), "columns": ["甲", "乙"], "action": "csv"}
    with Writer(home / "journal", "gw1") as writer:
        begun = writer.append_sync(Record(kind="read", extra={"phase": "begun"}, **facts))
        extra = {"begun": begun.id, "bytes": 12_345, "complete": complete}
        if not complete:
            extra["reason"] = "授权已暂停"
        if ended:
            answer = "cd" * 32 if complete else ""
            writer.append_sync(Record(kind="delivered", rows=4_321, answer=answer, extra=extra, **facts))
    return begun


@pytest.mark.article("yingkou-2022", "24")
def test_the_receipt_of_an_export_says_how_it_ended(client, grant, home):
    whole, broken, killed = (
        _export(home, grant),
        _export(home, grant, complete=False),
        _export(home, grant, ended=False),
    )
    text = client.get(url("receipt", whole.id)).content.decode()
    for said in ("2 项，4321 行", "全部交付，12,345 字节", "cd" * 32):
        assert said in text, said
    text = client.get(url("receipt", broken.id)).content.decode()
    assert "中断：授权已暂停，12,345 字节" in text
    text = client.get(url("receipt", killed.id)).content.decode()
    assert "还没有结束的记录" in text
    assert "0 行" not in text
    [end] = journal.ends_of(home / "journal", [whole.id]).values()
    text = client.get(url("receipt", end.receipt.id)).content.decode()
    assert "全部交付" in text
    assert whole.id in text


def test_use_counts_the_rows_of_exports_and_what_was_broken_off(client_of, grant, home):
    _export(home, grant)
    _export(home, grant, complete=False)
    _export(home, grant, ended=False)
    with Writer(home / "journal", "gw1") as writer:
        writer.append_sync(
            Record(kind="read", grant=str(grant.id), rows=2, extra={"keys": [["a"], ["b"], ["c"]]})
        )
    grant.daily_quota = 10
    grant.save()
    text = client_of("provider-approver").get(url("grant", grant.id)).content.decode()
    assert "4 次读取，8,644 行" in text
    assert "中断的导出 1 次" in text
    for said in ("导出，全部交付", "导出，中断：授权已暂停", "导出，尚未结束"):
        assert said in text, said
    assert "6 / 10" in text, "a batch of three keys takes three"


@pytest.mark.article("yingkou-2022", "24")
def test_a_receipt_that_has_left_the_log_is_shown_and_proven_from_the_archive(client, grant, home):
    key = journal.seal_key(home / "secrets")
    old = "2021-03-02T09:00:00.000+08:00"
    with Writer(home / "journal", "gw1") as writer:
        receipt = writer.append_sync(Record(kind="read", grant=str(grant.id), rows=3, at=old))
        writer.append_sync(Record(kind="read", at="2026-03-02T09:00:00.000+08:00"))
    journal.seal(home / "journal", "gw1", key)
    journal.archive(home / "journal", home / "journal-archive", key)
    assert journal.remove_archived(home / "journal", home / "journal-archive", key, on=date(2026, 3, 3))
    assert journal.find(home / "journal", receipt.id) is None
    text = client.get(url("receipt", receipt.id)).content.decode()
    assert "3 行" in text
    assert "第 1 次封存" in text
    proof = journal.read_proof(client.get(url("proof", receipt.id)).content)
    assert journal.verify_proof(proof, key.public)
