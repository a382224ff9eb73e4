"""Batch import: upload, report of every problem by cell, choice, confirmation, undoing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import intake, queries, sending, services, staging
from shuqiao.catalog.forms import UploadForm
from shuqiao.catalog.models import ColumnMapping, ImportRecord
from shuqiao.catalog.types import ImportStatus
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries as organizations

PAGE = 50
PROBLEMS_PAGE = 200
ENTRIES_PAGE = 100
SALT = "catalog.upload"
AGE = 24 * 3600
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = re.compile(r"\s*(\d{1,7})(?:\s*[-—–~至]\s*(\d{1,7}))?\s*")


def targets_for(request: Request) -> list[tuple[str, str]]:
    """Where the person may import to: departments by id, divisions by `d:` and code."""
    departments = [(str(one.id), one.name) for one in queries.editable_departments(request.actor)]
    divisions = intake.importable_divisions(request.actor)
    return departments + [(f"d:{one.code}", f"{one.name}全部部门（按提供单位分别归入）") for one in divisions]


def target_of(value: str) -> tuple[UUID | None, str]:
    """Department and division a target means."""
    if value.startswith("d:"):
        return None, value[2:]
    department = organizations.get_department(UUID(value))
    return department.id, department.division_id


@require_http_methods(["GET", "POST"])
def upload(request: Request) -> HttpResponse:
    """Upload a file; it is checked, nothing is imported yet."""
    targets = targets_for(request)
    if not targets:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    known = intake.list_mappings_for(request.actor)
    ways = [(str(one.id), f"列对应方案：{one}") for one in known]
    form = UploadForm(targets, ways, *((request.POST, request.FILES) if request.method == "POST" else ()))
    problems: tuple[object, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            return _received(request, form)
        except InvalidInput as error:  # the page shows the form again, with what is wrong with the file
            problems = error.problems
    records = Paginator(queries.list_imports_for(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": records, "problems": problems, "mappings": known}
    return render(request, "catalog/upload.html", context, status=400 if request.method == "POST" else 200)


def _received(request: Request, form: UploadForm) -> HttpResponse:
    """Check the upload at once, or first let the person say which column is what."""
    file, way, target = (form.cleaned_data[name] for name in ("file", "mapping", "department"))
    path, _ = staging.receive(file)
    if way == "new":
        said = {
            "name": path.name,
            "file": file.name[:200],
            "target": target,
            "by": str(request.actor.user_id),
        }
        token = signing.dumps(said, salt=SALT, compress=True)
        return redirect(f"{reverse('catalog:mapping-new')}?file={token}")
    try:
        mapping = intake.get_mapping_for(request.actor, UUID(way)) if way else None
        return redirect("catalog:import", check(request, path, file.name, target, mapping))
    finally:
        path.unlink(missing_ok=True)


def check(request: Request, path: Path, name: str, target: str, mapping: ColumnMapping | None) -> UUID:
    """Judge a received file and keep it with its record. Returns the record's id."""
    department_id, division = target_of(target)
    record = intake.check(
        request.actor,
        path,
        name,
        department_id=department_id,
        division=division,
        mapping=mapping,
        at=now(),
    )
    return record.id


@require_GET
def report(request: Request, import_id: UUID) -> HttpResponse:
    """Every problem of a file by place, and the choice: import the good entries, or correct the file first."""
    record = queries.get_import_for(request.actor, import_id)
    only = request.GET.get("only", "")
    problems = [one for one in record.problems if not only or bool(one["blocks"]) == (only == "blocks")]
    kinds = [
        (kind.partition("：")[2], count, kind.startswith("须改")) for kind, count in record.counts.items()
    ]
    unknown: Any = record.choices.get("unknown", {})
    chosen: Any = record.choices.get("providers", {})
    context: dict[str, Any] = {
        "record": record,
        "page": Paginator(problems, PROBLEMS_PAGE).get_page(request.GET.get("page")),
        "only": only,
        "kinds": kinds,
        "total": sum(record.counts.values()),
        "blocking": sum(count for _, count, blocks in kinds if blocks),
        "unknown": [(name, count, chosen.get(name, "")) for name, count in unknown.items()],
        "may_edit": may_import(request, record),
    }
    if context["unknown"] and context["may_edit"]:
        context["departments"] = list(organizations.list_departments(division=services.division_of(record)))
        context["rest"] = record.choices.get("rest", "")
        context["may_create"] = request.actor.may(
            P.ORGANIZATIONS_ADMIN, division=services.division_of(record)
        )
    return render(request, "catalog/import.html", context)


