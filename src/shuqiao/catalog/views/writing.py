"""What the form of an entry asks while it is being filled in, and entries begun from a sample of their data."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import classification, queries
from shuqiao.catalog.explaining import said_of
from shuqiao.catalog.forms import EntryEditor
from shuqiao.catalog.models import CONTENT_COLUMNS
from shuqiao.catalog.sampling import begin_from_sample
from shuqiao.catalog.types import FORMAT_TYPES, FormatCategory
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department

FOUND = 10
HEAD = 4_096  # bytes in which what is no text shows itself


def division_for(request: Request) -> str:
    """The division the form is for: the one asked for, else that of the person's first post."""
    post = request.actor.first_post
    return request.GET.get("division", "")[:12] or (post.division if post else "")


@require_POST
def check(request: Request) -> HttpResponse:
    """Every rule at its field with its article, for what stands in the form now. Nothing is saved."""
    content = EntryEditor(request.POST).draft()
    division = division_for(request)
    codes = classification.classes_of(division).codes
    said = said_of(content, organizations.regime_of(division, today()), codes)
    fields = [(name, said.get(name, [])) for name in (*CONTENT_COLUMNS, "items") if name != "related_codes"]
    waiting = sum(len(found) for found in said.values())
    context = {"fields": fields, "waiting": waiting, "format_types": _format_types(content.format_category)}
    return render(request, "catalog/_said.html", context)


def _format_types(category: str) -> tuple[str, ...]:
    """The types offered below a category, as the linked lists of the templates; none below one that is free."""
    return FORMAT_TYPES[FormatCategory(category)] if category in FormatCategory.values else ()


@require_GET
def classes(request: Request) -> HttpResponse:
    """The chooser of the classification: a level opens below what is chosen."""
    division = division_for(request)
    code = (request.GET.getlist("classification") or [""])[-1][:24]
    levels = classification.levels_of(division, code)
    known = next((level.chosen for level in reversed(levels) if level.chosen), "")
    context = {
        "levels": levels,
        "division": division,
        "unknown": code if len(code) > 5 and code != known else "",
    }
    return render(request, "catalog/_classes.html", context)


@require_GET
def related(request: Request) -> HttpResponse:
    """Published entries whose title has these words, to be ticked as related."""
    words = request.GET.get("related_q", "").strip()[:100]
    found = queries.list_titled_for(request.actor, words)[:FOUND] if words else []
    return render(request, "catalog/_related.html", {"found": found, "words": words})


@require_http_methods(["GET", "POST"])
def from_file(request: Request) -> HttpResponse:
    """Begin an entry from a sample of its data: columns, types and key are proposed as data items. The sample is
    looked at and removed; none of its values is kept."""
    departments = queries.editable_departments(request.actor)
    if not departments:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    problems: tuple[object, ...] = ()
    if request.method == "POST":
        try:
            return _begun(request, _chosen(request, departments))
        except InvalidInput as error:  # the page says what is wrong with the file
            problems = error.problems
    context = {"problems": problems, "departments": departments, "chosen": request.POST.get("department", "")}
    return render(request, "catalog/from_file.html", context, status=400 if problems else 200)


def _chosen(request: Request, departments: Sequence[Department]) -> UUID:
    """The department whose entry it will be; whoever works for several says for which."""
    if len(departments) == 1:
        return departments[0].pk
    given = request.POST.get("department", "")
    found = next((one.pk for one in departments if str(one.pk) == given), None)
    if found is None:
        raise InvalidInput.one("提供部门", "请选择是哪个部门的目录")
    return found


def _begun(request: Request, department_id: UUID) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput.one("文件", "请选择数据文件")
    revision = begin_from_sample(actor=request.actor, department_id=department_id, file=file, on=today())
    count = revision.items.count()
    messages.success(request, f"已按 {count} 列提出信息项，请核对并补齐其余要素。")
    return redirect("catalog:edit", revision.id)
