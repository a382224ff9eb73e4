"""What the texts ask of a catalogue entry. Pure: content and regime in, `Decision` out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shuqiao import law
from shuqiao.catalog.types import (
    BaseDomain,
    FormatCategory,
    ItemContent,
    OpeningType,
    RevisionContent,
    SecrecyMark,
    SharingType,
)
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse

# The national catalogue guide (发改高技〔2017〕1272号) makes these mandatory wherever a catalogue is kept.
GUIDE_NEEDS = frozenset(
    {
        "name",
        "provider",
        "summary",
        "format",
        "data_items",
        "update_cycle",
        "sharing_type",
        "sharing_method",
        "open_type",
        "classification",
    }
)
# What the platform itself never takes in, whatever the local text says: it is not a classified network.
ALWAYS_REFUSED = frozenset({SecrecyMark.STATE_SECRET.value, SecrecyMark.WORK_SECRET.value})


@dataclass(frozen=True, slots=True)
class RevisionFacts:
    """What the rules look at: the content, and whether the head of the sharing body has consented."""

    content: RevisionContent
    consented: bool = False


def _items_given(content: RevisionContent) -> bool:
    category = content.format_category
    if category not in FormatCategory.values or FormatCategory(category).is_table:
        return bool(content.items) and all(item.data_type for item in content.items)
    return True


def _conditions_given(content: RevisionContent) -> bool:
    if content.sharing_type != SharingType.CONDITIONAL:
        return True
    return bool(content.sharing_condition or (content.sharing_scope and content.sharing_use))


def _opening_method_given(content: RevisionContent) -> bool:
    return content.opening_type == OpeningType.CLOSED or bool(content.opening_method)


def _format_given(content: RevisionContent) -> bool:
    described = content.format_category == FormatCategory.SELF_DESCRIBING and content.format_note
    return bool(content.format_category and (content.format_type or described))


Given = Callable[[RevisionContent], object]
METADATA: dict[str, tuple[str, Given]] = {
    "name": ("信息资源名称", lambda c: c.title),
    "classification": ("信息资源分类代码", lambda c: c.kind and c.classification),
    "summary": ("摘要", lambda c: c.summary),
    "format": ("格式分类与类型", _format_given),
    "data_items": ("信息项及其数据类型", _items_given),
    "update_cycle": ("更新周期", lambda c: c.update_cycle),
    "sharing_type": ("共享类型", lambda c: c.sharing_type),
    "sharing_method": ("共享方式", lambda c: c.method_category and c.method_type),
    "use_conditions": ("使用条件", _conditions_given),
    "open_type": ("开放类型", lambda c: c.opening_type),
    "opening_method": ("开放方式", _opening_method_given),
    "contact": ("联系人与联系电话", lambda c: c.contact_name and c.contact_phone),
    "grading": ("数据分级", lambda c: c.grade),
    # The provider and the responsible party are the entry's department: a row of its own, never empty.
    "provider": ("提供单位", lambda _: True),
    "responsible_party": ("责任方", lambda _: True),
}
RESTRICTION: dict[str, tuple[str, Given]] = {
    "reason": ("理由", lambda c: c.sharing_reason),
    "basis": ("依据", lambda c: c.sharing_basis and c.sharing_basis_level),
    "sharing_scope": ("共享范围", lambda c: c.sharing_scope),
    "permitted_use": ("使用用途", lambda c: c.sharing_use),
}
SIGN_OFF: dict[str, tuple[str, Callable[[RevisionFacts], object]]] = {
    "department_head_consent": ("部门负责人审签", lambda f: f.consented),
    "secrecy_assessment": ("保密风险评估", lambda f: f.content.secrecy_assessed),
    "personal_information_assessment": (
        "个人信息保护影响评估",
        lambda f: f.content.personal_information_assessed,
    ),
}


Missing = tuple[str, str, tuple[Article, ...]]


def missing_metadata(content: RevisionContent, regime: law.Regime) -> list[Missing]:
    """Each element that is demanded and not there: its id, its name, and the articles of the texts that want it."""
    rule = regime.rule("catalog.metadata.required")
    needs = GUIDE_NEEDS | (rule.needs if rule else frozenset())
    basis = rule.basis if rule else ()
    return [
        (need, label, basis)
        for need, (label, given) in METADATA.items()
        if need in needs and not given(content)
    ]


def missing_for_sign_off(facts: RevisionFacts, regime: law.Regime) -> list[Missing]:
    """Each step before submitting that is still to be done: its id, its name, and the articles that want it."""
    rule = regime.rule("catalog.sign_off")
    needs = (rule.needs if rule else frozenset()) | {"department_head_consent"}
    basis = rule.basis if rule else ()
    return [
        (need, label, basis)
        for need, (label, given) in SIGN_OFF.items()
        if need in needs and not given(facts)
    ]


def metadata_complete(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Every required element is there; all missing ones are named at once (Yingkou 14, Decree 13)."""
    rule = regime.rule("catalog.metadata.required")
    missing = [label for _, label, _ in missing_metadata(facts.content, regime)]
    basis = rule.basis if rule else ()
    if missing:
        return refuse("catalog.metadata.required", f"缺少必填要素：{'、'.join(missing)}", *basis)
    return allow("catalog.metadata.required", "必填要素齐全", *basis)


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


