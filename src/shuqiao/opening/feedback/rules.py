"""What may be said, and when something said is done. Pure: facts in, `Decision` out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shuqiao import law
from shuqiao.kernel import Article, Decision, Problem
from shuqiao.kernel.decision import allow, refuse
from shuqiao.opening.feedback.types import WITHOUT_ACCOUNT, Edition, FeedbackKind, Ground

CORRECTION = "opening.correction"
DEMAND = "opening.demand"
MODERATION = "opening.moderation"  # the platform's own rule; its ground names the law
LONGEST = {
    FeedbackKind.CORRECTION: 1000,
    FeedbackKind.QUESTION: 500,
    FeedbackKind.COMMENT: 500,
    FeedbackKind.DEMAND: 1000,
}
SHORTEST = 5
LINK = re.compile(
    r"https?:|ftp:|www\.|[a-z0-9-]+\.(?:com|net|org|cn|top|xyz|info|io|cc|vip|shop|site|club|ru)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wants to say, as the rules see it."""

    kind: FeedbackKind
    text: str
    has_account: bool
    has_entry: bool
    title: str = ""


def problems_of(said: Said) -> list[Problem]:
    """Everything wrong with it."""
    found = []
    length = len(said.text.strip())
    if length < SHORTEST:
        found.append(Problem("内容", f"至少写 {SHORTEST} 个字"))
    if length > LONGEST[said.kind]:
        found.append(Problem("内容", f"最多 {LONGEST[said.kind]} 个字，现为 {length} 个"))
    if said.kind in {FeedbackKind.COMMENT, FeedbackKind.QUESTION} and LINK.search(said.text):
        found.append(Problem("内容", "不能带网址，请用文字说明"))
    if said.kind == FeedbackKind.DEMAND:
        if not said.title.strip():
            found.append(Problem("需要的数据", "必填"))
    elif not said.has_entry:
        found.append(Problem("数据条目", "请从数据条目的页面提出"))
    return found


def may_say(said: Said, regime: law.Regime) -> Decision:
    """Whether this may be said without, or with, an account."""
    rule = rule_of(said.kind)
    basis = articles(regime, rule)
    if not said.has_account and said.kind not in WITHOUT_ACCOUNT:
        return refuse(rule, f"{said.kind.label}会连同答复公开，请先登录；纠错和数据需求不需要登录", *basis)
    return allow(rule, f"受理{said.kind.label}", *basis)


def rule_of(kind: FeedbackKind) -> str:
    """The rule a kind rests on."""
    return {FeedbackKind.CORRECTION: CORRECTION, FeedbackKind.DEMAND: DEMAND}.get(kind, MODERATION)


def articles(regime: law.Regime, rule_id: str) -> tuple[Article, ...]:
    """The articles of a rule; none where the regime is silent, or where the rule is the platform's own."""
    rule = regime.rule(rule_id) if rule_id != MODERATION else None
    return rule.basis if rule else ()


def corrected(before: Edition, after: Edition, regime: law.Regime) -> Decision:
    """A correction is done when the entry or one of its tables has been published anew since it was received, or the
    entry has left the catalogue."""
    basis = articles(regime, CORRECTION)
    if not after.newer_than(before):
        return refuse(
            CORRECTION, "还没有发布新的版本：先修改目录或者上传更正后的数据，复核发布后再确认", *basis
        )
    said = "更正后的版本已发布" if after.revision or not before.revision else "数据条目已从目录撤下"
    return allow(CORRECTION, said, *basis)


def judged(text: str, *, wrong: bool, regime: law.Regime) -> Decision:
    """The department's finding on a correction. It is the reason the asker reads, either way."""
    basis = articles(regime, CORRECTION)
    return allow(CORRECTION, text, *basis) if wrong else refuse(CORRECTION, text, *basis)


def moderated(ground: Ground | None, note: str, basis: tuple[Article, ...], rule: str) -> Decision:
    """The bureau's word: shown, or not shown on a ground that names its law."""
    if ground is None:
        return allow(rule, note or "审核通过", *basis)
    reason = f"{ground.label}；{note}" if note else str(ground.label)
    return refuse(rule, reason, *basis)
