"""Reading scopes from forms: levels of the matrix, rows of the condition. Problems are named together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.resources.conditions import OPS as OPS  # noqa: PLC0414 - forms of sharing read them here
from shuqiao.resources.conditions import rows_of as rows_of  # noqa: PLC0414
from shuqiao.resources.conditions import where_of as where_of  # noqa: PLC0414

MASKS: Mapping[str, str | None] = {
    "full": "none",
    "mask": "keep_ends",
    "hash": "hash",
    "year": "year",
    "none": None,
}
LEVELS: Mapping[str, str] = {mask: level for level, mask in MASKS.items() if mask} | {"drop": "none"}


def items_of(data: QueryDict, columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Columns with their masks, from the radios `level-<column>`; what is not given is left out."""
    found, problems = [], []
    for name in columns:
        level = data.get(f"level-{name}", "none")
        if level not in MASKS:
            problems.append(Problem(name, f"没有这个程度：{level}"))
        elif mask := MASKS[level]:
            found.append((name, mask))
    if problems:
        raise InvalidInput(problems)
    return tuple(found)
