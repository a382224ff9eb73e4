"""Form of a work."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms

from shuqiao.opening.works import rules
from shuqiao.opening.works.pictures import MOST_BYTES, BadPicture, read_picture
from shuqiao.opening.works.services import WorkContent

FIELD_OF = {"名称": "title", "介绍": "description", "网址": "address", "使用的数据": "entries"}


class WorkForm(forms.Form):
    """What a maker writes of a work."""

    title = forms.CharField(label="名称", max_length=100)
    description = forms.CharField(
        label="介绍",
        max_length=2000,
        help_text="做什么、给谁用、怎样用到数据",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    address = forms.URLField(label="网址", max_length=300, required=False, assume_scheme="https")
    entries = forms.MultipleChoiceField(
        label="使用的数据", widget=forms.SelectMultiple(attrs={"size": 8}), help_text="可以选多项"
    )
    picture = forms.FileField(label="截图", required=False, help_text="PNG 或 JPEG，不超过 2 MB")
    once = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["once"] = uuid4()
        super().__init__(*args, **kwargs)
        self.fields["entries"].choices = offered  # type: ignore[attr-defined]

    def clean_picture(self) -> Any:
        """The picture, taken apart and cleaned; None when there is none."""
        given = self.cleaned_data.get("picture")
        if not given:
            return None
        if given.size > MOST_BYTES:
            raise forms.ValidationError(f"不能超过 2 MB，现为 {given.size / 1024 / 1024:.1f} MB")
        try:
            return read_picture(given.read())
        except BadPicture as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Every problem at its field."""
        cleaned = super().clean() or self.cleaned_data
        problems = rules.problems_of(
            cleaned.get("title", ""),
            cleaned.get("description", ""),
            cleaned.get("address", ""),
            len(cleaned.get("entries", ())),
        )
        for problem in problems:
            field = FIELD_OF[problem.where]
            if field not in self.errors:
                self.add_error(field, problem.what)
        return cleaned

    def content(self) -> WorkContent:
        """What the service takes."""
        data = self.cleaned_data
        return WorkContent(
            title=data["title"],
            description=data["description"],
            once=data["once"],
            address=data["address"],
            entries=tuple(UUID(one) for one in data["entries"]),
            picture=data["picture"],
        )
