"""What people fill in about resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat

from shuqiao.resources.contents import ACCEPTED, ACCEPTED_DOCUMENTS
from shuqiao.resources.services import PersonalChoice
from shuqiao.resources.types import Kind, Mode, PersonalDecision
from shuqiao.store.reading.encoding import ENCODINGS

if TYPE_CHECKING:
    _ModelChoiceField = forms.ModelChoiceField[Any]
else:
    _ModelChoiceField = forms.ModelChoiceField  # generic for the type checker only


class EntryField(_ModelChoiceField):
    """A choice of entries by title and code."""

    def label_from_instance(self, obj: Any) -> str:
        """How an entry reads in a list of choices."""
        return f"{obj.published.title if obj.published else obj}（{obj.code}）"


class MountForm(forms.Form):
    """Which entry, what, under what name, offered how."""

    kind = forms.ChoiceField(
        label="形态",
        choices=Kind.choices,
        widget=forms.RadioSelect,
        initial=Kind.TABLE,
        help_text="数据表按列读取、逐列授权；文件（PDF、图件、文档等）整份提供",
    )
    entry = EntryField(
        queryset=None, empty_label="请选择", label="目录条目", help_text="只列出本部门已发布的条目"
    )
    name = forms.CharField(label="资源名称", max_length=200)
    modes = forms.MultipleChoiceField(
        label="提供方式",
        choices=Mode.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=list(Mode.values),
        help_text="文件只以文件下载方式提供",
    )

    def __init__(self, *args: Any, entries: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entry"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = entries

    def chosen_modes(self) -> list[Mode]:
        """The modes as the services want them."""
        return [Mode(mode) for mode in self.cleaned_data["modes"]]


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(label="数据文件", max_length=255, allow_empty_file=True)

    def __init__(self, *args: Any, kind: Kind = Kind.TABLE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = ACCEPTED_DOCUMENTS if kind is Kind.FILE else ACCEPTED
        largest = filesizeformat(settings.UPLOAD_MAX_BYTES)
        self.fields["file"].help_text = f"{words}；最大 {largest}"
        self.fields["file"].label = "文件" if kind is Kind.FILE else "数据文件"


DELIMITER_CHOICES = (
    ("", "自动识别"),
    (",", "逗号"),
    ("tab", "制表符"),
    (";", "分号"),
    ("|", "竖线"),
    ("space", "空格"),
    ("other", "其他"),
)
QUOTE_CHOICES = (("double", "双引号"), ("single", "单引号"), ("none", "不用引号"))
_DELIMITERS = {"tab": "\t", "space": " "}
_QUOTES = {"single": "'", "none": ""}


class ReadingForm(forms.Form):
    """Where the table stands in the file, and how a text is written. What is not chosen is told by the file."""

    header_row = forms.IntegerField(label="表头在第几行", min_value=0, max_value=100_000, required=False)
    member = forms.CharField(label="压缩包里的文件", max_length=1000, required=False)
    sheet = forms.CharField(label="工作表", max_length=200, required=False)
    path = forms.CharField(label="记录列表", max_length=200, required=False)
    encoding = forms.ChoiceField(label="编码", choices=(("", "自动识别"), *ENCODINGS.items()), required=False)
    delimiter = forms.ChoiceField(label="分隔符", choices=DELIMITER_CHOICES, required=False)
    delimiter_other = forms.CharField(label="其他分隔符", max_length=1, required=False, strip=False)
    quote = forms.ChoiceField(label="引号", choices=QUOTE_CHOICES, required=False)

    def clean(self) -> dict[str, Any]:
        """Another delimiter has to be named."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("delimiter") == "other" and not cleaned.get("delimiter_other"):
            self.add_error("delimiter_other", "请填写分隔符（一个字符）")
        return cleaned

    def reading(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Only what was chosen: an absent choice is left to what the file shows."""
        found: dict[str, Any] = {}
        if self.cleaned_data["header_row"] is not None:
            found["header_row"] = self.cleaned_data["header_row"]
        chosen = self.cleaned_data["delimiter"]
        other = self.cleaned_data["delimiter_other"] if chosen == "other" else _DELIMITERS.get(chosen, chosen)
        if other:
            found["delimiter"] = other
        if self.cleaned_data["quote"] in _QUOTES:
            found["quote"] = _QUOTES[self.cleaned_data["quote"]]
        for name in ("member", "sheet", "encoding"):
            if self.cleaned_data[name]:
                found[name] = self.cleaned_data[name]
        if "path" in given:
            found["path"] = self.cleaned_data["path"]
        return found


def chosen_words(reading: Mapping[str, Any]) -> dict[str, str]:
    """What was chosen of encoding, delimiter and quote, as the form's fields have it."""
    delimiter, quote = str(reading.get("delimiter", "")), str(reading.get("quote", '"'))
    known = {sign: word for word, sign in _DELIMITERS.items()} | {sign: sign for sign, _ in DELIMITER_CHOICES}
    return {
        "encoding": str(reading.get("encoding", "")),
        "delimiter": known.get(delimiter, "other"),
        "delimiter_other": "" if delimiter in known else delimiter,
        "quote": next((word for word, sign in _QUOTES.items() if sign == quote), "double"),
    }


class SubmitForm(forms.Form):
    """The two checks before the bureau's re-check, and one decision per column suspected of personal data."""

    secrecy_checked = forms.BooleanField(label="已作保密审查，不含国家秘密和工作秘密")
    personal_checked = forms.BooleanField(label="已作个人信息审查，疑似的列已逐列决定")
    note = forms.CharField(
        label="审查说明",
        max_length=300,
        required=False,
        help_text="由谁、依据什么审查",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, personal: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.personal = personal
        for index, one in enumerate(personal):
            self.fields[f"decision-{index}"] = forms.ChoiceField(
                label=f"“{one['column']}”疑似{one['label']}",
                choices=PersonalDecision.choices,
                widget=forms.RadioSelect,
                initial=one.get("decision") or None,
            )
            self.fields[f"reason-{index}"] = forms.CharField(
                label=f"“{one['column']}”的理由",
                max_length=300,
                required=False,
                initial=one.get("reason", ""),
                help_text="如实提供时必填，如：法定代表人属依法公示的登记事项",
            )

    def clean(self) -> dict[str, Any]:
        """Keeping personal data as it is wants a reason."""
        cleaned = super().clean() or self.cleaned_data
        for index in range(len(self.personal)):
            keep = cleaned.get(f"decision-{index}") == PersonalDecision.KEEP
            if keep and not cleaned.get(f"reason-{index}", "").strip():
                self.add_error(f"reason-{index}", "如实提供须写明理由")
        return cleaned

    def choices(self) -> dict[str, PersonalChoice]:
        """The decisions as the services want them."""
        return {
            one["column"]: PersonalChoice(
                PersonalDecision(self.cleaned_data[f"decision-{index}"]), self.cleaned_data[f"reason-{index}"]
            )
            for index, one in enumerate(self.personal)
        }

    def check_fields(self) -> list[forms.BoundField]:
        """The fields of the checks, after those of the columns."""
        return [self[name] for name in ("secrecy_checked", "personal_checked", "note")]

    def personal_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Decision and reason of each suspected column."""
        return [(self[f"decision-{i}"], self[f"reason-{i}"]) for i in range(len(self.personal))]


class ReturnForm(forms.Form):
    """Why a version goes back."""

    reason = forms.CharField(
        label="退回理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="写明要改什么"
    )
