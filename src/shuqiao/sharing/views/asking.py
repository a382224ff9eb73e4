"""Pages of the requester: new request, draft, supplement, signing, withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.sharing import offers, previews, queries, reading, rules, services, telling
from shuqiao.sharing.forms import RequestForm, initial_of
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.types import Scope, Status
from shuqiao.sharing.views.reading import departments_of


def _once(request: Request) -> UUID | None:
    """The number of the form, which makes one request however often it is sent."""
    return _resource(request.POST.get("once", ""))


def _form(request: Request, listing: offers.Listing, **given: Any) -> RequestForm:
    return RequestForm(
        request.POST if request.method == "POST" else None,
        departments=departments_of(request),
        offered=listing.offer().modes,
        **given,
    )


def _resource(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
def new(request: Request, entry_id: UUID) -> HttpResponse:
    """The form for a new request: items by matrix, rows by conditions, what for, on which ground, until when."""
    request.actor.demand(P.SHARING_REQUEST_DRAFT)
    listing = offers.listing_of(entry_id, _resource(request.GET.get("resource", "")))
    if request.method == "GET":
        initial = {
            "modes": [mode.value for mode in listing.modes][:1],
            "purpose": request.GET.get("purpose", "")[:300],
        }
        if old := _earlier(request, listing):
            initial = initial_of(old)
        return _page(request, listing, _form(request, listing, initial=initial), _wished(request, listing))
    form = _form(request, listing)
    if not form.is_valid():
        return _page(request, listing, form, _posted(request, listing), status=400)
    made = services.create_draft(
        actor=request.actor,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        department_id=UUID(form.cleaned_data["department"]),
        draft=_draft(request, listing, form),
        once=_once(request),
        on=today(),
    )
    messages.success(request, "草稿已保存，核对后由负责人签署提出。")
    return redirect("sharing:request", made.id)


@require_POST
def use(request: Request, entry_id: UUID) -> HttpResponse:
    """Unconditional data at once: signed, logged and granted in one step."""
    request.actor.demand(P.SHARING_REQUEST_SIGN)
    listing = offers.listing_of(entry_id, _resource(request.GET.get("resource", "")))
    form = _form(request, listing)
    if not form.is_valid():
        return _page(request, listing, form, _posted(request, listing), status=400)
    made = services.use_unconditional(
        actor=request.actor,
        entry_id=entry_id,
        resource_id=listing.resource_id,
        department_id=UUID(form.cleaned_data["department"]),
        draft=_draft(request, listing, form),
        once=_once(request),
        on=today(),
    )
    done = "无条件共享，授权已即时开通。" if made.delivered_on else "已同意共享，等待提供部门提供数据。"
    messages.success(request, done)
    return redirect("sharing:request", made.id)


@require_http_methods(["GET", "POST"])
def edit(request: Request, request_id: UUID) -> HttpResponse:
    """The draft again."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_DRAFT)
    listing = queries.listing_for(case)
    if request.method == "GET":
        form = _form(request, listing, initial=initial_of(case))
        return _page(request, listing, form, case.scope(), case=case)
    form = _form(request, listing)
    if not form.is_valid():
        return _page(request, listing, form, _posted(request, listing), status=400, case=case)
    services.save_draft(
        actor=request.actor,
        request_id=request_id,
        draft=_draft(request, listing, form),
        on=today(),
        seen=request.POST.get("seen"),
    )
    messages.success(request, "草稿已保存。")
    return redirect("sharing:request", request_id)


@require_http_methods(["GET", "POST"])
def supplement(request: Request, request_id: UUID) -> HttpResponse:
    """What the provider asked for is supplied and signed again; the clock goes on."""
    case = queries.get_request_for(request.actor, request_id, P.SHARING_REQUEST_SIGN)
    listing = queries.listing_for(case)
    if request.method == "GET":
        form = _form(request, listing, initial=initial_of(case))
        return _page(request, listing, form, case.scope(), case=case, supplementing=True)
    form = _form(request, listing)
    if not form.is_valid():
        scope = _posted(request, listing)
        return _page(request, listing, form, scope, status=400, case=case, supplementing=True)
    services.supplement_request(
        actor=request.actor,
        request_id=request_id,
        draft=_draft(request, listing, form),
        note=request.POST.get("note", ""),
        seen=request.POST.get("seen"),
        on=today(),
    )
    messages.success(request, "已补正，答复期限继续计算。")
    return redirect("sharing:request", request_id)


@require_POST
def submit(request: Request, request_id: UUID) -> HttpResponse:
    """The head signs and submits."""
    case = services.submit_request(actor=request.actor, request_id=request_id, on=today())
    messages.success(request, f"已签署并提出，案号 {case.number}。")
    return redirect("sharing:request", request_id)


@require_POST
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """The department no longer asks."""
    services.withdraw_request(
        actor=request.actor, request_id=request_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "申请已撤回。")
    return redirect("sharing:request", request_id)


