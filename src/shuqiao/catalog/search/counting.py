"""Facets: how many of the documents found have which value.

An index adds up numbers several times faster than words, so documents carry their department as a number, and the
five facets of few values together as one (`mixed`): those five are counted in one go, whichever of them is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from tantivy import Occur, Query, Searcher

from shuqiao.catalog.life.freshness import State
from shuqiao.catalog.search.freshness import NEVER

# Values in the order in which the index numbers them: a new one goes to the end, another order needs a new VERSION.
MIXED: Mapping[str, tuple[str, ...]] = {
    "sharing": ("unconditional", "conditional", "none"),
    "opening": ("unconditional", "conditional", "closed"),
    "kinds": ("base", "theme", "department"),
    "formats": (
        "electronic_file", "spreadsheet", "database", "graphics", "streaming", "self_describing",
        "service_interface",
    ),
    "cycles": (
        "realtime", "daily", "weekly", "ten_days", "monthly", "quarterly", "half_yearly", "yearly", "irregular",
        "never",
    ),
}  # fmt: skip
SINGLE: Mapping[str, str] = {"divisions": "division", "departments": "of_department", "themes": "theme"}
FACETS = (*SINGLE, *MIXED, "freshness")
FACET_SIZE = 60
BITS = 4
MIXES = 10_000  # more than there can be
PRIME = 9_007_199_254_740_881  # the greatest below 2^53: numbers come back from the index as floats
_NUMBERS = {name: {value: at for at, value in enumerate(values, 1)} for name, values in MIXED.items()}
Counts = list[tuple[str, int]]
# The department a number stands for; empty when nobody knows it.
Departments = Callable[[int], str]


@lru_cache(maxsize=100_000)
def number_of(department: str) -> int:
    """The number that stands for a department's id in the index."""
    return int(department.replace("-", ""), 16) % PRIME


@lru_cache(maxsize=20_000)
def mixed(sharing: str, opening: str, kind: str, form: str, cycle: str) -> int:
    """Five facets of a document as one number; what is not among the values counts nowhere."""
    number = 0
    for numbers, value in zip(_NUMBERS.values(), (sharing, opening, kind, form, cycle), strict=True):
        number = number << BITS | numbers.get(value, 0)
    return number


@lru_cache(maxsize=MIXES)
def _apart(number: int) -> tuple[str, ...]:
    """The five values of a number; empty where there is none."""
    found = []
    for values in reversed(tuple(MIXED.values())):
        at = number & (1 << BITS) - 1
        found.append(values[at - 1] if at else "")
        number >>= BITS
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is counted: what is found at all, and the facets that are chosen, as queries and as values."""

    found: Sequence[Query]
    queries: Mapping[str, Query]
    values: Mapping[str, Sequence[str]]


def counted(searcher: Searcher, by: Narrowing, on: date, departments: Departments) -> dict[str, Counts]:
    """Each facet's values and counts under all chosen facets but itself, so that its other values can still be
    chosen."""

    def ask(names: Sequence[str], *without: str) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        for name in names:
            wanted |= _wanted(name, on)
        queries = [*by.found, *(query for name, query in by.queries.items() if name not in without)]
        every = Query.boolean_query([(Occur.Must, query) for query in queries])
        said: dict[str, Any] = searcher.aggregate(every, wanted)
        return said

    free = [name for name in (*SINGLE, "freshness") if name not in by.queries]
    apart = [name for name in MIXED if name in by.queries]
    said = ask(free if apart else [*free, "mixed"]) if free or not apart else {}
    for name in by.queries:
        if name not in MIXED:
            said |= ask([name], name)
    if apart:
        said |= ask(["mixed"], *apart)
    found = _mixed_counts(said["mixed"]["buckets"], {name: by.values[name] for name in apart})
    return {name: found[name] if name in found else _counts(name, said, departments) for name in FACETS}


def _wanted(name: str, on: date) -> dict[str, Any]:
    if name == "mixed":
        return {name: {"terms": {"field": "mixed", "size": MIXES, "segment_size": MIXES}}}
    if name != "freshness":
        return {name: {"terms": {"field": SINGLE[name], "size": FACET_SIZE, "segment_size": FACET_SIZE * 10}}}
    day = on.toordinal()
    due = [{"key": "unknown", "from": 0, "to": 1}, {"key": "overdue", "from": 1, "to": day}]
    remind = [
        {"key": "reminded", "from": 1, "to": day + 1},
        {"key": "current", "from": day + 1, "to": NEVER + 1},
    ]
    return {
        "due": {"range": {"field": "due", "ranges": due}},
        "remind": {"range": {"field": "remind", "ranges": remind}},
    }


def _mixed_counts(
    buckets: Sequence[Mapping[str, Any]], chosen: Mapping[str, Sequence[str]]
) -> dict[str, Counts]:
    """The counts of the five, the most frequent first."""
    counts: dict[str, dict[str, int]] = {name: {} for name in MIXED}
    every = tuple(counts.items())
    places = [(list(MIXED).index(name), set(values)) for name, values in chosen.items()]
    for bucket in buckets:
        values, number = _apart(int(bucket["key"])), bucket["doc_count"]
        outside = [at for at, wanted in places if values[at] not in wanted] if places else ()
        if len(outside) > 1:
            continue
        for at, (_, found) in enumerate(every):
            if (value := values[at]) and (not outside or outside[0] == at):
                found[value] = found.get(value, 0) + number
    return {name: sorted(found.items(), key=lambda one: -one[1]) for name, found in counts.items()}


def _counts(name: str, said: Mapping[str, Any], departments: Departments) -> Counts:
    if name == "departments":
        named = ((departments(int(one["key"])), one["doc_count"]) for one in said[name]["buckets"])
        return [(department, count) for department, count in named if department]
    if name != "freshness":
        return [(str(bucket["key"]), bucket["doc_count"]) for bucket in said[name]["buckets"]]
    found = {
        bucket["key"]: bucket["doc_count"] for part in ("due", "remind") for bucket in said[part]["buckets"]
    }
    counts = {
        State.FRESH: found.get("current", 0),
        State.NEAR: found.get("reminded", 0) - found.get("overdue", 0),
        State.OVERDUE: found.get("overdue", 0),
        State.UNKNOWN: found.get("unknown", 0),
    }
    return [(value.value, count) for value, count in counts.items() if count > 0]
