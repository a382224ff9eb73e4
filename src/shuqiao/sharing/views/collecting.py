"""Pages of the check before collecting."""

from __future__ import annotations

import re
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import Decision
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.collecting import exporting, queries, rules, services
from shuqiao.sharing.collecting.types import VERDICT_TONES, CheckStatus, Choice, Verdict
from shuqiao.sharing.models import CollectionItem

PAGE = 50


class CheckForm(forms.Form):
    """What is to be collected, from whom, what for, on which ground."""

    department = forms.ChoiceField(label="采集部门")
    title = forms.CharField(label="拟采集的数据", max_length=200)
    purpose = forms.CharField(label="用途", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    collected_from = forms.CharField(label="采集对象", max_length=200, help_text="例如全市餐饮企业")
    basis = forms.CharField(
        label="采集依据",
        max_length=300,
        required=False,
        help_text="法律、法规或文件及条款；没有依据的会标为超范围",
    )
    items = forms.CharField(
        label="数据项",
        max_length=20_000,
        help_text="每行一项；写在一行里的，用顿号、逗号或分号分开",
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: object, departments: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["department"].choices = departments  # type: ignore[attr-defined]

    def wanted(self) -> services.Wanted:
        """What the service takes."""
        given = self.cleaned_data
        return services.Wanted(
            title=given["title"],
            purpose=given["purpose"],
            collected_from=given["collected_from"],
            basis=given["basis"],
            items=_items_of(given["items"]),
        )


def _items_of(text: str) -> tuple[str, ...]:
    """One item per line. A single line of several is taken apart: asked as one item it would be found nowhere."""
    lines = text.splitlines()
    return tuple(re.split(r"[、，,；;]+", text)) if len(lines) == 1 else tuple(lines)


def _departments(request: Request) -> list[tuple[str, str]]:
    drafting = request.actor.departments_with(P.SHARING_REQUEST_DRAFT)
    posts = {p.department_id: p.department_name for p in request.actor.posts if p.department_id in drafting}
    return [(str(department_id), name) for department_id, name in posts.items()]


@require_GET
def check_list(request: Request) -> HttpResponse:
    """Checks of our departments; the bureau sees those of its divisions."""
    request.actor.demand(P.SHARING_REQUEST_READ)
    given = request.GET
    rows = queries.list_checks_for(
        request.actor, status=given.get("status", ""), words=given.get("q", "")[:100]
    )
    context = {
        "page": Paginator(rows, PAGE).get_page(given.get("page")),
        "states": CheckStatus.choices,
        "status": given.get("status", ""),
        "words": given.get("q", ""),
        "may_ask": bool(request.actor.departments_with(P.SHARING_REQUEST_DRAFT)),
    }
    return render(request, "sharing/collecting/list.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Ask before collecting."""
    request.actor.demand(P.SHARING_REQUEST_DRAFT)
    departments = _departments(request)
    form = CheckForm(
        request.POST if request.method == "POST" else None,
        departments=departments,
        initial={"items": "\n".join(request.GET.getlist("item"))[:2_000]},
    )
    if request.method == "POST" and form.is_valid():
        check = services.check_collection(
            actor=request.actor, department_id=UUID(form.cleaned_data["department"]), wanted=form.wanted(), on=today()
        )  # fmt: skip
        messages.success(request, f"已答复，案号 {check.number}。请逐项确定。")
        return redirect("sharing:collecting-check", check.id)
    regime = organizations.regime_of(request.actor.posts[0].division, today())
    context = {"form": form, "articles": rules.articles(regime)}
    return render(request, "sharing/collecting/new.html", context, status=400 if form.is_bound else 200)


@require_GET
def show(request: Request, check_id: UUID) -> HttpResponse:
    """What was asked, what the platform answered, and what the department decides."""
    check = queries.get_check_for(request.actor, check_id)
    items = list(check.items.all())
    may_decide = check.status == CheckStatus.ANSWERED and request.actor.may(
        P.SHARING_REQUEST_DRAFT, department_id=check.department_id
    )
    context = {
        "check": check,
        "lines": [_line(item) for item in items],
        "answer": Decision.from_json(check.decision_json),
        "may_decide": may_decide,
        "history": procedures.history_of(check.case()),
    }
    return render(request, "sharing/collecting/check.html", context)


def _line(item: CollectionItem) -> dict[str, object]:
    verdict = Verdict(item.verdict)
    shareable = verdict in {Verdict.DIRECT, Verdict.REQUEST}
    choices = [Choice.SHARE, Choice.COLLECT, Choice.DROP] if shareable else [Choice.COLLECT, Choice.DROP]
    exact = [one for one in item.found if one["exact"] and one["sharing_type"] != "none"]
    named = [one for one in exact if one["department_id"] == item.source.get("id")]
    best = next(iter(named or sorted(exact, key=lambda one: one["sharing_type"] != "unconditional")), None)
    return {
        "item": item,
        "tone": VERDICT_TONES[verdict],
        "choices": choices,
        "usual": Choice.SHARE if shareable else Choice.DROP if verdict == Verdict.OWN else Choice.COLLECT,
        "best": best if shareable else None,
    }


@require_POST
def decide(request: Request, check_id: UUID) -> HttpResponse:
    """Every item's decision at once."""
    check = queries.get_check_for(request.actor, check_id)
    choices = {
        item.pk: (request.POST.get(f"choice-{item.pk}", ""), request.POST.get(f"reason-{item.pk}", ""))
        for item in check.items.all()
    }
    services.decide_items(actor=request.actor, check_id=check_id, choices=choices, on=today())
    messages.success(request, "已逐项确定并存档。")
    return redirect("sharing:collecting-check", check_id)


@require_GET
def export(request: Request, check_id: UUID) -> HttpResponse:
    """The check as CSV."""
    check = queries.get_check_for(request.actor, check_id)
    answer = HttpResponse(exporting.as_csv(check), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="check-{check.pk}.csv"'
    return answer
