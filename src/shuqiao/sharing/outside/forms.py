"""Forms of applications from outside government. They read; rules and services decide what is missing or too much."""

from __future__ import annotations

from typing import Any

from django import forms

from shuqiao.delivery.types import Mode
from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside.types import Draft
from shuqiao.sharing.types import Scope

AREA = {"rows": 3}


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), help_text=help_text)


class OutsideForm(forms.Form):
    """What an applicant writes beside the items."""

    purpose = forms.CharField(label="用途", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    scenario = forms.CharField(
        label="使用场景",
        max_length=500,
        widget=forms.Textarea(attrs=AREA),
        help_text="数据用在哪里、怎样用、谁会看到",
    )
    safeguards = forms.CharField(
        label="安全保障措施",
        max_length=1000,
        widget=forms.Textarea(attrs=AREA),
        help_text="存放在哪里，谁能接触，怎样防止泄露，用完怎样处置",
    )
    modes = forms.MultipleChoiceField(
        label="共享方式", choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )
    valid_until = _day("使用期限", "到哪一天为止，到期自动停止")

    def __init__(self, *args: Any, offered: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [mode for mode in Mode.choices if mode[0] in offered]
        self.fields["modes"].choices = choices  # type: ignore[attr-defined]

    def draft(self, items: tuple[tuple[str, str], ...]) -> Draft:
        """The form that services take."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "note"}
        return Draft(items=items, **{**said, "modes": tuple(said["modes"])})


class SupplementForm(OutsideForm):
    """The application anew, and what was supplied."""

    note = forms.CharField(label="补正说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


def initial_of(case: OutsideRequest) -> dict[str, Any]:
    """The form's values of an application that exists."""
    return {name: getattr(case, name) for name in OutsideForm.base_fields}


class AgreeForm(forms.Form):
    """What a yes says: items as asked or fewer, until when, conditions."""

    items = forms.MultipleChoiceField(
        label="给予的信息项", widget=forms.CheckboxSelectMultiple, required=False
    )
    valid_until = _day("使用期限")
    daily_quota = forms.IntegerField(label="每日限额（次）", required=False, min_value=1)
    conditions = forms.CharField(
        label="使用条件（写入协议）",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label="理由（申请单位可见）",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="给得比申请的少时必须写明",
    )

    def __init__(self, *args: Any, asked: OutsideRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        self.fields["items"].choices = [(one["name"], one["item"]) for one in asked.items]  # type: ignore[attr-defined]

    def given(self) -> Scope:
        """What is to be given."""
        said, asked = self.cleaned_data, self.asked.draft().scope()
        masks = asked.masks()
        return Scope(
            tuple((name, masks[name]) for name in said["items"]),
            (),
            asked.modes,
            said["valid_until"],
            said["daily_quota"],
        )
