"""What the texts ask of the sharing type, of the entry and of its items. Pure."""

from __future__ import annotations

from shuqiao import law
from shuqiao.catalog.rules.elements import Given
from shuqiao.catalog.rules.facts import RevisionFacts
from shuqiao.catalog.types import (
    BaseDomain,
    FormatCategory,
    ItemContent,
    Kind,
    RevisionContent,
    SharingType,
)
from shuqiao.kernel import Decision
from shuqiao.kernel.decision import allow, refuse

BASE = "catalog.base_items.unconditional"
# 社会信用: of the guide's base class, but none of the domains Yingkou 19 and Shenyang 19 name.
BESIDE = "104"
RESTRICTION: dict[str, tuple[str, Given]] = {
    "reason": ("理由", lambda c: c.sharing_reason),
    "basis": ("依据", lambda c: c.sharing_basis and c.sharing_basis_level),
    "sharing_scope": ("共享范围", lambda c: c.sharing_scope),
    "permitted_use": ("使用用途", lambda c: c.sharing_use),
}


def not_shared_has_basis(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Not sharing, the entry or one item, needs reason and basis of sufficient level (Yingkou 17, Shenyang 18,
    Dongchangfu 19; Decree 14, 15: law, administrative regulation or State Council decision)."""
    return _restricted(facts.content, regime, "catalog.none.basis", SharingType.NONE)


def conditional_has_basis(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Conditional sharing, of the entry or of one item, states what the texts ask of it (Dongchangfu 19, Decree 15)."""
    return _restricted(facts.content, regime, "catalog.conditional.basis", SharingType.CONDITIONAL)


def _restricted(content: RevisionContent, regime: law.Regime, rule_id: str, kind: SharingType) -> Decision:
    rule = regime.rule(rule_id)
    where = _where_restricted(content, kind)
    if not where:
        return allow(rule_id, f"没有{kind.label}的内容", *(rule.basis if rule else ()))
    if rule is None:
        return allow(rule_id, f"适用的规定没有对{kind.label}另提要求")
    missing = [
        label for need, (label, given) in RESTRICTION.items() if need in rule.needs and not given(content)
    ]
    if missing:
        return refuse(rule_id, f"{where}为{kind.label}，须写明：{'、'.join(missing)}", *rule.basis)
    if "basis" in rule.needs and not rule.accepts(level := law.BasisLevel(content.sharing_basis_level)):
        accepted = (
            "、".join(one.label for one in law.BasisLevel if one in rule.levels)
            or "（各规定没有共同认可的层级）"
        )
        against = tuple(article for source in rule.against(level) for article in source.articles)
        return refuse(
            rule_id,
            f"{where}为{kind.label}，所引依据“{content.sharing_basis}”是{level.label}，层级不足；只认{accepted}",
            *against,
        )
    return allow(rule_id, f"{kind.label}已写明所需内容", *rule.basis)


def _where_restricted(content: RevisionContent, kind: SharingType) -> str:
    if content.sharing_type == kind:
        return "本条目"
    names = [item.name for item in content.items if item.sharing_type == kind]
    return f"信息项“{'”“'.join(names)}”" if names else ""


def base_items_unconditional(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Base data say which of the domains they are of and which of their items are the base items, and these are
    unconditional among departments (Yingkou 19, Shenyang 19)."""
    rule = regime.rule(BASE)
    content = facts.content
    basis = rule.basis if rule else ()
    if rule is None or not (content.kind == Kind.BASE or content.base_domain):
        return allow(BASE, "不属于须无条件共享的基础数据", *basis)
    domains = _words(rule.params.get("domains"))
    if content.base_domain and content.base_domain not in domains:
        return allow(BASE, "不属于须无条件共享的基础数据", *basis)
    if not content.base_domain:
        if content.classification.startswith(BESIDE):
            return allow(BASE, "基础类中的社会信用不在条文所列的基础数据内", *basis)
        named = "、".join(BaseDomain(one).label for one in domains)
        return refuse(BASE, f"基础类的条目须写明属于哪一类基础数据：{named}", *basis)
    if wrong := _wrong_base_items(content):
        return refuse(BASE, f"{BaseDomain(content.base_domain).label}基础数据{wrong}", *basis)
    return allow(BASE, "基础数据项均为无条件共享", *basis)


def _wrong_base_items(content: RevisionContent) -> str:
    """What is wrong with the base items, in words that go on from the domain; empty when nothing is."""
    if not content.items:
        category = content.format_category
        if category in FormatCategory.values and FormatCategory(category).is_table:
            return "须列出信息项，并至少标明一个基础数据项"
        if content.sharing_type != SharingType.UNCONDITIONAL:
            return "没有分信息项，整个条目须无条件共享"
        return ""
    if not any(item.base_item for item in content.items):
        return "须至少标明一个基础数据项"
    wrong = [item.name for item in content.items if item.base_item and not _unconditional(item, content)]
    return f"的基础数据项须无条件共享：{'、'.join(wrong)}" if wrong else ""


def _unconditional(item: ItemContent, content: RevisionContent) -> bool:
    return (item.sharing_type or content.sharing_type) == SharingType.UNCONDITIONAL


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()
