"""Pages of grants, keys and receipts."""

from __future__ import annotations

import hmac
import re
from datetime import date

import pytest
from django.urls import reverse

from shuqiao import journal
from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services, snippets
from shuqiao.delivery.models import ApplicationKey, Grant
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, make_entry, make_table, order_of
from shuqiao.gateway.signing import Message, sign, signature_base
from shuqiao.gateway.verify import read_claim
from shuqiao.journal import Record
from shuqiao.kernel.time import today


def url(name, *args):
    return reverse(f"delivery:{name}", args=args)


def write_record(home, *, kind="read", **facts):
    with journal.Writer(home / "journal", "gw1") as writer:
        return writer.append_sync(Record(kind=kind, **facts))


@pytest.mark.parametrize("who", ["consumer-approver", "provider-cataloguer", "bureau-supervisor", "auditor"])
def test_the_grant_is_on_the_lists_of_those_concerned(client_of, grant, who):
    page = client_of(who).get(url("grants"))
    assert page.status_code == 200
    assert ("企业登记信息" in page.content.decode()) is True


def test_strangers_find_nothing(client_of, grant):
    client = client_of("stranger")
    assert "企业登记信息" not in client.get(url("grants")).content.decode()
    assert client.get(url("grant", grant.id)).status_code == 404


def test_the_list_does_not_ask_per_line(city, client_of, django_assert_max_num_queries):
    for place in range(8):
        table = make_table(make_entry(city.provider, title=f"数据{place}"))
        services.issue_grant(actor=PLATFORM, order=order_of(table, city.consumer.id), decision=YES, on=TODAY)
    client = client_of("consumer-approver")
    with django_assert_max_num_queries(14):
        page = client.get(url("grants"))
    assert page.content.decode().count("营数授") == 8


def test_the_grant_page_shows_chain_scope_and_condition(client_of, grant):
    text = client_of("provider-approver").get(url("grant", grant.id)).content.decode()
    for part in (
        grant.number,
        "营口办法 第二十条",
        "<i>地区</i> 为“营口”",
        "不返回",
        "签署并暂停",
        "开通授权",
    ):
        assert part in text, part


def test_each_side_finds_its_acts(client_of, grant):
    grantee = client_of("consumer-approver").get(url("grant", grant.id)).content.decode()
    assert "签署并暂停" not in grantee
    assert "签署并终止" in grantee
    assert "提供部门确需终止" not in grantee
    developer = client_of("consumer-developer").get(url("grant", grant.id)).content.decode()
    assert "签发新的凭证" in developer
    assert "签署并终止" not in developer


def test_suspend_resume_end_by_page(client_of, grant):
    client = client_of("provider-approver")
    empty = client.post(url("suspend", grant.id), {})
    assert empty.status_code == 400
    assert "原因" in empty.content.decode()
    assert client.post(url("suspend", grant.id), {"suspend-reason": "核查"}).status_code == 302
    assert Grant.objects.get().state == "suspended"
    assert "核查" in client.get(url("grant", grant.id)).content.decode()
    assert client.post(url("resume", grant.id), {"resume-note": "已改"}).status_code == 302
    refused = client.post(url("end", grant.id), {"end-ground": "necessary", "end-reason": "下线"})
    assert refused.status_code == 409
    assert "delivery.end.filing" in refused.content.decode()
    filed = {
        "file-kind": "end",
        "file-reason": "下线",
        "file-negotiation": "已商定",
        "file-effective_on": today().isoformat(),
    }
    assert client.post(url("file-stop", grant.id), filed).status_code == 302
    sent = {"end-ground": "necessary", "end-reason": "下线"}
    assert client.post(url("end", grant.id), sent).status_code == 302
    assert Grant.objects.get().state == "ended"
    assert (
        client_of("provider-cataloguer").post(url("suspend", grant.id), {"suspend-reason": "x"}).status_code
        == 403
    )


