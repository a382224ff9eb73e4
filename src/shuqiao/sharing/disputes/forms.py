"""Forms of disputes. They read; rules and services decide what is missing or too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing.disputes.types import WITH_SCOPE, Outcome, Result, RulingFacts
from shuqiao.sharing.types import Scope

AREA = {"rows": 3}


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=DayInput(), help_text=help_text)


class RaiseForm(forms.Form):
    """What a side wants."""

    claim = forms.CharField(
        label="主张",
        max_length=1000,
        widget=forms.Textarea(attrs=AREA),
        help_text="不服什么，希望怎样处理，为什么",
    )


class ResultForm(forms.Form):
    """What is to be done: part of a proposal, of an opinion, of a ruling."""

    outcome = forms.ChoiceField(label="处理办法", required=False)
    result_text = forms.CharField(
        label="怎样处理", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = _day("答复期限", "只在限期答复时填写")
    valid_until = _day("使用时限", "开通或变更授权时；不填为原定的日期")

    def __init__(self, *args: Any, outcomes: list[tuple[str, str]], blank: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", blank)] if blank else []
        self.fields["outcome"].choices = first + outcomes  # type: ignore[attr-defined]

    def result(self, limit: Scope | None, items: tuple[tuple[str, str], ...]) -> Result | None:
        """What was chosen; None: nothing is proposed. The scope is narrowed from `limit` to the items given."""
        given = self.cleaned_data
        if not given["outcome"]:
            return None
        outcome = Outcome(given["outcome"])
        scope = None
        if outcome in WITH_SCOPE and limit is not None:
            until: date | None = given["valid_until"] or limit.valid_until
            scope = replace(limit, items=items or limit.items, valid_until=until)
        due_on = given["due_on"] if outcome is Outcome.ANSWER else None
        return Result(outcome, given["result_text"], scope, due_on)


class SpeakForm(ResultForm):
    """A side's view, with a way out if it proposes one."""

    text = forms.CharField(label="意见", max_length=2000, widget=forms.Textarea(attrs=AREA))
    field_order = ("text", "outcome", "result_text", "due_on", "valid_until")


class DecideForm(ResultForm):
    """The bureau's opinion."""

    reason = forms.CharField(label="理由", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA))
    basis = forms.CharField(label="依据", max_length=500, required=False, help_text="法规名称和条款")
    field_order = ("outcome", "result_text", "due_on", "valid_until", "reason", "basis")


class RuleForm(ResultForm):
    """A government's decision, as it is recorded."""

    government = forms.CharField(label="作出决定的人民政府", max_length=128, required=False)
    number = forms.CharField(label="文号", max_length=64, required=False)
    decided_on = _day("决定日期")
    text = forms.CharField(
        label="决定内容", max_length=2000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    field_order = (
        "government",
        "number",
        "decided_on",
        "text",
        "outcome",
        "result_text",
        "due_on",
        "valid_until",
    )

    def ruling(self, on: date) -> RulingFacts:
        """The form that services take."""
        given = self.cleaned_data
        return RulingFacts(given["government"], given["number"], given["text"], given["decided_on"], on)
