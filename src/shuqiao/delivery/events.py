"""Event rows in the words of a timeline, and articles as chains cite them. Plain data for the components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shuqiao import law
from shuqiao.kernel import Article, Decision
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import E

SEALS = {
    E.REQUEST_SUBMITTED: "申请签署",
    E.REQUEST_APPROVED: "同意共享",
    E.REQUEST_REFUSED: "不予同意",
    E.REQUEST_EXTENDED: "同意延长",
    E.GRANT_SUSPENDED: "暂停授权",
    E.GRANT_RESUMED: "恢复授权",
    E.GRANT_ENDED: "终止授权",
}


def title_of(article: Article | None) -> str:
    """How an article is cited; what has none is the platform's own rule."""
    return law.article_title(article) if article else "平台规则"


def level_of(article: Article | None) -> str:
    """The level of the text an article stands in."""
    return law.load_packs()[article.pack].level.label if article else ""


def timeline_of(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as lines, each with what was said and on which articles."""
    return [line_of(event) for event in events]


def line_of(event: Event) -> dict[str, Any]:
    """One event as a line of a timeline."""
    decision = Decision.from_json(event.decision) if event.decision else None
    who = "，".join(part for part in (event.department_name, event.actor_name) if part)
    said = decision.reason if decision else str(event.data.get("system") or event.data.get("reason") or "")
    return {
        "title": E(event.type).label,
        "when": event.on,
        "text": f"{who}。{said}" if said else who,
        "seal": SEALS.get(E(event.type), ""),
        "seal_label": f"{E(event.type).label}，{event.actor_name}签署",
        "basis": tuple(decision.basis) if decision else (),
    }
