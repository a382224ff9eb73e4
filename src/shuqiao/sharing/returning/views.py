"""Pages of return flows."""

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
from shuqiao.accounts.types import P
from shuqiao.delivery.events import timeline_of
from shuqiao.delivery.types import Mode
from shuqiao.kernel.time import today
from shuqiao.law import BasisLevel
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing import offers
from shuqiao.sharing.models import ReturnFlow
from shuqiao.sharing.returning import queries, rules, services, telling
from shuqiao.sharing.returning.types import AreaForm, NoFacts, ReturnDraft, ReturnStatus
from shuqiao.sharing.types import BASIS_LEVELS
from shuqiao.store import ColumnType

PAGE = 50


class ReturnForm(forms.Form):
    """What a lower department asks for."""

    department = forms.ChoiceField(label="部门")
    items = forms.MultipleChoiceField(label="信息项", widget=forms.CheckboxSelectMultiple)
    purpose = forms.CharField(label="用途", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    modes = forms.MultipleChoiceField(
        label="共享方式", choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )
    valid_until = forms.DateField(
        label="使用时限",
        required=False,
        widget=DayInput(),
        help_text="可以不填",
    )

    def __init__(
        self, *args: Any, departments: list[tuple[str, str]], listing: offers.Listing, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer = listing.offer()
        items = [(one.name, one.label) for one in listing.columns if one.name in offer.masks]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]
        self.fields["items"].choices = items  # type: ignore[attr-defined]
        self.fields["modes"].choices = [one for one in Mode.choices if one[0] in offer.modes]  # type: ignore[attr-defined]

    def draft(self) -> ReturnDraft:
        """The form that services take."""
        said = self.cleaned_data
        return ReturnDraft(tuple(said["items"]), tuple(said["modes"]), said["purpose"], said["valid_until"])


@require_GET
def index(request: Request) -> HttpResponse:
    """Return flows of our departments and divisions."""
    request.actor.demand(P.SHARING_REQUEST_READ)
    status = request.GET.get("status", "")
    status = status if status in ReturnStatus.values else ""
    page = Paginator(queries.list_returns_for(request.actor, status=status), PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "states": ReturnStatus.choices,
        "status": status,
    }
    return render(request, "sharing/returning/list.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Request, entry_id: UUID) -> HttpResponse:
    """A lower department asks for its area's rows."""
    request.actor.demand(P.SHARING_REQUEST_SIGN)
    listing = offers.listing_of(entry_id)
    departments = queries.lower_departments(request.actor, listing.division)
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        departments=[(str(one), name) for one, name in departments],
        listing=listing,
        initial={"modes": [mode.value for mode in listing.modes][:1]},
    )
    if request.method == "POST" and form.is_valid():
        made = services.ask_return(
            actor=request.actor,
            department_id=UUID(form.cleaned_data["department"]),
            entry_id=entry_id,
            resource_id=listing.resource_id,
            draft=form.draft(),
            on=today(),
        )
        opened = made.status == ReturnStatus.OPENED
        words = "已回流，授权即时开通。" if opened else "已提出，等待提供部门标注区划列。"
        messages.success(request, words)
        return redirect("sharing:return", made.id)
    regime = organizations.regime_of(listing.division, today())
    context = {
        "form": form,
        "entry": listing.entry,
        "departments": departments,
        "column": queries.column_now(listing),
        "in_force": regime.rule(rules.RULE) is not None,
        "articles": rules.articles(regime),
    }
    return render(request, "sharing/returning/new.html", context, status=400 if form.errors else 200)


@require_GET
def show(request: Request, flow_id: UUID) -> HttpResponse:
    """One return flow."""
    flow = queries.get_return_for(request.actor, flow_id, P.SHARING_REQUEST_READ)
    return render(request, "sharing/returning/return.html", _page(request, flow))


def _page(request: Request, flow: ReturnFlow) -> dict[str, Any]:
    on = today()
    acts = {act.name: act for act in telling.acts_for(request.actor, flow, on)}
    return {
        "case": flow,
        "acts": acts,
        "levels": BASIS_LEVELS,
        "decision": flow.decision(),
        "articles": rules.articles(queries.regime_for(flow, on)),
        "timeline": timeline_of(procedures.history_of(flow.case_ref())),
    }


@require_http_methods(["GET", "POST"])
def mark(request: Request, entry_id: UUID) -> HttpResponse:
    """The provider marks which column says the area."""
    listing = offers.listing_of(entry_id)
    request.actor.demand(P.SHARING_REQUEST_ANSWER, department_id=listing.provider_id)
    if request.method == "POST":
        form = request.POST.get("form", "")
        services.mark_resource(
            actor=request.actor,
            entry_id=entry_id,
            resource_id=listing.resource_id,
            column=request.POST.get("column", ""),
            form=AreaForm(form) if form in AreaForm.values else AreaForm.NAME,
            on=today(),
        )
        messages.success(request, "已标注；等待回流的部门已即时开通。")
        return redirect("sharing:return-mark", entry_id)
    names = listing.table.columns if listing.table else ()
    regime = organizations.regime_of(listing.division, today())
    context = {
        "entry": listing.entry,
        "columns": [one.name for one in names if one.type == ColumnType.TEXT],
        "forms": AreaForm.choices,
        "mark": queries.mark_of(listing.resource_id),
        "articles": rules.articles(regime),
    }
    return render(request, "sharing/returning/mark.html", context)


@require_POST
def open_(request: Request, flow_id: UUID) -> HttpResponse:
    """Open what waits, once it is marked."""
    services.open_return(actor=request.actor, flow_id=flow_id, on=today())
    messages.success(request, "已回流。")
    return redirect("sharing:return", flow_id)


@require_POST
def refuse(request: Request, flow_id: UUID) -> HttpResponse:
    """Only the law is a ground."""
    level = request.POST.get("level", "")
    no = NoFacts(
        request.POST.get("reason", ""),
        request.POST.get("basis", ""),
        BasisLevel(level) if level in set(BasisLevel) else None,
    )
    services.refuse_return(actor=request.actor, flow_id=flow_id, no=no, on=today())
    messages.success(request, "已答复：依法不能回流。")
    return redirect("sharing:return", flow_id)


@require_POST
def withdraw(request: Request, flow_id: UUID) -> HttpResponse:
    """No longer needed."""
    reason = request.POST.get("reason", "")
    services.withdraw_return(actor=request.actor, flow_id=flow_id, reason=reason, on=today())
    messages.success(request, "已撤回。")
    return redirect("sharing:return", flow_id)
