"""Differences in words: the labels of fields and of the values people chose."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from shuqiao.catalog.life.differences import Difference, FieldChange, between
from shuqiao.catalog.models import DataItem, Revision

NOTHING = "（空）"


def difference_of(before: Revision, after: Revision) -> dict[str, Any]:
    """The difference of two revisions as the page draws it; `empty` when nothing differs."""
    return drawn(between(before.content(), after.content())) | {"before": before, "after": after}


def drawn(found: Difference) -> dict[str, Any]:
    """Fields with both values in words, items with what happened to each."""
    return {
        "empty": not found,
        "fields": [_field(Revision, change) for change in found.fields],
        "items": [
            {
                "label": item.kind.label,
                "tone": item.kind.tone,
                "name": item.name,
                "before": item.place_before,
                "after": item.place_after,
                "fields": [_field(DataItem, change) for change in item.fields],
            }
            for item in found.items
        ],
    }


def _field(model: type[models.Model], change: FieldChange) -> dict[str, str]:
    field = model._meta.get_field(change.name)
    choices = dict(getattr(field, "flatchoices", ()) or ())
    label = str(getattr(field, "verbose_name", change.name))
    return {
        "label": label,
        "before": _words(change.before, choices),
        "after": _words(change.after, choices),
    }


def _words(value: object, choices: dict[Any, Any]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if value in choices:
        return str(choices[value])
    if value is None or value == "":
        return NOTHING
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)
