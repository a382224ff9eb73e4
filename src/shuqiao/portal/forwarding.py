"""A wish of the public becomes a demand among departments: opening hears it, sharing finds who can meet it.

The two lie side by side and know nothing of each other; here, above both, the one is handed to the other.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import Actor
from shuqiao.kernel.time import today
from shuqiao.opening.feedback import queries as feedback
from shuqiao.opening.feedback import services as said
from shuqiao.sharing.demands import services as demands
from shuqiao.sharing.demands.types import Wanted


@transaction.atomic
def forward_demand(*, actor: Actor, feedback_id: UUID, on: date) -> str:
    """The bureau takes up what somebody outside asked for: it stands among the departments' demands, to be assigned,
    and the asker sees its number (Yingkou 4). Returns the number. Who asked is not handed on."""
    heard = feedback.get_feedback_for(actor, feedback_id, lock=True)
    wanted = Wanted(title=heard.title, items=(heard.title,), purpose=heard.text[:500])
    demand = demands.post_demand(
        actor=actor, wanted=wanted, division=heard.division_id, from_public=f"公众意见 {heard.number}", on=on
    )
    said.take_step(actor=actor, feedback_id=heard.id, step="forward", forwarded_to=demand.number, on=on)
    return demand.number


@require_POST
def forward(request: Request, feedback_id: UUID) -> HttpResponse:
    """Forward a public demand; the next step, assigning it, is in the inbox."""
    number = forward_demand(actor=request.actor, feedback_id=feedback_id, on=today())
    messages.success(request, f"已转为部门需求 {number}，请分办。")
    return redirect("opening:feedback", feedback_id)
