"""`sniff`: everything a publisher needs to see before confirming how a file is read, judged over all its rows."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import NOT_TEXT, Cells, Chunk, Reader
from shuqiao.store.reading.delimited import DelimitedReader, readable
from shuqiao.store.reading.delimiters import unusual_delimiters
from shuqiao.store.reading.encoding import Detected, detect
from shuqiao.store.reading.geojson import COLLECTION, GeoJsonReader
from shuqiao.store.reading.json_records import JsonReader
from shuqiao.store.reading.layout import LOOKED_AT, Kind, Layout, find_layout, unique_names
from shuqiao.store.reading.parquet import ParquetReader
from shuqiao.store.reading.recognition import lines_of_features
from shuqiao.store.reading.sheets import SheetReader
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.xml_records import XmlReader, choose_element, declared_encoding
from shuqiao.store.sniffing.paths import choose_path
from shuqiao.store.sniffing.profile import ColumnProfile
from shuqiao.store.types import ColumnType, Format, Preview

DELIMITERS = (",", "\t", ";", "|")
_SHOWN = 50
_SHOWN_CHARS = 200


def sniff(
    path: Path,
    *,
    filename: str | None = None,
    sheet: str = "",
    list_path: str | None = None,
    header_row: int | None = None,
    member: str = "",
) -> Preview:
    """Look at a whole source and propose how to read it.

    `filename` is the name the publisher gave (shown in errors); `member`, `sheet`, `list_path` and `header_row`
    choose another file of a ZIP archive, sheet, JSON list or XML element, or header line (0: there is none) than
    the proposed one. Raises InvalidInput when the file is no table that can be read.
    """
    source = Source(path, filename or path.name, member)
    kind = source.guess_format()
    if kind in (Format.XLSX, Format.XLS):
        return _sniff_sheet(source, kind, sheet, header_row)
    if kind is Format.PARQUET:
        return _sniff_parquet(source)
    found = detect(source)
    if kind is Format.XML:
        return _sniff_xml(source, found, list_path)
    if kind in (Format.JSON, Format.NDJSON, Format.GEOJSON):
        return _sniff_json(source, kind, found, list_path)
    return _sniff_delimited(source, found, header_row)


def _sniff_delimited(source: Source, found: Detected, header_row: int | None) -> Preview:
    delimiter, head = _delimiter(source, found.encoding)
    layout = find_layout(head.lines, head.rows, header_row)
    survey = _survey(DelimitedReader(source, found.encoding, delimiter), layout)
    return survey.preview(
        Format.CSV, source, encoding=found.encoding, delimiter=delimiter, remarks=_encoding_remarks(found)
    )


def _encoding_remarks(found: Detected) -> tuple[str, ...]:
    return (
        (f"有 {found.errors} 处字节不能按 {found.encoding} 解码，所在的行将被隔离",) if found.errors else ()
    )


def _sniff_sheet(source: Source, kind: Format, sheet: str, header_row: int | None) -> Preview:
    reader = SheetReader(source, sheet, kind, header_row)
    head = next(reader.chunks(), Chunk())
    layout = find_layout(head.lines, head.rows, header_row)
    reader.header_row = layout.header_row
    survey = _survey(reader, layout)
    return survey.preview(kind, source, sheets=reader.sheets, sheet=reader.sheet, remarks=reader.remarks())


def _sniff_parquet(source: Source) -> Preview:
    reader = ParquetReader(source)
    survey = _survey(reader, Layout(0, reader.headers, banners=False))
    return reader.typed(survey.preview(Format.PARQUET, source))


def _sniff_xml(source: Source, found: Detected, list_path: str | None) -> Preview:
    encoding = declared_encoding(next(source.blocks(), b""), found.encoding)
    path, paths = choose_element(source, encoding)
    columns: list[str] = []
    reader = XmlReader(source, encoding, list_path or path, columns, growing=True)
    survey = _survey(reader, Layout(0, (), banners=False), columns)
    return survey.preview(Format.XML, source, encoding=encoding, path=list_path or path, paths=paths)


def _sniff_json(source: Source, kind: Format, found: Detected, list_path: str | None) -> Preview:
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
    survey = _survey(reader, Layout(0, (), banners=False), columns)
    return survey.preview(
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


@dataclass
class _Survey:
    """What one pass over all records found."""

    layout: Layout
    names: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    profiles: list[ColumnProfile]
    rows: int = 0
    unsound: int = 0
    separators: int = 0
    titles: list[tuple[int, str]] = field(default_factory=list)
    trailing: list[tuple[int, str]] = field(default_factory=list)

    def preview(
        self, kind: Format, source: Source, *, remarks: tuple[str, ...] = (), **seen: object
    ) -> Preview:
        """The survey as a proposal. Raises InvalidInput when there are no columns at all."""
        if not self.profiles:
            raise InvalidInput.one(source.filename, "没有找到任何数据列")
        columns = tuple(profile.preview() for profile in self.profiles)
        keys = sorted(
            (p.key_rank, c.source)
            for p, c in zip(self.profiles, columns, strict=True)
            if c.unique and c.type is ColumnType.TEXT
        )
        return Preview(
            format=kind,
            compression=source.compression,
            members=source.members,
            member=source.member,
            columns=columns,
            rows=self.rows,
            unsound=self.unsound,
            header_row=self.layout.header_row,
            titles=tuple(self.titles),
            separators=self.separators - len(self.trailing),
            notes=tuple(self.trailing),
            renamed=self.renamed,
            keys=tuple((name,) for _, name in keys),
            remarks=remarks,
            **seen,  # type: ignore[arg-type]  # the fields of Preview that depend on the format
        )


def _survey(reader: Reader, layout: Layout, growing: list[str] | None = None) -> _Survey:
    names, renamed = unique_names(layout.headers)
    profiles = [ColumnProfile(*pair) for pair in zip(layout.headers, names, strict=True)]
    survey = _Survey(layout, names, renamed, profiles)
    profiled = 0
    for chunk in reader.chunks():
        rows = _sound_rows(chunk, survey, None if growing is None else len(growing))
        if growing is not None:
            for name in growing[len(profiles) :]:
                profiles.append(ColumnProfile(name, name))
                profiles[-1].fill_missing(profiled)
        for profile, values in zip(profiles, zip(*rows, strict=True), strict=bool(rows)):
            profile.update(values)
        profiled += len(rows)
    return survey


def _sound_rows(chunk: Chunk, survey: _Survey, growing_width: int | None) -> list[Cells]:
    """The data rows of a chunk that types are judged by; everything else is counted."""
    layout = survey.layout
    dirty = chunk.has_bad_characters()
    sound: list[Cells] = []
    for index, (line, cells) in enumerate(zip(chunk.lines, chunk.rows, strict=True)):
        kind = layout.kind(line, cells)
        faulty = index in chunk.faults
        if kind is not Kind.DATA and not (faulty and line > layout.header_row):
            _note(survey, kind, line, cells)
            continue
        survey.trailing.clear()
        survey.rows += 1
        if growing_width is not None and not faulty:
            cells.extend([None] * (growing_width - len(cells)))
        width = layout.width if growing_width is None else growing_width
        bad = dirty and any(cell and NOT_TEXT.search(cell) for cell in cells)
        if bad or faulty or len(cells) != width:
            survey.unsound += 1
        else:
            sound.append(cells)
    return sound


def _note(survey: _Survey, kind: Kind, line: int, cells: Cells) -> None:
    text = readable(" ".join(cell for cell in cells if cell))[:_SHOWN_CHARS]
    if kind is Kind.TITLE and len(survey.titles) < _SHOWN:
        survey.titles.append((line, text))
    elif kind is Kind.SEPARATOR:
        survey.separators += 1
        if len(survey.trailing) < _SHOWN:
            survey.trailing.append((line, text))
