"""Pages of emergencies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.delivery.events import timeline_of
from shuqiao.delivery.types import Mode
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing import offers, reading
from shuqiao.sharing.emergencies import queries, rules, services, telling
from shuqiao.sharing.emergencies.queries import DECLARE, READ
from shuqiao.sharing.emergencies.types import Declaration, EmergencyStatus, Sharing
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.telling import asked_rows
from shuqiao.sharing.types import Scope

PAGE = 50


class DeclareForm(forms.Form):
    """What the bureau declares."""

    division = forms.ChoiceField(label="由哪个区划宣布")
    event = forms.CharField(label="事件", max_length=200, help_text="例如：强降雨引发的城区内涝")
    reason = forms.CharField(
        label="为什么要立即共享", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    divisions = forms.MultipleChoiceField(label="适用的区划", widget=forms.CheckboxSelectMultiple)
    until = forms.DateField(label="到哪一天为止", widget=DayInput())

    def __init__(self, *args: Any, divisions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = divisions  # type: ignore[attr-defined]
        self.fields["divisions"].choices = divisions  # type: ignore[attr-defined]


class ShareForm(forms.Form):
    """To whom, for what, how."""

    departments = forms.MultipleChoiceField(label="使用部门", widget=forms.CheckboxSelectMultiple)
    purpose = forms.CharField(label="用途", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    modes = forms.MultipleChoiceField(
        label="共享方式", choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, departments: list[tuple[str, str]], offered: frozenset[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["departments"].choices = departments  # type: ignore[attr-defined]
        self.fields["modes"].choices = [one for one in Mode.choices if one[0] in offered]  # type: ignore[attr-defined]


@require_GET
def index(request: Request) -> HttpResponse:
    """Emergencies the reader may see."""
    request.actor.demand(READ)
    status = request.GET.get("status", "")
    status = status if status in EmergencyStatus.values else ""
    rows = queries.list_emergencies_for(request.actor, status=status)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "states": EmergencyStatus.choices,
        "status": status,
        "may_declare": request.actor.may(DECLARE),
    }
    return render(request, "sharing/emergencies/list.html", context)


@require_http_methods(["GET", "POST"])
def declare(request: Request) -> HttpResponse:
    """The bureau declares an emergency."""
    request.actor.demand(DECLARE)
    covered = request.actor.divisions_with(DECLARE)
    divisions = [(one.code, one.name) for one in organizations.list_divisions().filter(code__in=covered)]
    own = next(post.division for post in request.actor.posts if post.division in covered)
    initial = {"division": own, "divisions": [own]}
    form = DeclareForm(
        request.POST if request.method == "POST" else None, divisions=divisions, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = services.declare_emergency(
            actor=request.actor,
            division=said["division"],
            said=Declaration(said["event"], said["reason"], tuple(said["divisions"]), said["until"]),
            on=today(),
        )
        messages.success(request, f"已宣布，案号 {made.number}。到期自动结束，之后须审查。")
        return redirect("sharing:emergency", made.id)
    regime = organizations.regime_of(own, today())
    context = {
        "form": form,
        "may": rules.may_begin(regime),
        "most_days": rules.most_days(regime),
        "articles": rules.articles(regime),
    }
    return render(request, "sharing/emergencies/declare.html", context, status=400 if form.errors else 200)


@require_GET
def show(request: Request, emergency_id: UUID) -> HttpResponse:
    """One emergency: what was opened, and what is to be done."""
    emergency = queries.get_emergency_for(request.actor, emergency_id)
    return render(request, "sharing/emergencies/emergency.html", _page(request, emergency))


def _page(request: Request, emergency: SharingEmergency) -> dict[str, Any]:
    on = today()
    acts = {act.name: act for act in telling.acts_for(request.actor, emergency, on)}
    names = dict(organizations.list_divisions().values_list("code", "name"))
    terms = procedures.terms_of(emergency.case_ref())
    return {
        "case": emergency,
        "acts": acts,
        "on": on,
        "places": [names.get(code, code) for code in emergency.divisions],
        "shares": queries.shares_of(emergency, request.actor),
        "accounts": queries.accounts_of(emergency, on) if "review" in acts else emergency.review_json,
        "oversees": request.actor.may(READ, division=emergency.division_id),
        "term": terms[-1] if terms else None,
        "articles": rules.articles(queries.regime_for(emergency, on)),
        "timeline": timeline_of(procedures.history_of(emergency.case_ref())),
    }


@require_http_methods(["GET", "POST"])
def share(request: Request, emergency_id: UUID, entry_id: UUID) -> HttpResponse:
    """Open an entry to departments at once; the page shows its columns."""
    emergency = queries.get_emergency_for(request.actor, emergency_id, DECLARE)
    listing = offers.listing_of(entry_id)
    departments = organizations.list_departments().filter(division__in=emergency.divisions)
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        departments=[(str(one.id), one.name) for one in departments if one.id != listing.provider_id],
        offered=listing.offer().modes,
        initial={"modes": [mode.value for mode in listing.modes][:1], "purpose": emergency.event},
    )
    items = reading.items_of(request.POST, listing.labels()) if request.method == "POST" else ()
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        scope = Scope(items, reading.where_of(request.POST), tuple(said["modes"]), emergency.until)
        sharing = Sharing(
            entry_id,
            listing.resource_id,
            tuple(UUID(one) for one in said["departments"]),
            scope,
            said["purpose"],
        )
        made = services.share_in_emergency(
            actor=request.actor, emergency_id=emergency_id, sharing=sharing, on=today()
        )
        messages.success(request, f"已开通 {len(made)} 项授权，提供部门和使用部门都已告知。")
        return redirect("sharing:emergency", emergency_id)
    context = {
        "case": emergency,
        "listing": listing,
        "form": form,
        "rows": asked_rows(listing, dict(items)),
        "columns": listing.columns,
        "ops": reading.OPS,
        "row": {},
        "articles": rules.articles(queries.regime_for(emergency, today())),
    }
    return render(request, "sharing/emergencies/share.html", context, status=400 if form.errors else 200)


@require_GET
def choose(request: Request, emergency_id: UUID) -> HttpResponse:
    """From the number of an entry to the page that opens it."""
    queries.get_emergency_for(request.actor, emergency_id, DECLARE)
    try:
        entry_id = UUID(request.GET.get("entry", "").strip().rstrip("/").rsplit("/", 1)[-1])
    except ValueError:
        raise InvalidInput.one("目录条目", "填条目页面的地址，或者地址末尾的编号") from None
    return redirect("sharing:emergency-share", emergency_id, entry_id)


@require_POST
def end(request: Request, emergency_id: UUID) -> HttpResponse:
    """Over before its day."""
    reason = request.POST.get("reason", "")
    services.end_emergency(actor=request.actor, emergency_id=emergency_id, reason=reason, on=today())
    messages.success(request, "应急共享已结束，全部授权已停止，请完成审查。")
    return redirect("sharing:emergency", emergency_id)


@require_POST
def review(request: Request, emergency_id: UUID) -> HttpResponse:
    """Looking back."""
    services.review_emergency(
        actor=request.actor,
        emergency_id=emergency_id,
        findings=request.POST.get("findings", ""),
        measures=request.POST.get("measures", ""),
        on=today(),
    )
    messages.success(request, "审查已完成，案件办结。")
    return redirect("sharing:emergency", emergency_id)
