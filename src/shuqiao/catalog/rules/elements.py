"""The elements every entry must have, the steps before it is submitted, and what stays outside the catalogue. Pure."""

from __future__ import annotations

from collections.abc import Callable

from shuqiao import law
from shuqiao.catalog.rules.facts import Missing, RevisionFacts
from shuqiao.catalog.types import (
    FORMAT_TYPES,
    FormatCategory,
    Kind,
    OpeningType,
    RevisionContent,
    SecrecyMark,
    SharingType,
)
from shuqiao.kernel import Decision
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
        "opening_condition",
    }
)
# What the platform itself never takes in, whatever the local text says: it is not a classified network.
ALWAYS_REFUSED = frozenset({SecrecyMark.STATE_SECRET.value, SecrecyMark.WORK_SECRET.value})


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


def _opening_condition_given(content: RevisionContent) -> bool:
    return content.opening_type != OpeningType.CONDITIONAL or bool(content.opening_condition)


def _classified(content: RevisionContent) -> bool:
    """A code of the entry's own class: its first digit says base, theme or department."""
    return (
        bool(content.kind and content.classification) and Kind.of_code(content.classification) == content.kind
    )


def _format_given(content: RevisionContent) -> bool:
    described = content.format_category == FormatCategory.SELF_DESCRIBING and content.format_note
    return bool(_type_fits(content) and content.format_category and (content.format_type or described))


def _type_fits(content: RevisionContent) -> bool:
    """The type is one of its category's, where the guide lists them (category and type are linked lists)."""
    category = content.format_category
    types = FORMAT_TYPES[FormatCategory(category)] if category in FormatCategory.values else ()
    return not types or not content.format_type or content.format_type in types


Given = Callable[[RevisionContent], object]
METADATA: dict[str, tuple[str, Given]] = {
    "name": ("信息资源名称", lambda c: c.title),
    "classification": ("信息资源分类代码（首位与类一致）", _classified),
    "summary": ("摘要", lambda c: c.summary),
    "format": ("格式分类与属于该分类的类型", _format_given),
    "data_items": ("信息项及其数据类型", _items_given),
    "update_cycle": ("更新周期", lambda c: c.update_cycle),
    "sharing_type": ("共享类型", lambda c: c.sharing_type),
    "sharing_method": ("共享方式", lambda c: c.method_category and c.method_type),
    "use_conditions": ("使用条件", _conditions_given),
    "open_type": ("开放类型", lambda c: c.opening_type),
    "opening_method": ("开放方式", _opening_method_given),
    "opening_condition": ("开放条件", _opening_condition_given),
    "contact": ("联系人与联系电话", lambda c: c.contact_name and c.contact_phone),
    "grading": ("数据分级", lambda c: c.grade),
    # The provider and the responsible party are the entry's department: a row of its own, never empty.
    "provider": ("提供单位", lambda _: True),
    "responsible_party": ("责任方", lambda _: True),
}
SIGN_OFF: dict[str, tuple[str, Callable[[RevisionFacts], object]]] = {
    "department_head_consent": ("部门负责人审签", lambda f: f.consented),
    "secrecy_assessment": ("保密风险评估", lambda f: f.content.secrecy_assessed),
    "personal_information_assessment": (
        "个人信息保护影响评估",
        lambda f: f.content.personal_information_assessed,
    ),
}


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


def signed_off(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Assessments done and the head's consent given before it leaves the department (Decree 13)."""
    rule = regime.rule("catalog.sign_off")
    missing = [label for _, label, _ in missing_for_sign_off(facts, regime)]
    basis = rule.basis if rule else ()
    if missing:
        return refuse("catalog.sign_off", f"报送前还缺：{'、'.join(missing)}", *basis)
    return allow("catalog.sign_off", "已评估并审签", *basis)
