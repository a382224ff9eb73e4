"""Pages of verifications: the list, one of them, the provider's answer, and what readers were told."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.delivery.events import timeline_of
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import CaseKind
from shuqiao.resources import queries as resources
from shuqiao.sharing.models import Verification
from shuqiao.sharing.telling import term_in_words
from shuqiao.sharing.verification import findings, queries, rows, rules, services, telling
from shuqiao.sharing.verification.forms import AcceptForm
from shuqiao.sharing.verification.types import VERIFICATION_OPEN, Finding, Outcome, VerificationStatus

PAGE = 50
TABS = {"all": "全部", "by_us": "我们提出的", "of_us": "向我们提出的"}


@require_GET
def index(request: Request) -> HttpResponse:
    """Verifications by us and of us, with the counts of those the reader may see."""
    request.actor.demand(P.SHARING_VERIFICATION_READ)
    given = request.GET
    tab = given.get("tab", "all") if given.get("tab", "all") in TABS else "all"
    found = queries.list_verifications_for(
        request.actor,
        which=tab,
        status=given.get("status", ""),
        citizen=bool(given.get("citizen")),
        words=given.get("q", "")[:100],
    )
    page = Paginator(found, PAGE).get_page(given.get("page"))
    terms = procedures.open_terms_of_many(CaseKind.VERIFICATION, [one.id for one in page])
    context = {
        "page": page,
        "lines": [{"case": one, "term": terms.get(one.id)} for one in page],
        "tabs": [{"id": name, "label": label, "current": name == tab} for name, label in TABS.items()],
        "tab": tab,
        "states": VerificationStatus.choices,
        "given": {name: given.get(name, "") for name in ("status", "citizen", "q")},
        "statistics": queries.statistics_for(request.actor),
        "on": today(),
    }
    return render(request, "sharing/verification/list.html", context)


@require_GET
def of_resource(request: Request, resource_id: UUID) -> HttpResponse:
    """From a table to the grants of it under which the reader may ask: one leads on at once."""
    facts = resources.published_table(resource_id)
    grants = queries.grants_to_ask(request.actor, resource_id)
    if len(grants) == 1:
        return redirect("sharing:verification-new", grants[0].id)
    return render(request, "sharing/verification/grants.html", {"facts": facts, "grants": grants})


@never_cache
@require_GET
def told(request: Request, grant_id: UUID) -> HttpResponse:
    """What the holder of a grant was told: which records it read were corrected."""
    grant, lines = queries.told_to_grant(request.actor, grant_id)
    return render(request, "sharing/verification/told.html", {"grant": grant, "lines": lines})


@never_cache
@require_GET
def show(request: Request, verification_id: UUID) -> HttpResponse:
    """One verification: what is said to be wrong, where it stands, what can be done next."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_READ)
    return render(request, "sharing/verification/show.html", _context(request, case))


def _context(request: Request, case: Verification) -> dict[str, Any]:
    on = today()
    regime = queries.regime_for(case, on)
    fields = queries.fields_of(case)
    terms = procedures.terms_of(case.case_ref())
    running = next((term for term in terms if term.closed_on is None), terms[-1] if terms else None)
    resolved = running.clock().rule if running else regime.term(rules.REPLY)
    return {
        "case": case,
        "files": queries.files_of(case),
        "is_party": queries.is_party(request.actor, case),
        "may_attach": case.status in VERIFICATION_OPEN
        and queries.may_on(request.actor, case, P.SHARING_VERIFICATION_ASK),
        "on": on,
        "fields": fields,
        "records": telling.records_of(telling.lines_of(request.actor, case, fields)),
        "term": running,
        "term_words": term_in_words(resolved),
        "resolved": resolved,
        "decision": case.decision(),
        "acts": telling.acts_of(request.actor, case, regime),
        "act_names": {one["act"] for one in telling.acts_of(request.actor, case, regime)},
        "next": telling.next_in_words(case, on),
        "sees_name": queries.may_on(request.actor, case, P.SHARING_VERIFICATION_ASK),
        "told": list(queries.told_of(case)) if case.status == VerificationStatus.CORRECTED else [],
        "timeline": timeline_of(procedures.history_of(case.case_ref())),
        "articles": [one for one in telling.articles_of(regime) if not resolved or one != resolved.source],
    }


