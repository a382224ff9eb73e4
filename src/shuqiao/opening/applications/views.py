"""Pages of open applications: the applicant's and the officer's are one address, each sees its side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from shuqiao.accounts.access import Request
from shuqiao.catalog import queries as catalog
from shuqiao.delivery import queries as delivery
from shuqiao.kernel import NotFound
from shuqiao.kernel.time import today
from shuqiao.opening.applications import queries, rules, scoping, services, telling
from shuqiao.opening.applications.forms import AgreeForm, ApplicationForm, SupplementForm, initial_of
from shuqiao.opening.applications.types import UNDECIDED, ApplicationStatus, Draft, Offer
from shuqiao.opening.models import OpenAgreement, OpenApplication
from shuqiao.opening.replies import pdf
from shuqiao.opening.replies import services as replies
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.resources import conditions

PAGE = 50


def base_of(request: Request) -> str:
    """The shell of the page: the open platform for applicants, the workbench for officers."""
    return "portal/work.html" if request.actor.posts else "portal/open.html"


@require_GET
def applications(request: Request) -> HttpResponse:
    """Applications to our departments, or the applicant's own."""
    given = request.GET
    status = given.get("status", "") if given.get("status") in ApplicationStatus.values else ""
    rows = queries.list_applications_for(request.actor, status=status, words=given.get("q", "")[:100])
    page = Paginator(rows, PAGE).get_page(given.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.OPEN_APPLICATION, [one.id for one in page])
    context = {
        "base": base_of(request),
        "page": page,
        "lines": [{"case": one, "term": terms.get(one.id)} for one in page],
        "states": ApplicationStatus.choices,
        "status": status,
        "words": given.get("q", ""),
        "on": today(),
    }
    return render(request, "opening/applications/list.html", context)


@require_http_methods(["GET", "POST"])
def apply(request: Request, entry_id: UUID) -> HttpResponse:
    """Apply for an entry that is open on application. What the rule refuses is said before anything is filled in."""
    party = queries.applicant(request.actor)
    entry = catalog.public_facts_of(entry_id)
    table, offer = _offered(entry_id)
    regime = organizations.regime_of(entry.division, today())
    labels = _labels(entry_id, table)
    offered = [(name, labels.get(name, name)) for name in offer.masks]
    posted = request.POST if request.method == "POST" else None
    form = ApplicationForm(posted, offered=offered, purposes=telling.purpose_choices(regime))
    if request.method == "POST" and form.is_valid():
        made, code = services.submit_application(
            actor=request.actor,
            entry_id=entry_id,
            resource_id=table.id if table else None,
            draft=form.draft(),
            on=today(),
        )
        messages.success(
            request, f"已受理，受理号 {made.number}，查询码 {code}。查询码只显示这一次，请记下来。"
        )
        return redirect("opening:application", made.id)
    empty = queries.facts_of_draft(party, entry_id, offer, Draft())
    context = {
        "facts": entry,
        "form": form,
        "may": rules.may_ask(empty, regime),
        "term": regime.term(rules.REPLY),
        "basis": rules.basis_of(regime, rules.APPLICATION),
        "masks": {labels.get(name, name): mask for name, mask in offer.masks.items() if mask != "none"},
    }
    return render(request, "opening/applications/apply.html", context, status=400 if form.errors else 200)


def _offered(entry_id: UUID) -> tuple[Any, Offer]:
    """The table offered and what of it; nothing when nothing is mounted."""
    entry = catalog.facts_of(entry_id)
    try:
        table = queries.table_of(entry_id)
    except NotFound:
        return None, Offer(entry.opening_type, {}, entry.opening_basis)
    return table, queries.offer_of(entry, table)


def _labels(entry_id: UUID, table: Any) -> dict[str, str]:
    names = {item.id: item.name for item in catalog.facts_of(entry_id).items}
    return {one.name: names.get(one.item, one.name) for one in table.columns} if table else {}


@require_GET
def application(request: Request, application_id: UUID) -> HttpResponse:
    """One application: what was asked, where it stands, the agreement, and what its reader may do next."""
    case = queries.get_application_for(request.actor, application_id)
    return render(request, "opening/applications/application.html", page_of(request, case))


