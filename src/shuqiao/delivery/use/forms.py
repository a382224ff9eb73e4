"""Forms of the use of a grant. They read; rules and services decide."""

from __future__ import annotations

from typing import Any

from django import forms

from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import FilingKind, Mode
from shuqiao.delivery.use.passing import Consent
from shuqiao.delivery.use.types import ConsentOf, DisposalFacts, DisposalWay, Report
from shuqiao.procedures.day_input import DayInput


def _text(label: str, *, most: int = 2000, required: bool = True, hint: str = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=area)


def _day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=hint, widget=DayInput())


class ReportForm(forms.Form):
    """What the holder says of the use (Decree 29)."""

    scenario = _text("使用场景")
    process = _text("使用过程", hint="哪些岗位、哪些系统、怎样使用")
    effect = _text("应用成效")
    storage = _text("存储情况", hint="存在哪里、谁能接触；没有存下数据的写明")
    disposal = _text("销毁情况", required=False, hint="使用期间已经销毁的部分")

    def report(self) -> Report:
        """As the step takes it."""
        return Report(**self.cleaned_data)


class DisposalForm(forms.Form):
    """How the data was disposed of when its purpose ended (Decree 27)."""

    way = forms.ChoiceField(label="处置方式", choices=DisposalWay.choices, widget=forms.RadioSelect)
    basis = forms.CharField(label="留存依据", max_length=300, required=False, help_text="归档留存的必填")
    detail = _text("处置情况", most=1000, hint="哪些系统、哪些文件和副本、怎样处置")
    done_by = forms.CharField(label="处置人", max_length=64)
    done_on = _day("处置日期")

    def facts(self) -> DisposalFacts:
        """As the step takes it."""
        said = self.cleaned_data
        return DisposalFacts(
            DisposalWay(said["way"]), said["detail"], said["done_by"], said["done_on"], said["basis"]
        )


class DemandForm(forms.Form):
    """How the provider wants its data disposed of."""

    text = _text("处置要求", most=500)


class OrderForm(forms.Form):
    """What is to be put right until when."""

    demand = _text("整改要求", most=500)
    due_on = _day("整改期限", required=False, hint="条文定有期限的，按条文计算")


class CorrectedForm(forms.Form):
    """What has been put right."""

    text = _text("整改情况", most=1000)


class ConsentForm(forms.Form):
    """Consent to passing on: whose, to whom, for what, on which evidence."""

    of = forms.ChoiceField(label="谁同意", widget=forms.RadioSelect)
    to_whom = forms.CharField(label="提供给", max_length=200)
    purpose = forms.CharField(label="用途", max_length=300)
    evidence = _text("同意的凭据", most=500, hint="文号、协议编号，或者当事人同意书的编号")

    def __init__(self, *args: Any, of: list[ConsentOf], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = [(one.value, one.label) for one in of]  # type: ignore[attr-defined]

    def consent(self) -> Consent:
        """As the step takes it."""
        said = self.cleaned_data
        return Consent(ConsentOf(said["of"]), said["to_whom"], said["purpose"], said["evidence"])


class FilingForm(forms.Form):
    """What the provider files before it ends or changes the service (Decree 27)."""

    kind = forms.ChoiceField(label="事项", choices=FilingKind.choices, widget=forms.RadioSelect)
    reason = _text("理由", most=300)
    negotiation = _text("协商情况", most=500, hint="与谁、哪一天、怎样商定")
    effective_on = _day("生效日期")


class ChangeForm(forms.Form):
    """A narrower grant: items left, modes left, an earlier last day, lower limits."""

    columns = forms.MultipleChoiceField(label="保留的信息项", widget=forms.CheckboxSelectMultiple)
    modes = forms.MultipleChoiceField(label="保留的共享方式", widget=forms.CheckboxSelectMultiple)
    valid_until = _day("使用到", required=False)
    daily_quota = forms.IntegerField(label="每日限额（次）", min_value=1, required=False)
    rate_per_minute = forms.IntegerField(label="每分钟限额（次）", min_value=1, required=False)
    reason = forms.CharField(label="放弃的原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, grant: Grant, by_holder: bool, **kwargs: Any) -> None:
        names = [column["name"] for column in grant.columns]
        first = {
            "columns": names,
            "modes": grant.modes,
            "valid_until": grant.valid_until,
            "daily_quota": grant.daily_quota,
            "rate_per_minute": grant.rate_per_minute,
        }
        kwargs["initial"] = first
        super().__init__(*args, **kwargs)
        if not by_holder:  # the provider's reason is what it filed
            del self.fields["reason"]
        self.masks = {column["name"]: column["mask"] for column in grant.columns}
        self.fields["columns"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["modes"].choices = [(mode, Mode(mode).label) for mode in grant.modes]  # type: ignore[attr-defined]

    def change(self) -> dict[str, Any]:
        """As the step takes it."""
        said = self.cleaned_data
        return {
            "columns": tuple((name, self.masks[name]) for name in said["columns"]),
            "modes": tuple(Mode(mode) for mode in said["modes"]),
            "valid_until": said["valid_until"],
            "daily_quota": said["daily_quota"],
            "rate_per_minute": said["rate_per_minute"],
            "reason": said.get("reason", ""),
        }
