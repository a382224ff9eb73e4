"""REST of what surrounds entries: imports, duties, the quarter, themes, doubles, sources, emergencies."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from shuqiao.catalog import services, spreadsheet
from shuqiao.catalog.life.rules import quarter_of
from shuqiao.catalog.models import DuplicatePair, Entry, ItemSpread, Revision
from shuqiao.catalog.tests.factories import content, published
from shuqiao.kernel.time import now, today

BASE = "/api/v1/catalog"
CATALOGUER, APPROVER, REVIEWER = "provider-cataloguer", "provider-approver", "bureau-reviewer"


@pytest.fixture
def ask(client_of):
    """Calls an address as somebody: `ask(who, method, path, body)` gives the answer."""

    def call(who: str, method: str, path: str, body: object = None):
        return client_of(who).generic(method, BASE + path, json.dumps(body or {}), "application/json")

    return call


def workbook(city, tmp_path, *titles):
    """A sheet whose third entry is somebody else's."""
    lines = [
        spreadsheet.SheetEntry(content(title=title), "", "别的局" if place == 2 else city.provider.name, "")
        for place, title in enumerate(titles)
    ]
    return spreadsheet.write(lines, tmp_path / "a.xlsx").read_bytes()


def upload(client, path: str, data: bytes):
    return client.post(BASE + path, {"file": SimpleUploadedFile("目录.xlsx", data)})


@pytest.mark.article("yingkou-2022", "13")
def test_a_file_is_checked_imported_in_part_and_taken_back(client_of, ask, city, tmp_path):
    data = workbook(city, tmp_path, "甲", "乙", "丙", "丁")
    made = upload(client_of(CATALOGUER), f"/departments/{city.provider.id}/imports", data)
    assert made.status_code == 201, made.content
    report = made.json()
    assert (report["status"], report["found"], report["good"], report["imported"]) == ("checked", 4, 3, 0)
    assert not Entry.objects.exists(), "checking imports nothing"
    at = f"/imports/{report['id']}"
    first = ask(CATALOGUER, "GET", at + "/problems?limit=1").json()
    assert len(first["items"]) == 1
    lines = ask(CATALOGUER, "GET", at + "/entries").json()["items"]
    assert [line["title"] for line in lines] == ["甲", "乙", "丙", "丁"]
    chosen = [{"sheet": lines[1]["sheet"], "row": lines[1]["row"]}]
    done = ask(CATALOGUER, "POST", at + "/confirm", {"only": chosen}).json()
    assert (done["status"], done["imported"]) == ("imported", 1)
    assert Revision.objects.get().title == "乙"
    assert ask(CATALOGUER, "POST", at + "/confirm").status_code == 409
    assert ask(CATALOGUER, "POST", at + "/undo").json()["status"] == "undone"
    assert not Entry.objects.exists()
    assert [one["id"] for one in ask(CATALOGUER, "GET", "/imports").json()["items"]] == [report["id"]]


def test_what_is_no_workbook_is_refused_and_nothing_is_kept(client_of, city):
    answer = upload(client_of(CATALOGUER), f"/departments/{city.provider.id}/imports", b"not a workbook")
    assert answer.status_code == 400
    assert client_of(CATALOGUER).get(BASE + "/imports").json()["items"] == []
    assert upload(client_of("stranger"), f"/departments/{city.provider.id}/imports", b"").status_code == 403


def test_a_whole_division_with_a_provider_nobody_knows(client_of, ask, city, tmp_path):
    line = spreadsheet.SheetEntry(content(title="甲"), "", "园林局", "")
    data = spreadsheet.write([line], tmp_path / "b.xlsx").read_bytes()
    report = upload(client_of(REVIEWER), f"/divisions/{city.yingkou.code}/imports", data).json()
    assert (report["good"], report["unknown"]) == (0, {"园林局": 1})
    at = f"/imports/{report['id']}"
    judged = ask(REVIEWER, "POST", at + "/assign", {"providers": {"园林局": str(city.provider.id)}}).json()
    assert judged["good"] == 1
    assert ask(REVIEWER, "POST", at + "/discard").json()["status"] == "discarded"


@pytest.mark.article("yingkou-2022", "15")
@pytest.mark.article("dongchangfu-2020", "16")
def test_a_change_is_recorded_reported_and_confirmed(ask, city):
    entry = published(city, on=today())
    said = {
        "departments": [str(city.provider.id)], "trigger": "law", "what": "条例修改", "changed_on": str(today()),
        "entries": [str(entry.pk)],
    }  # fmt: skip
    (duty,) = ask(REVIEWER, "POST", "/duties", said).json()
    assert duty["due_on"] > str(today())
    at = f"/duties/{duty['id']}"
    refused = ask(CATALOGUER, "POST", at + "/report", {"report": "已更新"})
    assert refused.status_code == 409, "an entry is undecided"
    marked = ask(CATALOGUER, "POST", at + "/unchanged", {"entries": [str(entry.pk)], "note": "条文未涉及"})
    assert marked.json()["entries"][0]["outcome"] == "unchanged"
    assert ask(CATALOGUER, "POST", at + "/report", {"report": "已核对"}).json()["status"] == "reported"
    assert ask(REVIEWER, "POST", at + "/confirm").json()["status"] == "done"
    assert ask(CATALOGUER, "GET", "/duties?status=done").json()["items"][0]["id"] == duty["id"]
    assert ask(CATALOGUER, "GET", "/duties?overdue=true").json()["items"] == []
    assert ask("stranger", "GET", at).status_code == 404


