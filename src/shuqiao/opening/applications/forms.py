"""Forms of applications. They read; rules and services decide what is missing or too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from shuqiao.opening.applications.types import MONTHS_MOST, MONTHS_USUAL, Draft, Given
from shuqiao.opening.models import OpenApplication
from shuqiao.procedures.day_input import DayInput
from shuqiao.store import Mask

AREA = {"rows": 3}


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), help_text=help_text)


class ApplicationForm(forms.Form):
    """What an applicant writes."""

    items = forms.MultipleChoiceField(label="申请的信息项", widget=forms.CheckboxSelectMultiple)
    purpose_kind = forms.ChoiceField(label="用途类别")
    purpose = forms.CharField(label="用途", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    scenario = forms.CharField(
        label="使用场景",
        max_length=1000,
        widget=forms.Textarea(attrs=AREA),
        help_text="数据用在哪里、怎样用、谁会看到",
    )
    safeguards = forms.CharField(
        label="安全保障措施",
        max_length=1000,
        widget=forms.Textarea(attrs=AREA),
        help_text="怎样保管数据，怎样防止泄露和被他人还原",
    )
    valid_until = _day("使用期限", "到哪一天为止，到期自动停止")
    public_benefit = forms.BooleanField(label="承诺仅用于科研教育等公益性活动", required=False)
    written_reply = forms.BooleanField(label="需要书面答复", required=False)

    def __init__(
        self, *args: Any, offered: list[tuple[str, str]], purposes: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = offered  # type: ignore[attr-defined]
        self.fields["purpose_kind"].choices = purposes  # type: ignore[attr-defined]
        if "research" not in dict(purposes):
            del self.fields["public_benefit"]

    def draft(self) -> Draft:
        """The form that services take."""
        said = self.cleaned_data
        return Draft(**{**said, "items": tuple(said["items"])})


class SupplementForm(ApplicationForm):
    """The application anew, and what was supplied."""

    note = forms.CharField(label="补正说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def draft(self) -> Draft:
        """The form that services take."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "note"}
        return Draft(**{**said, "items": tuple(said["items"])})


def initial_of(application: OpenApplication) -> dict[str, Any]:
    """The form's values of an application that exists."""
    names = [name for name in ApplicationForm.base_fields if name != "items"]
    values = {name: getattr(application, name) for name in names}
    return {**values, "items": [one["name"] for one in application.items]}


class AgreeForm(forms.Form):
    """What a yes says: items, until when, conditions, how often the use is looked at."""

    items = forms.MultipleChoiceField(
        label="给予的信息项", widget=forms.CheckboxSelectMultiple, required=False
    )
    valid_until = _day("使用期限")
    conditions = forms.CharField(
        label="利用条件", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    follow_up_months = forms.IntegerField(
        label="每几个月跟踪一次利用情况", min_value=1, max_value=MONTHS_MOST, initial=MONTHS_USUAL
    )
    reason = forms.CharField(
        label="理由（申请人可见）",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="给得比申请的少时必须写明",
    )

    def __init__(
        self, *args: Any, asked: OpenApplication, masks: Mapping[str, list[tuple[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.masks = {one["name"]: one["mask"] for one in asked.items}
        for name, choices in masks.items():
            if len(choices) > 1:
                label = f"{next(one['item'] for one in asked.items if one['name'] == name)}：脱敏"
                self.fields[f"mask-{name}"] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.fields["items"].choices = [(one["name"], one["item"]) for one in asked.items]  # type: ignore[attr-defined]

    def items_with_masks(self) -> list[dict[str, Any]]:
        """Each item asked for: the box that gives it and, beside it, how it is masked: a choice, or what the review
        wants where there is none."""
        rows = []
        options = self["items"].subwidgets
        for (name, mask), option in zip(self.masks.items(), options, strict=True):
            option.data["attrs"]["class"] = "form-check-input"
            choice = self[f"mask-{name}"] if f"mask-{name}" in self.fields else None
            rows.append(
                {
                    "box": option,
                    "choice": choice,
                    "control": self._control(choice) if choice else "",
                    "fixed": Mask(mask).label,
                }
            )
        return rows

    @staticmethod
    def _control(choice: forms.BoundField) -> str:
        attrs: dict[str, str | bool] = {"class": "form-select", "aria-label": str(choice.label)}
        if choice.errors:
            attrs |= {"class": "form-select is-invalid", "aria-invalid": "true"}
        return choice.as_widget(attrs=attrs)

    def others(self) -> list[forms.BoundField]:
        """The fields that are not of one item."""
        return [one for one in self if one.name != "items" and not one.name.startswith("mask-")]

    def given(self, where: Sequence[Mapping[str, Any]] = ()) -> Given:
        """What is to be given, of the rows that `where` lets through."""
        said = self.cleaned_data
        items = tuple((name, said.get(f"mask-{name}") or self.masks[name]) for name in said["items"])
        return Given(
            items, said["valid_until"], said["conditions"].strip(), said["follow_up_months"], tuple(where)
        )


class CompetitionForm(forms.Form):
    """An open competition as the provider records it."""

    entry = forms.TypedChoiceField(label="目录条目", coerce=UUID)
    number = forms.CharField(label="竞争记录编号", max_length=64)
    method = forms.CharField(label="方式", max_length=64, help_text="例如公开招标、竞争性磋商")
    held_on = _day("确定日期")
    winner = forms.EmailField(label="胜出者注册的电子邮箱")

    def __init__(self, *args: object, entries: list[tuple[str, str]]) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # only the data is passed on
        field = self.fields["entry"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "请选择"), *entries]
