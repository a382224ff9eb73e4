"""Large search results: asked for, made by the worker, taken by whoever asked, cleared away."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog import exporting, exports, jobs, services, spreadsheet
from shuqiao.catalog.models import Entry, Export
from shuqiao.catalog.tests.factories import ON, published
from shuqiao.catalog.types import EntryFilters, ExportStatus
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import now
from shuqiao.store.failures import StoreFull

pytestmark = pytest.mark.django_db
READER, OTHER = "stranger", "provider-cataloguer"


@pytest.fixture
def many(city, home, monkeypatch):
    monkeypatch.setattr(exporting, "INSTANT", 5)
    return [published(city, title=f"第{number}批企业名录") for number in range(6)]


@pytest.fixture
def ask(city):
    def asked(who: str = READER, layout: str = "a", **filters) -> Export:
        return services.ask_export(
            actor=city.actor(who), filters=EntryFilters(**filters), layout=layout, at=now()
        )

    return asked


@pytest.fixture
def made(many, ask) -> Export:
    export = ask(words="企业名录", order="code")
    assert jobs.make_exports(now()) == 1
    export.refresh_from_db()
    return export


def rows_of(response) -> list[tuple]:
    return list(load_workbook(io.BytesIO(b"".join(response.streaming_content)))["目录"].values)


def header_of(response) -> str:
    """Read to its end, which closes the file behind it."""
    list(response)
    return response.get("Shuqiao-Export", "")


def files() -> set[str]:
    return {path.name for path in exports.folder().iterdir()}


def test_from_the_search_to_the_file(client_of, city, many):
    client = client_of(READER)
    search = client.get(reverse("catalog:list"), {"q": "企业名录"}).content.decode()
    assert "在后台制作" in search
    offered = client.get(reverse("catalog:export"), {"q": "企业名录", "layout": "c"})
    assert "制作工作簿" in offered.content.decode()
    assert not Export.objects.exists()

    sent = client.post(reverse("catalog:exports") + "?q=企业名录&order=title&page=2", {"layout": "c"})
    export = Export.objects.get()
    assert sent.url == export.get_absolute_url()
    page = client.get(sent.url).content.decode()
    assert "等待处理，共 6 个条目" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    state, file = (reverse(f"catalog:export-{one}", args=[export.pk]) for one in ("state", "file"))
    assert "HX-Refresh" not in client.get(state).headers
    waiting = client.get(file)
    assert waiting.status_code == 404
    assert "还在制作" in waiting.content.decode()

    assert jobs.make_exports(now()) == 1
    assert jobs.make_exports(now()) == 0
    assert client.get(state).headers["HX-Refresh"] == "true"
    page = client.get(sent.url).content.decode()
    assert file in page
    assert "http-equiv" not in page
    response = client.get(file)
    assert response["Shuqiao-Export"] == "6/6"
    assert "目录导出.xlsx" in unquote(response["Content-Disposition"])
    rows = rows_of(response)
    heading = rows[0].index("名称")
    assert [row[heading] for row in rows[1:]] == [f"第{number}批企业名录" for number in range(6)]
    assert "可下载" in client.get(reverse("catalog:exports")).content.decode()


def test_what_is_small_is_made_at_once_by_its_rows(client_of, many, monkeypatch):
    client, address = client_of(READER), reverse("catalog:export")
    monkeypatch.setattr(exporting, "INSTANT", 6)
    assert "Content-Disposition" not in client.get(address)  # six entries with four items each
    whole = client.get(address, {"layout": "c"})  # six rows
    assert len(rows_of(whole)) == 7
    monkeypatch.setattr(exporting, "INSTANT", 30)
    assert rows_of(client.get(address))


def test_only_who_asked_sees_and_takes_it(client_of, city, made):
    page = reverse("catalog:export-job", args=[made.pk])
    for one in ("job", "state", "file"):
        address = reverse(f"catalog:export-{one}", args=[made.pk])
        assert client_of(OTHER).get(address).status_code == 404
        mine = client_of(READER).get(address)
        list(mine)
        assert mine.status_code == 200
    drop = reverse("catalog:export-drop", args=[made.pk])
    assert client_of(OTHER).post(drop).status_code == 404
    assert page not in client_of(OTHER).get(reverse("catalog:exports")).content.decode()
    with pytest.raises(NotFound):
        exports.fetch(ANONYMOUS, made.pk)
    with pytest.raises(NotAllowed):
        services.ask_export(actor=ANONYMOUS, filters=EntryFilters(), layout="a", at=now())


def test_the_file_is_private_and_nothing_lies_beside_it(made):
    assert exports.folder().stat().st_mode & 0o077 == 0
    assert files() == {made.file, Path(made.file).with_suffix(".ids").name}
    assert made.size == (exports.folder() / made.file).stat().st_size


def test_what_has_left_the_catalogue_is_not_given_from_the_file(client_of, city, many, made):
    services.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=many[0].pk, reason="涉及工作秘密", on=ON
    )
    client = client_of(READER)
    refused = client.get(reverse("catalog:export-file", args=[made.pk]))
    assert refused.status_code == 404
    assert "有 1 个条目已撤下" in refused.content.decode()
    page = client.get(made.get_absolute_url()).content.decode()
    assert "有 1 个条目已撤下" in page
    again = client.post(page.split('action="')[-1].split('"')[0].replace("&amp;", "&"))
    assert again.status_code == 302
    jobs.make_exports(now())
    assert header_of(client.get(Export.objects.first().get_absolute_url() + "file.xlsx")) == "5/5"


def test_it_is_kept_for_a_day(client_of, made):
    client = client_of(READER)
    assert jobs.clear_exports(made.finished_at + timedelta(hours=23)) == 0
    assert header_of(client.get(reverse("catalog:export-file", args=[made.pk]))) == "6/6"
    assert jobs.clear_exports(made.finished_at + timedelta(hours=25))
    assert not files()
    made.refresh_from_db()
    assert made.status == ExportStatus.GONE  # the row stays: who took what
    assert "已过保存期限" in client.get(made.get_absolute_url()).content.decode()
    assert client.get(reverse("catalog:export-file", args=[made.pk])).status_code == 404


def test_also_before_the_worker_comes_round_its_day_ends(city, made):
    Export.objects.filter(pk=made.pk).update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(NotFound, match="保存期限"):
        exports.fetch(city.actor(READER), made.pk)


def test_a_person_has_three_under_way_and_ten_kept(city, client_of, many, ask, monkeypatch):
    first = ask(words="企业名录")
    assert ask(words="企业名录") == first
    ask(words="企业名录", layout="b")
    ask(words="第1批")
    with pytest.raises(InvalidInput, match="已有 3 份在制作"):
        ask(words="第2批")
    assert client_of(READER).post(reverse("catalog:exports") + "?q=第2批").status_code == 400
    ask(who=OTHER)
    services.drop_export(actor=city.actor(READER), export_id=first.pk)
    ask(words="第2批")
    jobs.make_exports(now())
    monkeypatch.setattr(services.exports, "MOST_KEPT", 2)
    ask(words="第3批")
    mine = exports.list_exports_for(city.actor(READER))
    assert mine.filter(status=ExportStatus.DONE).count() == 1


def test_what_is_not_wanted_any_more_is_not_made_and_goes(city, made, ask):
    waiting = ask(words="第1批")
    services.drop_export(actor=city.actor(READER), export_id=waiting.pk)
    assert jobs.make_exports(now()) == 0
    services.drop_export(actor=city.actor(READER), export_id=made.pk)
    exports.sweep()
    assert not files()
    with pytest.raises(IllegalMove):
        services.drop_export(actor=city.actor(READER), export_id=made.pk)


def test_a_layout_is_named_in_either_case_and_an_unknown_one_refused(client_of, city, many):
    address = reverse("catalog:export-whole") + "?q=企业名录&layout="
    small, large = (
        b"".join(client_of(who).get(address + name)) for who, name in ((READER, "b"), (OTHER, "B"))
    )
    assert small == large
    assert b"".join(client_of(READER).get(address + "a")) != small
    assert client_of(READER).get(address + "d").status_code == 400


def test_nothing_found_says_so(client_of, city, many, ask):
    with pytest.raises(InvalidInput, match="没有找到条目"):
        ask(words="海豚")
    assert client_of(READER).post(reverse("catalog:exports") + "?q=海豚").status_code == 400
    export = ask(words="企业名录")
    for one in many:
        services.withdraw_entry(actor=city.actor("provider-approver"), entry_id=one.pk, reason="停用", on=ON)
    jobs.make_exports(now())
    page = client_of(READER).get(export.get_absolute_url()).content.decode()
    assert "检索到的条目都已撤下" in page
    assert not files()


@pytest.mark.parametrize("bound", ["BOOK_MAX", "ROWS_MAX"])
def test_a_cut_workbook_says_so(client_of, many, ask, monkeypatch, bound):
    monkeypatch.setattr(exporting, bound, {"BOOK_MAX": 3, "ROWS_MAX": 14}[bound])  # four rows an entry
    client, export = client_of(READER), ask(order="code")
    jobs.make_exports(now())
    page = client.get(export.get_absolute_url()).content.decode()
    assert "检索到 6 个，其余请" in page
    cut = client.get(reverse("catalog:export-file", args=[export.pk]))
    assert cut["Shuqiao-Export"] == "3/6"
    assert "前3条，共6条" in unquote(cut["Content-Disposition"])
    assert len(rows_of(cut)) == 2 + 3 * 4


def test_of_a_worker_that_was_too_slow_nothing_remains(city, many, ask):
    export = ask()
    slow = services.claim_export(worker="slow", now=now())
    book = exports.Writing(export.pk, "slow")
    book.path.write_bytes(b"half")
    assert services.claim_export(worker="early", now=now()) is None
    assert jobs.make_exports(now() + timedelta(minutes=2)) == 1
    assert not any("slow" in name for name in files())
    with pytest.raises(services.LostExport):
        services.renew_export(claim=slow, now=now(), written=1)
    with pytest.raises(services.LostExport):
        services.finish_export(claim=slow, done=exports.Written(book.name, 4, 1), now=now())
    export.refresh_from_db()
    assert (export.status, export.written, export.attempts) == (ExportStatus.DONE, 6, 2)
    assert exports.fetch(city.actor(READER), export.pk)


def test_whoever_drops_it_while_it_is_written_stops_the_worker(city, many, ask, monkeypatch):
    export = ask()
    monkeypatch.setattr(jobs, "PROGRESS", 0.0)

    def entries(*args):
        for number, one in enumerate(numbered(*args)):
            if number == 3:
                services.drop_export(actor=city.actor(READER), export_id=export.pk)
            yield one

    numbered = exporting.numbered
    monkeypatch.setattr(exporting, "numbered", entries)
    assert jobs.make_exports(now()) == 1
    export.refresh_from_db()
    assert export.status == ExportStatus.GONE
    assert not files()


def test_failure_says_what_and_how_to_go_on(city, client_of, many, ask, monkeypatch):
    def full(*_: object) -> None:
        raise StoreFull

    export = ask()
    with monkeypatch.context() as patched:
        patched.setattr(spreadsheet, "write", full)
        jobs.make_exports(now())
    page = client_of(READER).get(export.get_absolute_url()).content.decode()
    assert "存储空间不足" in page
    assert "重新导出" in page
    assert not files()

    export = ask()
    Export.objects.filter(pk=export.pk).update(attempts=services.exports.MAX_ATTEMPTS)
    assert jobs.make_exports(now()) == 0
    assert "都没有做完" in client_of(READER).get(export.get_absolute_url()).content.decode()

    export = ask()
    user = city.user(READER)
    user.is_active = False
    user.save()
    jobs.make_exports(now())
    export.refresh_from_db()
    assert (export.status, export.problem) == (ExportStatus.FAILED, "账号已停用")


def test_files_nobody_names_are_swept_and_others_stay(made, ask):
    waiting = ask(words="第1批")
    stray = exports.folder() / f"{uuid4().hex}-00000000.rows"
    working = exports.folder() / f"{waiting.pk.hex}-00000000.rows"
    for path in (stray, working):
        path.touch()
    assert exports.sweep() == 1
    assert working.is_file()
    assert made.file in files()


def test_by_rest(client_of, city, many):
    client = client_of(READER)
    large = client.get("/api/v1/catalog/export.xlsx")
    assert large.status_code == 400
    assert "POST exports" in large.json()["detail"] + str(large.json())
    asked = client.post("/api/v1/catalog/exports?q=企业名录&layout=b")
    assert asked.status_code == 202
    export = asked.json()
    assert (export["status"], export["wanted"], export["why_not"]) == ("waiting", 6, "还在制作，请稍候")
    address = f"/api/v1/catalog/exports/{export['id']}"
    assert client.get(f"{address}/file.xlsx").status_code == 404
    jobs.make_exports(now())
    done = client.get(address).json()
    assert (done["status"], done["written"], done["why_not"]) == ("done", 6, "")
    assert header_of(client.get(f"{address}/file.xlsx")) == "6/6"
    assert [one["id"] for one in client.get("/api/v1/catalog/exports").json()["items"]] == [export["id"]]
    stranger = client_of(OTHER)
    for method in (stranger.get, stranger.delete):
        assert method(address).status_code == 404
    assert stranger.get(f"{address}/file.xlsx").status_code == 404
    assert client.delete(address).status_code == 204
    assert "本人清除" in client.get(address).json()["why_not"]
    assert client.post("/api/v1/catalog/exports?q=海豚").status_code == 400
    assert Entry.objects.count() == 6
