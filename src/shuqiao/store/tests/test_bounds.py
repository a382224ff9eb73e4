"""What is too wide, too long, said twice or asked too broadly: refused in words, and quickly."""

from __future__ import annotations

import io
import json
import random
import tarfile
import time
import zipfile
from pathlib import Path

import duckdb
import pytest
from defusedxml import ElementTree
from openpyxl import load_workbook

from shuqiao.kernel import InvalidInput
from shuqiao.store import (
    Column,
    ColumnPlan,
    ColumnType,
    Format,
    Mask,
    Op,
    Predicate,
    Query,
    Recipe,
    Scope,
    Store,
    VersionHandle,
    build,
    sniff,
)
from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.exporting import workbook
from shuqiao.store.exporting.lines import Xml
from shuqiao.store.reading import json_records
from shuqiao.store.reading.layout import unique_names
from shuqiao.store.tests.tables import write
from shuqiao.store.types import MAX_COLUMNS


def made(path: Path, content: str) -> VersionHandle:
    path.write_text(content, encoding="utf-8", newline="")
    store = Store(path.parent / "store")
    return store.open(build(path, sniff(path).recipe(), store).id)


def wide(columns: int, rows: int) -> str:
    header = ",".join(f"列{place}" for place in range(columns))
    lines = (
        ",".join(f"{row * place}" if place % 3 else f"t{row}" for place in range(columns))
        for row in range(rows)
    )
    return "\n".join((header, *lines)) + "\n"


def test_wide_tables_cost_what_their_cells_cost(tmp_path: Path) -> None:
    """Eight times the columns may take at most 20 times as long; asking the file for each column took 64."""
    times = []
    for columns in (100, 800):
        (tmp_path / str(columns)).mkdir()
        began = time.process_time()
        with made(tmp_path / str(columns) / "t.csv", wide(columns, 5)) as handle:
            page = handle.rows(Query(), Scope.whole(handle.columns))
            assert (len(page.columns), len(page.rows)) == (columns, 5)
            for kind in ("csv", "xlsx"):
                assert b"".join(handle.export(Query(), Scope.whole(handle.columns), kind))
        times.append(time.process_time() - began)
    assert times[1] < 20 * times[0], times


@pytest.mark.parametrize("kind", ["csv", "ndjson", "xml"])
def test_what_is_wider_than_any_table_is_refused(kind: str, tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(MAX_COLUMNS + 1)]
    records = [dict.fromkeys(names[start : start + 50], 1) for start in range(0, len(names), 50)]
    element = "".join(f"<{name}>1</{name}>" for name in names)
    path = tmp_path / f"t.{kind}"
    path.write_text(
        {
            "csv": ",".join(names) + "\n" + ",".join(names) + "\n",
            "ndjson": "\n".join(map(json.dumps, records)),
            "xml": f"<d><r>{element}</r><r>{element}</r></d>",
        }[kind]
    )
    with pytest.raises(InvalidInput, match=r"最多 4000 列"):
        sniff(path)
    with pytest.raises(InvalidInput, match=f"有 {MAX_COLUMNS + 1} 列"):
        Recipe(format=Format.CSV, columns=tuple(ColumnPlan(source=n, name=n) for n in names)).validate()


def test_the_same_header_thousands_of_times_is_numbered_at_once() -> None:
    began = time.process_time()
    names, renamed = unique_names(["甲"] * 20_000 + ["甲_7"])
    assert len(set(names)) == 20_001
    assert names[:2] == ("甲", "甲_2")
    assert names[-1] == "甲_7"
    assert len(renamed) == 19_999
    assert time.process_time() - began < 2


def test_a_name_that_stands_twice_in_an_object_sets_its_record_aside(tmp_path: Path) -> None:
    sound = '{"编码":"a","内":{"x":1}}'
    content = "\n".join([sound, '{"编码":"b","编码":"c","内":{}}', '{"编码":"d","内":{"x":1,"x":2}}', sound])
    with made(tmp_path / "t.ndjson", content + "\n") as handle:
        assert (handle.meta.rows, handle.meta.quarantined, handle.meta.reasons) == (2, 2, {"record": 2})
        report = handle.quarantine_path().read_text(encoding="utf-8")
        assert "同一个对象里字段重复：编码" in report
        assert "同一个对象里字段重复：x" in report
    feature = '{"type":"Feature","properties":{"a":1,"a":2},"geometry":null}'
    other = '{"type":"Feature","properties":{"a":1},"geometry":null}'
    document = f'{{"type":"FeatureCollection","features":[{feature},{other}]}}'
    with made(tmp_path / "t.geojson", document) as handle:
        assert (handle.meta.rows, handle.meta.quarantined) == (1, 1)


def test_the_lists_of_a_long_document_are_found_without_holding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_records, "MAX_VALUE_CHARS", 1 << 20)
    monkeypatch.setattr(json_records, "_WINDOW", 1 << 14)
    rows = [{"编码": f"{n:06d}", "说明": "字" * 50} for n in range(30_000)]
    document = {"状态": 0, "页": {"总数": len(rows), "别的": [1, 2], "清单": rows}, "a.b": [{"x": 1}]}
    path = tmp_path / "t.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    preview = sniff(path)
    assert (preview.path, preview.paths, preview.rows) == ("页.清单[]", (("页.清单[]", 30_000),), 30_000)
    path.write_text(json.dumps({"a": [{"b": "x" * (3 << 20)}]}))
    with pytest.raises(InvalidInput, match="一条记录超过"):
        sniff(path)
    path.write_text('{"a": [{"b": 1}]} x')
    with pytest.raises(InvalidInput, match="多余"):
        sniff(path)


