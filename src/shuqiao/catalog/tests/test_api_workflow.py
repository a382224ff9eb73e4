"""REST from the draft to the catalogue: our own revisions, sign-off, batches, history, differences, overdue data."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from shuqiao.catalog import services
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.tests.factories import content, draft, published, submitted
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import today
from shuqiao.procedures.models import InboxItem

pytestmark = pytest.mark.django_db
BASE = "/api/v1/catalog"
CATALOGUER, APPROVER, REVIEWER = "provider-cataloguer", "provider-approver", "bureau-reviewer"


@pytest.fixture
def ask(client_of):
    def call(who: str, method: str, path: str, body: object = None):
        return client_of(who).generic(method, BASE + path, json.dumps(body or {}), "application/json")

    return call


def test_our_own_drafts_by_state_and_words(ask, city):
    mine, other = draft(city, title="加油站信息"), submitted(city, title="别的")
    listed = ask(CATALOGUER, "GET", "/revisions").json()["items"]
    assert {one["id"] for one in listed} == {str(mine.pk), str(other.pk)}
    assert [one["id"] for one in ask(CATALOGUER, "GET", "/revisions?status=draft").json()["items"]] == [
        str(mine.pk)
    ]
    assert [one["title"] for one in ask(CATALOGUER, "GET", "/revisions?q=加油站").json()["items"]] == [
        "加油站信息"
    ]
    first = ask(CATALOGUER, "GET", "/revisions?limit=1").json()
    rest = ask(CATALOGUER, "GET", f"/revisions?limit=1&cursor={first['next']}").json()
    assert first["items"] != rest["items"]
    assert ask("stranger", "GET", "/revisions").json()["items"] == []
    assert ask(CATALOGUER, "GET", "/revisions?status=odd").status_code == 422
    assert ask(CATALOGUER, "GET", "/revisions?state=draft").status_code == 400


@pytest.mark.article("national-2025", "13")
def test_a_finished_draft_is_put_before_the_head(ask, city):
    one = draft(city)
    said = ask(CATALOGUER, "POST", f"/revisions/{one.pk}/ask-sign-off").json()
    assert said == {"revision": str(one.pk), "entry": str(one.entry_id), "number": 1, "status": "draft"}
    assert InboxItem.objects.filter(case_id=one.pk, action="审签目录").exists()
    sent = submitted(city, title="已报送")
    assert ask(CATALOGUER, "POST", f"/revisions/{sent.pk}/ask-sign-off").status_code == 409
    assert ask("stranger", "POST", f"/revisions/{one.pk}/ask-sign-off").status_code == 404


def test_a_batch_tells_of_each_and_one_holds_up_no_other(ask, city):
    good, sent, nowhere = draft(city), submitted(city, title="已报送"), new_id()
    ids = [str(good.pk), str(sent.pk), str(nowhere)]
    said = ask(APPROVER, "POST", "/revisions/submit", {"revisions": ids}).json()
    assert [(one["revision"], one["status"]) for one in said["done"]] == [(str(good.pk), "submitted")]
    assert [one["revision"] for one in said["refused"]] == [str(sent.pk)]
    assert said["missing"] == [str(nowhere)]
    out = ask(REVIEWER, "POST", "/review/publish", {"revisions": ids[:2]}).json()
    assert {one["status"] for one in out["done"]} == {"published"}
    assert ask(REVIEWER, "POST", "/review/publish", {"revisions": []}).status_code == 422
    assert ask(REVIEWER, "POST", "/review/publish", {"revisions": ids * 200}).status_code == 422


@pytest.mark.article("national-2025", "13")
def test_a_batch_refused_by_a_rule_names_its_articles(ask, city):
    lacking = draft(city, sharing_type="none")
    (said,) = ask(APPROVER, "POST", "/revisions/submit", {"revisions": [str(lacking.pk)]}).json()["refused"]
    assert said["title"] == lacking.title
    assert said["what"]
    assert said["basis"]


def test_the_bureau_decides_each_by_its_own_word(ask, city):
    good, bad = submitted(city, title="甲"), submitted(city, title="乙")
    words = [
        {"revision": str(good.pk), "publish": True},
        {"revision": str(bad.pk), "publish": False, "reasons": [{"where": "摘要", "what": "写明地区"}]},
    ]
    silent = [words[0], {"revision": str(bad.pk), "publish": False}]
    refused = ask(REVIEWER, "POST", "/review/decide", {"verdicts": silent})
    assert (refused.status_code, refused.json()["problems"][0]["where"]) == (400, "verdicts.1.reasons")
    assert ask(REVIEWER, "POST", "/review/decide", {"verdicts": [words[0]] * 2}).status_code == 400
    assert Revision.objects.filter(status="submitted").count() == 2, "nothing was done"
    said = ask(REVIEWER, "POST", "/review/decide", {"verdicts": words}).json()
    assert [one["revision"] for one in said["done"]] == [str(good.pk)]
    assert [one["status"] for one in said["returned"]] == ["returned"]
    denied = ask(APPROVER, "POST", "/review/decide", {"verdicts": [words[1]]}).json()
    assert len(denied["refused"]) == 1


@pytest.mark.article("yingkou-2022", "15")
def test_revisions_their_history_and_what_changed(ask, city):
    entry = published(city, on=today())
    clerk = city.actor(CATALOGUER)
    newer = services.start_revision(actor=clerk, entry_id=entry.pk, on=today())
    services.save_draft(
        actor=clerk, revision_id=newer.pk, content=content(title="新的名称"), on=today(),
        lock_version=newer.lock_version,
    )  # fmt: skip
    at = f"/entries/{entry.pk}"
    assert [one["number"] for one in ask(CATALOGUER, "GET", at + "/revisions").json()] == [2, 1]
    assert [one["number"] for one in ask("stranger", "GET", at + "/revisions").json()] == [1], (
        "no draft of others"
    )
    changed = ask(CATALOGUER, "GET", at + "/differences").json()
    assert (changed["before"], changed["after"]) == (1, 2)
    assert {"name": "title", "before": entry.published.title, "after": "新的名称"} in changed["fields"]
    same = ask("stranger", "GET", at + "/differences").json()
    assert (same["before"], same["after"], same["fields"]) == (1, 1, [])
    assert ask(CATALOGUER, "GET", at + "/differences?before=7").status_code == 404
    assert ask("stranger", "GET", at + "/differences?before=1&after=2").status_code == 404
    events = ask("stranger", "GET", at + "/history").json()
    assert "catalog.entry.published" in {one["event"] for one in events} or any(
        "发布" in one["label"] for one in events
    )
    unseen = draft(city, title="未发布")
    assert ask("stranger", "GET", f"/entries/{unseen.entry_id}/history").status_code == 404


@pytest.mark.article("yingkou-2022", "15")
def test_overdue_entries_the_latest_first(ask, client_of, city, django_assert_max_num_queries):
    for days in (100, 60, 1):
        entry = published(city, on=today(), title=f"晚{days}天", update_cycle="monthly")
        Entry.objects.filter(pk=entry.pk).update(data_updated_on=today() - timedelta(days=days))
    first = ask(CATALOGUER, "GET", "/stale?limit=1").json()
    assert (first["items"][0]["title"], first["items"][0]["late_by"]) == ("晚100天", 100 - 31)
    rest = ask(CATALOGUER, "GET", f"/stale?cursor={first['next']}").json()
    assert [one["title"] for one in rest["items"]] == ["晚60天"]
    client = client_of(CATALOGUER)
    with django_assert_max_num_queries(8):
        assert len(client.get(BASE + "/stale").json()["items"]) == 2
    assert ask("stranger", "GET", "/stale").json()["items"] == []
