"""Searching the 100,154 titled entries of 64 real portals: time of a whole answer, re-indexing, relevance; FTS5 beside.

    python bench/search.py [--home DIR] [--million] [--pool FILE]

A whole answer is what the page needs: is the index new, words, one index round with all facets, rows, marks, labels
(`search.page_of`, 20 results), for 200 written queries with and without two facets, caches cold of the answer. Times
are medians of five rounds.
`--million` asks the same of ten times as many documents: every entry again under nine more ids and codes, written into
the index by the product's own writer without a database of that size; answers come from the index alone. Relevance and
FTS5 are left out of it, its figures are search-million.json. `--home` keeps the loaded database for the next run.
CPU seconds of this process stand beside the seconds of the clock: on a shared
machine they tell more. Relevance: nDCG@10 on two sets of grades (query → {line of the file: 0 something else, 1 touches
it, 2 good, 3 what was wanted}), both by one reader, a language model; how stands in each file. The ranking was tuned on
`search_judgements.json`; what counts is `search_heldout.json`, on which nothing was tuned. `--pool` writes what is
still to be judged, shuffled, without saying whose hit it is.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import _portals
from _results import figure, write

HERE = Path(__file__).parent
TUNED, HELD_OUT = HERE / "search_judgements.json", HERE / "search_heldout.json"
SEED = 20261122
HELD_OUT_QUERIES = 40
PAGE = 20
ROUNDS = 5


def queries() -> list[str]:
    """The written queries."""
    lines = (HERE / "search_queries.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95) - 1] * 1000


def rounds(asked: list, clock: Callable[[], float]) -> list[float]:
    """p50 and p95 of whole answers, each the median of five rounds."""
    every = [percentiles(timed(page, asked, clock)) for _ in range(ROUNDS)]
    return [statistics.median(one) for one in zip(*every, strict=True)]


def timed(
    ask: Callable[[object], object], asked: list, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Seconds of each."""
    times = []
    for one in asked:
        started = clock()
        ask(one)
        times.append(clock() - started)
    return times


class Fts:
    """SQLite FTS5 with trigrams over title, theme and summary. Terms of two letters it cannot ask its index for, they
    are looked for by LIKE, titles first, the shorter the earlier."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute(
            "CREATE VIRTUAL TABLE f USING fts5(title, theme, summary, line UNINDEXED, tokenize='trigram')"
        )
        started = time.perf_counter()
        with self.connection:
            self.connection.executemany(
                "INSERT INTO f VALUES (?, ?, ?, ?)",
                ((row["title"], row["theme"], row["summary"], row["line"]) for row in _portals.rows()),
            )
        self.seconds = time.perf_counter() - started

    def ask(self, words: str, limit: int = PAGE) -> list[int]:
        """Lines of the best hits."""
        terms = words.split()
        if all(len(term) > 2 for term in terms):
            match = " AND ".join('"' + term.replace('"', '""') + '"' for term in terms)
            sql = "SELECT line FROM f WHERE f MATCH ? ORDER BY bm25(f, 4, 1, 1), rowid LIMIT ?"
            return [int(row[0]) for row in self.connection.execute(sql, (match, limit))]
        where = " AND ".join("(title LIKE ? OR theme LIKE ? OR summary LIKE ?)" for _ in terms)
        values = [f"%{term}%" for term in terms for _ in range(3)]
        sql = f"SELECT line FROM f WHERE {where} ORDER BY title LIKE ? DESC, length(title), rowid LIMIT ?"
        return [int(row[0]) for row in self.connection.execute(sql, (*values, f"%{terms[0]}%", limit))]


def product(words: str, limit: int = 10) -> list[int]:
    """Lines of the product's best hits."""
    from shuqiao.accounts.types import ANONYMOUS
    from shuqiao.catalog import search
    from shuqiao.catalog.types import EntryFilters

    found = search.find(ANONYMOUS, EntryFilters(words=words), limit=limit, facets=False)
    return [_portals.line_of(entry_id) for entry_id in found.entry_ids]


