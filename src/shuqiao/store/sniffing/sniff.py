"""`sniff`: everything a publisher needs to see before confirming how a file is read, judged over all its rows."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from shuqiao.store.reading.chunks import Chunk
from shuqiao.store.reading.delimited import DelimitedReader
from shuqiao.store.reading.delimiters import unusual_delimiters
from shuqiao.store.reading.encoding import Detected, detect
from shuqiao.store.reading.geojson import COLLECTION, GeoJsonReader
from shuqiao.store.reading.json_records import JsonReader
from shuqiao.store.reading.layout import LOOKED_AT, Layout, find_layout
from shuqiao.store.reading.parquet import ParquetReader
from shuqiao.store.reading.recognition import lines_of_features
from shuqiao.store.reading.sheets import SheetReader
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.xml_records import XmlReader, choose_element, declared_encoding
from shuqiao.store.sniffing.paths import choose_path
from shuqiao.store.sniffing.survey import Checks, survey
from shuqiao.store.types import Format, Preview

DELIMITERS = (",", "\t", ";", "|")


def sniff(
    path: Path,
    *,
    filename: str | None = None,
    sheet: str = "",
    list_path: str | None = None,
    header_row: int | None = None,
    member: str = "",
    checks: Checks | None = None,
) -> Preview:
    """Look at a whole source and propose how to read it.

    `filename` is the name the publisher gave (shown in errors); `member`, `sheet`, `list_path` and `header_row`
    choose another file of a ZIP archive, sheet, JSON list or XML element, or header line (0: there is none) than
    the proposed one. `checks` names, by the columns' headers, the checks whose failures are counted. Raises
    InvalidInput when the file is no table that can be read.
    """
    source = Source(path, filename or path.name, member)
    kind = source.guess_format()
    if kind in (Format.XLSX, Format.XLS):
        return _sniff_sheet(source, kind, sheet, header_row, checks)
    if kind is Format.PARQUET:
        return _sniff_parquet(source, checks)
    found = detect(source)
    if kind is Format.XML:
        return _sniff_xml(source, found, list_path, checks)
    if kind in (Format.JSON, Format.NDJSON, Format.GEOJSON):
        return _sniff_json(source, kind, found, list_path, checks)
    return _sniff_delimited(source, found, header_row, checks)


def _sniff_delimited(
    source: Source, found: Detected, header_row: int | None, checks: Checks | None
) -> Preview:
    delimiter, head = _delimiter(source, found.encoding)
    layout = find_layout(head.lines, head.rows, header_row)
    seen = survey(DelimitedReader(source, found.encoding, delimiter), layout, checks=checks)
    return seen.preview(
        Format.CSV, source, encoding=found.encoding, delimiter=delimiter, remarks=_encoding_remarks(found)
    )


def _encoding_remarks(found: Detected) -> tuple[str, ...]:
    return (
        (f"有 {found.errors} 处字节不能按 {found.encoding} 解码，所在的行将被隔离",) if found.errors else ()
    )


def _sniff_sheet(
    source: Source, kind: Format, sheet: str, header_row: int | None, checks: Checks | None
) -> Preview:
    reader = SheetReader(source, sheet, kind, header_row)
    head = next(reader.chunks(), Chunk())
    layout = find_layout(head.lines, head.rows, header_row)
    reader.header_row = layout.header_row
    seen = survey(reader, layout, checks=checks)
    return seen.preview(kind, source, sheets=reader.sheets, sheet=reader.sheet, remarks=reader.remarks())


def _sniff_parquet(source: Source, checks: Checks | None) -> Preview:
    reader = ParquetReader(source)
    seen = survey(reader, Layout(0, reader.headers, banners=False), checks=checks)
    return reader.typed(seen.preview(Format.PARQUET, source))


def _sniff_xml(source: Source, found: Detected, list_path: str | None, checks: Checks | None) -> Preview:
    encoding = declared_encoding(next(source.blocks(), b""), found.encoding)
    path, paths = choose_element(source, encoding)
    columns: list[str] = []
    reader = XmlReader(source, encoding, list_path or path, columns, growing=True)
    seen = survey(reader, Layout(0, (), banners=False), columns, checks=checks)
    return seen.preview(Format.XML, source, encoding=encoding, path=list_path or path, paths=paths)


def _sniff_json(
    source: Source, kind: Format, found: Detected, list_path: str | None, checks: Checks | None
) -> Preview:
    paths: tuple[tuple[str, int], ...] = ()
    path = list_path or ""
    if kind is Format.JSON and list_path is None:
        path, paths = choose_path(source, found.encoding)
    columns: list[str] = []
    reader: JsonReader
    if kind is Format.GEOJSON:
        path = "" if lines_of_features(next(source.blocks(), b"")) else COLLECTION
        reader = GeoJsonReader(source, found.encoding, path, columns, growing=True)
    else:
        lines = kind is Format.NDJSON
        reader = JsonReader(source, found.encoding, path, columns, lines=lines, growing=True)
    seen = survey(reader, Layout(0, (), banners=False), columns, checks=checks)
    return seen.preview(
        kind, source, encoding=found.encoding, path=path, paths=paths, remarks=_encoding_remarks(found)
    )


def _delimiter(source: Source, encoding: str) -> tuple[str, Chunk]:
    """The delimiter whose rows agree most on their width, and the first records read with it."""
    best, best_score, best_head = ",", -1.0, Chunk()
    for delimiter in DELIMITERS:
        head = next(DelimitedReader(source, encoding, delimiter).chunks())
        widths = Counter(len(row) for row in head.rows[:LOOKED_AT])
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = count / max(len(head.rows[:LOOKED_AT]), 1) * math.log2(width) if width > 1 else 0.0
        if score > best_score:
            best, best_score, best_head = delimiter, score, head
    if best_score <= 0:
        unusual = unusual_delimiters([raw or "" for raw in best_head.raws[:LOOKED_AT]])
        if unusual:
            return unusual[0], next(DelimitedReader(source, encoding, unusual[0]).chunks())
    return best, best_head