def no_secret(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """State and work secrets, and where the text says so disclosure items, stay outside
    (Decree 2, 3; Dongchangfu 2)."""
    rule = regime.rule("catalog.secret.refused")
    stated = rule.params.get("marks", ()) if rule else ()
    refused = ALWAYS_REFUSED | frozenset(stated if isinstance(stated, tuple) else ())
    basis = rule.basis if rule else ()
    mark = facts.content.secrecy_mark
    if mark in refused:
        return refuse("catalog.secret.refused", f"标明为{SecrecyMark(mark).label}，不得编入目录", *basis)
    return allow("catalog.secret.refused", "没有不得编目的标识", *basis)


def base_items_unconditional(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """The base items of base data are unconditional among departments (Yingkou 19, Shenyang 19)."""
    rule = regime.rule("catalog.base_items.unconditional")
    content = facts.content
    if rule is None or content.base_domain not in _words(rule.params.get("domains")):
        return allow(
            "catalog.base_items.unconditional", "不属于须无条件共享的基础数据", *(rule.basis if rule else ())
        )
    wrong = [item.name for item in content.items if item.base_item and not _unconditional(item, content)]
    if wrong:
        domain = BaseDomain(content.base_domain).label
        return refuse(
            "catalog.base_items.unconditional",
            f"{domain}基础数据的基础数据项须无条件共享：{'、'.join(wrong)}",
            *rule.basis,
        )
    return allow("catalog.base_items.unconditional", "基础数据项均为无条件共享", *rule.basis)


def _unconditional(item: ItemContent, content: RevisionContent) -> bool:
    return (item.sharing_type or content.sharing_type) == SharingType.UNCONDITIONAL


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


def signed_off(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Assessments done and the head's consent given before it leaves the department (Decree 13)."""
    rule = regime.rule("catalog.sign_off")
    missing = [label for _, label, _ in missing_for_sign_off(facts, regime)]
    basis = rule.basis if rule else ()
    if missing:
        return refuse("catalog.sign_off", f"报送前还缺：{'、'.join(missing)}", *basis)
    return allow("catalog.sign_off", "已评估并审签", *basis)


CHECKS = (
    no_secret,
    metadata_complete,
    not_shared_has_basis,
    conditional_has_basis,
    base_items_unconditional,
    signed_off,
)


def checks(facts: RevisionFacts, regime: law.Regime) -> tuple[Decision, ...]:
    """Every rule's own answer, for the pages that show them side by side."""
    return tuple(check(facts, regime) for check in CHECKS)


def may_submit(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """The revision may go to the bureau. A no carries all that is wrong at once."""
    return together(checks(facts, regime))


def may_publish(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """The bureau may publish: everything still holds on the day of publication (Yingkou 11, Decree 16).

    The regime is that of this day: a basis that sufficed when it was submitted may no longer do.
    """
    return together(checks(facts, regime))


def together(decisions: Iterable[Decision]) -> Decision:
    """One decision of several: yes when all say yes, else a no with every reason and all their articles."""
    answers = tuple(decisions)
    noes = [one for one in answers if not one.allowed]
    if not noes:
        return allow(answers[-1].rule, "目录要求均已满足", *_distinct(answers))
    return refuse(noes[0].rule, "；".join(one.reason for one in noes), *_distinct(noes))


def _distinct(decisions: Iterable[Decision]) -> tuple[Article, ...]:
    return tuple(dict.fromkeys(article for one in decisions for article in one.basis))


def review_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles under which the bureau reviews the catalogue, also of texts that set no days for it."""
    said = (pack.terms["catalog.review"].article for pack in regime.packs)
    return tuple(article for article in said if article)


def sign_off_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles that want assessments and the head's consent before submitting."""
    rule = regime.rule("catalog.sign_off")
    return rule.basis if rule else ()