def test_the_secret_is_on_one_page_once(city, client_of, grant):
    client = client_of("consumer-developer")
    form = client.get(url("keys") + f"?grant={grant.id}")
    assert grant.number in form.content.decode()
    made = client.post(
        url("key-create"), {"department": city.consumer.id, "system": "核定系统", "grant": grant.id}
    )
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    text = made.content.decode()
    key = ApplicationKey.objects.get()
    secret = re.search(r'id="key-secret">([^<]+)<', text)[1]
    assert f"{key.id}.{secret}" in text
    assert str(grant.resource_id) in text
    assert key.grants.get() == grant
    assert secret not in client.get(url("keys")).content.decode()
    assert secret not in client.get(url("grant", grant.id)).content.decode()
    again = client.post(url("key-rotate", key.id))
    assert again.status_code == 201
    assert secret not in again.content.decode()
    assert client.post(url("key-revoke", key.id), {"reason": "离岗"}).status_code == 302
    assert "已吊销" in client.get(url("keys")).content.decode()


def test_a_key_needs_its_system_named_and_the_right_person(city, client_of):
    wrong = client_of("consumer-developer").post(url("key-create"), {"department": city.consumer.id})
    assert wrong.status_code == 400
    assert not ApplicationKey.objects.exists()
    assert client_of("consumer-approver").get(url("keys")).status_code == 403
    sent = {"department": city.consumer.id, "system": "x"}
    assert client_of("consumer-approver").post(url("key-create"), sent).status_code == 403
    foreign = {"department": city.provider.id, "system": "x"}
    assert client_of("consumer-developer").post(url("key-create"), foreign).status_code == 400


def test_binding_by_page(city, client_of, grant):
    client = client_of("consumer-developer")
    key = services.issue_key(
        actor=city.actor("consumer-developer"), department_id=city.consumer.id, system="核定", on=TODAY
    )
    assert key.id in client.get(url("grant", grant.id)).content.decode()
    assert client.post(url("bind", grant.id), {"bind-key": key.id}).status_code == 302
    assert client.post(url("bind", grant.id), {"bind-key": "nothing"}).status_code == 404


@pytest.mark.article("yingkou-2022", "24")
@pytest.mark.article("shenyang-2020", "22")
def test_anybody_checks_a_receipt_and_learns_no_value(client, grant, home):
    receipt = write_record(
        home,
        grant=str(grant.id),
        key="k1",
        resource=str(grant.resource_id),
        version="v-1",
        columns=["统一社会信用代码", "企业名称"],
        rows=1,
        query="/rows/9121080012345678XY",
        answer="ab" * 32,
        client="10.0.0.9",
    )
    page = client.get(url("receipt", receipt.id))
    assert page.status_code == 200
    text = page.content.decode()
    for part in (receipt.id, grant.number, "企业登记信息", "ab" * 32, receipt.hash, "2 项，1 行", "已核验"):
        assert part in text, part
    for secret in ("9121080012345678XY", "10.0.0.9", "k1</"):
        assert secret not in text
    found = client.get(url("receipts"), {"id": f" {receipt.id} "})
    assert found["Location"] == url("receipt", receipt.id)


