"""Pages of filed contacts (备案)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries, services
from shuqiao.organizations.forms import FilingForm
from shuqiao.organizations.types import FILING_ARTICLE


@require_GET
def filings(request: Request) -> HttpResponse:
    """Departments the person may read filings of; what is missing or older than a year stands out."""
    rows = queries.list_filings_for(request.actor, on=today())
    editable = request.actor.departments_with(P.ORGANIZATIONS_FILING_EDIT)
    context = {
        "rows": rows,
        "editable": editable,
        "wanting": sum(bool(row["needs_filing"]) for row in rows),
        "article": FILING_ARTICLE,
    }
    return render(request, "organizations/filings.html", context)


@require_http_methods(["GET", "POST"])
def file_contacts(request: Request, department_id: UUID) -> HttpResponse:
    """A department files its contacts anew."""
    department = queries.get_department(department_id)
    request.actor.demand(P.ORGANIZATIONS_FILING_EDIT, department_id=department.id)
    latest = queries.latest_filing(department.id)
    names = list(FilingForm.base_fields)
    sent = request.POST if request.method == "POST" else None
    form = FilingForm(sent, initial={name: getattr(latest, name, "") for name in names})
    if request.method == "POST" and form.is_valid():
        services.file_contacts(
            actor=request.actor, department_id=department.id, at=now(), **form.cleaned_data
        )
        messages.success(request, f"{department.name}的联络信息已备案")
        return redirect("organizations:filings")
    context = {"form": form, "department": department, "article": FILING_ARTICLE}
    return render(request, "organizations/filing_form.html", context, status=400 if form.errors else 200)
