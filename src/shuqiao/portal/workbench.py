"""The workbench: what must I do now, what is late, what was done, what I have been told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from shuqiao import law
from shuqiao.accounts.access import Request
from shuqiao.kernel.time import now, today
from shuqiao.portal import lines
from shuqiao.portal.axis import Duty, axis_of
from shuqiao.portal.wording import WEEKDAYS
from shuqiao.procedures import queries, services
from shuqiao.procedures.models import InboxItem
from shuqiao.procedures.paging import Shown, page_by_keys
from shuqiao.procedures.types import CaseKind

PAGE = 50


@require_GET
def inbox(request: Request) -> HttpResponse:
    """The lines of the signed-in person, most urgent first, under an axis of ten working days."""
    if request.actor.party_id:
        return redirect("opening:mine")  # somebody outside government has own cases, not a workbench
    on = today()
    late_only = request.GET.get("late") == "1"
    chosen = _chosen(request)
    items = queries.list_inbox_for(
        request.actor,
        only_late_on=on if late_only else None,
        kind=chosen["kind"],
        department=chosen["department"],
        words=chosen["words"],
    )
    kinds = queries.inbox_kinds_for(request.actor, on=on)
    counts = {"open": sum(lines for _, lines, _ in kinds), "late": sum(late for _, _, late in kinds)}
    request.inbox_counts = counts  # the shell shows them too
    known = counts["late" if late_only else "open"] if not any(chosen.values()) else None
    page = page_by_keys(items, request.GET.get("page"), PAGE, lines.COLUMNS, count=known)
    drawn = [lines.line_of(row, on) for row in page]
    return render(
        request,
        "portal/inbox.html",
        {
            "on": on,
            "today_words": today_in_words(on),
            "headline": headline(counts, due_today=sum(line.due == "today" for line in drawn)),
            "page": page,
            "groups": grouped(drawn),
            "axis": axis_of(duties_of(nearest(items, page), on), on, law.default_calendar().is_workday),
            "late_only": late_only,
            "chosen": chosen,
            "narrowed": any(chosen.values()),
            "kinds": [(kind, CaseKind(kind).label, count) for kind, count, _ in kinds],
            "departments": sorted(
                {(str(post.department_id), post.department_name) for post in request.actor.posts}
            ),
            "supervises": queries.supervises(request.actor),
        },
    )


@require_GET
def done(request: Request) -> HttpResponse:
    """What has been done on the lines of the signed-in person, newest first."""
    page = Paginator(queries.list_done_for(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/done.html", {"page": page})


@require_GET
def notices(request: Request) -> HttpResponse:
    """Notices to the person's departments; opening the first page marks them read."""
    page = Paginator(queries.list_notices_for(request.actor), PAGE).get_page(request.GET.get("page"))
    unread = queries.unread_notices_for(request.actor)
    services.mark_notices_read(actor=request.actor, until=now())
    return render(request, "portal/notices.html", {"page": page, "unread": unread})


def _chosen(request: Request) -> dict[str, Any]:
    """What narrows the inbox; what is no kind or no id narrows it to nothing it should not."""
    kind = request.GET.get("kind", "")
    try:
        department = UUID(request.GET.get("department", ""))
    except ValueError:
        department = None
    return {
        "kind": kind if kind in CaseKind.values else "",
        "department": department,
        "words": request.GET.get("q", "")[:100].strip(),
    }


GROUPS = (
    ("late", "已逾期　主管部门已知晓，计入考核", True),
    ("soon", "两个工作日内", False),
    ("later", "以后", False),
)


def grouped(drawn: Iterable[lines.Line]) -> list[dict[str, Any]]:
    """Lines under their headings; a heading without lines is left out."""
    by_due: dict[str, list[lines.Line]] = {"late": [], "soon": [], "later": []}
    for line in drawn:
        by_due["soon" if line.due == "today" else line.due].append(line)
    return [
        {"label": label, "late": late, "lines": by_due[key]} for key, label, late in GROUPS if by_due[key]
    ]


Nearest = tuple[str, str, date | None, bool | None]


def nearest(items: QuerySet[InboxItem], page: Page[Shown]) -> Iterable[Nearest]:
    """Title, page, last day and pause of the most urgent lines: the axis shows them whatever page is open."""
    columns = ("case_title", "case_url", "due_on", "paused")
    if page.number == 1:
        return map(itemgetter(*columns), page)
    return items.values_list(*columns)[:PAGE]


def duties_of(rows: Iterable[Nearest], on: date) -> list[Duty]:
    """What stands on the axis: running terms only."""
    days_until = law.default_calendar().workdays_between
    return [
        Duty(title, url, due, "l" if due < on else "o" if days_until(on, due) <= 2 else "")
        for title, url, due, paused in rows
        if due and not paused
    ]


def headline(counts: dict[str, int], *, due_today: int) -> str:
    """The state of the inbox in one sentence."""
    late = counts["late"]
    if not counts["open"]:
        return "没有要办的事"
    if due_today and late:
        return f"今天到期 {due_today} 件，另有 {late} 件已逾期"
    if late:
        return f"{late} 件已逾期"
    if due_today:
        return f"今天到期 {due_today} 件"
    return f"{counts['open']} 件待办，今天没有到期的"


def today_in_words(on: date) -> str:
    """2026年11月23日　星期一　工作日"""
    kind = "工作日" if law.default_calendar().is_workday(on) else "非工作日"
    return f"{on.year}年{on.month}月{on.day}日　{WEEKDAYS[on.weekday()].replace('周', '星期')}　{kind}"
