"""Drafts given up, and withdrawn entries brought back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.kernel.time import today


@require_POST
def give_up(request: Request, revision_id: UUID) -> HttpResponse:
    """Give a draft or a returned revision up."""
    revision = services.give_up_revision(
        actor=request.actor, revision_id=revision_id, reason=request.POST.get("reason", ""), on=today()
    )
    if revision.entry.published_id:
        messages.success(request, f"第 {revision.number} 版已放弃，已发布的一版不变。")
        return redirect("catalog:entry", revision.entry_id)
    messages.success(request, f"“{revision.title}”第 {revision.number} 版已放弃。")
    return redirect("catalog:mine")


@require_POST
def restore(request: Request, entry_id: UUID) -> HttpResponse:
    """Begin the revision by which a withdrawn entry comes back."""
    revision = services.restore_entry(
        actor=request.actor, entry_id=entry_id, reason=request.POST.get("reason", ""), on=today()
    )
    messages.success(request, "已按撤下前的内容起草新版。签署并审核发布后，条目以原代码恢复。")
    return redirect("catalog:revision", revision.pk)
