"""What a work must say, and on what its showing rests. Pure."""

from __future__ import annotations

from shuqiao import law
from shuqiao.kernel import Article, Decision, Problem
from shuqiao.kernel.decision import allow, refuse

RULE = "opening.works"
MOST_ENTRIES = 20
OWN_RULE = "平台规则，不出自条文"


def problems_of(title: str, description: str, address: str, entries: int) -> list[Problem]:
    """Everything wrong with a work."""
    found = []
    if not title.strip():
        found.append(Problem("名称", "必填"))
    if len(description.strip()) < 20:
        found.append(Problem("介绍", "至少写 20 个字：做什么、给谁用、怎样用到数据"))
    if address and not address.startswith(("https://", "http://")):
        found.append(Problem("网址", "以 https:// 或 http:// 开头"))
    if not 1 <= entries <= MOST_ENTRIES:
        found.append(Problem("使用的数据", f"选 1 到 {MOST_ENTRIES} 个开放的数据条目"))
    return found


def articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles on showing works; none where every text is silent and the gallery is the platform's own."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def decided(*, shown: bool, reason: str, regime: law.Regime) -> Decision:
    """The bureau's word on a work (Dongchangfu 26). A no that rests on no article says on what it rests."""
    basis = articles(regime)
    if shown:
        return allow(RULE, reason or "审核通过，予以展示", *basis)
    return refuse(RULE, reason if basis else f"{reason}（{OWN_RULE}）", *basis)