def test_a_query_brings_only_so_many_values() -> None:
    many = tuple(Predicate(f"c{place}", Op.IN, tuple(range(1_000))) for place in range(6))
    Query(filters=many[:5])
    with pytest.raises(InvalidInput, match="5000 个，收到 6000"):
        Query(filters=many)
    with pytest.raises(InvalidInput, match="200000 个字符，收到 1000000"):
        Query(filters=(Predicate("c", Op.CONTAINS, ("x" * 1_000_000,)),))


def test_the_broadest_query_is_answered_by_both_engines(tmp_path: Path) -> None:
    text = "编码,名\n" + "".join(f"K{n:05d},名{n % 1000}\n" for n in range(5_000))
    with made(tmp_path / "t.csv", text) as handle:
        scope = Scope.whole(handle.columns)
        among = [
            Predicate("编码", Op.IN, tuple(f"K{n:05d}" for n in range(place, 1_000 + place)))
            for place in range(5)
        ]
        others = tuple(Predicate("名", Op.NE, (f"名{n}",)) for n in range(49))
        long = Predicate("名", Op.NE, ("字" * 150_000,))
        queries = [
            Query(filters=among, limit=10_000, count="exact"),
            Query(filters=(*others, long), limit=10_000),
        ]
        began = time.process_time()
        for query, count in zip(queries, (996, 5_000 - 49 * 5), strict=True):
            sqlite, duckdb = (handle.rows(query, scope, engine=engine) for engine in ("sqlite", "duckdb"))
            assert len(sqlite.rows) == count
            assert sqlite == duckdb
        assert time.process_time() - began < 10


def test_a_workbook_goes_on_on_the_next_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 1_001)
    text = "编码,数\n" + "".join(f"K{n:05d},{n}\n" for n in range(2_500))
    with made(tmp_path / "t.csv", text) as handle:
        body = b"".join(handle.export(Query(), Scope.whole(handle.columns), "xlsx"))
    book = load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["数据", "数据2", "数据3"]
    sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    assert [len(rows) for rows in sheets] == [1_001, 1_001, 501]
    assert {rows[0] for rows in sheets} == {("编码", "数")}
    assert [row for rows in sheets for row in rows[1:]] == [(f"K{n:05d}", n) for n in range(2_500)]


def test_a_full_sheet_ends_before_it_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_BYTES", 1)
    text = "编码\n" + "".join(f"K{n:06d}\n" for n in range(120_000))
    with made(tmp_path / "t.csv", text) as handle:
        body = b"".join(handle.export(Query(), Scope.whole(handle.columns), "xlsx"))
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheets = [book.read(name).count(b"<row>") - 1 for name in book.namelist() if "worksheets/" in name]
    assert len(sheets) > 1
    assert sum(sheets) == 120_000


@pytest.mark.parametrize("make", [Xml, workbook.Workbook])
def test_what_xml_cannot_hold_is_replaced(make: type[Xml | workbook.Workbook]) -> None:
    """Such characters are set aside when a version is built; should one be there, the file is still XML."""
    column = Column("文", "c1", ColumnType.TEXT)
    text = "a\x01b\x0bc\ufffe<&>线\r\n行\t好\U0001f600"
    expression = make([(column, Mask.NONE)]).expressions(DuckDialect(Path("t")), b"")[0]
    sql = f"SELECT {expression.text} FROM (SELECT ?::VARCHAR AS c1)"
    ((row,),) = duckdb.execute(sql, [*expression.params, text]).fetchall()
    wanted = text.translate(dict.fromkeys((1, 11, 0xFFFE), "\ufffd"))
    assert "".join(ElementTree.fromstring(row).itertext()).strip("\n") == wanted


@pytest.mark.parametrize("start", ["", "a,b\n1,2\n", '{"a":1}\n{"a":2}\n'])
def test_a_line_without_end_is_refused_without_being_read(tmp_path: Path, start: str) -> None:
    """300 MB in one line, 0.3 MB packed."""
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("t.csv", "w") as part:
        part.write(start.encode())
        for _ in range(300):
            part.write(b"x" * (1 << 20))
    began = time.process_time()
    with pytest.raises(InvalidInput, match="超过 16 MB"):
        sniff(path)
    assert time.process_time() - began < 15


def tar(packed: bool) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if packed else "w") as archive:
        info = tarfile.TarInfo("t.csv")
        info.size = 8
        archive.addfile(info, io.BytesIO(b"a,b\n1,2\n"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[[1,2],[3,4]]", "不是对象"),
        (b'["a","b"]\n', "不是对象"),
        (b"[1, 2, 3]", "不是对象"),
        (b"[null]", "不是对象"),
        (b'\n[\n ["a", 1],\n ["b", 2]\n]\n', "不是对象"),
        (b"[" + b"[1,2]," * 100_000 + b"[3,4]]", "不是对象"),
        (b'"x"', "只有一个 JSON 字符串"),
        (tar(packed=False), "TAR"),
        (tar(packed=True), "TAR"),
        (random.Random(1).randbytes(300), "不是文本"),
        (random.Random(2).randbytes(300_000), "不是文本"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        sniff(write(tmp_path, content))


@pytest.mark.parametrize(
    "text",
    [
        "[id],[name]\n1,2\n",
        '"x"\n"y"\n',
        '"x","y"\n1,2\n',
        "[1],[2]\n3,4\n",
        "[1,2],a\nx,y,z\n",
        "[1,2],a\n" + "x,y,z\n" * 20_000,
    ],
)
def test_tables_that_begin_with_a_bracket_or_a_quote_are_read(tmp_path: Path, text: str) -> None:
    assert sniff(write(tmp_path, text)).format is Format.CSV
