"""Forms of the catalogue: one entry with its items, the search, an upload, a return."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.http import QueryDict

from shuqiao import law
from shuqiao.catalog import checking
from shuqiao.catalog.models import CONTENT_COLUMNS, ITEM_COLUMNS, DataItem, Revision
from shuqiao.catalog.spreadsheet.layout import CENSUS
from shuqiao.catalog.types import EntryFilters, ItemContent, RevisionContent
from shuqiao.kernel import Problem
from shuqiao.procedures.day_input import DayInput

LONG = ("summary", "sharing_condition", "sharing_scope", "sharing_use", "sharing_reason", "opening_condition")
# Heading, the rule that asks for the fields, the fields.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("它是什么", "catalog.metadata.required", (
        "title", "english_name", "summary", "kind", "classification", "theme", "priority_domains", "base_domain",
        "inner_department",
    )),
    ("格式与更新", "catalog.metadata.required", (
        "format_category", "format_type", "format_note", "update_cycle", "update_note", "source_system",
        "collected", "collection_method", "origin_mode", "ownership", "management_mode",
    )),
    (
        "共享属性",
        "catalog.none.basis",
        (
            "sharing_type", "sharing_condition", "sharing_scope", "sharing_use", "sharing_reason", "sharing_basis",
            "sharing_basis_level", "method_category", "method_type",
        ),
    ),
    (
        "开放属性",
        "opening.basis.public",
        ("opening_type", "opening_method", "opening_condition", "opening_basis", "opening_basis_level"),
    ),
    ("评估、分级与联系人", "catalog.sign_off", (
        "secrecy_mark", "secrecy_assessed", "personal_information_assessed", "grade", "contact_name", "contact_phone",
    )),
    ("登记信息", "catalog.metadata.required", ("published_on", "related_codes", "online_address", *CENSUS)),
)  # fmt: skip
HELP = {
    "title": "写数据的名称，不写系统或平台的名称",
    "classification": "类 1 位、项 2 位、目 3 位，可加细目，例如 307001；代码在发布时编定",
    "sharing_type": "以共享为原则，不共享为例外",
    "sharing_scope": "有条件共享：可以给哪些部门",
    "sharing_use": "有条件共享：可以用于什么",
    "sharing_basis": "写明文件名称和条款，例如《××法》第×条",
    "opening_basis": "不予开放、依申请开放的，写明文件名称和条款；依据向社会公开",
    "opening_condition": "有条件（依申请）开放的，写明条件",
    "sharing_basis_level": "不予共享只认法律、行政法规、国务院决定",
    "format_type": "须属于所选的格式分类",
    "secrecy_mark": "国家秘密、工作秘密不得编入目录",
}


def _say_choose(field: forms.Field) -> None:
    """A choice not made yet reads 请选择, not a row of dashes."""
    if isinstance(field, forms.ChoiceField):
        listed: Any = field.choices
        field.choices = [(value, label if value else "请选择") for value, label in listed]


class RevisionForm(forms.Form):
    """The content of a revision without its items. What is only needed for submitting may stay empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widgets: dict[str, type[forms.Widget] | forms.Widget] = {
            name: forms.Textarea(attrs={"rows": 3}) for name in LONG
        }
        widgets["format_type"] = forms.TextInput(attrs={"list": "format-types", "autocomplete": "off"})
        widgets["published_on"] = DayInput()
        self.fields.update(fields_for_model(Revision, CONTENT_COLUMNS, widgets=widgets))
        for name, field in self.fields.items():
            field.required = name == "title"
            field.help_text = HELP.get(name, "")
            _say_choose(field)

    def sections(self, regime: law.Regime) -> list[dict[str, Any]]:
        """The fields in the order people think of them, each group with the articles that ask for it here."""
        rules = [regime.rule(rule_id) for _, rule_id, _ in SECTIONS]
        return [
            {"title": title, "basis": rule.basis if rule else (), "fields": [self[name] for name in names]}
            for (title, _, names), rule in zip(SECTIONS, rules, strict=True)
        ]


