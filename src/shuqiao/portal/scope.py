"""Levels of the scope matrix: how much of an item is given. Always in this order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LEVELS: Mapping[str, str] = {"full": "全部", "mask": "掩码", "hash": "散列", "year": "年份", "none": "不给"}
DOTS: Mapping[str, str] = {"full": "on", "mask": "mask", "hash": "hash", "year": "year", "none": "none"}
_MASKS: Mapping[str | None, str] = {
    "none": "full",
    "keep_ends": "mask",
    "hash": "hash",
    "year": "year",
    "drop": "none",
    None: "none",
}


def level_of(mask: str | None) -> str:
    """The level of a column's mask as the store names it; None means that the column is not in the scope."""
    return _MASKS[str(mask) if mask is not None else None]


def mask_of(level: str) -> str | None:
    """The store's mask for a level of the matrix; None: leave the column out of the scope."""
    return {shown: mask for mask, shown in _MASKS.items()}[level]


@dataclass(frozen=True, slots=True)
class Cell:
    """One bead or radio: is it chosen, does the entry allow it, was it asked for."""

    level: str
    label: str
    dot: str
    on: bool
    may: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the matrix."""

    name: str
    code: str
    note: str
    key: bool
    example: str
    field: str
    none: bool
    cells: tuple[Cell, ...]


def rows_of(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of the matrix from plain mappings.

    name; level (one of LEVELS) or mask (a store.Mask, None when the column is not given); optional code, note,
    key, example, field (name of the input, default `level-<code>`), may (levels the entry allows when answering,
    default all), ask (level asked for).
    """
    return [_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> Row:
    level = str(row["level"]) if "level" in row else level_of(row["mask"])
    if level not in LEVELS:
        raise ValueError(f"no such level of scope: {level!r}")
    code, may, asked = str(row.get("code", "")), row.get("may", tuple(LEVELS)), row.get("ask")
    return Row(
        name=str(row["name"]),
        code=code,
        note=str(row.get("note", "")),
        key=bool(row.get("key")),
        example=str(row.get("example") or ("不返回" if level == "none" else "")),
        field=str(row.get("field") or f"level-{code}"),
        none=level == "none",
        cells=tuple(
            Cell(one, label, DOTS[one], one == level, one in may, one == asked)
            for one, label in LEVELS.items()
        ),
    )