def ndcg(lines: list[int], grades: dict[str, int]) -> float:
    """nDCG@10 against the best order of everything judged; what was not judged counts as nothing."""
    gain = [2 ** grades.get(str(line), 0) - 1 for line in lines[:10]]
    best = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    dcg = lambda gains: sum(one / math.log2(at + 2) for at, one in enumerate(gains))  # noqa: E731
    return dcg(gain) / dcg(best) if sum(best) else 1.0


def page(asked: tuple[str, dict]) -> object:
    """One whole answer of the open platform's search."""
    from shuqiao.catalog import search
    from shuqiao.catalog.types import EntryFilters

    words, chosen = asked
    return search.public_page_of(EntryFilters(words=words, **chosen), number=1, per_page=PAGE)


def relevance(fts: Fts, judged: dict[str, dict[str, int]]) -> tuple[float, float, int]:
    """nDCG@10 of the product and of FTS5, and how many of the product's hits nobody has judged."""
    ours, theirs, unknown = [], [], 0
    for words, grades in judged.items():
        mine = product(words)
        unknown += sum(str(line) not in grades for line in mine)
        ours.append(ndcg(mine, grades))
        theirs.append(ndcg(fts.ask(words, 10), grades))
    return statistics.mean(ours), statistics.mean(theirs), unknown


def relevance_figures(fts: Fts) -> list[dict]:
    """Both sets; the target is the held-out set's."""
    sets = {}
    for path in (HELD_OUT, TUNED):
        sets[path] = relevance(fts, json.loads(path.read_text(encoding="utf-8"))["judged"])
        print(f"search: {path.name}: {sets[path][2]} of our hits are not judged and count as nothing")
    (mine, theirs, unknown), (tuned, tuned_theirs, tuned_unknown) = sets[HELD_OUT], sets[TUNED]
    return [
        figure(
            "nDCG@10, held-out set",
            "",
            mine,
            0.85,
            at_least=True,
            beside={"fts5": theirs, "unjudged": unknown},
        ),
        figure("nDCG@10, held-out set, above FTS5", "", mine - theirs, 0.0, at_least=True),
        figure(
            "nDCG@10, tuned set (the ranking was tuned on it)",
            "",
            tuned,
            beside={"fts5": tuned_theirs, "unjudged": tuned_unknown},
        ),
    ]


def held_out_queries() -> list[str]:
    """Forty of those on which nothing was tuned."""
    every = queries()
    return [every[place] for place in sorted(random.Random(SEED).sample(range(100, 200), HELD_OUT_QUERIES))]