class ItemForm(forms.Form):
    """One data item; an empty name means no item."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(DataItem, ITEM_COLUMNS))
        for field in self.fields.values():
            field.required = False
            _say_choose(field)

    def has_content(self) -> bool:
        """Whether anything but the preset was filled in."""
        data = self.cleaned_data
        return any(
            str(data.get(name) or "").strip()
            for name in ("name", "column", "data_type", "length", "description")
        )


ItemForms = forms.formset_factory(ItemForm, extra=0, can_delete=True, max_num=500, absolute_max=500)


class EntryEditor:
    """The form of an entry and the forms of its items, read and checked together."""

    def __init__(
        self, data: QueryDict | None = None, content: RevisionContent | None = None, more: int = 0
    ) -> None:
        if data is None:
            start = content or RevisionContent(title="")
            values = {name: getattr(start, name) for name in CONTENT_COLUMNS}
            items = [{name: getattr(item, name) for name in ITEM_COLUMNS} for item in start.items]
            blank = [{"nullable": True}] * (more or (0 if items else 3))
            self.form, self.items = (
                RevisionForm(initial=values),
                ItemForms(initial=items + blank, prefix="items"),
            )
        else:
            self.form, self.items = RevisionForm(data), ItemForms(data, prefix="items")

    def is_valid(self, codes: Collection[str]) -> bool:
        """All fields are readable and make a content that can be kept, of a class the division keeps (`codes`). Every
        problem is put at its field."""
        readable = self.form.is_valid() & self.items.is_valid()
        if not readable:
            return False
        for problem in checking.refused(self.content(), codes):
            self._put(problem)
        return self.form.is_valid() and not any(form.errors for form in self.items)

    def _put(self, problem: Problem) -> None:
        """Put a problem at its field; `items.3.name` is the third item that has content."""
        head, _, rest = problem.where.partition(".")
        if head != "items":
            self.form.add_error(problem.where if problem.where in self.form.fields else None, problem.what)
            return
        order, _, name = rest.partition(".")
        self._kept()[int(order) - 1].add_error(name, problem.what)

    def _kept(self) -> list[Any]:
        return [form for form in self.items if form.has_content() and not form.cleaned_data.get("DELETE")]

    def _related(self, written: str) -> str:
        """Codes typed and codes ticked in the search, each once."""
        ticked = self.form.data.getlist("related") if isinstance(self.form.data, QueryDict) else []
        codes = [code.strip() for code in re.split(r"[,，、;；\s]+", written) if code.strip()]
        return ",".join(dict.fromkeys([*codes, *ticked]))

    def draft(self) -> RevisionContent:
        """What stands in the form now, however unfinished: fields that cannot be read count as empty."""
        self.form.is_valid()
        self.items.is_valid()
        return self.content()

    def content(self) -> RevisionContent:
        """What was written. Call after the fields have been found readable."""
        start = RevisionContent(title="")
        values: dict[str, Any] = {
            name: self.form.cleaned_data.get(name, getattr(start, name)) for name in CONTENT_COLUMNS
        }
        for name in CENSUS:
            values[name] = values[name] or Decimal(0)
        values["related_codes"] = self._related(values["related_codes"] or "")
        items = tuple(
            ItemContent(**{name: form.cleaned_data.get(name) for name in ITEM_COLUMNS})
            for form in self._kept()
        )
        return checking.tidied(RevisionContent(**values, items=items))


def item_row(order: int) -> ItemForm:
    """An empty form for one further item, numbered `order`."""
    return ItemForm(prefix=f"items-{order}", initial={"nullable": True})


class UploadForm(forms.Form):
    """A file to import: for one of the person's departments or for a whole division, and how it is read."""

    department = forms.ChoiceField(label="导入到")
    mapping = forms.ChoiceField(label="怎样读取", required=False)
    file = forms.FileField(
        label="文件",
        help_text="布局 A、B、C 的工作簿（.xlsx）；用列对应方案也可以是 CSV、JSON 等，最大 64 MB",
    )

    def __init__(
        self,
        targets: Iterable[tuple[str, str]],
        mappings: Iterable[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = list(targets)  # type: ignore[attr-defined]
        ways = [("", "按表头识别布局 A、B、C"), ("new", "新建列对应方案"), *mappings]
        self.fields["mapping"].choices = ways  # type: ignore[attr-defined]


def filters_of(query: QueryDict) -> EntryFilters:
    """The search as the address says it; unknown values simply find nothing."""
    known = {
        "division": "divisions",
        "department": "departments",
        "sharing": "sharing",
        "opening": "opening",
        "format": "formats",
        "kind": "kinds",
        "theme": "themes",
        "cycle": "cycles",
        "fresh": "freshness",
    }
    chosen = {field: tuple(query.getlist(name))[:50] for name, field in known.items()}
    return EntryFilters(words=query.get("q", "").strip()[:100], order=query.get("order", ""), **chosen)


def reasons_of(data: QueryDict) -> list[Problem]:
    """Reasons of a return: those ticked from the checks, and one per line of the text, `where：what`."""
    found = [Problem("", line.strip()) for line in data.getlist("check") if line.strip()]
    for line in data.get("reasons", "").splitlines():
        where, colon, what = line.partition("：")
        found.append(
            Problem(where.strip(), what.strip()) if colon and what.strip() else Problem("", line.strip())
        )
    return [problem for problem in found if problem.what]
