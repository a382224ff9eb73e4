"""Finding duplicates: the real catalogue of Hangzhou (6,590) and that of 64 portals (100,157), time and precision.

Precision is that of a sample of pairs judged by hand (duplicates_judgements.json: line numbers of the source
and a verdict, no text). A pair of the sample that the finder no longer finds is left out of the share.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
import time
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuqiao.settings")

import django

django.setup()

import _results as results  # noqa: E402  # Django must be set up first

from shuqiao.catalog import duplicates  # noqa: E402

HERE = Path(__file__).parent
DATA = Path(os.environ.get("SHUQIAO_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
JUDGED = HERE / "duplicates_judgements.json"
TITLES = ("标题", "资源名称", "目录名称", "数据集名称", "subjectBaseName")
HOLDERS = (
    "来源部门", "数据提供方", "提供单位", "数源单位", "orgName", "提供机构", "资源提供方", "发布部门", "提供部门",
    "数据来源部门", "来源单位", "发布单位",
)  # fmt: skip
SUMMARIES = ("描述", "摘要", "数据摘要", "摘要信息", "资源摘要", "tableRemark", "简介")


def hangzhou() -> list[duplicates.Card]:
    """One card a line; the id is the line's number."""
    rows = json.loads((DATA / "catalog_hangzhou_2023.json").read_text(encoding="utf-8"))
    places = duplicates.Places.of({row["所属区县"] for row in rows}, {row["发布部门"] or "" for row in rows})
    return [
        duplicates.Card(
            id=UUID(int=number),
            scope="330100",
            title=row["资源名称"],
            holder=f"{row['所属区县']}{row['发布部门']}",
            division=row["所属区县"],
            summary=row["摘要"] or "",
            format=row["数据格式"],
            places=places,
        )
        for number, row in enumerate(rows)
    ]


def _first(row, names) -> str:
    return next((str(row[name]) for name in names if isinstance(row.get(name), str) and row[name]), "")


def portals() -> list[duplicates.Card]:
    """One card a line; every portal is a jurisdiction of its own."""
    with gzip.open(DATA / "catalog_china_portals_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    holders: dict[str, set[str]] = {}
    for row in rows:
        holders.setdefault(row["_portal"], set()).add(_first(row, HOLDERS))
    places = {portal: duplicates.Places.of((), names) for portal, names in holders.items()}
    return [
        duplicates.Card(
            id=UUID(int=number),
            scope=row["_portal"],
            title=_first(row, TITLES),
            holder=_first(row, HOLDERS),
            summary=_first(row, SUMMARIES),
            format=str(row.get("数据格式") or row.get("资源格式") or ""),
            places=places[row["_portal"]],
        )
        for number, row in enumerate(rows)
    ]


def judged(found: dict[tuple[int, int], float]) -> tuple[int, int]:
    """How many judged pairs are found, and how many of those are right."""
    rows = json.loads(JUDGED.read_text())["pairs"] if JUDGED.exists() else []
    kept = [row for row in rows if (row[0], row[1]) in found]
    return len(kept), sum(row[2] != "no" for row in kept)


def run(cards) -> tuple[float, dict[tuple[int, int], duplicates.Found]]:
    """Seconds, and the pairs by line numbers."""
    start = time.perf_counter()
    found = {(pair.first.id.int, pair.second.id.int): pair for pair in duplicates.find_pairs(cards)}
    return time.perf_counter() - start, found


def main() -> None:
    """Print and write the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=["hangzhou", "portals"])
    chosen = parser.parse_args().only
    figures = []
    if chosen != "portals":
        figures += _hangzhou()
    if chosen != "hangzhou":
        figures += _portals()
    for one in figures:
        print(f"{one['name']}: {one['value']} {one['unit']} (target {one['target']})")
    if chosen is None:
        sys.exit(0 if results.write("duplicates", figures) else 1)


def _hangzhou() -> list[dict]:
    cards = hangzhou()
    seconds, found = run(cards)
    twins = {
        (one.id.int, other.id.int)
        for group in _by(cards, lambda card: (card.plain, card.holder)).values()
        for one in group
        for other in group
        if one.id < other.id and one.format != other.format
    }
    several = {
        (one.id.int, other.id.int)
        for group in _by(cards, lambda card: card.plain).values()
        for one in group
        for other in group
        if one.id < other.id and one.holder != other.holder
    }
    number, right = judged({pair: one.likeness.score for pair, one in found.items()})
    return [
        results.figure("Hangzhou, 6,590 entries, all pairs", "s", seconds, 60),
        results.figure("Hangzhou, pairs found", "pairs", len(found)),
        results.figure("Hangzhou, data/api twins found", "share", _share(twins, found), 1.0, at_least=True),
        results.figure(
            "Hangzhou, same title, several holders", "share", _share(several, found), 1.0, at_least=True
        ),
        results.figure("Hangzhou, judged pairs found", "pairs", number, 200, at_least=True),
        results.figure(
            "Hangzhou, precision on judged pairs", "share", right / max(number, 1), 0.9, at_least=True
        ),
    ]


def _by(cards, key) -> dict:
    groups: dict = {}
    for card in cards:
        groups.setdefault(key(card), []).append(card)
    return groups


def _share(wanted, found) -> float:
    return len(wanted & found.keys()) / max(len(wanted), 1)


def _portals() -> list[dict]:
    cards = portals()
    seconds, found = run(cards)
    return [
        results.figure("64 portals, 100,157 entries, all pairs", "s", seconds, 600),
        results.figure("64 portals, pairs found", "pairs", len(found)),
        results.figure(
            "Peak memory", "MiB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 2_048
        ),
    ]


if __name__ == "__main__":
    main()
