"""Pages about collection outside the catalogue in an emergency."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import services
from shuqiao.catalog.onesource import emergencies, rules
from shuqiao.catalog.types import EmergencyStatus
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.day_input import DayInput


class EmergencyForm(forms.Form):
    """What is collected outside the catalogue, why, on which ground, from when until when."""

    department = forms.ChoiceField(label="采集部门")
    what = forms.CharField(label="采集内容", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label="应急事由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    basis = forms.CharField(label="依据", max_length=300, help_text="例如启动应急响应的文件及文号")
    from_on = forms.DateField(label="起", widget=DayInput())
    until_on = forms.DateField(label="止", widget=DayInput())

    def __init__(self, *args: object, departments: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]

    def facts(self) -> rules.EmergencyFacts:
        """What the rule looks at."""
        given = self.cleaned_data
        return rules.EmergencyFacts(
            given["what"], given["reason"], given["basis"], given["from_on"], given["until_on"]
        )


def _departments(request: Request) -> list[tuple[str, str]]:
    own = request.actor.departments_with(P.CATALOG_ENTRY_SIGN)
    watched = request.actor.divisions_with(P.CATALOG_ENTRY_REVIEW)
    rows = organizations.list_departments()
    return [(str(row.id), row.name) for row in rows if row.id in own or row.division_id in watched]


@require_GET
def emergency_list(request: Request) -> HttpResponse:
    """Emergency collections, those running first."""
    request.actor.demand(P.CATALOG_ENTRY_READ)
    on = today()
    rows = emergencies.list_emergencies_for(request.actor, status=request.GET.get("status", ""))
    context = {
        "lines": [(row, emergencies.is_late(row, on)) for row in rows],
        "states": EmergencyStatus.choices,
        "status": request.GET.get("status", ""),
        "may_open": request.actor.may(P.CATALOG_ENTRY_SIGN) or request.actor.may(P.CATALOG_ENTRY_REVIEW),
    }
    return render(request, "catalog/emergencies.html", context)


@require_http_methods(["GET", "POST"])
def new_emergency(request: Request) -> HttpResponse:
    """Record one."""
    choices = _departments(request)
    if not choices:
        raise NotAllowed(P.CATALOG_ENTRY_SIGN.value, "应急采集由部门负责人或主管部门登记")
    form = EmergencyForm(
        request.POST if request.method == "POST" else None, departments=choices, initial={"from_on": today()}
    )
    if request.method == "POST" and form.is_valid():
        row = services.open_emergency(
            actor=request.actor, department_id=UUID(form.cleaned_data["department"]), facts=form.facts(), on=today()
        )  # fmt: skip
        messages.success(request, f"已登记，案号 {row.case_number}。到期前会提醒。")
        return redirect("catalog:emergency", row.id)
    regime = organizations.regime_of(request.actor.posts[0].division, today())
    context = {"form": form, "articles": rules.articles(regime, rules.EMERGENCY)}
    return render(request, "catalog/emergency_new.html", context, status=400 if form.is_bound else 200)


@require_GET
def emergency_detail(request: Request, emergency_id: UUID) -> HttpResponse:
    """One collection, and ending it."""
    row = emergencies.get_emergency_for(request.actor, emergency_id)
    division = row.department.division_id
    regime = organizations.regime_of(division, today())
    may = request.actor.may(P.CATALOG_ENTRY_SIGN, department_id=row.department_id)
    context = {
        "row": row,
        "late": emergencies.is_late(row, today()),
        "may_end": row.status == EmergencyStatus.RUNNING
        and (may or request.actor.may(P.CATALOG_ENTRY_REVIEW, division=division)),
        "articles": rules.articles(regime, rules.EMERGENCY),
        "history": procedures.history_of(row.case()),
    }
    return render(request, "catalog/emergency.html", context)


@require_POST
def end_emergency(request: Request, emergency_id: UUID) -> HttpResponse:
    """It ends, and what becomes of the data."""
    row = services.end_emergency(
        actor=request.actor, emergency_id=emergency_id, disposal=request.POST.get("disposal", ""), on=today()
    )
    messages.success(request, f"{row.case_number} 已结束。")
    return redirect("catalog:emergency", row.id)