@pytest.mark.article("yingkou-2022", "24")
def test_a_receipt_says_its_seal_and_gives_a_proof_that_holds_offline(client, grant, home, settings):
    settings.JOURNAL_SEAL_MINUTES = 5
    at = "2026-03-02T09:58:00.000+08:00"
    facts = {"grant": str(grant.id), "rows": 1, "query": "/rows/9121080012345678XY", "at": at}
    receipt = write_record(home, **facts)
    waiting = client.get(url("receipt", receipt.id)).content.decode()
    assert "预计 3月2日 10:03 前后封存" in waiting
    assert url("proof", receipt.id) not in waiting
    assert client.get(url("proof", receipt.id))["Location"] == url("receipt", receipt.id)
    journal.seal(home / "journal", "gw1", journal.seal_key(home / "secrets"))
    page = client.get(url("receipt", receipt.id)).content.decode()
    assert "第 1 次封存" in page
    assert url("proof", receipt.id) in page
    answer = client.get(url("proof", receipt.id))
    assert "9121080012345678XY" not in answer.content.decode()
    (listed,) = client.get(url("seal-keys")).json()["keys"]
    pem = client.get(url("seal-key", listed["id"])).content
    proof = journal.read_proof(answer.content)
    assert proof.hash == receipt.hash
    assert journal.verify_proof(proof, journal.read_public_key(pem))
    assert client.get(url("proof", "gw1-000000000099-aaaaaaaa")).status_code == 404
    assert client.get(url("seal-key", "nothing")).status_code == 404
    second = write_record(home, **facts)
    assert "前后封存" in client.get(url("receipt", second.id)).content.decode()


@pytest.mark.article("yingkou-2022", "24")
def test_an_unknown_or_altered_receipt_says_so(client, grant, home):
    receipt = write_record(home, grant=str(grant.id), rows=1, answer="ab" * 32)
    wrong_hash = receipt.id[:-8] + "00000000"
    for unknown in ("nonsense", "gw9-000000000001-aaaaaaaa", wrong_hash):
        page = client.get(url("receipt", unknown))
        assert page.status_code == 404
        assert "存证里没有这个编号" in page.content.decode()
    (segment,) = (home / "journal" / "gw1").glob("seg-*.log")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b'"rows":1', b'"rows":9'))
    page = client.get(url("receipt", receipt.id))
    assert page.status_code == 409
    assert "与存证不符" in page.content.decode()


def test_use_is_drawn_from_the_evidence(client_of, grant, home):
    for _ in range(3):
        write_record(home, grant=str(grant.id), rows=2, answer="ab" * 32)
    text = client_of("provider-approver").get(url("grant", grant.id)).content.decode()
    assert "3 次读取，6 行" in text
    assert "gw1-000000000" in text


@pytest.mark.article("yingkou-2022", "16")
@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sm3"])
@pytest.mark.parametrize("query", ["", "limit=10&x=1"])
def test_the_signed_example_is_accepted_by_the_gateway(query, algorithm, monkeypatch):
    """What the page tells developers to run produces the signature the gateway computes."""
    sent = {}

    class Answer:
        def read(self):
            return b"{}"

    monkeypatch.setattr(
        "urllib.request.urlopen", lambda request: sent.update(dict(request.header_items())) or Answer()
    )
    address = "http://127.0.0.1:8001/v1/resources/r1/rows" + (f"?{query}" if query else "")
    exec(snippets.signed_call(address, "k1", "s3cret", algorithm), {})
    headers = {name.lower(): value for name, value in sent.items()}
    message = Message.of_url("GET", address, headers)
    claim = read_claim(message)
    assert claim.key_id == "k1"
    digest = snippets.DIGESTS[claim.algorithm]
    assert claim.algorithm == algorithm
    assert claim.signature == hmac.digest(b"s3cret", signature_base(message, claim.covered), digest)
    assert set(sign(method="GET", url=address, key_id="k1", secret="s3cret")) == {
        "Signature-Input",
        "Signature",
    }


def test_only_refusals_and_the_day_of_the_decision_are_said_plainly(client_of, city, table, home):
    decided = date(2026, 2, 3)
    grant = services.issue_grant(
        actor=PLATFORM, order=order_of(table, city.consumer.id), decision=YES, on=decided
    )
    write_record(home, kind="refusal", grant=str(grant.id))
    text = client_of("provider-approver").get(url("grant", grant.id)).content.decode()
    assert "没有成功的读取，1 次被拒绝" in text
    assert "最多的一天" not in text
    assert "2026年2月3日" in text
    assert "sharing.scope" not in text
