"""Calendar administration: the yearly notice is pasted or uploaded, looked at, then imported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.procedures import calendars, workdays
from shuqiao.procedures.day_input import DayInput

MOST_BYTES = 64 * 1024


class NoticeForm(forms.Form):
    """The notice: which year, what it is called, and its days as lines or TOML."""

    year = forms.IntegerField(label="年份", min_value=2000, max_value=2100)
    source = forms.CharField(label="通知名称", max_length=200)
    number = forms.CharField(label="文号", max_length=64)
    issued_on = forms.DateField(label="印发日期", widget=DayInput())
    days = forms.CharField(
        label="放假与调休",
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="一行一天或一段：2027-02-05..2027-02-11,休 或 2027-02-14,班。也可上传文件。",
    )
    file = forms.FileField(label="文件（.csv 或 .toml）", required=False)

    def clean(self) -> dict[str, Any]:
        """Either the lines or a file; the file's name says its form."""
        given = super().clean() or {}
        file = given.get("file")
        given["form"] = "lines"
        if file:
            if file.size > MOST_BYTES:
                raise forms.ValidationError("文件太大：一年的安排只有几十行")
            given["form"] = "toml" if file.name.lower().endswith(".toml") else "lines"
            try:
                given["days"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError("文件应为 UTF-8 编码") from None
        if not given.get("days", "").strip():
            raise forms.ValidationError("请填写放假与调休的日子，或上传文件")
        return given


@require_http_methods(["GET", "POST"])
def working_days(request: Request) -> HttpResponse:
    """Imported years and the form; `step=preview` shows what would change, `step=import` does it."""
    request.actor.demand(P.PROCEDURES_CALENDAR)
    form = NoticeForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    context: dict[str, Any] = {"problems": (), "preview": None}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            notice = calendars.notice_of(
                year=given["year"],
                source=given["source"],
                number=given["number"],
                text=given["days"],
                form=given["form"],
            )
        except InvalidInput as error:  # named by line, beside what was typed
            context["problems"] = error.problems
        else:
            if request.POST.get("step") == "import":
                return _import(request, notice, given)
            context["preview"] = calendars.preview(actor=request.actor, notice=notice)
            context["lines"] = _lines_of(notice)
    wrong = bool(form.errors or context["problems"])
    context |= {
        "form": form,
        "years": calendars.list_years_for(request.actor),
        "known_until": workdays.current().known_until,
    }
    return render(request, "portal/working_days.html", context, status=400 if wrong else 200)


def _import(request: Request, notice: law.YearNotice, given: dict[str, Any]) -> HttpResponse:
    row = calendars.import_year(
        actor=request.actor,
        notice=notice,
        source=given["source"],
        number=given["number"],
        issued_on=given["issued_on"],
        on=today(),
    )
    messages.success(request, f"{row.year} 年工作日安排已导入，受影响的期限已重新计算")
    return redirect("portal:working-days")


def _lines_of(notice: law.YearNotice) -> str:
    lines = [f"{day},休" for day in sorted(notice.off)] + [f"{day},班" for day in sorted(notice.work)]
    return "\n".join(lines)
