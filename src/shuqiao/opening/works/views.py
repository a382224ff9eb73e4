"""Pages of works: the gallery for everybody, submitting for parties, moderation for the bureau."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request, public
from shuqiao.accounts.types import ANONYMOUS, P
from shuqiao.kernel import Decision
from shuqiao.kernel.time import now, today
from shuqiao.opening.registration import services as registration
from shuqiao.opening.works import queries, rules, services
from shuqiao.opening.works.forms import WorkForm
from shuqiao.opening.works.types import STEPS, WorkStatus
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.limits import Limit, spend
from shuqiao.procedures import queries as procedures

PAGE = 24
SUBMISSIONS = Limit("work-party", 10, timedelta(hours=24))


@public
@require_GET
def gallery(request: Request) -> HttpResponse:
    """Works that are shown, the newest first."""
    words = request.GET.get("q", "")
    shown = queries.list_works_for(ANONYMOUS, words=words)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    works = list(page)
    titles = queries.titles_of(works)
    cards = [
        {
            "work": work,
            "entries": [
                (use.entry_id, titles[use.entry_id]) for use in work.uses.all() if use.entry_id in titles
            ],
        }
        for work in works
    ]
    articles = organizations.articles_anywhere(rules.RULE, on=today())
    context = {"page": page, "cards": cards, "words": words, "articles": articles}
    return render(request, "opening/works/gallery.html", context)


@public
@require_GET
def show(request: Request, work_id: UUID) -> HttpResponse:
    """One work and the data it uses; its maker and the bureau also see how it stands and what they may do."""
    work = queries.get_work_for(request.actor, work_id)
    steps = queries.steps_for(request.actor, work)
    own = request.actor.party_id == work.party_id if request.actor.party_id else False
    officer = request.actor.may(P.OPENING_FEEDBACK_MODERATE, division=work.division_id)
    context = {
        "work": work,
        "entries": queries.entries_of(work),
        "picture": hasattr(work, "picture"),
        "steps": steps,
        "inside": own or officer,
        "officer": officer,
        "own_rule": rules.OWN_RULE,
        "articles": rules.articles(organizations.regime_of(work.division_id, today())),
        "decision": Decision.from_json(work.decision_json) if work.decision_json else None,
        "history": procedures.history_of(work.case()) if own or officer else (),
    }
    return render(request, "opening/works/show.html", context)


@public
@require_GET
def picture(request: Request, work_id: UUID) -> HttpResponse:
    """The screenshot, as picture and nothing else: the browser guesses no type and runs nothing in it."""
    found = queries.picture_of(request.actor, work_id)
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = 'inline; filename="screenshot"'
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _form_page(request: Request, form: WorkForm, title: str) -> HttpResponse:
    articles = organizations.articles_anywhere(rules.RULE, on=today())
    context = {"form": form, "title": title, "articles": articles}
    return render(request, "opening/works/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Submit a work."""
    party = registration.own_party(request.actor)
    sent = request.method == "POST"
    form = WorkForm(
        request.POST if sent else None, request.FILES if sent else None, offered=queries.usable_entries()
    )
    if not sent or not form.is_valid():
        return _form_page(request, form, "提交应用成果")
    spend([(SUBMISSIONS, str(party.id))], at=now())
    work, _code = services.submit_work(actor=request.actor, content=form.content(), on=today())
    messages.success(request, f"已收到，受理号 {work.number}。审核后展示。")
    return redirect("opening:work", work.pk)


@require_http_methods(["GET", "POST"])
def edit(request: Request, work_id: UUID) -> HttpResponse:
    """Change a work that was sent back, and submit it again."""
    work = queries.get_work_for(request.actor, work_id)
    step = next(step for step in STEPS if step.name == "resubmit")
    queries.demand_step(request.actor, work, step)
    chosen = [use.entry_id for use in work.uses.all()]
    sent = request.method == "POST"
    form = WorkForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        offered=queries.usable_entries(chosen),
        initial={
            "title": work.title,
            "description": work.description,
            "address": work.address,
            "entries": [str(one) for one in chosen],
        },
    )
    if not sent or not form.is_valid():
        return _form_page(request, form, "修改应用成果")
    spend([(SUBMISSIONS, str(work.party_id))], at=now())
    services.resubmit_work(actor=request.actor, work_id=work.pk, content=form.content(), on=today())
    messages.success(request, "已重新提交。")
    return redirect("opening:work", work.pk)


@require_POST
def take(request: Request, work_id: UUID) -> HttpResponse:
    """Take one step."""
    work = services.take_step(
        actor=request.actor,
        work_id=work_id,
        step=request.POST.get("step", ""),
        reason=request.POST.get("reason", "")[:500],
        on=today(),
    )
    messages.success(request, f"{work.number}：{work.get_status_display()}")
    return redirect("opening:mine" if request.actor.party_id else "opening:work-list")


@require_GET
def moderation(request: Request) -> HttpResponse:
    """Works of the divisions the actor moderates."""
    request.actor.demand(P.OPENING_FEEDBACK_MODERATE)
    status = request.GET.get("status", "")
    page = Paginator(queries.list_works_for(request.actor, status=status), 50).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "states": WorkStatus.choices, "status": status}
    return render(request, "opening/works/list.html", context)
