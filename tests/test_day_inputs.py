"""Every box for a day, in whatever form, is written as browsers read it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date

from django import forms

import shuqiao
from shuqiao.procedures.day_input import DayInput
from tests.test_architecture import APPS

DAY = date(2026, 6, 2)
ISO = DAY.isoformat()
OF_TIME = (forms.DateField, forms.DateTimeField, forms.TimeField)


def all_forms() -> set[type[forms.BaseForm]]:
    for app in APPS:
        for found in pkgutil.walk_packages([f"{shuqiao.__path__[0]}/{app}"], f"shuqiao.{app}."):
            if not {"tests", "migrations"} & set(found.name.split(".")):
                importlib.import_module(found.name)
    return {one for one in _under(forms.BaseForm) if one.__module__.startswith("shuqiao.")}


def _under(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for one in kind.__subclasses__():
        yield one
        yield from _under(one)


def fields_of(form: type[forms.BaseForm]) -> dict[str, forms.Field]:
    """The fields of a form; with those it gives itself when made, where it can be made of nothing."""
    try:
        return form().fields
    except TypeError:
        return form.base_fields  # type: ignore[attr-defined]


def test_every_box_for_a_day_is_written_as_browsers_read_it(db: None) -> None:
    boxes = {
        f"{form.__module__}.{form.__name__}.{name}": field.widget
        for form in all_forms()
        for name, field in fields_of(form).items()
        if isinstance(field, OF_TIME)
    }
    assert "shuqiao.catalog.forms.RevisionForm.published_on" in boxes  # a field a form gives itself
    assert "shuqiao.sharing.forms.RequestForm.valid_until" in boxes
    assert len(boxes) >= 20, sorted(boxes)
    wrong = [
        name
        for name, widget in boxes.items()
        if not isinstance(widget, DayInput)
        or f'type="date" name="day" value="{ISO}"' not in widget.render("day", DAY)
    ]
    assert not wrong, wrong


def test_what_a_person_sent_stands_in_the_box_again() -> None:
    assert f'value="{ISO}"' in DayInput().render("day", ISO)
    assert "value" not in DayInput().render("day", None)
