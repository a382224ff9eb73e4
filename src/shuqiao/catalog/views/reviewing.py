"""The page of one revision, and the bureau's review."""

from __future__ import annotations

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
    known = review_checks.known_of(list(page), today())
    lines = [
        {"revision": one, "checks": review_checks.run(known[one.pk]), "name": f"verdict-{one.pk}"}
        for one in page
    ]
    return render(request, "catalog/review.html", {"page": page, "lines": lines})


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
    """Publish some and return others, each with its own reasons; what could not be done is listed."""
    verdicts = []
    for revision_id in ids_of(request, "revision"):
        word = request.POST.get(f"verdict-{revision_id}", "")
        if word == "publish":
            verdicts.append(services.Verdict(revision_id))
        elif word == "return":
            verdicts.append(services.Verdict(revision_id, tuple(_reasons(request, revision_id))))
    if not verdicts:
        raise InvalidInput.one("审核意见", "请至少对一件选择通过或退回")
    result, returned = services.decide_revisions(actor=request.actor, verdicts=verdicts, on=today())
    context = {"result": result, "returned": returned, "verb": "发布", "back": "catalog:review"}
    return render(request, "catalog/batch.html", context)


def _reasons(request: Request, revision_id: UUID) -> list[Problem]:
    """The reasons written beside one line. Raises InvalidInput when there are none."""
    lines = request.POST.get(f"reasons-{revision_id}", "").splitlines()
    found = [Problem("", line.strip()) for line in lines if line.strip()]
    if not found:
        raise InvalidInput.one("退回意见", "每件退回的都要写明全部理由，一次告知")
    return found
