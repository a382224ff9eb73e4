"""Exports keep every cell what it is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import ColumnScope, Mask, Query, Scope, Store, VersionHandle, build, sniff
from shuqiao.store.exporting import workbook

NASTY = ["=1+1", "+86", "-cmd|x", "@SUM(A1)", '引"号', "逗,号", "换\n行", "007", "1e5", "TRUE", "𡐓"]


@pytest.fixture(scope="module")
def handle(tmp_path_factory: pytest.TempPathFactory) -> VersionHandle:
    folder = tmp_path_factory.mktemp("export")
    path = folder / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编码", '备"注', "数量", "金额", "日期", "缺"])
        for place, text in enumerate(NASTY):
            writer.writerow([f"{place:04d}", text, place, f"{place}.50", "2020-02-29", "x" if place else ""])
    return Store(folder / "store").open(build(path, sniff(path).recipe(), folder / "store").id)


def exported(handle: VersionHandle, kind: str, query: Query | None = None, **options: bool) -> bytes:
    return b"".join(handle.export(query or Query(), Scope.whole(handle.columns), kind, **options))


def test_csv_is_exact(handle: VersionHandle) -> None:
    rows = list(csv.reader(io.StringIO(exported(handle, "csv").decode(), newline="")))
    assert rows[0] == ["编码", '备"注', "数量", "金额", "日期", "缺"]
    assert [row[1] for row in rows[1:]] == NASTY
    assert rows[1] == ["0000", "=1+1", "0", "0.50", "2020-02-29", ""]


def test_csv_may_begin_with_a_mark(handle: VersionHandle) -> None:
    assert exported(handle, "csv", bom=True) == b"\xef\xbb\xbf" + exported(handle, "csv")


def test_json_keeps_types(handle: VersionHandle) -> None:
    rows = json.loads(exported(handle, "json"))
    assert rows[7] == {
        "编码": "0007",
        '备"注': "007",
        "数量": 7,
        "金额": "7.50",
        "日期": "2020-02-29",
        "缺": "x",
    }
    assert rows[0]["缺"] is None


def test_nothing_found_is_still_a_file(handle: VersionHandle) -> None:
    nothing = Query.parse({"编码": "x"})
    assert json.loads(exported(handle, "json", nothing)) == []
    assert exported(handle, "csv", nothing).count(b"\n") == 1


def test_a_workbook_has_text_where_text_was_and_no_formula(handle: VersionHandle, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(exported(handle, "xlsx"))
    cells = list(load_workbook(path).active.iter_rows(min_row=2))
    assert [(row[1].value, row[1].data_type) for row in cells] == [(text, "s") for text in NASTY]
    assert [cell.value for cell in cells[7]] == ["0007", "007", 7, 7.5, "2020-02-29", "x"]


def test_what_a_sheet_cannot_hold_is_refused(handle: VersionHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CELL_CHARS", 5)
    with pytest.raises(InvalidInput, match="CSV"):
        exported(handle, "xlsx")
    monkeypatch.setattr(workbook, "SHEET_COLUMNS", 5)
    with pytest.raises(InvalidInput, match="CSV"):
        handle.export(Query(), Scope.whole(handle.columns), "xlsx")
    with pytest.raises(InvalidInput, match="导出格式"):
        handle.export(Query(), Scope.whole(handle.columns), "exe")


def test_masks_hold_in_every_format(handle: VersionHandle) -> None:
    scope = Scope(
        (ColumnScope("编码"), ColumnScope("日期", Mask.YEAR), ColumnScope("数量", Mask.HASH)),
        hash_key=b"k" * 16,
    )
    for kind in ("csv", "json"):
        body = b"".join(handle.export(Query(), scope, kind))
        assert b"2020" in body
        assert b"02-29" not in body


def test_rows_stay_in_order_over_many_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("编码,值\n" + "".join(f"{n:07d},{n % 7}\n" for n in range(250_000)), encoding="utf-8")
    recipe = sniff(path).recipe()
    with Store(tmp_path / "store").open(build(path, recipe, tmp_path / "store").id) as handle:
        pieces = list(handle.export(Query.parse({"值__ne": "3"}), Scope.of(["编码", "值"]), "csv"))
    assert len(pieces) > 3
    found = [line.split(b",")[0].strip(b'"') for line in b"".join(pieces).split(b"\n")[1:-1]]
    assert found == [b"%07d" % n for n in range(250_000) if n % 7 != 3]


def test_csv_has_room_for_the_longest_lines(tmp_path: Path) -> None:
    """Nothing but quotes, each written twice, beside the longest numbers and days, in a table of one row too."""
    row = [
        '"' * 50_000,
        str(-(2**63)),
        "-" + "9" * 30 + ".99999999",
        "9999-12-31",
        "false",
        "9999-12-31 23:59:59",
    ]
    for rows in (1, 300):
        path = tmp_path / "t.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["文", "整", "小", "日", "否", "时"], *[row] * rows])
        version = build(path, sniff(path).recipe(), tmp_path / "store").id
        with Store(tmp_path / "store").open(version) as handle:
            found = list(csv.reader(io.StringIO(exported(handle, "csv").decode(), newline="")))
        assert found[1:] == [[*row[:5], "9999-12-31T23:59:59"]] * rows