def may_import(request: Request, record: ImportRecord) -> bool:
    """Whether the person may go on with this import."""
    if record.department_id:
        return request.actor.may(P.CATALOG_ENTRY_EDIT, department_id=record.department_id)
    return request.actor.may(P.CATALOG_ENTRY_REVIEW, division=record.division_id)


@require_GET
def entries(request: Request, import_id: UUID) -> HttpResponse:
    """What the file holds, entry by entry, to be imported in part."""
    record = queries.get_import_for(request.actor, import_id)
    listed = intake.listed(staging.outline(import_id), request.GET.get("provider", ""))
    context = {
        "record": record,
        "page": Paginator(listed, ENTRIES_PAGE).get_page(request.GET.get("page")),
        "provider": request.GET.get("provider", ""),
        "may_edit": may_import(request, record) and record.status == ImportStatus.CHECKED,
    }
    return render(request, "catalog/import_entries.html", context)


@require_POST
def assign(request: Request, import_id: UUID) -> HttpResponse:
    """Say where entries of unknown providers go; the file is judged anew."""
    record = queries.get_import_for(request.actor, import_id)
    services.demand_import(request.actor, record.department_id, record.division_id)
    path, sha256 = staging.fetch(import_id)
    names, ids = request.POST.getlist("provider"), request.POST.getlist("department")
    reading = intake.read_record(record, path)
    judged = services.assign_providers(
        actor=request.actor,
        import_id=import_id,
        reading=reading,
        providers={name: value for name, value in zip(names, ids, strict=False) if value},
        rest=request.POST.get("rest", ""),
        sha256=sha256,
    )
    intake.outline(judged, reading)
    messages.success(request, "已按您的指定重新检查。")
    return redirect("catalog:import", import_id)


@require_POST
def confirm(request: Request, import_id: UUID) -> HttpResponse:
    """Import the good entries: all, or those chosen by row."""
    waiting = queries.get_import_for(request.actor, import_id)
    services.demand_import(request.actor, waiting.department_id, waiting.division_id)
    path, sha256 = staging.fetch(import_id)
    record = services.confirm_import(
        actor=request.actor,
        import_id=import_id,
        reading=intake.read_record(waiting, path),
        sha256=sha256,
        at=now(),
        on=today(),
        only=_chosen(request, import_id) if "some" in request.POST else None,
    )
    messages.success(request, f"已导入 {record.imported:,} 个条目为草稿。")
    return redirect("catalog:import", import_id)


def _chosen(request: Request, import_id: UUID) -> set[tuple[str, int]]:
    """Places ticked, and those in the ranges of rows written, e.g. 3-120, 150. Raises InvalidInput."""
    places = {tuple(one.split("@", 1)) for one in request.POST.getlist("pick") if "@" in one}
    chosen = {(sheet, int(row)) for row, sheet in places if row.isdecimal()}
    for part in filter(None, re.split(r"[,，、;；]", request.POST.get("rows", ""))):
        match = ROWS.fullmatch(part)
        if match is None:
            raise InvalidInput.one("行号", f"“{part}”不是行号，写作 3-120，150")
        first, last = int(match[1]), int(match[2] or match[1])
        chosen |= {(sheet, row) for sheet, row, *_ in staging.outline(import_id) if first <= row <= last}
    if not chosen:
        raise InvalidInput.one("所选条目", "请勾选条目或填写行号")
    return chosen


@require_GET
def annotated(request: Request, import_id: UUID) -> FileResponse:
    """A copy of the file with every problem written in."""
    return sending.annotated(queries.get_import_for(request.actor, import_id))


@require_POST
def discard(request: Request, import_id: UUID) -> HttpResponse:
    """Give a checked file up."""
    services.discard_import(actor=request.actor, import_id=import_id)
    staging.clear(import_id)
    messages.success(request, "已放弃这次导入，报告保留。")
    return redirect("catalog:upload")


@require_POST
def undo(request: Request, import_id: UUID) -> HttpResponse:
    """Take an import back."""
    record = services.undo_import(actor=request.actor, import_id=import_id, at=now(), on=today())
    left = f"，留下 {len(record.left):,} 个已有人处理的" if record.left else ""
    messages.success(request, f"已撤销这次导入{left}。")
    return redirect("catalog:import", import_id)
