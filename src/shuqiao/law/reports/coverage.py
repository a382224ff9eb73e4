"""`shuqiao law coverage`: each article of the packs with the tests that carry its mark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from shuqiao.law.coverage import CoverageRow, held_in_part, left_for_later, owed
from shuqiao.law.loading import load_packs
from shuqiao.law.parts import LATER
from shuqiao.law.types import ArticleKind, number_in_words


def coverage_json(rows: Sequence[CoverageRow]) -> str:
    """The rows as a JSON list of pack, article, kind, parts, due, tests."""
    return json.dumps([row.to_json() for row in rows], ensure_ascii=False, indent=1) + "\n"


def coverage_text(rows: Sequence[CoverageRow]) -> str:
    """The rows as plain Chinese text, one block for each pack, with sums by kind."""
    lines: list[str] = []
    for pack_id, group in groupby(rows, key=lambda row: row.pack):
        articles = list(group)
        lines += [f"{load_packs()[pack_id].title}（{pack_id}）：{_sum(articles)}"]
        for row in articles:
            tests = "  ".join(row.tests) if row.tests else "—"
            lines.append(f"  {number_in_words(row.article)}  {row.kind.value}  {tests}")
        lines.append("")
    lines.append(f"合计：{_sum(rows)}")
    return "\n".join(lines) + "\n\n" + gate_text(rows)


def gate_text(rows: Sequence[CoverageRow]) -> str:
    """What the gate says: the system articles that lack a test, those left for later parts by name with their part,
    and those held already in which a later part has a share."""
    missing = owed(rows)
    lines = [f"已建部分缺测试的系统条文：{len(missing) or '无'}"]
    lines += [f"  {_title(row)}（{'、'.join(part.label for part in row.parts)}）" for row in missing]
    waiting = left_for_later(rows)
    count = len({(row.pack, row.article) for found in waiting.values() for row in found})
    lines.append(f"留待后续部分的系统条文：{count or '无'}")
    for part, found in waiting.items():
        lines.append(f"  {part.label}（{part}）")
        lines += [f"    {_title(row)}" for row in found]
    shared = held_in_part(rows)
    lines.append(f"已有测试、后续部分还有份的系统条文：{len(shared) or '无'}")
    lines += [
        f"  {_title(row)}：{'、'.join(part.label for part in row.parts if part in LATER)}" for row in shared
    ]
    return "\n".join(lines) + "\n"


def _title(row: CoverageRow) -> str:
    return load_packs()[row.pack].title_of(row.article)


def _sum(rows: Sequence[CoverageRow]) -> str:
    parts = []
    for kind in ArticleKind:
        of_kind = [row for row in rows if row.kind is kind]
        parts.append(f"{kind.value} {sum(bool(row.tests) for row in of_kind)}/{len(of_kind)}")
    return f"{sum(bool(row.tests) for row in rows)}/{len(rows)} 条有测试（{'，'.join(parts)}）"
