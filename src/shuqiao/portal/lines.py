"""One line of the inbox. Fifty of them stand on a page and hardly two are alike: each is one text with places to fill,
which takes a tenth of the time that a template takes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from shuqiao.law import RunningTerm
from shuqiao.portal.ring import Clock
from shuqiao.portal.templatetags import shuqiao as components
from shuqiao.portal.wording import cn_day

STAGES = ("basis", "rule", "term", "decision", "grant", "read", "evidence")
COLUMNS = (
    "case_title", "case_number", "case_url", "detail", "action", "basis", "stage", "opened_at",
    "due_on", "paused", "department__short_name", "term__running",
)  # fmt: skip
LINE = """<tr><td class="sq-in__clock">{clock}</td>
<td class="sq-in__what"><a href="{url}" class="sq-in__t">{title}</a><small class="d-block sq-meta">{department}　<span \
class="sq-num">{number}</span></small></td>
<td class="sq-in__ask"><span class="sq-quiet">{detail}</span>{basis}</td>
<td class="sq-in__chain">{chain}</td>
<td class="sq-in__go"><a class="btn btn-sm{primary}" href="{url}">{action}</a></td></tr>"""
NO_CLOCK = '<span class="sq-quiet">不计期限<small class="d-block sq-meta">{}收到</small></span>'
CHIP = '<span class="d-block mt-1">{}</span>'


@dataclass(frozen=True, slots=True)
class Line:
    """`due`: late, today, soon (two working days or less) or later."""

    due: str
    markup: SafeString


def line_of(row: Mapping[str, Any], on: date) -> Line:
    """The line of an inbox row with these COLUMNS, as it stands on the day."""
    term = RunningTerm.from_json(row["term__running"]) if row["term__running"] else None
    clock = Clock.read(term, on) if term else None
    due = due_of(term, clock, on) if term and clock else "later"
    articles = row["basis"] or ([str(term.source)] if term else [])
    markup = format_html(
        LINE,
        clock=components.clock(clock, on, "sm") if clock else format_html(NO_CLOCK, cn_day(row["opened_at"])),
        url=row["case_url"],
        title=row["case_title"],
        department=row["department__short_name"],
        number=row["case_number"],
        detail=row["detail"],
        basis=format_html_join("", CHIP, ((components.basis(article),) for article in articles)),
        chain=components.chain(chain_of(row["stage"]), mini=True),
        primary="" if due == "later" else " btn-primary",
        action=row["action"],
    )
    return Line(due, markup)


def due_of(term: RunningTerm, clock: Clock, on: date) -> str:
    """How urgent a running term is; one that rests is not."""
    if clock.late:
        return "late"
    if term.paused:
        return "later"
    if term.due.on == on:
        return "today"
    return "soon" if clock.left <= 2 else "later"


def chain_of(stage: str) -> str:
    """The states of the chain up to what is to be done now; who runs against a term may decide as well."""
    place = STAGES.index(stage) if stage in STAGES else STAGES.index("term")
    return " ".join(["done"] * place + ["now"] + (["act"] if place == STAGES.index("term") else []))
