"""The bureau's watch (督办): every open clock of its divisions, reminders one by one or many, and statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import Actor, P
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries, services, supervising
from shuqiao.procedures.day_input import DayInput
from shuqiao.procedures.supervising import DIMENSIONS, Dimension, State, Watch
from shuqiao.procedures.types import CaseKind

PAGE = 50
STATES: tuple[tuple[State, str], ...] = (
    ("overdue", "已逾期"),
    ("today", "今天到期"),
    ("near", "两个工作日内"),
    ("open", "全部未办结"),
)
DIMENSION_WORDS: Mapping[Dimension, str] = {"department": "部门", "kind": "事项", "month": "月份"}
NUMBERS = (
    ("opened", "收到"),
    ("in_time", "按期办结"),
    ("late", "逾期办结"),
    ("rate", "按期率（%）"),
    ("days", "平均工作日"),
    ("still_open", "在办"),
    ("overdue", "其中逾期"),
)


class WatchForm(forms.Form):
    """What narrows the list."""

    state = forms.ChoiceField(choices=STATES, required=False)
    department = forms.UUIDField(required=False)
    kind = forms.ChoiceField(choices=[("", ""), *CaseKind.choices], required=False)


class StatisticsForm(WatchForm):
    """What is counted, and how it is grouped."""

    since = forms.DateField(required=False, widget=DayInput())
    until = forms.DateField(required=False, widget=DayInput())
    by = forms.MultipleChoiceField(choices=list(DIMENSION_WORDS.items()), required=False)


def _valid(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise InvalidInput(
            [Problem(name, str(error)) for name, found in form.errors.items() for error in found]
        )
    return form.cleaned_data


def _watch(given: Mapping[str, Any]) -> Watch:
    return Watch(given["state"] or "overdue", given["department"], given["kind"])


def _departments(actor: Actor) -> list[tuple[str, str]]:
    divisions = actor.divisions_with(P.PROCEDURES_SUPERVISE)
    rows = organizations.list_departments().filter(division__in=divisions)
    return [(str(row.id), row.name) for row in rows]


@require_GET
def supervision(request: Request) -> HttpResponse:
    """Open terms in the divisions the bureau supervises; overdue ones unless another state is asked for."""
    on = today()
    watch = _watch(_valid(WatchForm(request.GET)))
    terms = supervising.list_terms_for(request.actor, watch, on=on)
    page = Paginator(terms, PAGE).get_page(request.GET.get("page"))
    times = supervising.reminders_of(list(page))
    return render(
        request,
        "portal/supervision.html",
        {
            "page": page,
            "rows": [{"term": term, "times": times.get(term.case_id, 0)} for term in page],
            "on": on,
            "watch": watch,
            "states": STATES,
            "state_words": dict(STATES)[watch.state],
            "kinds": CaseKind.choices,
            "departments": _departments(request.actor),
            "may": queries.supervises(request.actor),
            "back": request.GET.urlencode(),
        },
    )


@require_POST
def remind(request: Request, term_id: UUID) -> HttpResponse:
    """The bureau reminds the department of a term (催办)."""
    term = services.remind(actor=request.actor, term_id=term_id, on=today())
    messages.success(request, f"已催办 {term.department.name}：{term.case_title}")
    return redirect("portal:supervision")


@require_POST
def remind_many(request: Request) -> HttpResponse:
    """The bureau reminds of the chosen terms (批量催办)."""
    try:
        ids = [UUID(value) for value in request.POST.getlist("term")]
    except ValueError:
        raise InvalidInput.one("期限", "不是有效的编号") from None
    count = supervising.remind_many(actor=request.actor, term_ids=ids, on=today())
    messages.success(request, f"已催办 {count} 件")
    return redirect("portal:supervision")


@require_GET
def statistics(request: Request) -> HttpResponse:
    """How many answers came in time, by department, procedure and month; as a page, CSV or XLSX (`form`)."""
    request.actor.demand(P.PROCEDURES_SUPERVISE)
    given = _valid(StatisticsForm(request.GET))
    on = today()
    until = given["until"] or on
    since = given["since"] or date(until.year - 1, until.month, 1)
    by = tuple(dimension for dimension in DIMENSIONS if dimension in given["by"]) or ("department",)
    watch = _watch(given)
    rows = supervising.statistics_for(request.actor, by=by, since=since, until=until, on=on, watch=watch)
    heads = [DIMENSION_WORDS[dimension] for dimension in by] + [label for _, label in NUMBERS]
    lines = [_line(row, by) for row in rows]
    form = request.GET.get("form", "")
    if form in {"csv", "xlsx"}:
        return _download(heads, lines, form, f"{since}-{until}")
    chosen = [("by", dimension) for dimension in by]
    query = urlencode(
        [
            ("since", since),
            ("until", until),
            ("kind", watch.kind),
            ("department", watch.department or ""),
            *chosen,
        ]
    )
    return render(
        request,
        "portal/statistics.html",
        {
            "heads": heads,
            "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
            "dimensions": [(name, label, name in by) for name, label in DIMENSION_WORDS.items()],
            "since": since,
            "until": until,
            "watch": watch,
            "kinds": CaseKind.choices,
            "departments": _departments(request.actor),
            "query": query,
        },
    )


def _line(row: Mapping[str, Any], by: Iterable[Dimension]) -> list[Any]:
    words = {
        "department": row.get("department__name"),
        "kind": CaseKind(row["case_kind"]).label if "case_kind" in row else "",
        "month": f"{row['month']:%Y-%m}" if row.get("month") else "",
    }
    numbers = [row[name] for name, _ in NUMBERS]
    numbers[4] = round(row["days"], 1) if row["days"] is not None else None
    return [words[dimension] for dimension in by] + numbers


def _download(heads: list[str], lines: list[list[Any]], form: str, span: str) -> HttpResponse:
    """Department names come from the administrator, so no cell is a formula: none begins with = + - or @."""
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(
            [heads, *(["" if cell is None else _safe(cell) for cell in x] for x in lines)]
        )
        answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        from openpyxl import Workbook

        book, content = Workbook(write_only=True), io.BytesIO()
        sheet = book.create_sheet("期限统计")
        for line in [heads, *lines]:
            sheet.append([_safe(cell) for cell in line])
        book.save(content)
        answer = HttpResponse(
            content.getvalue(),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    answer["Content-Disposition"] = f'attachment; filename="terms-{span}.{form}"'
    return answer


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@"} else cell
