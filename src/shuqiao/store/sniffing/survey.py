"""One pass over every record of a source: what is data, and what each column looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from shuqiao.kernel import InvalidInput
from shuqiao.store.lanes import ahead
from shuqiao.store.reading.blocks import ColumnBlock
from shuqiao.store.reading.chunks import NOT_TEXT, Cells, Chunk, Reader
from shuqiao.store.reading.delimited import DelimitedReader, readable
from shuqiao.store.reading.foot import with_foot
from shuqiao.store.reading.layout import Kind, Layout, unique_names
from shuqiao.store.reading.source import Source
from shuqiao.store.sniffing.profile import ColumnProfile
from shuqiao.store.types import ColumnPreview, ColumnType, Format, Preview, check_width

Checks = Mapping[str, tuple[str, ...]]
_SHOWN = 50
_SHOWN_CHARS = 200
_MOST_RUNS = 1_000
_IN_REMARK, _REMARK_CHARS = 5, 30


@dataclass
class Survey:
    """What one pass over all records found."""

    layout: Layout
    names: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    profiles: list[ColumnProfile]
    columns: tuple[ColumnPreview, ...] = ()
    checks: Checks = field(default_factory=dict)
    rows: int = 0
    unsound: int = 0
    separators: int = 0
    hollow: int = 0
    foot: list[tuple[int, str]] = field(default_factory=list)
    titles: list[tuple[int, str]] = field(default_factory=list)
    trailing: list[tuple[int, str]] = field(default_factory=list)

    def preview(
        self, kind: Format, source: Source, *, remarks: tuple[str, ...] = (), **seen: object
    ) -> Preview:
        """The survey as a proposal. Raises InvalidInput when there are no columns at all."""
        if not self.profiles:
            raise InvalidInput.one(source.filename, "没有找到任何数据列")
        keys = sorted(
            (p.key_rank, c.source)
            for p, c in zip(self.profiles, self.columns, strict=True)
            if c.unique and c.type is ColumnType.TEXT
        )
        return Preview(
            format=kind,
            compression=source.compression,
            members=source.members,
            member=source.member,
            columns=self.columns,
            rows=self.rows,
            unsound=self.unsound,
            header_row=self.layout.header_row,
            titles=tuple(self.titles),
            separators=self.separators - len(self.trailing),
            notes=tuple(self.trailing),
            renamed=self.renamed,
            keys=tuple((name,) for _, name in keys),
            remarks=(*remarks, *self._remarks()),
            **seen,  # type: ignore[arg-type]  # the fields of Preview that depend on the format
        )

    def _remarks(self) -> Iterator[str]:
        if self.hollow:
            yield f"有 {self.hollow:,} 行只有分隔符，当作空行略过"
        if self.foot:
            said = "、".join(f"第 {line} 行“{text[:_REMARK_CHARS]}”" for line, text in self.foot[:_IN_REMARK])
            yield f"表尾有 {len(self.foot)} 行是合计或附注（{said}），另行登记，不作数据"


def survey(
    reader: Reader, layout: Layout, growing: list[str] | None = None, *, checks: Checks | None = None
) -> Survey:
    """Look at every record of a source. `growing` is the list of names a reader adds to as it meets them; `checks`
    names the checks whose failures are counted, by header."""
    check_width(layout.width, "columns")
    names, renamed = unique_names(layout.headers)
    checks = checks or {}
    profiles = [
        ColumnProfile(header, name, checks.get(name, ()))
        for header, name in zip(layout.headers, names, strict=True)
    ]
    seen = Survey(layout, names, renamed, profiles, checks=checks)
    try:
        if growing is None:
            _look_at_table(reader, seen)
        else:
            _look_at_records(reader, seen, growing)
        seen.columns = tuple(profile.preview() for profile in profiles)
    finally:
        for profile in profiles:
            profile.close()
    return seen


def _look_at_table(reader: Reader, seen: Survey) -> None:
    with closing(ahead(_parts(reader, seen.layout))) as parts:
        for part in parts:
            if isinstance(part, Chunk):
                seen.hollow += part.hollow
                _look_at_rows(_sound_rows(part, seen, None), seen)
                continue
            runs = part.runs(part.maybe_no_data(seen.layout))
            for start, stop, doubtful in runs if len(runs) <= _MOST_RUNS else [(0, len(part), True)]:
                if doubtful:
                    _look_at_rows(_sound_rows(part.slice(start, stop).chunk(), seen, None), seen)
                    continue
                seen.trailing.clear()
                seen.rows += stop - start
                lines = partial(_line_of, part.lines[start:stop])
                for profile, column in zip(seen.profiles, part.columns, strict=True):
                    profile.update(column.slice(start, stop - start), lines)


def _parts(reader: Reader, layout: Layout) -> Iterator[Chunk | ColumnBlock]:
    if isinstance(reader, DelimitedReader):
        return with_foot(reader.blocks(layout.width, layout.header_row), layout)
    return with_foot(reader.chunks(), layout)


def _look_at_records(reader: Reader, seen: Survey, growing: list[str]) -> None:
    profiled = 0
    for chunk in reader.chunks():
        rows = _sound_rows(chunk, seen, len(growing))
        for name in growing[len(seen.profiles) :]:
            seen.profiles.append(ColumnProfile(name, name, seen.checks.get(name, ())))
            seen.profiles[-1].fill_missing(profiled)
        _look_at_rows(rows, seen)
        profiled += len(rows[0])


def _line_of(lines: Any, place: int) -> int:
    return int(lines[place])


def _look_at_rows(found: tuple[list[Cells], list[int]], seen: Survey) -> None:
    rows, lines = found
    for profile, values in zip(seen.profiles, zip(*rows, strict=True), strict=bool(rows)):
        profile.update(pa.array(values, pa.string()), partial(_line_of, lines))


def _sound_rows(chunk: Chunk, seen: Survey, growing_width: int | None) -> tuple[list[Cells], list[int]]:
    """The data rows of a chunk that types are judged by, and their lines; everything else is counted."""
    layout = seen.layout
    dirty = chunk.has_bad_characters()
    sound: list[Cells] = []
    lines: list[int] = []
    for index, (line, cells) in enumerate(zip(chunk.lines, chunk.rows, strict=True)):
        kind = layout.kind(line, cells)
        faulty = index in chunk.faults
        if chunk.below and kind is Kind.DATA and not faulty:
            kind = layout.below(cells)
            seen.foot.append((line, _shown(cells)))
        if kind is not Kind.DATA and not (faulty and line > layout.header_row):
            _note(seen, kind, line, cells)
            continue
        seen.trailing.clear()
        seen.rows += 1
        if growing_width is not None and not faulty:
            cells.extend([None] * (growing_width - len(cells)))
        width = layout.width if growing_width is None else growing_width
        bad = dirty and any(cell and NOT_TEXT.search(cell) for cell in cells)
        if bad or faulty or len(cells) != width:
            seen.unsound += 1
        else:
            sound.append(cells)
            lines.append(line)
    return sound, lines


def _shown(cells: Cells) -> str:
    return readable(" ".join(cell for cell in cells if cell))[:_SHOWN_CHARS]


def _note(seen: Survey, kind: Kind, line: int, cells: Cells) -> None:
    text = _shown(cells)
    if kind is Kind.TITLE and len(seen.titles) < _SHOWN:
        seen.titles.append((line, text))
    elif kind is Kind.SEPARATOR:
        seen.separators += 1
        if len(seen.trailing) < _SHOWN:
            seen.trailing.append((line, text))
