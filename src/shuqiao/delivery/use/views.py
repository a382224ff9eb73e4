"""The page of a grant's use, and the steps on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.delivery import events
from shuqiao.delivery import services as grants
from shuqiao.delivery.models import OnwardConsent
from shuqiao.delivery.types import FilingKind
from shuqiao.delivery.use import forms, queries, services
from shuqiao.delivery.use.types import ConsentOf
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures


@require_GET
def show(request: Request, grant_id: UUID) -> HttpResponse:
    """Reports, disposal, corrections, consents and filings of one grant, and what may be done next."""
    return _page(request, grant_id)


def _page(
    request: Request, grant_id: UUID, bound: dict[str, django_forms.Form] | None = None
) -> HttpResponse:
    on = today()
    use = queries.get_use_for(request.actor, grant_id)
    acts = queries.acts_for(request.actor, use, on)
    context = {
        "use": use,
        "grant": use.grant,
        "on": on,
        "acts": acts,
        "term": procedures.open_term_of(use.record.case_ref()) if use.record else None,
        "timeline": events.timeline_of(
            procedures.histories_of([use.record.case_ref()]) if use.record else []
        ),
        **_forms(use, acts),
        **(bound or {}),
    }
    return render(request, "delivery/use/page.html", context, status=400 if bound else 200)


def _forms(use: queries.Use, acts: list[queries.Act]) -> dict[str, Any]:
    """The forms of what is allowed now."""
    allowed = {act.name for act in acts if act.decision.allowed}
    plain: dict[str, type[django_forms.Form]] = {
        "report": forms.ReportForm,
        "dispose": forms.DisposalForm,
        "demand": forms.DemandForm,
        "order": forms.OrderForm,
        "corrected": forms.CorrectedForm,
        "file": forms.FilingForm,
    }
    shown: dict[str, Any] = {
        f"{name}_form": kind(prefix=name) for name, kind in plain.items() if name in allowed
    }
    if "change" in allowed:
        by_holder = queries.changes_as_holder(acts)
        shown["change_form"] = forms.ChangeForm(prefix="change", grant=use.grant, by_holder=by_holder)
    if of := _consenting(acts):
        shown["consent_form"] = forms.ConsentForm(prefix="consent", of=of)
    return shown


def _consenting(acts: list[queries.Act]) -> list[ConsentOf]:
    allowed = {act.name for act in acts if act.decision.allowed}
    return [of for of in ConsentOf if f"consent-{of.value}" in allowed]


def _step(
    request: Request, grant_id: UUID, name: str, form: django_forms.Form, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """A form that reads is carried out; one that does not comes back with every field named."""
    if not form.is_valid():
        return _page(request, grant_id, {f"{name}_form": form})
    act(form.cleaned_data)
    messages.success(request, "已办理，记入经过。")
    return redirect("delivery:use", grant_id)


@require_POST
def report(request: Request, grant_id: UUID) -> HttpResponse:
    """The holder reports the use."""
    form = forms.ReportForm(request.POST, prefix="report")
    return _step(
        request, grant_id, "report", form,
        lambda _: services.report_use(
            actor=request.actor, grant_id=grant_id, report=form.report(), on=today()
        ),
    )  # fmt: skip


@require_POST
def dispose(request: Request, grant_id: UUID) -> HttpResponse:
    """The holder confirms that the data was disposed of."""
    form = forms.DisposalForm(request.POST, prefix="dispose")
    return _step(
        request, grant_id, "dispose", form,
        lambda _: services.confirm_disposal(
            actor=request.actor, grant_id=grant_id, facts=form.facts(), on=today()
        ),
    )  # fmt: skip


@require_POST
def demand(request: Request, grant_id: UUID) -> HttpResponse:
    """The provider says how its data is to be disposed of."""
    form = forms.DemandForm(request.POST, prefix="demand")
    return _step(
        request, grant_id, "demand", form,
        lambda said: services.demand_disposal(
            actor=request.actor, grant_id=grant_id, text=said["text"], on=today()
        ),
    )  # fmt: skip


@require_POST
def order(request: Request, grant_id: UUID) -> HttpResponse:
    """Provider or bureau orders a correction."""
    form = forms.OrderForm(request.POST, prefix="order")
    return _step(
        request, grant_id, "order", form,
        lambda said: services.order_correction(
            actor=request.actor, grant_id=grant_id, demand=said["demand"], due_on=said["due_on"], on=today()
        ),
    )  # fmt: skip


@require_POST
def corrected(request: Request, grant_id: UUID) -> HttpResponse:
    """The holder reports what it has put right."""
    form = forms.CorrectedForm(request.POST, prefix="corrected")
    return _step(
        request, grant_id, "corrected", form,
        lambda said: services.report_correction(
            actor=request.actor, grant_id=grant_id, text=said["text"], on=today()
        ),
    )  # fmt: skip


@require_POST
def consent(request: Request, grant_id: UUID) -> HttpResponse:
    """A consent to passing on is recorded."""
    form = forms.ConsentForm(request.POST, prefix="consent", of=list(ConsentOf))
    return _step(
        request, grant_id, "consent", form,
        lambda _: services.record_onward_consent(
            actor=request.actor, grant_id=grant_id, consent=form.consent(), on=today()
        ),
    )  # fmt: skip


@require_POST
def withdraw_consent(request: Request, consent_id: UUID) -> HttpResponse:
    """A consent is taken back."""
    row: OnwardConsent = services.withdraw_onward_consent(
        actor=request.actor, consent_id=consent_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已收回同意。")
    return redirect("delivery:use", row.record.grant_id)


@require_POST
def file(request: Request, grant_id: UUID) -> HttpResponse:
    """The provider files that it will end or change the service."""
    form = forms.FilingForm(request.POST, prefix="file")
    return _step(
        request, grant_id, "file", form,
        lambda said: grants.file_stop(
            actor=request.actor, grant_id=grant_id, on=today(), **{**said, "kind": FilingKind(said["kind"])}
        ),
    )  # fmt: skip


@require_POST
def withdraw_filing(request: Request, filing_id: UUID) -> HttpResponse:
    """The provider will not do what it filed."""
    filing = grants.withdraw_filing(actor=request.actor, filing_id=filing_id, on=today())
    messages.success(request, "已撤回备案，服务照旧。")
    return redirect("delivery:use", filing.grant_id)


@require_POST
def change(request: Request, grant_id: UUID) -> HttpResponse:
    """The provider narrows the grant as it filed; the holder gives part of it up."""
    use = queries.get_use_for(request.actor, grant_id)
    by_holder = queries.changes_as_holder(queries.acts_for(request.actor, use, today()))
    form = forms.ChangeForm(request.POST, prefix="change", grant=use.grant, by_holder=by_holder)
    return _step(
        request, grant_id, "change", form,
        lambda _: grants.change_grant(actor=request.actor, grant_id=grant_id, on=today(), **form.change()),
    )  # fmt: skip
