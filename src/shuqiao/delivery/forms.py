"""Forms of grants and keys. They read; rules and services decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from shuqiao.delivery.types import PURPOSE_GROUNDS, EndGround
from shuqiao.procedures.day_input import DayInput
from shuqiao.resources.types import KeptTable


class ReasonForm(forms.Form):
    """Why a grant is suspended, or a key revoked."""

    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ResumeForm(forms.Form):
    """What has been put right."""

    note = forms.CharField(label="整改情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


GROUNDS = [(ground.value, ground.label) for ground in EndGround if ground is not EndGround.DECIDED]


class EndForm(forms.Form):
    """Why a grant ends."""

    ground = forms.ChoiceField(label="终止的情形", choices=GROUNDS, widget=forms.RadioSelect)
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, grantee_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if grantee_only:
            grounds = [(ground.value, ground.label) for ground in EndGround if ground in PURPOSE_GROUNDS]
            self.fields["ground"].choices = grounds  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """A key for one system, of one of the departments whose keys the person manages."""

    department = forms.ChoiceField(label="使用方")
    system = forms.CharField(label="使用凭证的系统", max_length=128)
    not_after = forms.DateField(label="有效至", required=False, widget=DayInput())

    def __init__(self, *args: Any, departments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = departments  # type: ignore[attr-defined]
        if all(not value for value, _ in departments):  # somebody outside government has no other choice
            self.fields["department"].required = False

    def department_id(self) -> UUID | None:
        """The department chosen; None: the person's own, outside government."""
        chosen = self.cleaned_data["department"]
        return UUID(chosen) if chosen else None


class BindForm(forms.Form):
    """Which key is to use the grant."""

    key = forms.ChoiceField(label="凭证")

    def __init__(self, *args: Any, keys: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = keys  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    """A receipt id to look up."""

    id = forms.CharField(label="回执编号", max_length=80)


class WhoForm(forms.Form):
    """Whose row: a table with one of its keys, the key's value, a year, and why it is asked."""

    key = forms.ChoiceField(label="数据与查询键")
    value = forms.CharField(
        label="键值",
        max_length=400,
        strip=True,
        help_text="组合键依次填写各列的值，以英文逗号分隔",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    year = forms.IntegerField(label="年份", min_value=2000)
    reason = forms.CharField(label="事由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, tables: list[KeptTable], year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {
            f"{table.id}:{place}": (table, columns)
            for table in tables
            for place, columns in enumerate(table.lookup_keys)
        }
        self.has_tables = bool(self.keys)
        self.fields["key"].choices = [(value, _named(*one)) for value, one in self.keys.items()]  # type: ignore[attr-defined]
        self.fields["year"].initial = year
        self.fields["year"].max_value = year  # type: ignore[attr-defined]

    def columns(self) -> tuple[str, ...]:
        """The columns of the key that was chosen."""
        return self.keys[self.cleaned_data["key"]][1]

    def label(self) -> str:
        """The table and key that were chosen."""
        return _named(*self.keys[self.cleaned_data["key"]])


def _named(table: KeptTable, columns: tuple[str, ...]) -> str:
    return f"{table.department_name}　{table.name}　按 {'、'.join(columns)}"
