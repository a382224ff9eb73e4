"""Pages of one version: how it is read, how far it is, what came out, its check and re-check."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries as catalog
from shuqiao.kernel import InvalidInput, NotFound, Problem
from shuqiao.kernel.time import now, today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.types import E
from shuqiao.resources import (
    previewing,
    previews,
    profiles,
    quarantine,
    queries,
    retention,
    rules,
    services,
    structure,
    wizard,
)
from shuqiao.resources.changes import BLOCKING, LABELS, RecipeBefore, fitting
from shuqiao.resources.comparison_views import offers
from shuqiao.resources.forms import ReadingForm, ReturnForm, SubmitForm, chosen_words
from shuqiao.resources.models import Version
from shuqiao.resources.types import MOVES, WITH_TABLE, Kind, Status
from shuqiao.store.sniffing.delimiter import LABELS as DELIMITERS

COLUMNS = 50
ITEMS_IN_A_ROW = 60  # of more, one list for the page instead of one in each row


@require_GET
def show_version(request: Request, version_id: UUID) -> HttpResponse:
    """A version, wherever it stands, with the next step of whoever looks at it."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    return render(request, "resources/version.html", _version_context(request, version))


def _version_context(request: Request, version: Version, **more: Any) -> dict[str, Any]:
    may_edit = queries.manages(request.actor, version.resource, P.RESOURCES_RESOURCE_EDIT)
    may_review = queries.manages(request.actor, version.resource, P.RESOURCES_VERSION_REVIEW)
    status = Status(version.status)
    regime = organizations.regime_of(version.resource.department.division_id, today())
    recheck, secrecy = regime.rule(rules.RECHECK), regime.rule(rules.SECRECY)
    return {
        "version": version,
        "resource": version.resource,
        "status": status,
        "waiting": status is Status.CONFIRMED or (status is Status.UPLOADED and version.preview is None),
        "is_file": version.resource.kind == Kind.FILE,
        **_table(request, version),
        "keys_lost": [one["detail"] for one in version.changes if one["kind"] == "key_lost"],
        "reasons": [(quarantine.rule_label(name), count) for name, count in sorted(version.reasons.items())],
        "reported": [(quarantine.KINDS.get(k, k), k, n) for k, n in sorted(version.reported.items())],
        "may_reread": may_edit and Status.CONFIRMED in MOVES[status] and version.preview is not None,
        "may_discard": may_edit and Status.DISCARDED in MOVES[status],
        "may_submit": may_edit and Status.SUBMITTED in MOVES[status],
        "may_decide": may_review and Status.PUBLISHED in MOVES[status],
        "submit_form": SubmitForm(personal=version.personal),
        "return_form": ReturnForm(),
        "recheck_basis": recheck.basis if recheck else (),
        "secrecy_basis": secrecy.basis if secrecy else (),
        "events": _history(version),
        "kept_until": _kept_until(version),
        "kept_for": f"按 {settings.VERSIONS_KEPT_YEARS} 年保存期",
        "compare": offers(request, version),
    } | more


def _kept_until(version: Version) -> date | None:
    on = version.superseded_on
    return retention.kept_until(on, settings.VERSIONS_KEPT_YEARS) if on else None


def _table(request: Request, version: Version) -> dict[str, Any]:
    """What is in the table: some columns at a time, each with its profile and the first rows."""
    gone = version.removed_on is not None or version.content
    if gone or Status(version.status) not in WITH_TABLE:
        return {"has_table": False}
    columns = Paginator([one["name"] for one in version.schema], COLUMNS).get_page(request.GET.get("page"))
    names = frozenset(columns.object_list)
    return {
        "has_table": True,
        "columns": columns,
        "profile": profiles.lines_of(version, names),
        "preview": previewing.first_rows(version, names=names),
    }


def _history(version: Version) -> list[dict[str, Any]]:
    return [
        {
            "title": E(event.type).label,
            "when": event.at,
            "text": "　".join(word for word in (event.department_name, event.actor_name) if word),
        }
        for event in procedures.history_of(version.case)
    ]


@require_GET
def state(request: Request, version_id: UUID) -> HttpResponse:
    """How far the worker is; asks the page to load anew when it is done."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    waiting = version.status == Status.CONFIRMED or (
        version.status == Status.UPLOADED and version.preview is None
    )
    if not waiting:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "resources/progress.html", {"version": version})


@require_http_methods(["GET", "POST"])
def reading(request: Request, version_id: UUID) -> HttpResponse:
    """The preview page: how the file is read, column by column. POST confirms it."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_EDIT)
    return _reading_page(request, version)


