"""Pages on which a department works on its own entries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, services
from shuqiao.catalog.classification import classes_of
from shuqiao.catalog.conflicts import conflict_of
from shuqiao.catalog.forms import EntryEditor, item_row
from shuqiao.catalog.presenting import own_line
from shuqiao.catalog.types import Status
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures.paging import page_by_keys

PAGE = 50
MORE_ROWS = 5
LISTED = ("title", "inner_department", "number", "status", "sharing_type", "case_number", "changed_at")
ITEMS_MAX = 500


@require_GET
def mine(request: Request) -> HttpResponse:
    """The revisions of my departments by state, with what can be done next."""
    wanted = request.GET.get("status", "")
    status = Status(wanted) if wanted in Status.values else None
    words = request.GET.get("q", "")[:200]
    revisions = queries.list_revisions_for(request.actor, status=status, words=words)
    counts = queries.own_counts_for(request.actor)
    known: int | None = (
        counts.get(wanted, 0) if status else sum(counts.values()) - counts.get(Status.GIVEN_UP, 0)
    )
    known = None if words.strip() else known
    page = page_by_keys(revisions, request.GET.get("page"), PAGE, LISTED, count=known)
    context = {
        "page": page,
        "lines": [own_line(row) for row in page],
        "status": wanted,
        "words": words,
        "states": [(value, label, counts.get(value, 0)) for value, label in Status.choices],
        "may_edit": request.actor.may(P.CATALOG_ENTRY_EDIT),
        "may_sign": bool(request.actor.departments_with(P.CATALOG_ENTRY_SIGN)),
    }
    return render(request, "catalog/mine.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Begin an entry."""
    departments = queries.editable_departments(request.actor)
    if not departments:
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    editor = _editor(request)
    chosen = request.POST.get("department", "")
    department = next((one for one in departments if str(one.id) == chosen), departments[0])
    codes = classes_of(department.division_id).codes
    if request.method == "POST" and "more" not in request.POST and editor.is_valid(codes):
        revision = services.create_entry(
            actor=request.actor, department_id=department.id, content=editor.content(), on=today()
        )
        messages.success(request, "草稿已保存。报送前还缺什么，列在下面。")
        return redirect("catalog:revision", revision.id)
    context = _form(editor, department.division_id) | {"departments": departments, "revision": None}
    return render(request, "catalog/edit.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
def edit(request: Request, revision_id: UUID) -> HttpResponse:
    """Change a draft or a returned revision."""
    revision = queries.get_revision_for(request.actor, revision_id, P.CATALOG_ENTRY_EDIT)
    editor = _editor(request) if request.method == "POST" else EntryEditor(content=revision.content())
    context = _form(editor, revision.entry.division_id) | {"revision": revision}
    context["lock_version"] = revision.lock_version
    codes = classes_of(revision.entry.division_id).codes
    if request.method == "POST" and "more" not in request.POST and editor.is_valid(codes):
        started = _number(request.POST.get("lock_version", ""))
        if started != revision.lock_version and revision.is_editable:
            context["conflict"] = conflict_of(revision, editor.content())
            return render(request, "catalog/edit.html", context, status=409)
        services.save_draft(
            actor=request.actor,
            revision_id=revision_id,
            content=editor.content(),
            on=today(),
            lock_version=started,
        )
        messages.success(request, "已保存。")
        return redirect("catalog:revision", revision_id)
    return render(request, "catalog/edit.html", context, status=_status(request))


def _form(editor: EntryEditor, division: str) -> dict[str, Any]:
    """The editor with its fields in groups, each under the articles that ask for it in this division today."""
    return {
        "editor": editor,
        "division": division,
        "sections": editor.form.sections(organizations.regime_of(division, today())),
    }


def _editor(request: Request) -> EntryEditor:
    """The editor as posted; the button for more rows, for browsers without scripts, only adds empty ones."""
    if request.method != "POST":
        return EntryEditor()
    if "more" not in request.POST:
        return EntryEditor(request.POST)
    data = request.POST.copy()
    data["items-TOTAL_FORMS"] = str(min(_number(data.get("items-TOTAL_FORMS", "")) + MORE_ROWS, ITEMS_MAX))
    return EntryEditor(data)


def _status(request: Request) -> int:
    return 400 if request.method == "POST" and "more" not in request.POST else 200


def _number(text: str) -> int:
    """A number of a hidden field. Raises InvalidInput when somebody changed it."""
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInput.one("表单", "版本或行数不是数字，请重新打开本页")
    return int(text)


@require_GET
def add_item(request: Request) -> HttpResponse:
    """One more row of the form, put in by htmx."""
    order = _number(request.GET.get("items-TOTAL_FORMS", "0"))
    if order >= ITEMS_MAX:
        raise InvalidInput.one("信息项", f"最多 {ITEMS_MAX} 个")
    return render(
        request, "catalog/item_row.html", {"form": item_row(order), "total": order + 1, "fresh": True}
    )


@require_POST
def ask_sign_off(request: Request, revision_id: UUID) -> HttpResponse:
    """Put the finished draft before the head of the sharing body."""
    services.ask_sign_off(actor=request.actor, revision_id=revision_id, on=today())
    messages.success(request, "已请共享工作机构负责人审签。")
    return redirect("catalog:revision", revision_id)


@require_POST
def submit(request: Request, revision_id: UUID) -> HttpResponse:
    """Sign and send to the bureau."""
    revision = services.submit_revision(actor=request.actor, revision_id=revision_id, on=today())
    messages.success(request, f"已签署并报送，案号 {revision.case_number}。")
    return redirect("catalog:revision", revision_id)


@require_POST
def submit_many(request: Request) -> HttpResponse:
    """Sign several at once; each that cannot go is listed with its reasons."""
    result = services.submit_revisions(actor=request.actor, revision_ids=_ids(request), on=today())
    return render(request, "catalog/batch.html", {"result": result, "verb": "报送", "back": "catalog:mine"})


def _ids(request: Request) -> list[UUID]:
    try:
        ids = [UUID(value) for value in request.POST.getlist("revision")]
    except ValueError:
        raise InvalidInput.one("所选条目", "编号不正确，请重新打开本页") from None
    if not ids:
        raise InvalidInput.one("所选条目", "请至少选择一项")
    return ids


@require_POST
def revise(request: Request, entry_id: UUID) -> HttpResponse:
    """Begin the next revision of a published entry, or come to the one already begun."""
    revision, begun = services.reach_revision(actor=request.actor, entry_id=entry_id, on=today())
    if begun:
        return redirect("catalog:edit", revision.id)
    state = Status(revision.status).label
    messages.info(request, f"这个条目已有第 {revision.number} 版（{state}），见本页；没有另起一版。")
    return redirect("catalog:revision", revision.id)


@require_POST
def withdraw(request: Request, entry_id: UUID) -> HttpResponse:
    """Take an entry out of the catalogue."""
    services.withdraw_entry(
        actor=request.actor, entry_id=entry_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "条目已撤下。")
    return redirect("catalog:mine")
