"""What the texts, and plain logic, ask of the opening type: its basis, and nothing wider than the whole. Pure."""

from __future__ import annotations

from shuqiao import law
from shuqiao.catalog.rules.facts import Missing, RevisionFacts
from shuqiao.catalog.types import OpeningType, RevisionContent, SharingType
from shuqiao.kernel import Decision
from shuqiao.kernel.decision import allow, refuse

BASIS, NOT_SHARED = "opening.basis.public", "catalog.none.basis"
# How wide each type opens; a type nobody chose yet is compared with nothing.
WIDTH = {OpeningType.CLOSED.value: 0, OpeningType.CONDITIONAL.value: 1, OpeningType.UNCONDITIONAL.value: 2}


def _named(opening_type: str, regime: law.Regime) -> str:
    """What this regime calls an opening type (Yingkou and Shenyang: 依申请开放, Dongchangfu: 有条件开放)."""
    names: dict[str, str] = {str(value): name for value, name in regime.open_type_names.items()}
    return names.get(opening_type) or OpeningType(opening_type).label


def missing_for_opening(content: RevisionContent, regime: law.Regime) -> list[Missing]:
    """The basis of an entry that is not open, or open on application, where a text of the regime wants one and it is
    not there: column, name, articles."""
    rule = regime.rule(BASIS)
    limited = content.opening_type in {OpeningType.CLOSED, OpeningType.CONDITIONAL}
    if rule is None or not limited or "basis" not in rule.needs or content.opening_basis.strip():
        return []
    return [("opening_basis", f"{_named(content.opening_type, regime)}的依据", rule.basis)]


def opening_has_basis(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """Not opening, or opening on application only, names its basis: Yingkou 30 and Shenyang 27 have it published,
    Dongchangfu 22 wants a law, a regulation or a document of the state. None of them ranks the levels."""
    rule = regime.rule(BASIS)
    basis = rule.basis if rule else ()
    if missing := missing_for_opening(facts.content, regime):
        kind = _named(facts.content.opening_type, regime)
        labels = "、".join(label for _, label, _ in missing)
        return refuse(BASIS, f"本条目为{kind}，须写明：{labels}", *basis)
    if rule is None:
        return allow(BASIS, "适用的规定没有要求写明不开放的依据")
    return allow(BASIS, "已写明依据，或者无条件开放", *basis)


def opening_not_wider(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """No item opens wider than its entry is said to, and an entry that opens opens at least one item."""
    rule, content = regime.rule(BASIS), facts.content
    basis = rule.basis if rule else ()
    width = WIDTH.get(content.opening_type)
    if width is None:
        return allow(BASIS, "开放类型尚未选定", *basis)
    wider = [item.name for item in content.items if WIDTH.get(item.opening_type, 0) > width]
    if wider:
        kind = _named(content.opening_type, regime)
        return refuse(
            BASIS,
            f"本条目为{kind}，信息项“{'”“'.join(wider)}”开放得更宽：改信息项，或者改条目的开放类型",
            *basis,
        )
    if width and content.items and all(item.opening_type == OpeningType.CLOSED for item in content.items):
        kind = _named(content.opening_type, regime)
        return refuse(BASIS, f"本条目为{kind}，信息项却全部不予开放：条目也应为不予开放", *basis)
    return allow(BASIS, "信息项不比条目开放得更宽", *basis)


def not_shared_is_not_open(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """What is kept from departments is not given to the public, nor shared item by item."""
    rule, content = regime.rule(NOT_SHARED), facts.content
    basis = rule.basis if rule else ()
    if content.sharing_type == SharingType.NONE and WIDTH.get(content.opening_type, 0):
        kind = _named(content.opening_type, regime)
        what = f"本条目不予共享，却写为{kind}：不提供给部门的，也不能向社会开放"
        return refuse(NOT_SHARED, what, *basis)
    if content.sharing_type == SharingType.NONE and (
        wider := [item.name for item in content.items if item.sharing_type not in {"", SharingType.NONE}]
    ):
        what = f"本条目不予共享，信息项“{'”“'.join(wider)}”却可以共享：改信息项，或者改条目的共享类型"
        return refuse(NOT_SHARED, what, *basis)
    if wrong := [
        item.name
        for item in content.items
        if (item.sharing_type or content.sharing_type) == SharingType.NONE
        and WIDTH.get(item.opening_type or content.opening_type, 0)
    ]:
        what = f"信息项“{'”“'.join(wrong)}”不予共享，却随条目向社会开放：把它们的开放类型写为不予开放"
        return refuse(NOT_SHARED, what, *basis)
    return allow(NOT_SHARED, "不予共享的没有向社会开放", *basis)
