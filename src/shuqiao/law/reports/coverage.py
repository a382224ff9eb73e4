"""`shuqiao law coverage`: each article of the packs with the tests that carry its mark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from shuqiao.law.coverage import CoverageRow
from shuqiao.law.loading import load_packs
from shuqiao.law.types import ArticleKind, number_in_words


def coverage_json(rows: Sequence[CoverageRow]) -> str:
    """The rows as a JSON list of pack, article, kind, tests."""
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
    return "\n".join(lines) + "\n"


def _sum(rows: Sequence[CoverageRow]) -> str:
    parts = []
    for kind in ArticleKind:
        of_kind = [row for row in rows if row.kind is kind]
        parts.append(f"{kind.value} {sum(bool(row.tests) for row in of_kind)}/{len(of_kind)}")
    return f"{sum(bool(row.tests) for row in rows)}/{len(rows)} 条有测试（{'，'.join(parts)}）"
