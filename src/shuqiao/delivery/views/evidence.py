"""Who read this record: the question, and its answer as it is found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.delivery import asking, forms
from shuqiao.journal import How, JournalDamaged
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today


@require_http_methods(["GET", "POST"])
def who(request: Request) -> HttpResponse:
    """The form; sent, the question is recorded and its answer begins."""
    tables = asking.tables_for(request.actor)
    on = today()
    if request.method == "GET":
        return _page(request, forms.WhoForm(tables=tables, year=on.year))
    form = forms.WhoForm(request.POST, tables=tables, year=on.year)
    if not form.is_valid():
        return _page(request, form, status=400)
    resource, _, key = form.cleaned_data["key"].partition(":")
    columns = form.columns()
    text = form.cleaned_data["value"]
    try:
        search = asking.ask_who_read(
            actor=request.actor,
            resource_id=UUID(resource),
            key=int(key),
            values=text.split(",") if len(columns) > 1 else [text],
            year=form.cleaned_data["year"],
            reason=form.cleaned_data["reason"],
            on=on,
        )
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _page(request, form, status=400)
    # The value is not shown again: the answer names the table and the key, not the person.
    fresh = forms.WhoForm(tables=tables, year=on.year, initial={"key": form.cleaned_data["key"]})
    return _page(request, fresh, asked=form.label(), **_go_on(search))


@require_POST
def more(request: Request) -> HttpResponse:
    """The search goes on where it was: rows for the table of a page that waits, or a page of its own."""
    search = asking.search_of(request.actor, request.POST.get("search", ""))
    context = _go_on(search)
    if request.headers.get("HX-Request"):
        return _kept_private(render(request, "delivery/who_rows.html", context))
    tables = asking.tables_for(request.actor)
    return _page(request, forms.WhoForm(tables=tables, year=today().year), asked="接着上一页", **context)


def _go_on(search: asking.Search) -> dict[str, Any]:
    try:
        found = asking.go_on(search)
    except JournalDamaged as error:
        return {"damaged": str(error)}
    told = found.search.told
    return {
        "lines": found.lines,
        "is_over": found.is_over,
        "search": found.search,
        "counts": [{"how": how.label, "count": told.get(how, 0)} for how in How],
        "left_out": max(0, told.get(How.MAY, 0) - asking.MOST_MAY),
    }


def _page(request: Request, form: forms.WhoForm, status: int = 200, **context: Any) -> HttpResponse:
    answer = render(request, "delivery/who.html", {"form": form, **context}, status=status)
    return _kept_private(answer)


def _kept_private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
