"""What pages say of a request: chain, checks, matrix, clock, timeline. Plain data for the components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shuqiao import law
from shuqiao.delivery.events import level_of, line_of, title_of
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.time import in_chinese
from shuqiao.procedures.models import Event, Term
from shuqiao.sharing import rules
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.offers import Column, Listing
from shuqiao.sharing.previews import IN_WORDS
from shuqiao.sharing.reading import LEVELS
from shuqiao.sharing.types import AGREED, RequestFacts, Scope, Status


def chain_of(
    request: SharingRequest, regime: law.Regime, term: Term | None, grants: Iterable[Any], on: date
) -> list[dict[str, Any]]:
    """The seven piers of a request."""
    decision = request.decision()
    rule = regime.rule(rules.DIRECT if request.sharing_type == "unconditional" else rules.REFUSAL)
    basis = term.clock().source if term else (rule.basis[0] if rule else None)
    grant = next(iter(grants), None)
    status = Status(request.status)
    sent = status not in {Status.DRAFT}
    kind = {"unconditional": "无条件共享直接获取", "conditional": "有条件共享须答复"}
    return [
        {"text": title_of(basis), "small": level_of(basis), "state": "done"},
        {
            "text": kind.get(request.sharing_type, "不予共享"),
            "small": _pack(basis),
            "state": "done" if sent else "now",
        },
        _term_step(term, status, on),
        _decision_step(request, decision, status),
        {
            "text": grant.get_state_display() if grant else "—",
            "small": grant.number if grant else "",
            "state": "done" if grant else "",
            "url": grant.get_absolute_url() if grant else "",
        },
        {},
        {},
    ]


def _term_step(term: Term | None, status: Status, on: date) -> dict[str, Any]:
    if term is None:
        said = "即时开通" if status in AGREED else "不计期限"
        return {"text": said if status != Status.DRAFT else "—", "state": "done" if status in AGREED else ""}
    clock = term.clock()
    state = clock.state(on)
    if clock.closed:
        return {"text": f"用 {state.elapsed + state.late_by} 个工作日", "small": "已办结", "state": "done"}
    late = f"逾期 {state.late_by} 个工作日" if state.late_by else "已逾期"
    words = late if clock.overdue(on) else f"剩 {state.left} 个工作日" if state.left else "今天到期"
    return {
        "text": "已暂停" if clock.paused else words,
        "small": f"{clock.due.on.month}月{clock.due.on.day}日到期",
        "state": "now",
    }


def _pack(basis: Article | None) -> str:
    """The title of the text that the rule stands in."""
    return law.article_title(basis).rsplit(" ", 1)[0] if basis else ""


def _decision_step(request: SharingRequest, decision: Decision | None, status: Status) -> dict[str, Any]:
    if decision is None:
        return {"text": status.label, "state": "stop" if status == Status.WITHDRAWN else "act"}
    state = "done act" if status in AGREED else "stop"
    return {
        "text": status.label,
        "small": f"{in_chinese(request.answered_on)}　{request.answered_by_name}",
        "state": state,
    }


def asked_rows(
    listing: Listing, items: Mapping[str, str], examples: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The matrix a requester fills: every column of the table, the masks that fit, why one cannot be asked for."""
    return [_asked_row(column, items, examples or {}) for column in listing.columns]


def _asked_row(column: Column, items: Mapping[str, str], examples: Mapping[str, str]) -> dict[str, Any]:
    shared = column.sharing_type != "none"
    level = LEVELS[items[column.name]] if column.name in items and shared else "none"
    may = ["none", *_levels(column.masks)] if shared else ["none"]
    note = "不予共享" if not shared else "有条件" if column.sharing_type == "conditional" else ""
    if column.sensitive:
        note = f"{note}，含个人信息" if note else "含个人信息"
    said = IN_WORDS[items[column.name]] if level != "none" else ""
    return {
        "name": column.label,
        "code": _code(column.name, column.label),
        "field": f"level-{column.name}",
        "key": column.is_key,
        "note": note,
        "level": level,
        "may": may,
        "example": examples.get(column.name, said),
    }


