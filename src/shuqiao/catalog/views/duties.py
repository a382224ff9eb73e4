"""Pages of update duties, and of data that is late."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import services
from shuqiao.catalog.life import duties, freshness, rules, stale
from shuqiao.catalog.life.forms import DutyForm
from shuqiao.catalog.models import Entry, UpdateDuty
from shuqiao.catalog.types import Confirmation, DutyStatus
from shuqiao.catalog.views.choosing import ids_of, number_of
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import today
from shuqiao.law import Regime
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures

PAGE = 50
TONES = {
    DutyStatus.OPEN: "ochre",
    DutyStatus.REPORTED: "wait",
    DutyStatus.DONE: "jade",
    DutyStatus.CANCELLED: "off",
}


def regime_here(request: Request) -> Regime | None:
    """The regime of the division where the reader has the first post, today."""
    post = request.actor.first_post
    return organizations.regime_of(post.division, today()) if post else None


@require_GET
def duty_list(request: Request) -> HttpResponse:
    """Duties the reader may see, by state; the overdue ones by themselves."""
    wanted = request.GET.get("status", "")
    overdue = duties.list_overdue_for(request.actor, today())
    found = overdue
    if wanted != "overdue":
        found = duties.list_duties_for(
            request.actor, DutyStatus(wanted) if wanted in DutyStatus.values else None
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    clocks = duties.clocks_of(list(page))
    regime = regime_here(request)
    context = {
        "page": page,
        "lines": [
            {"duty": duty, "term": clocks.get(duty.id), "tone": TONES[DutyStatus(duty.status)]}
            for duty in page
        ],
        "status": wanted,
        "states": DutyStatus.choices,
        "overdue": overdue.count(),
        "articles": rules.update_articles(regime) if regime else (),
        "may_record": bool(duties.departments_to_charge(request.actor)),
        "on": today(),
    }
    return render(request, "catalog/duties.html", context)


@require_http_methods(["GET", "POST"])
def new_duty(request: Request) -> HttpResponse:
    """Record a change for one or several departments."""
    departments = duties.departments_to_charge(request.actor)
    if not departments:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有登记目录更新的权限")
    finding = "find" in request.POST
    form = DutyForm(departments, request.POST if request.method == "POST" and not finding else None,
                    initial=_initial(request) if finding else {"changed_on": today()})  # fmt: skip
    chosen = ids_of(request, "entry") if request.method == "POST" else []
    if request.method == "POST" and not finding and form.is_valid():
        made = services.record_duties(
            actor=request.actor,
            department_ids=[UUID(one) for one in form.cleaned_data["departments"]],
            occasion=form.occasion(),
            entry_ids=chosen,
            on=today(),
        )
        messages.success(request, f"已登记，{len(made)} 个部门各产生一项更新义务。")
        return redirect("catalog:duty", made[0].id) if len(made) == 1 else redirect("catalog:duties")
    words = request.POST.get("words", "").strip()[:100]
    regime = regime_here(request)
    context = {
        "form": form,
        "words": words,
        "entries": _choices(departments, words, chosen) if words or chosen else [],
        "articles": rules.update_articles(regime) if regime else (),
    }
    return render(
        request,
        "catalog/new_duty.html",
        context,
        status=400 if request.method == "POST" and not finding else 200,
    )


def _initial(request: Request) -> dict[str, Any]:
    """What was written so far, kept while entries are looked for."""
    fields = {name: request.POST.get(name, "") for name in ("trigger", "what", "basis", "changed_on")}
    return {**fields, "departments": request.POST.getlist("departments")}


def _choices(departments: list[Any], words: str, chosen: list[UUID]) -> list[Entry]:
    """Entries found and those chosen before, each knowing whether it is chosen."""
    found = {one.pk: one for one in duties.entries_to_charge(departments, words)} if words else {}
    kept = Entry.objects.filter(pk__in=chosen, department__in=departments, published__isnull=False)
    rows = {one.pk: one for one in kept.select_related("published", "department")} | found
    for entry in rows.values():
        entry.chosen = entry.pk in chosen  # type: ignore[attr-defined]
    return list(rows.values())


@require_GET
def duty_detail(request: Request, duty_id: UUID) -> HttpResponse:
    """One duty: its clock, its entries, what was said, and what can be done next."""
    duty = duties.get_duty_for(request.actor, duty_id)
    rows = duties.entries_of(duty)
    for row in rows:
        row.title = duties.title_of(row)  # type: ignore[attr-defined]
    regime = organizations.regime_of(duty.department.division_id, today())
    term = procedures.open_term_of(duty.case())
    rule = term.clock().rule if term else None
    actions = duties.actions_for(request.actor, duty)
    words = request.GET.get("q", "").strip()[:100]
    context = {
        "duty": duty,
        "tone": TONES[DutyStatus(duty.status)],
        "rows": rows,
        "pending": sum(row.outcome == Confirmation.PENDING for row in rows),
        "term": term,
        "extension_days": rule.extension_days if rule else None,
        "extension_articles": [rule.extension_source] if rule and rule.extension_source else [],
        "actions": actions,
        "articles": rules.update_articles(regime),
        "words": words,
        "candidates": _further(duty, words) if "work" in actions and words else [],
        "history": procedures.history_of(duty.case()),
    }
    return render(request, "catalog/duty.html", context)


def _further(duty: UpdateDuty, words: str) -> list[Entry]:
    listed = {row.entry_id for row in duty.entries.all()}
    return [
        one for one in duties.entries_to_charge([duty.department], words, limit=50) if one.pk not in listed
    ]


@require_POST
def add_entries(request: Request, duty_id: UUID) -> HttpResponse:
    """Put further entries under the duty."""
    services.add_duty_entries(
        actor=request.actor, duty_id=duty_id, entry_ids=ids_of(request, "entry"), on=today()
    )
    messages.success(request, "已列入。")
    return redirect("catalog:duty", duty_id)


@require_POST
def unchanged(request: Request, duty_id: UUID) -> HttpResponse:
    """Say of entries that the change asks nothing of them."""
    services.mark_unchanged(
        actor=request.actor,
        duty_id=duty_id,
        entry_ids=ids_of(request, "entry"),
        note=request.POST.get("note", ""),
        on=today(),
    )
    messages.success(request, "已注明无需更新。")
    return redirect("catalog:duty", duty_id)


@require_POST
def ask_extension(request: Request, duty_id: UUID) -> HttpResponse:
    """Ask the bureau for more days."""
    services.ask_update_extension(
        actor=request.actor,
        duty_id=duty_id,
        days=number_of(request, "days"),
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    messages.success(request, "已提请主管部门。")
    return redirect("catalog:duty", duty_id)


@require_POST
def answer_extension(request: Request, duty_id: UUID) -> HttpResponse:
    """Consent to more days, or not."""
    consent = bool(request.POST.get("consent"))
    services.answer_update_extension(
        actor=request.actor,
        duty_id=duty_id,
        consent=consent,
        days=number_of(request, "days") if consent else 0,
        note=request.POST.get("note", ""),
        on=today(),
    )
    messages.success(request, "已答复部门。")
    return redirect("catalog:duty", duty_id)


@require_POST
def report(request: Request, duty_id: UUID) -> HttpResponse:
    """Report to the bureau."""
    services.report_duty(
        actor=request.actor, duty_id=duty_id, report=request.POST.get("report", ""), on=today()
    )
    messages.success(request, "已报告主管部门。")
    return redirect("catalog:duty", duty_id)


@require_POST
def confirm(request: Request, duty_id: UUID) -> HttpResponse:
    """The bureau confirms."""
    services.confirm_duty(actor=request.actor, duty_id=duty_id, on=today())
    messages.success(request, "已确认。")
    return redirect("catalog:duty", duty_id)


@require_POST
def send_back(request: Request, duty_id: UUID) -> HttpResponse:
    """The bureau sends the report back."""
    services.send_duty_back(
        actor=request.actor, duty_id=duty_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已退回部门。")
    return redirect("catalog:duty", duty_id)


@require_POST
def cancel(request: Request, duty_id: UUID) -> HttpResponse:
    """The bureau takes the duty back."""
    services.cancel_duty(
        actor=request.actor, duty_id=duty_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已撤销。")
    return redirect("catalog:duty", duty_id)


@require_GET
def stale_list(request: Request) -> HttpResponse:
    """Entries of the reader's departments and divisions whose data is later than the promised cycle."""
    page = Paginator(stale.list_stale_for(request.actor, today()), PAGE).get_page(request.GET.get("page"))
    for entry in page:
        late = freshness.judge(entry.published.update_cycle, entry.last_on, today()).late_by
        entry.late_words = f"逾期 {late} 天"
    return render(request, "catalog/stale.html", {"page": page})
