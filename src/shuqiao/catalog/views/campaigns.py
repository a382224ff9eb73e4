"""Pages of the quarter's maintenance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.life import campaigns, rules
from shuqiao.catalog.types import CampaignStatus, Confirmation
from shuqiao.catalog.views.choosing import ids_of
from shuqiao.catalog.views.duties import regime_here
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import queries as procedures

PAGE = 50


@require_http_methods(["GET", "POST"])
def campaign_list(request: Request) -> HttpResponse:
    """Campaigns, newest first; the bureau opens the current quarter's."""
    if request.method == "POST":
        campaign = services.open_campaign(
            actor=request.actor,
            division=request.POST.get("division", ""),
            quarter=request.POST.get("quarter", ""),
            due_on=_day(request.POST.get("due_on", "")),
            on=today(),
        )
        messages.success(request, "已开始，各部门的待办里可见。")
        return redirect("catalog:campaign", campaign.id)
    quarter, regime = rules.quarter_of(today()), regime_here(request)
    page = Paginator(campaigns.list_campaigns_for(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "divisions": campaigns.divisions_to_open(request.actor),
        "quarter": quarter,
        "due_on": rules.last_day_of(quarter),
        "articles": rules.quarterly_articles(regime) if regime else (),
        "on": today(),
    }
    return render(request, "catalog/campaigns.html", context)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput.one("截止", "写作 2026-12-31") from None


@require_GET
def campaign_detail(request: Request, campaign_id: UUID) -> HttpResponse:
    """One campaign: figures and departments for the bureau, entries to confirm for departments."""
    campaign = campaigns.get_campaign_for(request.actor, campaign_id)
    watching = campaigns.watches(request.actor, campaign)
    words = request.GET.get("q", "").strip()[:100]
    outcome = request.GET.get("outcome", "")
    rows = campaigns.entries_for(
        request.actor,
        campaign,
        words=words,
        outcome=outcome,
        department=_id(request.GET.get("department", "")),
    )
    departments = campaigns.by_department(campaign) if watching else []
    if campaign.status == CampaignStatus.CLOSED and watching:  # as it was written down on closing
        departments = campaign.summary["departments"]
    context = {
        "campaign": campaign,
        "watching": watching,
        "departments": departments,
        "totals": campaigns.totals(departments),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "outcome": outcome,
        "outcomes": [("", "全部"), *Confirmation.choices],
        "actions": campaigns.actions_for(request.actor, campaign),
        "articles": rules.quarterly_articles(
            organizations.regime_of(campaign.division_id, campaign.opened_on)
        ),
        "history": procedures.history_of(campaign.case()) if watching else [],
        "on": today(),
    }
    return render(request, "catalog/campaign.html", context)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
def confirm(request: Request, campaign_id: UUID) -> HttpResponse:
    """Confirm the entries ticked, or all that the words find."""
    everything = request.POST.get("which") == "all"
    number = services.confirm_entries(
        actor=request.actor,
        campaign_id=campaign_id,
        entry_ids=None if everything else ids_of(request, "entry"),
        words=request.POST.get("q", "").strip()[:100] if everything else "",
        on=today(),
    )
    messages.success(request, f"已确认 {number} 个条目无变化。")
    return redirect("catalog:campaign", campaign_id)


@require_POST
def remind(request: Request, campaign_id: UUID) -> HttpResponse:
    """Remind departments that have entries left."""
    number = services.remind_campaign(actor=request.actor, campaign_id=campaign_id, on=today())
    messages.success(request, f"已催办 {number} 个部门。")
    return redirect("catalog:campaign", campaign_id)


@require_POST
def close(request: Request, campaign_id: UUID) -> HttpResponse:
    """End the campaign and write down its result."""
    services.close_campaign(actor=request.actor, campaign_id=campaign_id, on=today())
    messages.success(request, "已结束，结果已记录。")
    return redirect("catalog:campaign", campaign_id)
