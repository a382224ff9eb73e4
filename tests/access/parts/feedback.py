"""What the public says of open data."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from shuqiao.kernel.time import today
from shuqiao.opening.feedback import services
from shuqiao.opening.feedback.types import FeedbackKind
from shuqiao.organizations.tests.factories import City, make_party
from tests.access.rows import BR, PA, PC, PS, Row, everybody, get, post, signed_in

AUTHOR, OTHER = "feedback-author", "feedback-other"
ROWS: tuple[Row, ...] = (
    everybody("opening:demand"),
    everybody("opening:demand", status=400, method="POST"),
    everybody("opening:feedback-received"),
    everybody("opening:say", "say_correction"),
    everybody("opening:say", "say_correction", status=400, method="POST"),
    everybody("opening:say", "say_comment"),
    Row("opening:say", "POST", "say_comment", 409, (PS, 409), (PA, 409), public=True),
    everybody("opening:say", "say_demand", status=404),
    post("opening:rate", "open_entry", 403, (PS, 403), (AUTHOR, 302), stars="5"),
    signed_in("opening:feedback-list"),
    get("opening:feedback", "question", 404, (PS, 200), (PC, 200)),
    get("opening:feedback", "question", 404, (OTHER, 404), (AUTHOR, 200)),
    post("opening:feedback-step", "question", 404, (PS, 403), (PC, 302), step="answer", text="每月更新"),
    post("opening:feedback-step", "question", 404, (OTHER, 404), (AUTHOR, 302), step="withdraw"),
    post("opening:feedback-step", "comment", 404, (PA, 403), (BR, 302), step="publish"),
    post("portal:forward-demand", "wish", 404, (PS, 404), (BR, 302)),
    post("opening:feedback-step", "comment", 404, (BR, 400), (BR, 400), step="nonsense"),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A question and a comment of one registered visitor; another visitor."""
    make_party(city, username=AUTHOR)
    make_party(city, username=OTHER)

    def said(kind: FeedbackKind) -> Any:
        words = services.Words(kind, "多久更新一次呢", uuid4(), entry_id=world["open_entry"])
        return services.say(actor=city.actor(AUTHOR), words=words, on=today()).feedback.pk

    words = services.Words(
        FeedbackKind.DEMAND, "想要公交站点的位置", uuid4(), division=city.yingkou.code, title="公交站点"
    )
    wish = services.say(actor=city.actor(AUTHOR), words=words, on=today()).feedback
    return {
        "question": said(FeedbackKind.QUESTION),
        "comment": said(FeedbackKind.COMMENT),
        "wish": wish.pk,
        "say_correction": (world["open_entry"], "correction"),
        "say_comment": (world["open_entry"], "comment"),
        "say_demand": (world["open_entry"], "demand"),
    }