def pool(fts: Fts, path: Path) -> None:
    """Write what is to be judged: the first ten of both engines, of both sets, shuffled."""
    texts = {row["line"]: (row["title"], row["summary"], row["department"]) for row in _portals.rows()}
    shuffled = random.Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        for known, asked in ((TUNED, queries()[:100]), (HELD_OUT, held_out_queries())):
            judged = json.loads(known.read_text(encoding="utf-8"))["judged"] if known.exists() else {}
            for words in asked:
                lines = list(dict.fromkeys(product(words) + fts.ask(words, 10)))
                shuffled.shuffle(lines)
                for line in lines:
                    if str(line) not in judged.get(words, {}):
                        title, summary, department = texts[line]
                        row = [words, line, title, summary[:200], department]
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--million", action="store_true")
    arguments.add_argument("--pool", type=Path)
    given = arguments.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        return run(given, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run(given: argparse.Namespace, scratch: Path) -> int:
    """Load, index, ask, compare, write."""
    _portals.set_up(given.home or scratch / "home")
    if given.million:
        return run_million()
    import tantivy

    from shuqiao.catalog.search import catching_up

    taken = []
    for _ in range(ROUNDS):
        used, started = time.process_time(), time.perf_counter()
        count = catching_up.rebuild()
        taken.append((time.perf_counter() - started, time.process_time() - used))
    took, used = map(statistics.median, zip(*taken, strict=True))
    peak = peak_megabytes()
    fts = Fts(scratch / "fts.sqlite3")
    if given.pool:
        pool(fts, given.pool)
        return 0
    every = [percentiles(timed(fts.ask, queries())) for _ in range(ROUNDS)]
    beside = [{"value": statistics.median(one)} for one in zip(*every, strict=True)]
    figures = [
        *answers(5.0, {"fts5": beside}),
        figure("full re-index", "s", took, 10.0, beside={"cpu": used, "fts5": fts.seconds}),
        figure("full re-index, most memory of the process", "MB", peak),
        *relevance_figures(fts),
    ]
    judged = "tuned set: the ranking was tuned on it; held-out set: not. Grades of both: one reader, a language model"
    return told("search", figures, tantivy=tantivy.__version__, entries=count, judged=judged)


def run_million() -> int:
    """The same questions over a million documents, from an index in a home of its own beside the loaded one. Every
    question finds ten times as much."""
    import tantivy
    from django.test.utils import override_settings

    before = answers(5.0)
    with (
        tempfile.TemporaryDirectory(prefix="shuqiao-bench-") as folder,
        override_settings(HOME=Path(folder)),
    ):
        used, started = time.process_time(), time.perf_counter()
        count = write_copies(10)
        took, used = time.perf_counter() - started, time.process_time() - used
        figures = [
            *answers(20.0, {"of 100,154 entries": before}),
            figure("writing the index", "s", took, beside={"cpu": used}),
            figure("writing the index, most memory of the process", "MB", peak_megabytes()),
        ]
        return told("search-million", figures, tantivy=tantivy.__version__, documents=count)


def write_copies(times: int) -> int:
    """A generation of the index with every entry so many times, committed as a re-index commits; the copies lie a
    whole catalogue apart, as entries of other places would."""
    from dataclasses import replace

    from shuqiao.catalog.search import catching_up, documents, index

    kept = list(documents.rows_of(entry__gt=catching_up.FIRST_ID))
    path, count = index.begin_generation(), 0
    opened, writer = index.writer_of(path, many=True)
    state = index.State(catching_up.last_change(), "", "")
    for copy in range(times):
        for row, items in kept:
            other = {} if not copy else {
                "id": of_copy(row.id, copy), "entry": of_copy(row.entry, copy),
                "shown": row.shown and of_copy(row.shown, copy), "code": f"{row.code}-{copy}",
            }  # fmt: skip
            for document in documents.documents_for(replace(row, **other), items):
                writer.add_document(document)
                count += 1
        if copy % 2:
            index.say_state(writer, state)
            writer.commit()
    writer.wait_merging_threads()
    del writer, opened
    index.make_current(path)
    return count


def of_copy(key: str, copy: int) -> str:
    """The id of a copy: another first digit, which the line's number leaves free."""
    return f"{copy:x}{key[1:]}"


def answers(bound: float, beside: dict[str, list[dict]] | None = None) -> list[dict]:
    """Whole answers to all queries, as they are and with two facets chosen: by the clock, and by the processor.
    `beside`: of others asked the same in this run, their figures as this gives them."""
    asked = queries()
    figures: list[dict] = []
    two = {"opening": ("unconditional",), "sharing": ("unconditional",)}
    timed(page, [(words, {}) for words in asked[:20]])
    for name, facets in (("whole answer", {}), ("whole answer with two facets chosen", two)):
        chosen = [(words, facets) for words in asked]
        times, used = rounds(chosen, time.perf_counter), rounds(chosen, time.process_time)
        for at, which in enumerate(("p50", "p95")):
            others = {
                other: said[len(figures)]["value"]
                for other, said in (beside or {}).items()
                if len(figures) < len(said)
            }
            figures.append(
                figure(
                    f"{name}, {which}",
                    "ms",
                    times[at],
                    bound if at else None,
                    beside={"cpu": used[at]} | others,
                )
            )
    return figures


def peak_megabytes() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def told(job: str, figures: list[dict], **versions: object) -> int:
    """Write and show the figures; 1 when one misses its target."""
    good = write(job, figures, **versions)
    for one in figures:
        print(f"  {one['name']:50}{one['value']:>12,} {one['unit']:4} {one['target'] or ''}  {one['beside']}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