@never_cache
@require_GET
def answer(request: Request, verification_id: UUID) -> HttpResponse:
    """The provider's page: what is in the data now beside what is believed, and the answer."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_ANSWER)
    return _answer_page(request, case, AcceptForm(initial={"correct_by": case.correct_by}))


def _answer_page(
    request: Request, case: Verification, form: AcceptForm, *, status: int = 200
) -> HttpResponse:
    context = _context(request, case)
    correction = queries.regime_for(case, context["on"]).term(rules.CORRECTION)
    given = request.POST
    for one in context["fields"]:
        one.is_now = "；".join(_now(case, one.key, one.column)) or "（没有这条记录）"
        one.chosen = given.get(f"outcome-{one.id}", one.outcome)
        one.written = given.get(f"correct-{one.id}", one.correct or one.believed)
    context |= {
        "form": form,
        "outcomes": Outcome.choices,
        "due": findings.due_of(correction, case.asked_on),
        "correction": correction,
    }
    return render(request, "sharing/verification/answer.html", context, status=status)


def _now(case: Verification, key: list[str], column: str) -> list[str]:
    facts = resources.published_table(case.resource_id)
    found = rows.values_of(facts.store_version, case.key_columns, [str(part) for part in key], [column])
    return [text or "（空）" for text in found[0]]


def _found(request: Request, case: Verification) -> dict[UUID, Finding]:
    given = request.POST
    return {
        one.id: Finding(given.get(f"outcome-{one.id}", ""), given.get(f"correct-{one.id}", ""))
        for one in queries.fields_of(case)
    }


@require_POST
def accept(request: Request, verification_id: UUID) -> HttpResponse:
    """Fields are wrong: what they are corrected to, and until when."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_ANSWER)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _answer_page(request, case, form, status=400)
    until: date = form.cleaned_data["correct_by"]
    services.accept_verification(
        actor=request.actor,
        verification_id=verification_id,
        found=_found(request, case),
        reason=form.cleaned_data["reason"],
        correct_by=until,
        on=today(),
    )
    messages.success(
        request, "已答复核实有误。发布含更正内容的新版本后，本案自动办结，并通知读过旧值的部门。"
    )
    return redirect("sharing:verification", verification_id)


@require_POST
def restate(request: Request, verification_id: UUID) -> HttpResponse:
    """What is corrected, stated anew."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_ANSWER)
    services.restate_correction(
        actor=request.actor,
        verification_id=verification_id,
        found=_found(request, case),
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    messages.success(request, "已更改更正内容，并告知提出部门。")
    return redirect("sharing:verification", verification_id)


@require_POST
def confirm(request: Request, verification_id: UUID) -> HttpResponse:
    """The data are right."""
    services.confirm_verification(
        actor=request.actor,
        verification_id=verification_id,
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    messages.success(request, "已答复核实无误。")
    return redirect("sharing:verification", verification_id)


@require_POST
def reject(request: Request, verification_id: UUID) -> HttpResponse:
    """It is not corrected, with reason and basis."""
    services.reject_verification(
        actor=request.actor,
        verification_id=verification_id,
        reason=request.POST.get("reason", ""),
        basis=request.POST.get("basis", ""),
        on=today(),
    )
    messages.success(request, "已答复不予更正。")
    return redirect("sharing:verification", verification_id)


@require_POST
def withdraw(request: Request, verification_id: UUID) -> HttpResponse:
    """No longer asked."""
    services.withdraw_verification(
        actor=request.actor,
        verification_id=verification_id,
        reason=request.POST.get("reason", ""),
        on=today(),
    )
    messages.success(request, "已撤回校核。")
    return redirect("sharing:verification", verification_id)


@require_POST
def serve(request: Request, verification_id: UUID) -> HttpResponse:
    """The citizen was served on valid proof."""
    services.record_served(
        actor=request.actor,
        verification_id=verification_id,
        document=request.POST.get("document", ""),
        service_item=request.POST.get("service_item", ""),
        on=today(),
    )
    messages.success(request, "已记录凭有效证明办理。")
    return redirect("sharing:verification", verification_id)


@require_POST
def erase(request: Request, verification_id: UUID) -> HttpResponse:
    """The citizen's name is erased."""
    services.erase_citizen(actor=request.actor, verification_id=verification_id, on=today())
    messages.success(request, "已删除当事人姓名。")
    return redirect("sharing:verification", verification_id)
