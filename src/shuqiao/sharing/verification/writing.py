"""Pages on which a user department looks rows up, marks what is wrong, and asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.sharing.telling import term_in_words
from shuqiao.sharing.verification import queries, rules, services
from shuqiao.sharing.verification.forms import BY_HAND, HAND, AskForm, claims_of, keys_of
from shuqiao.sharing.verification.types import Asked


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: Request, grant_id: UUID) -> HttpResponse:
    """Ask for verification of what a grant gave."""
    grant = queries.grant_to_ask(request.actor, grant_id)
    askable = queries.askable_under(grant)
    if request.method == "GET":
        return _page(request, grant, askable, AskForm(), [])
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, grant, askable, form, _posted_rows(request, askable), status=400)
    made = services.ask_verification(
        actor=request.actor,
        grant_id=grant_id,
        asked=Asked(
            by=askable.by,
            claims=claims_of(request.POST, askable.columns, len(askable.by)),
            reason=form.cleaned_data["reason"],
            proof=form.cleaned_data["proof"],
            citizen=form.citizen(),
        ),
        on=today(),
    )
    messages.success(request, f"已提出校核，案号 {made.number}。")
    return redirect("sharing:verification", made.id)


@never_cache
@require_POST
def look(request: Request, grant_id: UUID) -> HttpResponse:
    """Show the rows of some keys, as the grant shows them. Keys come in the body: addresses are kept in logs."""
    grant = queries.grant_to_ask(request.actor, grant_id)
    askable = queries.askable_under(grant)
    keys = keys_of(request.POST.get("keys", "")[:10_000], len(askable.by))
    found = services.look_up_rows(actor=request.actor, grant_id=grant_id, keys=keys, on=today())
    lines = [
        _row(place, ",".join(row.key), askable, lambda column, values=row.values: values.get(column, ""))
        for place, row in enumerate(found)
    ]
    return _page(request, grant, askable, AskForm(), lines)


def _row(place: int, key: str, askable: queries.Askable, shown: Any, given: Any = None) -> dict[str, Any]:
    cells = [
        {
            "column": column,
            "id": f"{place}-{number}",
            "shown": shown(column),
            "wrong": bool(given and given.get(f"wrong-{place}-{number}")),
            "believed": given.get(f"believed-{place}-{number}", "") if given else "",
        }
        for number, column in enumerate(askable.columns)
    ]
    return {"place": place, "key": key, "cells": cells}


def _posted_rows(request: Request, askable: queries.Askable) -> list[dict[str, Any]]:
    """What stood on the page that was sent, to show it again."""
    given, lines = request.POST, []
    numbers = {column: number for number, column in enumerate(askable.columns)}
    for place in range(100):
        key = given.get(f"key-{place}")
        if key is None:
            break

        def shown(column: str, place: int = place) -> str:
            return given.get(f"shown-{place}-{numbers[column]}", "")

        lines.append(_row(place, key, askable, shown, given))
    return lines


def _page(
    request: Request,
    grant: Any,
    askable: queries.Askable,
    form: AskForm,
    lines: list[dict[str, Any]],
    *,
    status: int = 200,
) -> HttpResponse:
    on = today()
    regime = organizations.regime_of(grant.provider.division_id, on)
    resolved = regime.term(rules.REPLY)
    hands = [
        {"place": place, **{name: request.POST.get(f"hand-{place}-{name}", "") for name in HAND}}
        for place in range(BY_HAND)
    ]
    context = {
        "grant": grant,
        "askable": askable,
        "form": form,
        "lines": lines,
        "hands": hands,
        "keys": request.POST.get("keys", ""),
        "resolved": resolved,
        "term_words": term_in_words(resolved),
        "basis": rules.basis_of(regime, rules.ASK),
        "citizen_basis": rules.basis_of(regime, rules.CITIZEN),
    }
    return render(request, "sharing/verification/new.html", context, status=status)