def answer_rows(
    listing: Listing, asked: Scope, given: Mapping[str, str], examples: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The matrix a provider answers: what was asked is ringed, only what is not wider can be chosen."""
    masks = asked.masks()
    rows = []
    for column in listing.columns:
        mask = masks.get(column.name)
        may = ["none"]
        if mask == rules.PLAIN:
            may += _levels(column.masks)
        elif mask:
            may += _levels((mask,))
        rows.append(
            {
                "name": column.label,
                "code": _code(column.name, column.label),
                "field": f"level-{column.name}",
                "key": column.is_key,
                "note": "没有申请" if mask is None else "",
                "level": LEVELS[given[column.name]] if column.name in given else "none",
                "may": may,
                "ask": LEVELS[mask] if mask else "",
                "example": examples.get(column.name, "") if column.name in given else "",
            }
        )
    return rows


def _levels(masks: Iterable[str]) -> list[str]:
    """Levels at which something of a column is given."""
    return [level for level in (LEVELS[mask] for mask in masks) if level != "none"]


def read_rows(request: SharingRequest, scope: Scope) -> list[dict[str, Any]]:
    """A scope as beads: what was asked for, and to what extent it is (to be) given."""
    given = scope.masks()
    return [
        {
            "name": item["item"],
            "code": _code(item["name"], item["item"]),
            "level": LEVELS[given[item["name"]]] if item["name"] in given else "none",
            "example": IN_WORDS[given[item["name"]]] if item["name"] in given else "",
        }
        for item in request.items
    ]


def _code(name: str, label: str) -> str:
    """The column's name, where it says more than the item's."""
    return "" if name == label else name


def checks_of(request: SharingRequest, facts: RequestFacts, regime: law.Regime) -> list[dict[str, Any]]:
    """What the request says, point by point, each with what the platform found."""
    missing = rules.missing_content(facts, regime)
    wider = rules.beyond_offer(facts.scope, facts)
    onward = rules.may_name_onward(facts, regime)
    modes = {"interface": "服务接口", "batch": "批量交换", "file": "文件下载"}
    quota = f"，每日不超过 {request.daily_quota:,} 次" if request.daily_quota else ""
    said_modes = "、".join(modes.get(mode, mode) for mode in request.modes)
    until = f"至 {in_chinese(request.valid_until)}" if request.valid_until else ""
    signed = f"{request.signed_by_name}，{in_chinese(request.signed_on)}" if request.signed_on else ""
    level = request.get_legal_basis_level_display()
    return [
        _check("用途", request.purpose, "用途" in missing),
        _check("使用依据", request.legal_basis, not level, level, small=request.legal_basis_text),
        _check("使用场景", request.scenario, law.NEEDS["scenario"] in missing),
        _check(
            "使用范围", f"{len(request.items)} 个信息项", bool(wider), "；".join(wider) or "在条目所列之内"
        ),
        _check("共享方式", said_modes + quota, law.NEEDS["mode"] in missing, "条目支持"),
        _check("使用时限", until or "未写明", law.NEEDS["use_until"] in missing),
        _check(
            "提供给第三方", request.onward_to if request.onward else "否", not onward.allowed, onward.reason
        ),
        _check("负责人签署", signed or "待签署", not signed, "已签署"),
    ]


def _check(label: str, text: str, wrong: bool, state: str = "", *, small: str = "") -> dict[str, Any]:
    said = state or "已写明"
    if wrong:
        said = {"条目支持": "未写明", "已签署": "待签署", "": "未写明"}.get(state, state)
    return {"label": label, "text": text or "未写明", "wrong": wrong, "state": said, "small": small}


def term_in_words(resolved: law.ResolvedTerm | None) -> str:
    """营口办法 5 个工作日，严于政务数据共享条例 10 个工作日，取最严; or that no text sets a term."""
    if resolved is None:
        return "当日有效的规定没有写明答复期限"
    first = f"{_place(resolved.source_title)} {resolved.days} 个工作日"
    others = [source for source in resolved.considered if not source.applied]
    looser = [
        f"{_place(source.title)} {source.days} 个工作日" for source in others if source.days > resolved.days
    ]
    same = [_place(source.title) for source in others if source.days == resolved.days]
    if looser:
        return f"{first}，严于{'、'.join(looser)}，取最严"
    return f"{first}，与{'、'.join(same)}相同" if same else first


def _place(title: str) -> str:
    return title.rsplit(" ", 1)[0]


def effects_of(request: SharingRequest, regime: law.Regime, total: int | None) -> list[dict[str, Any]]:
    """What follows when the answer is signed."""
    delivery = regime.term("sharing.delivery")
    reach = f"、约 {total:,} 行" if total is not None else ""
    effects: list[dict[str, Any]] = [
        {"when": "1 秒内", "text": f"授权写入授权册，对方凭凭证可读所给信息项{reach}"},
        {"when": "每次读取", "text": "逐笔留证，您可在授权页面看到"},
    ]
    if delivery:
        when = f"{delivery.days} 个工作日"
        effects.insert(
            1, {"when": when, "text": "法定交付期限；授权即时开通，当日完成", "basis": delivery.source}
        )
    if request.valid_until:
        effects.append({"when": in_chinese(request.valid_until), "text": "到期自动停止"})
    effects.append({"when": "对方", "text": "收到决定与理由"})
    return effects


def timeline_of(events: Iterable[Event], term: Term | None, on: date) -> list[dict[str, Any]]:
    """What happened, and the last day that is still to come."""
    lines = []
    for event in events:
        line = line_of(event)
        if points := event.data.get("points"):
            line["text"] = f"{line['text']}：{'；'.join(points)}"
        lines.append(line)
    if term and not term.closed_on:
        clock = term.clock()
        lines.append(
            {
                "title": "最后答复日",
                "when": clock.due.on,
                "count": f"第 {clock.days} 日",
                "seal": "等待签署",
                "seal_state": "wait",
                "next": clock.due.on >= on,
            }
        )
    return lines
