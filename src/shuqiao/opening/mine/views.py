"""我的事项, and a case by number and code."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from shuqiao.accounts.access import Request, address_of, public
from shuqiao.kernel.time import now, today
from shuqiao.opening.mine import queries
from shuqiao.opening.registration import services as registration
from shuqiao.organizations.limits import Limit, spend
from shuqiao.procedures import owning

PAGE = 50
LOOKUPS = Limit("lookup-address", 20, timedelta(minutes=15))


class LookupForm(forms.Form):
    """Number and code of a case."""

    number = forms.CharField(label="受理号", max_length=64, help_text="例如 营数意〔2026〕0001号")
    code = forms.CharField(label="查询码", max_length=20, help_text="提交时给出的 10 位字母和数字")


@require_GET
def mine(request: Request) -> HttpResponse:
    """The party's own cases, newest first."""
    party = registration.own_party(request.actor)
    page = Paginator(owning.list_own_cases(party.id), PAGE).get_page(request.GET.get("page"))
    context = {"party": party, "page": page, "lines": queries.lines_of(list(page)), "on": today()}
    return render(request, "opening/mine/list.html", context)


@public
@require_http_methods(["GET", "POST"])
def lookup(request: Request) -> HttpResponse:
    """A case by number and code. The answer is sent to a POST: number and code stay out of addresses and logs."""
    form = LookupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        number, code = form.cleaned_data["number"], form.cleaned_data["code"]
        spend([(LOOKUPS, address_of(request))], at=now())
        course = queries.course_of(owning.find_by_code(number, code))
        response = render(request, "opening/mine/course.html", {"course": course, "on": today()})
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "opening/mine/lookup.html", {"form": form}, status=400 if form.errors else 200)