@require_POST
def renew(request: Request, request_id: UUID) -> HttpResponse:
    """The grant is to run on: a draft filled from the old request."""
    made = services.renew_request(actor=request.actor, request_id=request_id, on=today())
    messages.success(request, "续期申请已起草，写明新的使用时限，核对后签署提出。")
    return redirect("sharing:edit" if made.status == Status.DRAFT else "sharing:request", made.id)


@require_POST
def remind(request: Request, request_id: UUID) -> HttpResponse:
    """The provider is reminded."""
    services.remind_provider(
        actor=request.actor, request_id=request_id, note=request.POST.get("note", ""), on=today()
    )
    messages.success(request, "已催促提供部门，并记录在案。")
    return redirect("sharing:request", request_id)


@require_GET
def condition_row(request: Request, entry_id: UUID) -> HttpResponse:
    """One more row of the condition builder."""
    listing = offers.listing_of(entry_id, _resource(request.GET.get("resource", "")))
    context = {"columns": listing.columns, "ops": reading.OPS, "row": {}}
    return render(request, "sharing/_condition.html", context)


@require_POST
def preview(request: Request, entry_id: UUID) -> HttpResponse:
    """What would be read: of unconditional data a few rows, of all other data made-up examples, since no value of it is
    shown before there is a grant, whose every read leaves evidence."""
    request.actor.demand(P.SHARING_REQUEST_DRAFT)
    listing = offers.listing_of(entry_id, _resource(request.GET.get("resource", "")))
    scope = _posted(request, listing)
    offers.check_scope(listing, scope)
    seen = previews.preview_for_asker(listing, scope)
    first = seen.rows[0] if seen.rows else {}
    context = {
        "rows": telling.asked_rows(listing, scope.masks(), {**previews.words_of(scope), **first}),
        "preview": seen,
        "table": [[row.get(name, "") for name in first] for row in seen.rows],
        "heads": [listing.labels()[name] for name in first],
        "where": scope.where,
        "labels": listing.labels(),
        "count": len(scope.items),
    }
    return render(request, "sharing/_preview.html", context)


def _usual(listing: offers.Listing) -> Scope:
    """What a new request begins with. Unconditional: what is shared and not personal, as it is. Conditional: nothing,
    so that each item is asked for on purpose (Decree 20: necessary)."""
    if listing.entry.sharing_type != "unconditional":
        return Scope(())
    shown = [c for c in listing.columns if c.sharing_type != "none" and not c.sensitive]
    return Scope(tuple((column.name, rules.PLAIN) for column in shown))


def _wished(request: Request, listing: offers.Listing) -> Scope:
    """What an earlier request gave, where this one is to be wider; the items a check before collecting came from,
    where it did; what is usual otherwise."""
    if old := _earlier(request, listing):
        return old.decided_scope() or old.scope()
    wanted = set(request.GET.getlist("item"))
    named = [c for c in listing.columns if c.sharing_type != "none" and {c.name, c.label} & wanted]
    return Scope(tuple((column.name, rules.PLAIN) for column in named)) if named else _usual(listing)


def _earlier(request: Request, listing: offers.Listing) -> SharingRequest | None:
    """The request of the same data named by `from`, if the reader may see it."""
    named = _resource(request.GET.get("from", ""))
    if named is None:
        return None
    old = queries.get_request_for(request.actor, named, P.SHARING_REQUEST_READ)
    same = (old.entry_id, old.resource_id) == (listing.entry.id, listing.resource_id)
    return old if same else None


def _posted(request: Request, listing: offers.Listing) -> Scope:
    names = [column.name for column in listing.columns]
    return Scope(reading.items_of(request.POST, names), reading.where_of(request.POST))


def _draft(request: Request, listing: offers.Listing, form: RequestForm) -> services.Draft:
    scope = _posted(request, listing)
    return form.draft(scope.items, tuple(dict(predicate) for predicate in scope.where))


def _page(
    request: Request,
    listing: offers.Listing,
    form: RequestForm,
    scope: Scope,
    *,
    status: int = 200,
    case: SharingRequest | None = None,
    supplementing: bool = False,
) -> HttpResponse:
    on = today()
    regime = organizations.regime_of(listing.division, on)
    kind = listing.entry.sharing_type
    resolved = regime.term(rules.reply_term(kind))
    onward = regime.rule(rules.ONWARD)
    context = {
        "listing": listing,
        "form": form,
        "case": case,
        "supplementing": supplementing,
        "seen": request.POST.get("seen") or (case.mark() if case else ""),
        "once": request.POST.get("once") or ("" if case else str(new_id())),
        "rows": telling.asked_rows(listing, scope.masks()),
        "conditions": reading.rows_of(scope.where) or [{}],
        "columns": [column for column in listing.columns if column.sharing_type != "none"],
        "ops": reading.OPS,
        "resolved": resolved,
        "term_words": telling.term_in_words(resolved),
        "onward": onward,
        "onward_never": bool(onward and onward.params.get("transfer") == "never"),
        "may_use": case is None
        and kind == "unconditional"
        and bool(request.actor.departments_with(P.SHARING_REQUEST_SIGN)),
    }
    return render(request, "sharing/form.html", context, status=status)
