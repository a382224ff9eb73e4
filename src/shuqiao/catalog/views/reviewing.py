"""The page of one revision, and the bureau's review."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import queries, review_checks, rules, services
from shuqiao.catalog.forms import reasons_of
from shuqiao.catalog.life.presenting import difference_of
from shuqiao.catalog.models import Revision
from shuqiao.catalog.views.choosing import ids_of
from shuqiao.catalog.views.editing import _ids
from shuqiao.kernel import InvalidInput, NotAllowed, Problem
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures

PAGE = 50


@require_GET
def revision_detail(request: Request, revision_id: UUID) -> HttpResponse:
    """One revision: what it says, what the rules say of it today, its history, and what can be done next."""
    revision = queries.get_revision_for(request.actor, revision_id)
    known = review_checks.known_of([revision], today())[revision.pk]
    regime = known.regime
    facts = rules.RevisionFacts(known.content, consented=known.consented)
    case = revision.case()
    context = {
        "revision": revision,
        "entry": revision.entry,
        "items": queries.items_of(revision),
        "checks": rules.checks(facts, regime),
        "findings": [one for one in review_checks.run(known) if one.tone is review_checks.Tone.LOOK],
        "likely": queries.likely_duplicates(revision) if revision.is_open else [],
        "duplicate_articles": duplicates.basis if (duplicates := regime.rule("catalog.duplicates")) else (),
        "difference": _to_published(request, revision),
        "sign_articles": rules.sign_off_articles(regime),
        "review_articles": rules.review_articles(regime),
        "term": procedures.open_term_of(case),
        "history": procedures.history_of(case),
        "actions": queries.revision_actions_for(request.actor, revision),
        "on": today(),
    }
    return render(request, "catalog/revision.html", context)


def _to_published(request: Request, revision: Revision) -> dict[str, Any] | None:
    """What would change for everybody: the difference of a revision not yet out to the one that is."""
    published = revision.entry.published_id
    if not revision.is_open or published is None:
        return None
    return difference_of(queries.get_revision_for(request.actor, published), revision)


@require_GET
def review_list(request: Request) -> HttpResponse:
    """What waits for the bureau's review, to be published one by one or together."""
    if not request.actor.may(P.CATALOG_ENTRY_REVIEW):
        raise NotAllowed(P.CATALOG_ENTRY_REVIEW.value, "您没有“审核目录条目”的权限")
    page = Paginator(queries.list_review_for(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/review.html", {"page": page, "lines": _lines(request, page)})


def _lines(
    request: Request, waiting: Iterable[Revision], lacking: Collection[UUID] = ()
) -> list[dict[str, Any]]:
    """Waiting revisions with what the checks find, and with what has been chosen and written beside them."""
    revisions = list(waiting)
    known = review_checks.known_of(revisions, today())
    return [
        {
            "revision": one,
            "checks": review_checks.run(known[one.pk]),
            "name": f"verdict-{one.pk}",
            "word": request.POST.get(f"verdict-{one.pk}", ""),
            "reasons": request.POST.get(f"reasons-{one.pk}", ""),
            "lacks": one.pk in lacking,
        }
        for one in revisions
    ]


@require_POST
def send_back(request: Request, revision_id: UUID) -> HttpResponse:
    """Return with all reasons at once."""
    services.return_revision(
        actor=request.actor, revision_id=revision_id, reasons=reasons_of(request.POST), on=today()
    )
    messages.success(request, "已退回，理由已一次告知提供部门。")
    return redirect("catalog:review")


@require_POST
def publish(request: Request, revision_id: UUID) -> HttpResponse:
    """Publish one revision."""
    revision = services.publish_revision(actor=request.actor, revision_id=revision_id, on=today())
    messages.success(request, f"已发布，代码 {revision.entry.code}。")
    return redirect("catalog:entry", revision.entry_id)


@require_POST
def publish_many(request: Request) -> HttpResponse:
    """Publish several; each that cannot be published is listed with its reasons."""
    result = services.publish_revisions(actor=request.actor, revision_ids=_ids(request), on=today())
    return render(request, "catalog/batch.html", {"result": result, "verb": "发布", "back": "catalog:review"})


@require_POST
def decide_many(request: Request) -> HttpResponse:
    """Publish some and return others, each with its own reasons; what could not be done is listed. Where a reason is
    missing nothing is done yet: the form comes back as it was filled in and says where."""
    chosen = ids_of(request, "revision")
    verdicts, lacking = [], []
    for revision_id in chosen:
        word = request.POST.get(f"verdict-{revision_id}", "")
        reasons = _reasons(request, revision_id)
        if word == "return" and not reasons:
            lacking.append(revision_id)
        elif word in {"publish", "return"}:
            verdicts.append(services.Verdict(revision_id, reasons if word == "return" else ()))
    if not verdicts and not lacking:
        raise InvalidInput.one("审核意见", "请至少对一件选择通过或退回")
    if lacking:
        return _asked_again(request, chosen, lacking)
    result, returned = services.decide_revisions(actor=request.actor, verdicts=verdicts, on=today())
    context = {"result": result, "returned": returned, "verb": "发布", "back": "catalog:review"}
    return render(request, "catalog/batch.html", context)


def _asked_again(request: Request, chosen: Collection[UUID], lacking: Collection[UUID]) -> HttpResponse:
    waiting = queries.list_review_for(request.actor).filter(pk__in=list(chosen)[:PAGE])
    page = Paginator(waiting, PAGE).get_page(1)
    lines = _lines(request, page, lacking)
    problems = [
        Problem(line["revision"].title, "选了退回，须写明全部理由，一次告知")
        for line in lines
        if line["lacks"]
    ]
    return render(
        request, "catalog/review.html", {"page": page, "lines": lines, "problems": problems}, status=400
    )


def _reasons(request: Request, revision_id: UUID) -> tuple[Problem, ...]:
    """The reasons written beside one line, perhaps none."""
    lines = request.POST.get(f"reasons-{revision_id}", "").splitlines()
    return tuple(Problem("", line.strip()) for line in lines if line.strip())
