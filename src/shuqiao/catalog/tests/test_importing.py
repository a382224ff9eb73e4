"""Batch import: checked, then taken over; the real catalogue of Hangzhou."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from shuqiao.catalog import queries, services, spreadsheet, staging
from shuqiao.catalog.jobs import clear_stale_imports
from shuqiao.catalog.models import DataItem, Entry, ImportRecord, Revision
from shuqiao.catalog.tests import hangzhou
from shuqiao.catalog.tests.factories import ITEMS, ON, content, published
from shuqiao.catalog.types import Reading, Status
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E

CATALOGUER = "provider-cataloguer"


def reading_of(tmp_path, *contents, provider="营口市市场监督管理局", code="", provider_code="") -> Reading:
    entries = [spreadsheet.SheetEntry(one, code, provider, provider_code) for one in contents]
    return spreadsheet.read(spreadsheet.write(entries, tmp_path / "sheet.xlsx"))


def check(city, reading, by=CATALOGUER, sha256="a" * 64):
    return services.check_import(
        actor=city.actor(by),
        department_id=city.provider.id,
        reading=reading,
        file_name="目录.xlsx",
        sha256=sha256,
        at=now(),
    )


def confirm(city, record, reading, by=CATALOGUER, sha256="a" * 64):
    return services.confirm_import(
        actor=city.actor(by), import_id=record.id, reading=reading, sha256=sha256, at=now(), on=ON
    )


@pytest.mark.article("yingkou-2022", "13")
def test_checking_imports_nothing_and_confirming_takes_the_good_ones(city, tmp_path):
    reading = reading_of(
        tmp_path, content(), content(title="企业注销信息"), content(title="企业变更信息", update_cycle="")
    )
    record = check(city, reading)
    assert (record.found, record.good, record.imported) == (3, 2, 0)
    assert not Entry.objects.exists()
    done = confirm(city, record, reading)
    assert (done.status, done.imported) == ("imported", 2)
    assert {one.title for one in Revision.objects.all()} == {"企业登记信息", "企业注销信息"}
    assert Revision.objects.first().status == Status.DRAFT
    assert DataItem.objects.count() == 8
    assert Revision.objects.filter(imported_by=record).count() == 2
    event = Event.objects.get(type=E.ENTRY_IMPORTED)
    assert event.data["imported"] == 2
    assert any("更新周期" in one["what"] for one in done.problems)


def test_imported_drafts_can_be_signed_and_published(city, tmp_path):
    reading = reading_of(tmp_path, content(), code="307001/000777")
    confirm(city, check(city, reading), reading)
    ids = [Revision.objects.get().id]
    assert services.submit_revisions(actor=city.actor("provider-approver"), revision_ids=ids, on=ON).done
    (done,) = services.publish_revisions(actor=city.actor("bureau-reviewer"), revision_ids=ids, on=ON).done
    assert done.entry.code == "307001/000777"


def test_confirming_twice_another_file_or_by_another_department(city, tmp_path):
    reading = reading_of(tmp_path, content())
    record = check(city, reading)
    with pytest.raises(InvalidInput, match="检查过的"):
        confirm(city, record, reading, sha256="b" * 64)
    with pytest.raises(NotFound):
        confirm(city, record, reading, by="stranger")
    with pytest.raises(NotAllowed):
        confirm(city, record, reading, by="provider-approver")
    with pytest.raises(NotAllowed):
        check(city, reading, by="stranger")
    confirm(city, record, reading)
    with pytest.raises(IllegalMove):
        confirm(city, record, reading)
    with pytest.raises(IllegalMove):
        services.discard_import(actor=city.actor(CATALOGUER), import_id=record.id)


def test_the_same_sheet_again_is_found_out(city, tmp_path):
    reading = reading_of(tmp_path, content())
    confirm(city, check(city, reading), reading)
    again = check(city, reading)
    assert again.good == 0
    assert "已有同名" in again.problems[0]["what"]
    with pytest.raises(InvalidInput, match="没有可导入"):
        confirm(city, again, reading)
    assert Entry.objects.count() == 1


def test_between_check_and_confirmation_the_catalogue_may_have_changed(city, tmp_path):
    reading = reading_of(tmp_path, content(), content(title="企业注销信息"))
    record = check(city, reading)
    published(city)
    done = confirm(city, record, reading)
    assert (record.good, done.imported) == (2, 1)


def test_other_departments_and_taken_codes_are_refused_by_cell(city, tmp_path):
    entry = published(city)
    reading = reading_of(
        tmp_path, content(title="学校名录"), provider="营口市教育局", code=entry.code, provider_code="1" * 18
    )
    record = check(city, reading)
    found = {problem["where"]: problem["what"] for problem in record.problems}
    assert "不是本部门" in found["目录!C3"]
    assert "已在目录中" in found["目录!B3"]
    assert "统一社会信用代码" in found["目录!E3"]
    assert record.good == 0


def test_a_checked_sheet_can_be_given_up(city, tmp_path):
    record = check(city, reading_of(tmp_path, content()))
    services.discard_import(actor=city.actor(CATALOGUER), import_id=record.id)
    assert ImportRecord.objects.get().status == "discarded"
    assert queries.get_import_for(city.actor("provider-approver"), record.id)
    with pytest.raises(NotFound):
        queries.get_import_for(city.actor("stranger"), record.id)


def test_sheets_nobody_confirmed_are_cleared_away(city, tmp_path):
    record = check(city, reading_of(tmp_path, content()))
    (staging.folder() / f"{record.id}.upload").write_bytes(b"sheet")
    assert clear_stale_imports(now() + timedelta(days=29)) == 0
    assert staging.fetch(record.id)
    assert clear_stale_imports(now() + timedelta(days=31)) == 1
    assert clear_stale_imports(now() + timedelta(days=31)) == 0
    with pytest.raises(NotFound):
        staging.fetch(record.id)
    assert ImportRecord.objects.get().status == "discarded"


@pytest.mark.shared_data
@pytest.mark.article("yingkou-2022", "13")
@pytest.mark.article("yingkou-2022", "14")
def test_the_real_catalogue_of_hangzhou(city, tmp_path, shared_data):
    source = hangzhou.records(shared_data / "catalog_hangzhou_2023.json")
    path = hangzhou.workbook(
        source, tmp_path / "hangzhou.xlsx", provider=city.provider.name, items={"政务服务事项评价信息": ITEMS}
    )
    started = time.perf_counter()
    reading = spreadsheet.read(path)
    record = check(city, reading)
    done = confirm(city, record, reading)
    took = time.perf_counter() - started
    without_cycle = sum(one["更新周期"] is None for one in source)
    assert (len(source), without_cycle) == (6590, 392)
    assert (done.found, done.imported) == (6590, 6590 - without_cycle)
    assert Entry.objects.count() == Revision.objects.count() == 6198
    blocking = [problem for problem in done.problems if problem["blocks"]]
    assert len(blocking) == without_cycle
    assert all("更新周期" in problem["what"] for problem in blocking)
    # What the source does not say is not made up: tables without items come in as drafts and say so.
    hints = sum("没有信息项" in problem["what"] for problem in done.problems)
    assert hints == 6590 - sum(one["资源名称"] == "政务服务事项评价信息" for one in source)
    assert DataItem.objects.count() == 8
    assert len(json.dumps(done.problems)) < 4_000_000
    assert took < 30, f"import took {took:.1f} s"
    titles = set(Revision.objects.values_list("title", flat=True))
    assert titles <= {one["资源名称"].strip() for one in source}
    twins = Revision.objects.filter(title="政务服务事项评价信息")
    assert {one.format_category for one in twins} == {"spreadsheet", "service_interface"}
    assert replace(twins.first().content(), items=()).inner_department == "滨江区区行政服务中心"


def test_the_list_to_choose_from_says_what_the_report_says(client_of, city, tmp_path):
    """Entries kept out for their provider or as known already are not offered; after providers have been assigned
    the list is right again."""
    entries = [
        spreadsheet.SheetEntry(content(title="甲"), "", "营口市市场监督管理局", ""),
        spreadsheet.SheetEntry(content(title="乙"), "", "火星局", ""),
    ]
    data = spreadsheet.write(entries, tmp_path / "sheet.xlsx").read_bytes()

    def offered(client, target):
        file = SimpleUploadedFile("目录.xlsx", data)
        report = client.post(reverse("catalog:upload"), {"department": target, "file": file})["Location"]
        return report, lambda: client.get(report + "entries/").content.decode().count('name="pick"')

    _, count = offered(client_of(CATALOGUER), str(city.provider.id))
    assert count() == 1
    bureau = client_of("bureau-reviewer")
    report, count = offered(bureau, f"d:{city.yingkou.code}")
    assert count() == 1
    bureau.post(report + "providers/", {"rest": str(city.other.id)})
    assert count() == 2


def test_a_row_without_a_name_is_a_row_and_not_the_whole_sheet(city, tmp_path):
    entries = [spreadsheet.SheetEntry(content(items=()), "", "", "")]
    book = load_workbook(spreadsheet.write(entries, tmp_path / "a.xlsx"))
    sheet = book.worksheets[0]
    sheet.cell(4, 6).value = "只有摘要"
    book.save(tmp_path / "a.xlsx")
    lost = [one for one in spreadsheet.read(tmp_path / "a.xlsx").problems if "没有信息资源名称" in one.what]
    assert [(one.cell, one.entry) for one in lost] == [("A4", "（没有名称）")]
