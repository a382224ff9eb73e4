"""The quarantine report of a version: every line that did not become a row, why, and as it stood."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from shuqiao import store
from shuqiao.resources.models import Version
from shuqiao.resources.queries import shelf

PAGE_LINES = 50
KINDS = {
    "row": "隔离的数据行",
    "title": "标题行",
    "separator": "分隔行",
    "total": "合计行",
    "note": "注释行",
    "repeated_header": "重复的表头",
}
RULES = {
    "fields": "列数不符",
    "quote": "引号不成对",
    "record": "记录不完整",
    "characters": "含乱码",
    "type": "类型不符",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rule_label(rule: str) -> str:
    """The word for a reason: the reader's own rules, or the name of a check."""
    check = store.find_check(rule)
    if check is not None:
        return f"{check.label}不合格"
    return RULES.get(rule, rule)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the report. `total` counts the lines of the kind asked for."""

    lines: list[store.Entry]
    total: int
    number: int
    pages: int


def read_quarantine(version: Version, kind: str = "") -> Iterator[store.Entry]:
    """All lines of the report, or those of one kind, in the order of the file."""
    if not version.store_version or version.content:
        return
    decoder = msgspec.json.Decoder(store.Entry)
    with shelf().open(version.store_version) as handle, handle.quarantine_path().open("rb") as file:
        for line in file:
            entry = decoder.decode(line)
            if not kind or entry.kind == kind:
                yield entry


def list_quarantine(version: Version, *, page: int, kind: str = "row") -> Page:
    """One page of fifty lines. A page past the end is the last one."""
    counts = {"row": version.quarantined, **version.reported}
    total = counts.get(kind, 0) if kind else sum(counts.values())
    pages = max(1, -(-total // PAGE_LINES))
    number = min(max(page, 1), pages)
    first = (number - 1) * PAGE_LINES
    lines = []
    for place, entry in enumerate(read_quarantine(version, kind)):
        if place >= first + PAGE_LINES:
            break
        if place >= first:
            lines.append(entry)
    return Page(lines, total, number, pages)


def write_csv(version: Version) -> Iterator[str]:
    """The whole report as CSV, line by line, with a byte order mark for spreadsheet programs. A cell that such a
    program would take for a formula is written after an apostrophe."""
    yield "\ufeff" + _row(["行号", "类别", "列", "原因", "原始内容"])
    for entry in read_quarantine(version):
        columns = "；".join(reason.column or "" for reason in entry.reasons if reason.column)
        reasons = "；".join(f"{rule_label(reason.rule)}：{reason.text}" for reason in entry.reasons)
        yield _row([str(entry.line), KINDS.get(entry.kind, entry.kind), columns, reasons, entry.raw])


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return line.getvalue()
