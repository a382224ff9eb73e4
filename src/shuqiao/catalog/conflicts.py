"""Two people wrote at the same time: where what is saved and what is about to be saved differ."""

from __future__ import annotations

from typing import Any

from shuqiao.catalog.models import CONTENT_COLUMNS, ITEM_COLUMNS, DataItem, Revision
from shuqiao.catalog.types import ItemContent, RevisionContent
from shuqiao.procedures import queries as procedures


def conflict_of(saved: Revision, mine: RevisionContent) -> dict[str, Any]:
    """Who saved last, and (label, theirs, mine) of everything in which the two versions differ."""
    theirs = saved.content()
    rows = [
        (_label(Revision, name), _words(getattr(theirs, name)), _words(getattr(mine, name)))
        for name in CONTENT_COLUMNS
        if getattr(theirs, name) != getattr(mine, name)
    ]
    history = procedures.history_of(saved.case())
    by = history[-1].actor_name if history else "别人"
    return {"rows": rows + _items(theirs.items, mine.items), "by": by}


def _items(theirs: tuple[ItemContent, ...], mine: tuple[ItemContent, ...]) -> list[tuple[str, str, str]]:
    ours, own = {one.name: one for one in theirs}, {one.name: one for one in mine}
    return [
        (f"信息项“{name}”", *_differing(ours.get(name), own.get(name)))
        for name in dict.fromkeys([*ours, *own])
        if ours.get(name) != own.get(name)
    ]


def _differing(theirs: ItemContent | None, mine: ItemContent | None) -> tuple[str, str]:
    if theirs is None or mine is None:
        return ("有" if theirs else "无", "有" if mine else "无")
    names = [name for name in ITEM_COLUMNS if getattr(theirs, name) != getattr(mine, name)]
    return (
        "；".join(f"{_label(DataItem, name)} {_words(getattr(theirs, name)) or '（空）'}" for name in names),
        "；".join(f"{_label(DataItem, name)} {_words(getattr(mine, name)) or '（空）'}" for name in names),
    )


def _label(model: type[Revision] | type[DataItem], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # columns of its own


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
