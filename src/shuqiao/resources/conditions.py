"""Reading row conditions from the rows of a form, and showing them again. Problems are named together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from shuqiao.kernel import InvalidInput, Problem
from shuqiao.store import Op

OPS = [(op.value, op.label) for op in Op]
_SPLIT = re.compile(r"[、，,;；\n]+")
_YES, _NO = frozenset({"", "是", "yes", "true", "1"}), frozenset({"否", "no", "false", "0"})


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


def in_words(where: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    """Predicates as one line: 地区 等于 营口；年份 介于 2020、2024. Nothing for none."""
    rows = rows_of(where)
    return "；".join(f"{labels.get(r['column'], r['column'])} {Op(r['op']).label} {r['value']}" for r in rows)
