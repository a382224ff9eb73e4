"""Forms of saying something."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from shuqiao.opening.feedback import rules
from shuqiao.opening.feedback.types import FeedbackKind, Ground

FIELD_OF = {"内容": "text", "需要的数据": "title"}


class SayForm(forms.Form):
    """A correction, a comment or a question on one entry. `website` is for machines: people never see it."""

    kind = FeedbackKind.COMMENT
    text = forms.CharField(label="内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    contact = forms.EmailField(
        label="接收答复的邮箱", max_length=64, required=False, help_text="不填也可以凭受理号和查询码查看"
    )
    website = forms.CharField(label="请留空", required=False, widget=forms.HiddenInput())
    once = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, kind: FeedbackKind, has_account: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["once"] = uuid4()
        super().__init__(*args, **kwargs)
        self.kind, self.has_account = kind, has_account
        if has_account:
            del self.fields["contact"]  # the answer goes to the registered address

    def clean(self) -> dict[str, Any]:
        """Every problem at its field."""
        cleaned = super().clean() or self.cleaned_data
        said = rules.Said(
            self.kind,
            cleaned.get("text", ""),
            self.has_account,
            self.kind != FeedbackKind.DEMAND,
            cleaned.get("title", ""),
        )
        for problem in rules.problems_of(said):
            field = FIELD_OF.get(problem.where)
            if field and field not in self.errors:
                self.add_error(field, problem.what)
        return cleaned


class DemandForm(SayForm):
    """A wish for data that is not in the catalogue."""

    division = forms.ChoiceField(label="向哪里提出")
    title = forms.CharField(label="需要的数据", max_length=200, help_text="例如：公交线路和站点")
    field_order = ["division", "title", "text", "contact"]

    def __init__(self, *args: Any, divisions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        several = [("", "请选择")] if len(divisions) > 1 else []
        self.fields["division"].choices = [*several, *divisions]  # type: ignore[attr-defined]
        self.fields["text"].label = "用来做什么，缺了有什么影响"


class StepForm(forms.Form):
    """What an officer writes with a step."""

    step = forms.CharField(max_length=16)
    text = forms.CharField(max_length=2000, required=False)
    ground = forms.ChoiceField(choices=[("", "—"), *Ground.choices], required=False)
