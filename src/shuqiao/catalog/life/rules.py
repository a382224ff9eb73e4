"""What may be done about themes, update duties and the quarter's maintenance. Pure: facts and regime in,
`Decision` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shuqiao import law
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse

UPDATE = "catalog.update"
QUARTERLY = "catalog.quarterly"
THEME = "catalog.theme"
TRIGGERS = "catalog.update.triggers"


def update_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles under which entries follow changes, also of texts that set no days for it."""
    said = (pack.terms[UPDATE].article for pack in regime.packs)
    return tuple(article for article in said if article)


def recorded(trigger: str, label: str, regime: law.Regime) -> Decision:
    """A change is recorded: on the texts in force that name its kind, or when none does, on those on updating, and it
    says so (Yingkou 15, Dongchangfu 16, Decree 17)."""
    texts = [pack.rules[TRIGGERS] for pack in regime.packs if not pack.rules[TRIGGERS].silent]
    naming = [text for text in texts if trigger in _words(text.params.get("triggers"))]
    if naming:
        return allow(TRIGGERS, label, *(article for text in naming for article in text.articles))
    return allow(UPDATE, f"{label}（条文没有列出这种情形）", *update_articles(regime))


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def quarterly_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles under which the catalogue is kept up, silent ones included."""
    rule = regime.rule(QUARTERLY)
    return rule.basis if rule else update_articles(regime)


def theme_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles on theme catalogues; none where no text in force speaks of them."""
    rule = regime.rule(THEME)
    return rule.basis if rule else ()


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """What the rules look at: titles of entries nobody decided on, and of those whose new revision is not out."""

    pending: Sequence[str] = ()
    unpublished: Sequence[str] = ()
    report: str = ""
    entries: int = 0


def may_report(facts: DutyFacts, regime: law.Regime) -> Decision:
    """The department may report: every entry is revised or said to need no change."""
    basis = update_articles(regime)
    if facts.pending:
        return refuse(
            UPDATE,
            f"还有 {len(facts.pending)} 个条目没有更新，也没有注明无需更新：{_some(facts.pending)}",
            *basis,
        )
    if not facts.entries and not facts.report.strip():
        return refuse(UPDATE, "没有列出条目的，报告须写明更新情况", *basis)
    return allow(UPDATE, "所涉条目均已处理", *basis)


def may_confirm(facts: DutyFacts, regime: law.Regime) -> Decision:
    """The bureau may confirm: nothing is left open, and every revision announced has been published."""
    basis = update_articles(regime)
    left = [*facts.pending, *facts.unpublished]
    if left:
        return refuse(UPDATE, f"新版还没有审核发布：{_some(left)}", *basis)
    return allow(UPDATE, "更新情况属实", *basis)


def may_submit_theme(titles: Sequence[str], withdrawn: Sequence[str], regime: law.Regime) -> Decision:
    """A theme catalogue goes to the bureau as a whole: it has entries, and all of them are in force."""
    basis = theme_articles(regime)
    if not titles:
        return refuse(THEME, "主题目录里还没有条目", *basis)
    if withdrawn:
        return refuse(THEME, f"条目已撤下，请先移出：{_some(withdrawn)}", *basis)
    return allow(THEME, f"共 {len(titles)} 个条目，整体报送", *basis)


def campaign_due(regime: law.Regime) -> bool:
    """Whether a text in force asks for regular full maintenance (Yingkou 15)."""
    return regime.rule(QUARTERLY) is not None


def _some(titles: Sequence[str]) -> str:
    shown = "、".join(titles[:5])
    return shown if len(titles) <= 5 else f"{shown} 等 {len(titles)} 个"


def quarter_of(on: date) -> str:
    """The quarter a day lies in, e.g. 2026-Q4."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


def last_day_of(quarter: str) -> date:
    """The last day of a quarter written as 2026-Q4. Raises ValueError."""
    year, _, number = quarter.partition("-Q")
    if not (year.isdecimal() and len(year) == 4 and number in {"1", "2", "3", "4"}):
        raise ValueError(quarter)
    month = int(number) * 3
    following = date(int(year) + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
