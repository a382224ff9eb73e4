"""Steps on an application: each reads the form, takes one step, and goes back to the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.opening.applications import queries, scoping, services
from shuqiao.opening.applications.forms import AgreeForm, CompetitionForm
from shuqiao.opening.applications.views import page_of
from shuqiao.opening.replies import services as replies
from shuqiao.organizations import parties
from shuqiao.resources import conditions


def _done(request: Request, application_id: UUID, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("opening:application", application_id)


@require_POST
def agree(request: Request, application_id: UUID) -> HttpResponse:
    """Yes, to all or to less."""
    case = queries.get_application_for(request.actor, application_id, P.OPENING_APPLICATION_ANSWER)
    form = AgreeForm(request.POST, asked=case, masks=scoping.masks_for(case))
    where = conditions.where_of(request.POST)
    written = {"agree_form": form, "where_rows": [*conditions.rows_of(where), {}]}
    if not form.is_valid():
        context = page_of(request, case, **written)
        return render(request, "opening/applications/application.html", context, status=400)
    if "preview" in request.POST:
        seen = scoping.preview(case, form.given(where), today())
        context = page_of(request, case, **written, looked=True, preview=seen)
        return render(request, "opening/applications/application.html", context)
    services.agree_application(
        actor=request.actor,
        application_id=application_id,
        given=form.given(where),
        reason=form.cleaned_data["reason"],
        on=today(),
    )
    return _done(request, application_id, "已同意，协议已生成，双方确认后开放。")


@require_POST
def refuse(request: Request, application_id: UUID) -> HttpResponse:
    """No, with reasons and basis."""
    services.refuse_application(
        actor=request.actor,
        application_id=application_id,
        reason=request.POST.get("reason", ""),
        ground=request.POST.get("ground", ""),
        on=today(),
    )
    return _done(request, application_id, "已答复：不同意开放。")


@require_POST
def ask_supplement(request: Request, application_id: UUID) -> HttpResponse:
    """Once, everything that is missing."""
    points = tuple(request.POST.get("points", "").splitlines())
    services.ask_supplement(actor=request.actor, application_id=application_id, points=points, on=today())
    return _done(request, application_id, "已一次性告知补正，期限暂停。")


@require_POST
def withdraw(request: Request, application_id: UUID) -> HttpResponse:
    """The applicant no longer asks."""
    reason = request.POST.get("reason", "")
    services.withdraw_application(
        actor=request.actor, application_id=application_id, reason=reason, on=today()
    )
    return _done(request, application_id, "已撤回申请。")


@require_POST
def confirm(request: Request, application_id: UUID) -> HttpResponse:
    """One side confirms the agreement."""
    done = services.confirm_agreement(actor=request.actor, application_id=application_id, on=today())
    words = "双方已确认，数据已开放。" if done.opened_on else "已确认协议，等待对方确认。"
    return _done(request, application_id, words)


@require_POST
def report(request: Request, application_id: UUID) -> HttpResponse:
    """The applicant reports how the data is used."""
    given = request.POST
    services.report_use(
        actor=request.actor,
        application_id=application_id,
        usage=given.get("usage", ""),
        products=given.get("products", ""),
        cited=bool(given.get("cited")),
        on=today(),
    )
    return _done(request, application_id, "已报告利用情况。")


@require_POST
def seen(request: Request, application_id: UUID) -> HttpResponse:
    """The provider has read the report."""
    services.mark_use_seen(actor=request.actor, application_id=application_id, on=today())
    return _done(request, application_id, "已记下：利用情况已查阅。")


@require_POST
def revoke(request: Request, application_id: UUID) -> HttpResponse:
    """The data is taken back."""
    services.revoke_application(
        actor=request.actor,
        application_id=application_id,
        breach=request.POST.get("breach", ""),
        ground=request.POST.get("ground", ""),
        on=today(),
    )
    return _done(request, application_id, "已收回开放，授权已终止。")


@require_POST
def lapse(request: Request, application_id: UUID) -> HttpResponse:
    """The entry has left the catalogue: the application ends, with a word to the applicant."""
    services.lapse_application(
        actor=request.actor, application_id=application_id, note=request.POST.get("note", ""), on=today()
    )
    return _done(request, application_id, "已办结，并已告知申请人和主管部门。")


@require_POST
def ask_reply(request: Request, application_id: UUID) -> HttpResponse:
    """A written reply is wanted."""
    replies.ask_reply(actor=request.actor, application_id=application_id, on=today())
    return _done(request, application_id, "书面答复已制发，可以下载。")


@require_http_methods(["GET", "POST"])
def competitions(request: Request) -> HttpResponse:
    """Recorded open competitions, and the form to record one (Dongchangfu 25)."""
    request.actor.demand(P.OPENING_CASE_READ)
    posted = request.POST if request.method == "POST" else None
    form = CompetitionForm(posted, entries=queries.entries_to_compete_for(request.actor))
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = dict(form.cleaned_data)
        winner = parties.party_of_email(said.pop("winner"))
        if winner is None:
            raise InvalidInput.one("胜出者", "没有用这个邮箱核验过的注册")
        services.record_competition(
            actor=request.actor, entry_id=said.pop("entry"), winner_id=winner.id, on=today(), **said
        )
        messages.success(request, "已登记公开竞争的结果，胜出者可以提出商业开发的申请。")
        return redirect("opening:competitions")
    context = {
        "form": form,
        "rows": queries.list_competitions_for(request.actor)[:200],
        "may_record": request.actor.may(P.OPENING_APPLICATION_ANSWER),
    }
    return render(
        request, "opening/applications/competitions.html", context, status=400 if form.errors else 200
    )
