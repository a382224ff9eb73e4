"""The page of one revision, and the bureau's review."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import checking, queries, rules, services
from shuqiao.catalog.forms import reasons_of
from shuqiao.catalog.views.editing import _ids
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures

PAGE = 50


@require_GET
def revision_detail(request: Request, revision_id: UUID) -> HttpResponse:
    """One revision: what it says, what the rules say of it today, its history, and what can be done next."""
    revision = queries.get_revision_for(request.actor, revision_id)
    content = revision.content()
    regime = organizations.regime_of(revision.entry.division_id, today())
    facts = rules.RevisionFacts(content, consented=revision.signed_on is not None)
    case = revision.case()
    context = {
        "revision": revision,
        "entry": revision.entry,
        "items": queries.items_of(revision),
        "checks": rules.checks(facts, regime),
        "findings": checking.reviewed(content),
        "twins": queries.same_titles(revision),
        "sign_articles": rules.sign_off_articles(regime),
        "review_articles": rules.review_articles(regime),
        "term": procedures.open_term_of(case),
        "history": procedures.history_of(case),
        "actions": queries.revision_actions_for(request.actor, revision),
        "on": today(),
    }
    return render(request, "catalog/revision.html", context)


@require_GET
def review_list(request: Request) -> HttpResponse:
    """What waits for the bureau's review, to be published one by one or together."""
    if not request.actor.may(P.CATALOG_ENTRY_REVIEW):
        raise NotAllowed(P.CATALOG_ENTRY_REVIEW.value, "您没有“审核目录条目”的权限")
    page = Paginator(queries.list_review_for(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/review.html", {"page": page})


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