@pytest.mark.article("yingkou-2022", "15")
def test_the_quarter_is_confirmed_and_closed(ask, city):
    entry = published(city, on=today())
    published(city, on=today(), title="另一条")
    made = ask(REVIEWER, "POST", "/campaigns", {"division": "210800", "quarter": quarter_of(today())})
    at = f"/campaigns/{made.json()['id']}"
    listed = ask(CATALOGUER, "GET", "/campaigns").json()["items"][0]
    assert (listed["entries"], listed["pending"]) == (2, 2)
    assert ask(CATALOGUER, "POST", at + "/confirm", {"entries": [str(entry.pk)]}).json() == {"confirmed": 1}
    left = ask(CATALOGUER, "GET", at + "/entries?outcome=pending").json()["items"]
    assert [one["title"] for one in left] == ["另一条"]
    assert ask(REVIEWER, "POST", at + "/remind").json() == {"departments": 1}
    assert ask(REVIEWER, "POST", at + "/close").json()["status"] == "closed"
    assert ask(REVIEWER, "GET", at).json()["departments"][0]["pending"] == 1
    assert ask(CATALOGUER, "POST", at + "/confirm").status_code == 409


@pytest.mark.article("yingkou-2022", "12")
def test_a_theme_is_put_together_and_established(ask, city):
    entries = [published(city, on=today(), title=f"第{place}条") for place in range(3)]
    made = ask(CATALOGUER, "POST", "/themes", {"department": str(city.provider.id), "name": "营商"})
    at = f"/themes/{made.json()['id']}"
    ask(CATALOGUER, "POST", at + "/members", {"add": [str(one.pk) for one in entries]})
    ask(CATALOGUER, "PUT", at, {"name": "营商环境"})
    first = ask(CATALOGUER, "GET", at + "/entries?limit=2").json()
    rest = ask(CATALOGUER, "GET", f"{at}/entries?limit=2&cursor={first['next']}").json()
    assert len({one["entry"] for one in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None
    assert ask(APPROVER, "POST", at + "/submit").json()["status"] == "submitted"
    assert ask("stranger", "GET", at).status_code == 404
    assert ask(REVIEWER, "POST", at + "/establish").json()["status"] == "established"
    assert ask("stranger", "GET", at).json()["name"] == "营商环境"
    assert ask("stranger", "GET", "/themes?status=established").json()["items"][0]["entries"] == 3


@pytest.mark.article("dongchangfu-2020", "15")
def test_doubles_are_merged_and_separated(ask, city):
    one = published(city, on=today(), title="加油站信息")
    other = published(city, on=today(), title="加油站情况")
    services.find_changed_duplicates(at=now())
    pair = DuplicatePair.objects.get()
    assert [row["id"] for row in ask(REVIEWER, "GET", "/pairs").json()["items"]] == [str(pair.pk)]
    kept = ask(REVIEWER, "POST", f"/pairs/{pair.pk}/merge", {"keep": str(one.pk), "note": "同一批"})
    assert kept.json() == {"id": str(one.pk), "code": one.code}
    assert ask(REVIEWER, "GET", f"/entries/{other.pk}").json()["merged_into"] == str(one.pk)
    assert ask(REVIEWER, "POST", f"/pairs/{pair.pk}/keep-both", {"note": "晚了"}).status_code == 409
    apart = ask(CATALOGUER, "POST", f"/entries/{other.pk}/separate", {"reason": "口径不同"})
    assert Revision.objects.get(pk=apart.json()["revision"]).number == 2


@pytest.mark.article("dongchangfu-2020", "17")
@pytest.mark.article("national-2025", "19")
def test_a_source_is_named_and_taken_back(ask, city):
    published(city, on=today())
    ItemSpread.objects.create(
        division=city.yingkou, datum="企业名称", data_type="C", names=["企业名称"], entries=2, departments=2
    )
    assert ask(REVIEWER, "GET", "/data-items?q=企业").json()["items"][0]["departments"] == 2
    named = {
        "division": "210800",
        "datum": "企业名称",
        "department": str(city.provider.id),
        "reason": "登记机关",
    }
    made = ask(REVIEWER, "POST", "/sources", named)
    assert made.status_code == 201, made.content
    assert (
        ask("stranger", "GET", "/sources?datum=企业名称").json()["items"][0]["department"]
        == city.provider.name
    )
    over = ask(REVIEWER, "POST", f"/sources/{made.json()['id']}/end", {"reason": "职责划转"})
    assert over.json()["ended_on"] == str(today())


@pytest.mark.article("dongchangfu-2020", "17")
def test_an_emergency_begins_and_ends(ask, city):
    flood = {
        "department": str(city.provider.id), "what": "住址", "reason": "台风", "basis": "市防指3号",
        "from_on": str(today()), "until_on": str(today() + timedelta(days=3)),
    }  # fmt: skip
    made = ask(APPROVER, "POST", "/emergencies", flood).json()
    assert (made["status"], made["late"]) == ("running", False)
    assert ask(CATALOGUER, "GET", "/emergencies?status=running").json()["items"][0]["id"] == made["id"]
    at = f"/emergencies/{made['id']}"
    assert ask(APPROVER, "POST", at + "/end").status_code == 400, "what becomes of the data is written"
    assert ask(APPROVER, "POST", at + "/end", {"disposal": "已销毁"}).json()["status"] == "ended"


def test_the_reviewer_is_told_of_a_double_beforehand(ask, city):
    one = published(city, on=today())
    again = services.create_entry(
        actor=city.actor(CATALOGUER), department_id=city.provider.id, content=content(), on=today()
    )
    found = ask(CATALOGUER, "GET", f"/revisions/{again.pk}/checks").json()
    assert any(one["id"] == "catalog.review.same_title" for one in found)
    assert str(one.pk) in {check["entry"] for check in found}