def page_of(request: Request, case: OpenApplication, **more: Any) -> dict[str, Any]:
    """What the page about one application shows."""
    on = today()
    acts = {act.name: act for act in telling.acts_for(request.actor, case, on)}
    grants = delivery.grants_of_case(case.case_ref())
    terms = procedures.terms_of(case.case_ref())
    initial = {"items": [one["name"] for one in case.items], "valid_until": case.valid_until}
    return {
        "base": base_of(request),
        "case": case,
        "mine": queries.is_applicant(request.actor, case),
        "acts": acts,
        "gone": queries.offer_now(case).gone if case.status in UNDECIDED else "",
        "ask_supplement": acts.get("ask-supplement"),
        "may_ask_supplement": "ask-supplement" in acts and acts["ask-supplement"].ready,
        "rows": telling.rows_of(case),
        "given": case.given(),
        "decision": case.decision(),
        "term": next((term for term in terms if term.term_id == rules.REPLY), None),
        "on": on,
        "agreement": OpenAgreement.objects.filter(application=case).first(),
        "reply": replies.files_of(case),
        "has_font": pdf.font() is not None,
        "grants": grants,
        "reports": case.follow_ups.all(),
        "citation": telling.citation_of(case, on) if case.opened_on else "",
        "history": procedures.histories_of([case.case_ref(), *(grant.case_ref() for grant in grants)]),
        "agree_form": AgreeForm(asked=case, initial=initial, masks=scoping.masks_for(case))
        if "agree" in acts
        else None,
        "where_columns": sorted(scoping.kinds_of(case.resource_id)) if "agree" in acts else [],
        "where_rows": [{}],
        "where_words": telling.where_in_words(case),
        "ops": conditions.OPS,
        **more,
    }


@require_http_methods(["GET", "POST"])
def supplement(request: Request, application_id: UUID) -> HttpResponse:
    """The applicant supplies what was asked for."""
    case = queries.get_own(request.actor, application_id)
    labels = _labels(case.entry_id, queries.table_of(case.entry_id, case.resource_id))
    offered = [(name, labels.get(name, name)) for name in queries.offer_now(case).masks]
    purposes = telling.purpose_choices(queries.regime_for(case, today()))
    if request.method == "POST":
        form = SupplementForm(request.POST, offered=offered, purposes=purposes)
        if form.is_valid():
            services.supplement_application(
                actor=request.actor,
                application_id=case.id,
                draft=form.draft(),
                note=form.cleaned_data["note"],
                on=today(),
            )
            messages.success(request, "已补正，期限继续计算。")
            return redirect("opening:application", case.id)
    else:
        form = SupplementForm(initial=initial_of(case), offered=offered, purposes=purposes)
    context = {"case": case, "form": form, "points": case.supplement_points}
    return render(
        request, "opening/applications/supplement.html", context, status=400 if form.errors else 200
    )


@require_GET
def reply_docx(request: Request, application_id: UUID) -> HttpResponse:
    """The written reply as a Word document."""
    from shuqiao.opening.replies import docx

    return _file(request, application_id, docx, "docx")


@require_GET
def reply_pdf(request: Request, application_id: UUID) -> HttpResponse:
    """The written reply as PDF."""
    return _file(request, application_id, pdf, "pdf")


def _file(request: Request, application_id: UUID, maker: Any, ending: str) -> HttpResponse:
    case = queries.get_application_for(request.actor, application_id)
    words = replies.files_of(case)
    if words is None:
        raise NotFound("书面答复")
    response = HttpResponse(maker.document_of(words), content_type=maker.MEDIA_TYPE)
    response["Content-Disposition"] = (
        f'attachment; filename="reply-{case.submitted_on:%Y}-{case.id}.{ending}"'
    )
    return response


@require_GET
def agreement(request: Request, application_id: UUID) -> HttpResponse:
    """The frozen text of the agreement."""
    case = queries.get_application_for(request.actor, application_id)
    found = OpenAgreement.objects.filter(application=case).first()
    if found is None:
        raise NotFound("开放协议")
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="agreement-{case.id}.txt"'
    return response
