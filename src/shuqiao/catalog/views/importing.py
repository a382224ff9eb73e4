"""Batch import: upload, report of every problem by cell, confirm."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, services, spreadsheet, staging
from shuqiao.catalog.forms import UploadForm
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import now, today

PAGE = 50
PROBLEMS_PAGE = 200


@require_http_methods(["GET", "POST"])
def upload(request: Request) -> HttpResponse:
    """Upload a workbook; it is checked, nothing is imported yet."""
    departments = queries.editable_departments(request.actor)
    if not departments:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    choices = [(str(one.id), one.name) for one in departments]
    form = (
        UploadForm(choices, request.POST, request.FILES) if request.method == "POST" else UploadForm(choices)
    )
    problems: tuple[object, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("catalog:import", _check(request, form))
        except InvalidInput as error:  # the page shows the form again, with what is wrong with the file
            problems = error.problems
    records = Paginator(queries.list_imports_for(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": records, "problems": problems}
    return render(request, "catalog/upload.html", context, status=400 if request.method == "POST" else 200)


def _check(request: Request, form: UploadForm) -> UUID:
    file = form.cleaned_data["file"]
    path, sha256 = staging.receive(file)
    try:
        record = services.check_import(
            actor=request.actor,
            department_id=UUID(form.cleaned_data["department"]),
            reading=spreadsheet.read(path),
            file_name=file.name,
            sha256=sha256,
            at=now(),
        )
        staging.keep(path, record.id)
    finally:
        path.unlink(missing_ok=True)
    return record.id


@require_GET
def report(request: Request, import_id: UUID) -> HttpResponse:
    """Every problem of a sheet by cell, and the choice: import the good entries, or correct the sheet first."""
    record = queries.get_import_for(request.actor, import_id)
    only = request.GET.get("only", "")
    problems = [one for one in record.problems if not only or bool(one["blocks"]) == (only == "blocks")]
    context = {
        "record": record,
        "page": Paginator(problems, PROBLEMS_PAGE).get_page(request.GET.get("page")),
        "only": only,
        "blocking": sum(bool(one["blocks"]) for one in record.problems),
        "may_edit": request.actor.may(P.CATALOG_ENTRY_EDIT, department_id=record.department_id),
    }
    return render(request, "catalog/import.html", context)


@require_POST
def confirm(request: Request, import_id: UUID) -> HttpResponse:
    """Import the good entries."""
    waiting = queries.get_import_for(request.actor, import_id)
    request.actor.demand(P.CATALOG_ENTRY_EDIT, department_id=waiting.department_id)
    path, sha256 = staging.fetch(import_id)
    record = services.confirm_import(
        actor=request.actor,
        import_id=import_id,
        reading=spreadsheet.read(path),
        sha256=sha256,
        at=now(),
        on=today(),
    )
    staging.clear(import_id)
    messages.success(request, f"已导入 {record.imported:,} 个条目为草稿。")
    return redirect("catalog:import", import_id)


@require_POST
def discard(request: Request, import_id: UUID) -> HttpResponse:
    """Give a checked sheet up."""
    services.discard_import(actor=request.actor, import_id=import_id)
    staging.clear(import_id)
    messages.success(request, "已放弃这次导入，报告保留。")
    return redirect("catalog:upload")