def _reading_page(request: Request, version: Version, *, wrong: tuple[Problem, ...] = ()) -> HttpResponse:
    if version.preview is None:
        return redirect("resources:version", version.id)
    preview = previews.from_json(version.preview)
    items = catalog.published_items(version.resource.entry_id)
    if request.method == "POST" and not wrong:
        choices = wizard.read_choices(preview, request.POST.dict())
        problems = structure.choice_problems(preview, choices, items)
        if not problems:
            services.confirm_recipe(actor=request.actor, version_id=version.id, choices=choices, at=now())
            return redirect("resources:version", version.id)
    else:
        choices, problems = _proposal(version, preview, items), ()
    saved = version.resource.recipes.first()
    context = {
        "version": version,
        "resource": version.resource,
        "saved": saved,
        "fits": fitting(RecipeBefore(previews.recipe_from_json(saved.recipe)), preview) if saved else 0,
        "kept": len(previews.recipe_from_json(saved.recipe).kept) if saved else 0,
        "changes": [(LABELS.get(one["kind"], ""), one["kind"] in BLOCKING, one) for one in version.changes],
        "may_accept": saved and not any(one["kind"] in BLOCKING for one in version.changes),
        "seen": preview,
        "delimiter": DELIMITERS.get(preview.delimiter, f"“{preview.delimiter}”"),
        "items": items,
        "listed": len(items) > ITEMS_IN_A_ROW,
        "rows": wizard.rows_of(preview, choices, items),
        "keys": wizard.KEY_CHOICES,
        "problems": problems,
        "wrong": wrong,
        "reading_form": ReadingForm(request.POST if wrong else chosen_words(version.reading)),
        "may_confirm": Status.CONFIRMED in MOVES[Status(version.status)],
    }
    return render(request, "resources/reading.html", context, status=400 if problems or wrong else 200)


def _proposal(version: Version, preview: Any, items: Any) -> structure.Choices:
    """What was confirmed for this version, else the newest recipe, else what the file shows."""
    before = version if version.recipe else version.resource.recipes.first()
    if before is None or not before.recipe:
        return structure.propose(preview, items)
    return structure.propose(preview, items, previews.recipe_from_json(before.recipe), before.items)


@require_POST
def reread(request: Request, version_id: UUID) -> HttpResponse:
    """Look at the file again with another header line, sheet, list, member, encoding, delimiter or quote. What
    cannot be read so is said on the page it was asked from, which stays as it was."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_EDIT)
    form = ReadingForm(request.POST)
    if not form.is_valid():
        told = [Problem(str(form.fields[name].label), str(said[0])) for name, said in form.errors.items()]
        return _reading_page(request, version, wrong=tuple(told))
    try:
        services.reread_upload(actor=request.actor, version_id=version_id, reading=form.reading(request.POST))
    except InvalidInput as error:
        return _reading_page(request, version, wrong=error.problems)
    return redirect("resources:reading", version_id)


@require_POST
def submit(request: Request, version_id: UUID) -> HttpResponse:
    """Check done, decisions made: to the bureau."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_EDIT)
    form = SubmitForm(request.POST, personal=version.personal)
    if not form.is_valid():
        context = _version_context(request, version, submit_form=form)
        return render(request, "resources/version.html", context, status=400)
    services.submit_version(
        actor=request.actor,
        version_id=version_id,
        personal=form.choices(),
        secrecy_checked=form.cleaned_data["secrecy_checked"],
        personal_checked=form.cleaned_data["personal_checked"],
        note=form.cleaned_data["note"],
        on=today(),
    )
    messages.success(request, "已提交复核")
    return redirect("resources:version", version_id)


@require_POST
def publish(request: Request, version_id: UUID) -> HttpResponse:
    """The bureau's yes."""
    version = services.publish_version(actor=request.actor, version_id=version_id, on=today())
    messages.success(request, f"{version}已发布")
    return redirect("resources:version", version_id)


@require_POST
def send_back(request: Request, version_id: UUID) -> HttpResponse:
    """The bureau's no, with reasons."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_VERSION_REVIEW)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        context = _version_context(request, version, return_form=form)
        return render(request, "resources/version.html", context, status=400)
    services.return_version(
        actor=request.actor, version_id=version_id, reason=form.cleaned_data["reason"], on=today()
    )
    messages.success(request, "已退回")
    return redirect("resources:version", version_id)


@require_GET
def show_quarantine(request: Request, version_id: UUID) -> HttpResponse:
    """Every line that did not become a row, fifty on a page."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    kind = request.GET.get("kind", "row")
    kind = kind if kind in quarantine.KINDS else "row"
    number = request.GET.get("page", "1")
    page = quarantine.list_quarantine(
        version, page=int(number) if number.isdecimal() and len(number) < 10 else 1, kind=kind
    )
    context = {
        "version": version,
        "resource": version.resource,
        "page": page,
        "kind": kind,
        "kinds": [(k, label) for k, label in quarantine.KINDS.items() if k == "row" or k in version.reported],
    }
    return render(request, "resources/quarantine.html", context)


@require_GET
def quarantine_csv(request: Request, version_id: UUID) -> StreamingHttpResponse:
    """The whole quarantine report as a file."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    name = f"quarantine-{version.resource_id}-{version.number}.csv"
    return StreamingHttpResponse(
        quarantine.write_csv(version),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_GET
def content(request: Request, version_id: UUID) -> FileResponse:
    """The file of a version, for those who manage it: to look at before it is submitted or re-checked."""
    version = queries.get_version_for(request.actor, version_id, P.RESOURCES_RESOURCE_READ)
    if not version.content or version.removed_on is not None:
        raise NotFound("这个版本的文件")
    handle = queries.shelf().open(version.store_version)
    opened = handle.open_content()
    answer = FileResponse(opened.path.open("rb"), as_attachment=True, filename=opened.filename)
    answer["Content-Type"] = opened.media_type
    handle.close()
    return answer
