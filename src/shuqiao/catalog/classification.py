"""The four-level classification (类、项、目、细目) as rows: the national list, and what a division adds to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from shuqiao.catalog.models import Classification
from shuqiao.catalog.spreadsheet import Classes

LEVELS = ("类", "项", "目", "细目")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the chooser: its name, the code above it, what may be chosen, and what is."""

    name: str
    above: str
    options: list[tuple[str, str]]
    chosen: str


def seen_in(division: str) -> Q:
    """The classes of a division: the national ones and its own."""
    return Q(division=None) | Q(division=division)


def _rows(division: str) -> list[Classification]:
    """Every node in use in a division, with its parent's code joined."""
    return list(
        Classification.objects.filter(seen_in(division), retired=False)
        .select_related("parent")
        .order_by("code")
    )


def in_use(division: str, code: str) -> bool:
    """Whether entries of a division may carry this code. One query."""
    return Classification.objects.filter(seen_in(division), code=code, retired=False).exists()


def below(division: str, code: str) -> list[Classification]:
    """The classes right below a code (empty: the first level), those out of use too, each with `below`: how many it
    has below it in use."""
    seen = Count(
        "children",
        filter=Q(children__retired=False) & (Q(children__division=None) | Q(children__division=division)),
    )
    rows = Classification.objects.filter(seen_in(division)).annotate(below=seen).order_by("code")
    return list(rows.filter(parent__code=code) if code else rows.filter(parent=None))


def classes_of(division: str) -> Classes:
    """What a sheet of this division may name. One query."""
    rows = _rows(division)
    return Classes(
        frozenset(row.code for row in rows),
        {(row.parent.code if row.parent else "", row.name): row.code for row in rows},
    )


def nodes_of(division: str) -> list[tuple[str, str, str]]:
    """Every class in use in a division: the code above it, its code, its name."""
    return [(row.parent.code if row.parent else "", row.code, row.name) for row in _rows(division)]


def levels_of(division: str, code: str) -> list[Level]:
    """The chooser for a code: at each level the nodes below what is chosen above. A code the list does not know is
    followed as far as it is known."""
    rows = _rows(division)
    above, levels = "", []
    for level, name in enumerate(LEVELS, 1):
        below = [
            row for row in rows if row.level == level and (row.parent.code if row.parent else "") == above
        ]
        if not below:
            break
        chosen = next((row.code for row in below if code.startswith(row.code)), "")
        levels.append(Level(name, above, [(row.code, row.name) for row in below], chosen))
        if not chosen:
            break
        above = chosen
    return levels


def path_of(division: str, code: str) -> str:
    """A code in words: 部门／省及以下／政府部门; empty when the list does not know it."""
    names = [dict(level.options)[level.chosen] for level in levels_of(division, code) if level.chosen]
    return "／".join(names)


def steps_to(division: str, code: str) -> list[Classification]:
    """The classes from the first level down to a code, those out of use too; none when the list does not know it."""
    above = Classification.objects.select_related("parent__parent__parent")
    one, steps = above.filter(seen_in(division), code=code).first(), []
    while one:
        steps.append(one)
        one = one.parent
    return steps[::-1]
