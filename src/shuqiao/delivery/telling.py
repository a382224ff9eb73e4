"""What pages say of a grant: chain, scope, timeline, receipt. Plain data for the components; no business."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from shuqiao import law
from shuqiao.catalog.types import EntryFacts
from shuqiao.delivery.events import level_of, title_of
from shuqiao.delivery.models import Grant
from shuqiao.delivery.types import GrantState
from shuqiao.delivery.usage import Attested, Ended, Usage
from shuqiao.kernel.time import CHINA, day_of, in_chinese
from shuqiao.procedures.models import Event, Term
from shuqiao.procedures.types import E

TONES = {
    GrantState.ACTIVE: "jade",
    GrantState.SUSPENDED: "ochre",
    GrantState.ENDED: "off",
    GrantState.EXPIRED: "off",
}
LEVELS = {"none": "full", "keep_ends": "mask", "hash": "hash", "year": "year", "drop": "none"}


def tone_of(grant: Grant) -> str:
    """The tone of the state word."""
    return TONES[GrantState(grant.state)]


def days_left(grant: Grant, on: date) -> int | None:
    """Days until the last one; None when the grant has no end."""
    return (grant.valid_until - on).days if grant.valid_until else None


def chain_of(
    grant: Grant, terms: Iterable[Term], usage: Usage, history: Iterable[Event]
) -> list[dict[str, Any]]:
    """The seven piers from the article to the evidence."""
    decision = grant.decision()
    basis = decision.basis[0] if decision.basis else None
    reply = next((term for term in terms if term.term_id.startswith("sharing.reply")), None)
    live = grant.state == GrantState.ACTIVE
    request = grant.request_ref()
    return [
        {"text": title_of(basis), "small": level_of(basis), "state": "done"},
        {
            "text": law.RULES[decision.rule].label if decision.rule in law.RULES else decision.rule,
            "small": law.article_title(basis).rsplit(" ", 1)[0] if basis else "",
            "state": "done",
        },
        {"text": _used(reply), "small": _in_time(reply), "state": "done"},
        {
            "text": decision.reason[:20],
            "small": in_chinese(_decided_on(grant, history)),
            "state": "done act",
            "url": request.url if request else "",
        },
        {
            "text": GrantState(grant.state).label,
            "small": f"至 {in_chinese(grant.valid_until)}" if grant.valid_until else "长期",
            "state": ("done" if usage.reads else "done now") if live else "stop",
        },
        {"text": f"{usage.reads:,} 次", "small": "近 30 日", "state": "done" if usage.reads else ""},
        {
            "text": "逐笔留证" if usage.reads else "—",
            "small": "",
            "state": "now" if usage.reads and live else "",
        },
    ]


def _decided_on(grant: Grant, history: Iterable[Event]) -> date:
    """The statutory day of the decision, which is not always the day on which it was written down."""
    issued = next(
        (event.on for event in history if event.type == E.GRANT_ISSUED and event.case_id == grant.id), None
    )
    return issued or day_of(grant.issued_at)


def _used(term: Term | None) -> str:
    if term is None:
        return "即时"
    state = term.clock().state(term.closed_on or term.opened_on)
    return f"{state.elapsed + state.late_by} 个工作日"


def _in_time(term: Term | None) -> str:
    if term is None:
        return "自动开通"
    clock = term.clock()
    late = clock.overdue(term.closed_on or term.opened_on)
    return f"应在 {clock.days} 个工作日内，{'逾期' if late else '按时'}"


def scope_rows(grant: Grant, entry: EntryFacts | None) -> list[dict[str, Any]]:
    """Every column that the grant gives and every item of the entry that it does not."""
    by_column = {item.column or item.name: item for item in entry.items} if entry else {}
    given = {column["name"]: column["mask"] for column in grant.columns}
    rows = [
        {
            "name": by_column[name].name if name in by_column else name,
            "code": "" if name not in by_column or by_column[name].name == name else name,
            "level": LEVELS[mask],
            "key": bool(name in by_column and by_column[name].is_key),
        }
        for name, mask in given.items()
    ]
    left = [
        (column, item) for column, item in by_column.items() if column not in given and item.name not in given
    ]
    return rows + [
        {"name": item.name, "code": "" if column == item.name else column, "level": "none"}
        for column, item in left
    ]


def receipt_of(found: Attested, *, url: str) -> dict[str, Any]:
    """The receipt as the component prints it; nothing in it that a holder of the id may not know."""
    facts: list[Any] = [
        {"label": "回执编号", "value": found.id, "code": True},
        ("事项", found.kind),
        ("时间", moment_of(found.at)),
    ]
    for label, value in (
        ("授权号", found.grant_number),
        ("数据", found.title),
        ("使用方", found.grantee),
        ("提供部门", found.provider),
        ("数据版本", found.version),
    ):
        if value:
            facts.append((label, value))
    if found.columns is not None:
        rows = "" if found.rows is None else f"，{found.rows} 行"
        facts.append(("内容", f"{found.columns} 项{rows}"))
    if found.is_delivery or found.ended:
        facts.append(("交付", delivered_in_words(found.ended)))
    if found.begun:
        facts.append({"label": "开始时的回执", "value": found.begun, "code": True})
    if found.answer:
        facts.append({"label": "内容摘要（SM3）", "value": found.answer, "code": True})
    facts.append(
        {"label": "存证链（SM3）", "value": f"第 {found.sequence} 笔 {found.chain_hash}", "code": True}
    )
    facts.append(("封存", sealed_in_words(found)))
    facts.append({"label": "核验地址", "value": url, "code": True})
    return {
        "title": "政务数据交付回执" if found.columns is not None else "政务数据存证回执",
        "facts": facts,
        "code": found.id.rsplit("-", 1)[-1].upper(),
        "seal": "交付存证" if found.columns is not None else "平台存证",
        "state": "已核验，与存证一致",
        "tone": "jade",
    }


def delivered_in_words(end: Ended | None) -> str:
    """Whether a long answer arrived whole, how much of it was sent, and when that ended."""
    if end is None:
        return "已开始，还没有结束的记录"
    return f"{end.in_words}，{end.bytes:,} 字节，{moment_of(end.at)} 结束"


def sealed_in_words(found: Attested) -> str:
    """By which seal the record is signed, or when it will be."""
    if found.sealed:
        return f"第 {found.sealed.number} 次封存，{moment_of(found.sealed.at)}，公钥 {found.sealed.key}"
    due = found.seal_due.astimezone(CHINA)
    return f"已入链，预计 {due.month}月{due.day}日 {due:%H:%M} 前后封存"


def moment_of(text: str) -> str:
    """2026年11月23日 09:41:17.204 of an ISO moment in China's time."""
    at = datetime.fromisoformat(text)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def receipt_url(request_root: str, receipt_id: str) -> str:
    """The public address of a receipt."""
    return request_root.rstrip("/") + reverse("delivery:receipt", args=[receipt_id])
