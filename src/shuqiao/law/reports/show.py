"""`shuqiao law show`: one pack article by article, or a regime with its sources."""

from __future__ import annotations

from collections.abc import Mapping

from shuqiao.law.regimes import Regime, ResolvedTerm
from shuqiao.law.reports.words import Line, face_of
from shuqiao.law.types import OPEN_TYPES, Pack, number_in_words
from shuqiao.law.vocabulary import RULES, TERMS


def show(subject: Pack | Regime) -> str:
    """A pack with its articles, or a regime with every text weighed, as plain Chinese text."""
    lines = _pack_lines(subject) if isinstance(subject, Pack) else _regime_lines(subject)
    return "\n".join(lines) + "\n"


def _pack_lines(pack: Pack) -> list[str]:
    until = f"，至 {pack.in_force_until}" if pack.in_force_until else ""
    head = [
        f"{pack.title}（{pack.short_title}，{pack.id}）",
        f"{pack.issuer} · {pack.level.label} · 自 {pack.in_force_from} 起{until} · {len(pack.articles)} 条",
    ]
    articles = [
        f"  {number_in_words(article.number)}  {article.kind.value}  {article.summary}"
        for article in pack.articles.values()
    ]
    return [*head, *([pack.note] if pack.note else []), *_answers(pack), "", "条文", *articles]


def _regime_lines(regime: Regime) -> list[str]:
    kept, bound = regime.house_rules, [f"{regime.on} 适用的规则"]
    for pack in regime.packs:
        ended = f"，已于 {pack.in_force_until} 届满，作为自定规则继续适用" if pack.id in kept else ""
        bound.append(f"  {pack.title}（{pack.id}，{pack.level.label}{ended}）")
    gone = [
        f"  不再适用：{pack.title}（{pack.id}，已于 {pack.in_force_until} 届满）"
        for pack in regime.expired
        if pack.id not in kept
    ]
    coming = [
        f"  尚未施行：{pack.title}（{pack.id}，自 {pack.in_force_from} 起）" for pack in regime.upcoming
    ]
    lines = [*bound, *gone, *coming]
    if not regime.packs:
        lines.append("  没有有效的规则包")
    return [*lines, *_answers(regime)]


def _answers(subject: Pack | Regime) -> list[str]:
    face = face_of(subject)
    names = [face.names[key].substance for key in OPEN_TYPES if face.names[key].substance]
    lines = ["", "开放类型：" + ("、".join(names) or "未规定"), "", "期限"]
    for term_id, label in TERMS.items():
        lines.append(_row(term_id, label, face.terms))
        if isinstance(subject, Regime):
            lines += _weighed(subject.term(term_id))
    lines += ["", "规则"]
    lines += [_row(rule_id, spec.label, face.rules) for rule_id, spec in RULES.items()]
    return lines


def _row(name: str, label: str, lines: Mapping[str, Line]) -> str:
    return f"  {label}  {name}：{lines[name]}"


def _weighed(term: ResolvedTerm | None) -> list[str]:
    """The texts that were weighed, where there was a choice."""
    if term is None or len(term.considered) < 2:
        return []
    return [
        f"      {'→' if source.applied else '　'} {source.title}：{source.days} {term.unit.label}"
        + ("（自定规则）" if source.house_rule else "")
        for source in term.considered
    ]
