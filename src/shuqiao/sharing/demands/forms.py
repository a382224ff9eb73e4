"""Forms of demands. They read; rules and services decide what is missing."""

from __future__ import annotations

from typing import Any

from django import forms

from shuqiao.law import BasisLevel
from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing.demands.types import NoFacts, NoKind, Wanted
from shuqiao.sharing.types import BASIS_LEVELS

AREA = {"rows": 2}


class DemandForm(forms.Form):
    """What is needed, and what for."""

    department = forms.ChoiceField(label="提出部门")
    title = forms.CharField(label="需要的数据", max_length=200, help_text="例如：餐饮服务从业人员健康证明")
    items = forms.CharField(
        label="需要的信息项",
        max_length=13_000,
        help_text="每行一项",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    purpose = forms.CharField(label="用途", max_length=500, widget=forms.Textarea(attrs=AREA))
    service_item = forms.CharField(label="政务服务事项", max_length=200, required=False)
    basis = forms.CharField(label="使用依据", max_length=300, required=False, help_text="法规名称和条款")
    not_enough = forms.CharField(
        label="目录中已有的为什么不够用",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="目录中有条目含全部信息项时必填",
    )

    def __init__(self, *args: Any, departments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = departments  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """The form that services take."""
        given = self.cleaned_data
        names = ("title", "purpose", "service_item", "basis", "not_enough")
        items = tuple(line.strip() for line in given["items"].splitlines() if line.strip())
        return Wanted(items=items, **{name: given[name] for name in names})


class PromiseForm(forms.Form):
    """A yes."""

    promised_on = forms.DateField(label="哪一天之前完成编目", required=False, widget=DayInput())
    note = forms.CharField(label="答复", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA))


class RefuseForm(forms.Form):
    """A no. The rule names what is missing."""

    kind = forms.ChoiceField(
        label="不能满足的类别", choices=[("", "请选择"), *NoKind.choices], required=False
    )
    reason = forms.CharField(label="理由", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA))
    basis = forms.CharField(
        label="依据", max_length=500, required=False, help_text="法规或职责规定的名称和条款"
    )
    level = forms.ChoiceField(label="依据的层级", choices=[("", "请选择"), *BASIS_LEVELS], required=False)

    def no(self) -> NoFacts:
        """The form that services take."""
        given = self.cleaned_data
        return NoFacts(
            NoKind(given["kind"]) if given["kind"] else None,
            given["reason"],
            given["basis"],
            BasisLevel(given["level"]) if given["level"] else None,
        )
