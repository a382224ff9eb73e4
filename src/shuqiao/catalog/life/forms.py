"""Forms of theme catalogues and update duties."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from shuqiao.catalog.services import Occasion
from shuqiao.catalog.types import Trigger
from shuqiao.kernel.time import today
from shuqiao.organizations.models import Department
from shuqiao.procedures.day_input import DayInput


class DepartmentChoices(forms.MultipleChoiceField):
    """Departments by name, several at once."""

    widget = forms.CheckboxSelectMultiple


class DutyForm(forms.Form):
    """A change: which departments it concerns, what changed and since when."""

    departments = DepartmentChoices(label="所涉部门")
    trigger = forms.ChoiceField(label="缘由", choices=Trigger.choices)
    what = forms.CharField(label="变化情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    basis = forms.CharField(
        label="依据文件", max_length=300, required=False, help_text="文件名称、文号，没有可不填"
    )
    changed_on = forms.DateField(label="变化之日", widget=DayInput(), help_text="更新期限从这一天起算")

    def __init__(self, departments: Iterable[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.pk), one.name) for one in departments]
        self.fields["departments"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["departments"].initial = [choices[0][0]]

    def clean_changed_on(self) -> date:
        """A slip of the pen is said at its field."""
        given: date = self.cleaned_data["changed_on"]
        if wrong := Occasion(Trigger.OTHER, "-", given).problems(today()):
            raise forms.ValidationError(wrong[0].what)
        return given

    def occasion(self) -> Occasion:
        """The change as the service takes it. Call after the form has been found valid."""
        said = self.cleaned_data
        return Occasion(Trigger(said["trigger"]), said["what"], said["changed_on"], said["basis"])


class ThemeForm(forms.Form):
    """A theme catalogue's lead, name and purpose."""

    department = forms.ChoiceField(label="牵头部门")
    name = forms.CharField(label="主题目录名称", max_length=100)
    purpose = forms.CharField(
        label="用途说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, departments: Iterable[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.pk), one.name) for one in departments]
        self.fields["department"].choices = choices  # type: ignore[attr-defined]
