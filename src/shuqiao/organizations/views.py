"""Pages of filed contacts (备案), and of departments and people for the administrator."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P, Role
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries, services
from shuqiao.organizations.forms import DepartmentForm, EngageForm, FilingForm
from shuqiao.organizations.models import Department
from shuqiao.organizations.types import DepartmentKind


@require_GET
def filings(request: Request) -> HttpResponse:
    """Departments the person may read filings of; what is missing or older than a year stands out."""
    rows = queries.list_filings_for(request.actor, on=today())
    editable = request.actor.departments_with(P.ORGANIZATIONS_FILING_EDIT)
    shown = (one.division_id for row in rows if isinstance(one := row["department"], Department))
    context = {
        "rows": rows,
        "editable": editable,
        "wanting": sum(bool(row["needs_filing"]) for row in rows),
        "articles": queries.filing_articles(shown, today()),
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
    articles = queries.filing_articles([department.division_id], today())
    context = {"form": form, "department": department, "articles": articles}
    return render(request, "organizations/filing_form.html", context, status=400 if form.errors else 200)


@require_GET
def departments(request: Request) -> HttpResponse:
    """Departments of the divisions the person administers."""
    request.actor.demand(P.ORGANIZATIONS_ADMIN)
    page = Paginator(queries.list_administered(request.actor), 50).get_page(request.GET.get("page"))
    return render(request, "organizations/departments.html", {"page": page})


@require_http_methods(["GET", "POST"])
def new_department(request: Request) -> HttpResponse:
    """A body takes part."""
    request.actor.demand(P.ORGANIZATIONS_ADMIN)
    own = request.actor.divisions_with(P.ORGANIZATIONS_ADMIN)
    divisions = [division for division in queries.list_divisions() if division.code in own]
    form = DepartmentForm(request.POST if request.method == "POST" else None, divisions=divisions)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        kind = DepartmentKind(given.pop("kind"))
        made = services.create_department(actor=request.actor, kind=kind, **given)
        messages.success(request, f"{made.name}已加入。接着任命它的人员。")
        return redirect("organizations:department", made.id)
    return render(
        request, "organizations/department_form.html", {"form": form}, status=400 if form.errors else 200
    )


def _people_page(
    request: Request, department: Department, form: EngageForm, status: int = 200
) -> HttpResponse:
    context = {"department": department, "people": queries.people_of(department.id), "form": form}
    return render(request, "organizations/department.html", context, status=status)


@require_http_methods(["GET", "POST"])
def department(request: Request, department_id: UUID) -> HttpResponse:
    """The people of a department; a person gets a role."""
    found = queries.get_department(department_id)
    request.actor.demand(P.ORGANIZATIONS_ADMIN, division=found.division_id)
    form = EngageForm(
        request.POST if request.method == "POST" else None, bureau=found.kind == DepartmentKind.BUREAU
    )
    if request.method == "GET" or not form.is_valid():
        return _people_page(request, found, form, 400 if form.errors else 200)
    given = dict(form.cleaned_data)
    role = Role(given.pop("role"))
    user, password = services.engage(
        actor=request.actor, department_id=found.id, role=role, on=today(), **given
    )
    if password:
        context = {"person": user, "password": password}
        return render(request, "organizations/password.html", context, status=201)
    messages.success(request, f"{user.name}已任{role.label}。")
    return redirect("organizations:department", found.id)


@require_POST
def end_appointment(request: Request, membership_id: UUID) -> HttpResponse:
    """A person leaves a role."""
    request.actor.demand(P.ORGANIZATIONS_ADMIN)
    ended = services.end_appointment(actor=request.actor, membership_id=membership_id, on=today())
    messages.success(request, f"{ended.user.name}不再任{Role(ended.role).label}。")
    return redirect("organizations:department", ended.department_id)


@require_POST
def reset_password(request: Request, user_id: UUID) -> HttpResponse:
    """A new initial password, shown once."""
    request.actor.demand(P.ORGANIZATIONS_ADMIN)
    user, password = services.reset_password(actor=request.actor, user_id=user_id)
    context = {"person": user, "password": password}
    return render(request, "organizations/password.html", context, status=201)
