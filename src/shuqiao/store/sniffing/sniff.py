"""`sniff`: everything a publisher needs to see before confirming how a file is read, judged over all its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import Chunk
from shuqiao.store.reading.delimited import DelimitedReader
from shuqiao.store.reading.encoding import ENCODINGS, Detected, as_chosen, detect
from shuqiao.store.reading.geojson import COLLECTION, GeoJsonReader
from shuqiao.store.reading.json_records import JsonReader
from shuqiao.store.reading.layout import Layout, find_layout, second_header
from shuqiao.store.reading.parquet import ParquetReader
from shuqiao.store.reading.recognition import lines_of_features
from shuqiao.store.reading.sheets import SheetReader
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.xml_records import XmlReader, choose_element, declared_encoding
from shuqiao.store.sniffing.delimiter import find_delimiter
from shuqiao.store.sniffing.paths import choose_path
from shuqiao.store.sniffing.survey import Checks, survey
from shuqiao.store.types import Format, Preview

_MOST_LOOKED_AT, _MOST_TRIED = 50, 3
"""Files of an archive whose beginning is looked at for a table, and those that are read whole."""


def sniff(
    path: Path,
    *,
    filename: str | None = None,
    sheet: str = "",
    list_path: str | None = None,
    header_row: int | None = None,
    member: str = "",
    encoding: str = "",
    delimiter: str = "",
    quote: str = '"',
    checks: Checks | None = None,
) -> Preview:
    """Look at a whole source and propose how to read it.

    `filename` is the name the publisher gave (shown in errors); `member`, `sheet`, `list_path` and `header_row`
    choose another file of a ZIP archive, sheet, JSON list or XML element, or header line (0: there is none) than
    the proposed one; `encoding`, `delimiter` and `quote` ("" for none) of a text another than what it seems to be.
    `checks` names, by the columns' headers, the checks whose failures are counted. Raises
    InvalidInput when the file is no table that can be read.
    """
    source = Source(path, filename or path.name, member)

    def read() -> Preview:
        return _sniff(source, sheet, list_path, header_row, checks=checks, text=(encoding, delimiter, quote))

    return read() if member or len(source.members) < 2 else _first_readable(source, read)


def _first_readable(source: Source, read: Callable[[], Preview]) -> Preview:
    """The likeliest file of an archive that is a table. Raises what stands against the first, when none is."""
    wrong: list[tuple[str, InvalidInput]] = []
    tried = 0
    for name in source.proposals[:_MOST_LOOKED_AT]:
        source.choose(name)
        try:
            source.guess_format()
            tried += 1
            seen = read()
        except InvalidInput as error:
            wrong.append((name, error))
            if tried >= _MOST_TRIED:
                break
            continue
        said = (
            f"压缩包里的“{passed}”读不成表（{error.problems[0].what}），改读“{name}”"
            for passed, error in wrong
        )
        return msgspec.structs.replace(seen, remarks=(*said, *seen.remarks))
    raise wrong[0][1]


def _sniff(
    source: Source,
    sheet: str,
    list_path: str | None,
    header_row: int | None,
    *,
    checks: Checks | None,
    text: tuple[str, str, str],
) -> Preview:
    encoding, delimiter, quote = text
    kind = source.guess_format()
    if kind in (Format.XLSX, Format.XLS):
        return _sniff_sheet(source, kind, sheet, header_row, checks)
    if kind is Format.PARQUET:
        return _sniff_parquet(source, checks)
    found = as_chosen(source, encoding) if encoding else detect(source)
    if kind is Format.XML:
        return _sniff_xml(source, found, list_path, checks, chosen=bool(encoding))
    if kind in (Format.JSON, Format.NDJSON, Format.GEOJSON):
        return _sniff_json(source, kind, found, list_path, checks)
    return _sniff_delimited(source, found, header_row, checks, chosen=(delimiter, quote))


def _sniff_delimited(
    source: Source, found: Detected, header_row: int | None, checks: Checks | None, chosen: tuple[str, str]
) -> Preview:
    delimiter, head, other = find_delimiter(source, found.encoding, *chosen)
    layout = find_layout(head.lines, head.rows, header_row)
    seen = survey(DelimitedReader(source, found.encoding, delimiter, chosen[1]), layout, checks=checks)
    return seen.preview(
        Format.CSV,
        source,
        encoding=found.encoding,
        delimiter=delimiter,
        quote=chosen[1],
        remarks=(
            *_encoding_remarks(found),
            *other,
            *filter(None, [second_header(head.lines, head.rows, layout)]),
        ),
    )


def _encoding_remarks(found: Detected) -> tuple[str, ...]:
    said = []
    if found.errors:
        said.append(f"有 {found.errors} 处字节不能按 {found.encoding} 解码，所在的行将被隔离")
    if found.runner_up:
        names = [ENCODINGS.get(name, name) for name in (found.encoding, found.runner_up)]
        said.append(
            f"编码不能断定：按 {names[0]} 读的，也可能是 {names[1]}；文字若是乱码，请换一种读法改选编码"
        )
    return tuple(said)


def _sniff_sheet(
    source: Source, kind: Format, sheet: str, header_row: int | None, checks: Checks | None
) -> Preview:
    reader = SheetReader(source, sheet, kind, header_row)
    head = next(reader.chunks(), Chunk())
    layout = find_layout(head.lines, head.rows, header_row)
    reader.header_row = layout.header_row
    seen = survey(reader, layout, checks=checks)
    second = filter(None, [second_header(head.lines, head.rows, layout)])
    remarks = (*reader.remarks(), *second)
    return seen.preview(kind, source, sheets=reader.sheets, sheet=reader.sheet, remarks=remarks)


def _sniff_parquet(source: Source, checks: Checks | None) -> Preview:
    reader = ParquetReader(source)
    seen = survey(reader, Layout(0, reader.headers, banners=False), checks=checks)
    return reader.typed(seen.preview(Format.PARQUET, source))


def _sniff_xml(
    source: Source, found: Detected, list_path: str | None, checks: Checks | None, *, chosen: bool
) -> Preview:
    declared = declared_encoding(next(source.blocks(), b""), found.encoding)
    encoding = found.encoding if chosen else declared
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
