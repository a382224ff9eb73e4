"""Reading scopes from forms: levels of the matrix, rows of the condition. Problems are named together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store import Op

MASKS: Mapping[str, str | None] = {
    "full": "none",
    "mask": "keep_ends",
    "hash": "hash",
    "year": "year",
    "none": None,
}
LEVELS: Mapping[str, str] = {mask: level for level, mask in MASKS.items() if mask} | {"drop": "none"}
OPS = [(op.value, op.label) for op in Op]
_SPLIT = re.compile(r"[、，,;；\n]+")
_YES, _NO = frozenset({"", "是", "yes", "true", "1"}), frozenset({"否", "no", "false", "0"})


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


def where_of(data: QueryDict) -> tuple[dict[str, Any], ...]:
    """Predicates from the rows `where-column`, `where-op`, `where-value`; a row without column is no row."""
    names, ops, values = (data.getlist(f"where-{part}") for part in ("column", "op", "value"))
    predicates, problems = [], []
    for place, (name, op, value) in enumerate(zip(names, ops, values, strict=False), 1):
        if not name:
            continue
        try:
            predicates.append({"column": name, "op": Op(op).value, "values": _values(Op(op), value.strip())})
        except ValueError as error:
            problems.append(Problem(f"行条件第 {place} 行", str(error)))
    if problems:
        raise InvalidInput(problems)
    return tuple(predicates)


def _values(op: Op, text: str) -> list[Any]:
    if op is Op.ISNULL:
        if text.lower() not in _YES | _NO:
            raise ValueError("填“是”或“否”")
        return [text.lower() in _YES]
    if not text:
        raise ValueError("写明取值")
    if op in {Op.IN, Op.BETWEEN}:
        parts = [part.strip() for part in _SPLIT.split(text) if part.strip()]
        if op is Op.BETWEEN and len(parts) != 2:
            raise ValueError("介于要写两个值，用顿号隔开")
        return parts
    return [text]


def rows_of(where: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Predicates as rows of the form."""
    rows = []
    for predicate in where:
        values = predicate.get("values", ())
        if predicate["op"] == Op.ISNULL:
            text = "否" if list(values) == [False] else "是"
        else:
            text = "、".join(str(value) for value in values)
        rows.append({"column": predicate["column"], "op": predicate["op"], "value": text})
    return rows
