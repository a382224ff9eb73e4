"""What must hold before anything opens. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from uuid import UUID

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.opening.review.types import LICENCES, ReviewedColumn, ReviewFacts, Treatment

SECRECY = "opening.secrecy_check"
DIRECT = "opening.unconditional.no_login"
APPLICATION = "opening.application"
BASIS = "opening.basis.public"
OPEN_TYPES = frozenset({"unconditional", "conditional"})


def basis_of(regime: Regime, *rule_ids: str) -> tuple[Article, ...]:
    """The articles of these rules, as far as a text in force states them."""
    found: dict[Article, None] = {}
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        found |= dict.fromkeys(rule.basis if rule else ())
    return tuple(found)


def _basis(regime: Regime) -> tuple[Article, ...]:
    """On what the review rests: the text that asks for it, or else the one under which the data opens."""
    return basis_of(regime, SECRECY) or basis_of(regime, DIRECT, APPLICATION)


def may_begin(facts: ReviewFacts, regime: Regime) -> Decision:
    """Only what the published entry opens, at once or on application, is reviewed for opening."""
    if facts.opening_type not in OPEN_TYPES:
        reason = "目录条目列为不予开放。要开放，先修改目录的开放属性"
        return refuse(BASIS, reason, *(basis_of(regime, BASIS) or _basis(regime)))
    return allow(SECRECY, "可以开始开放审查", *_basis(regime))


def blocking(columns: tuple[ReviewedColumn, ...]) -> list[tuple[str, str]]:
    """Columns that keep the whole from opening, each with what to do: personal ones that are neither masked nor
    dropped nor justified, masks that do not fit, columns on which nothing is decided."""
    wrong = []
    for one in columns:
        if not one.may_open:
            if one.opens or one.treatment not in {"", Treatment.DROP}:
                wrong.append((one.name, "目录列为不开放，只能选“不开放”"))
        elif one.treatment not in set(Treatment):
            wrong.append((one.name, "还没有决定怎样开放"))
        elif problem := _wrong(one):
            wrong.append((one.name, problem))
    return wrong


def _wrong(one: ReviewedColumn) -> str:
    if one.treatment == Treatment.KEEP and one.personal:
        return "涉及或疑似个人信息，须脱敏、不开放，或者写明依据"
    if one.treatment == Treatment.MASK and not one.mask_fits:
        return "这样的脱敏不适用于这一列"
    if one.treatment == Treatment.JUSTIFY and not (one.reason.strip() and one.basis.strip()):
        return "照原样开放个人信息须写明理由和法律依据"
    return ""


def may_submit(facts: ReviewFacts, regime: Regime) -> Decision:
    """The provider has checked for secrets and personal data, decided every column and chosen a licence; everything
    missing is named at once (Yingkou 28, Dongchangfu 28)."""
    first = may_begin(facts, regime)
    if not first.allowed:
        return first
    basis = _basis(regime)
    if wrong := blocking(facts.columns):
        said = "；".join(f"“{name}”{what}" for name, what in wrong)
        return refuse(SECRECY, f"不能开放：{said}", *basis)
    missing = [
        word
        for word, there in (
            ("保密审查的确认", facts.secrecy_checked),
            ("个人信息审查的确认", facts.personal_checked),
            ("开放许可", facts.licence in LICENCES),
            ("至少一列开放的数据", any(one.opens for one in facts.columns)),
        )
        if not there
    ]
    if missing:
        return refuse(SECRECY, f"开放审查还缺：{'、'.join(missing)}", *basis)
    return allow(SECRECY, "已作保密审查和个人信息审查，逐列写明开放方式", *basis)


def may_open(facts: ReviewFacts, regime: Regime, *, by: UUID | None) -> Decision:
    """The bureau's yes: somebody else submitted, everything still holds, and the version is the one in force."""
    basis = _basis(regime)
    if by is not None and by == facts.submitted_by:
        return refuse(SECRECY, "提交人不能审查自己提交的开放", *basis)
    if not facts.current:
        return refuse(SECRECY, "提交之后发布了新的数据版本，列或者疑似个人信息有变化，须退回重新提交", *basis)
    first = may_submit(facts, regime)
    return allow(SECRECY, "审查通过，准予开放", *basis) if first.allowed else first


def may_return(reason: str, regime: Regime) -> Decision:
    """The bureau's no, or the provider's change of mind, says why."""
    basis = _basis(regime)
    if not reason.strip():
        return refuse(SECRECY, "审查不通过或者取消审查，须写明理由", *basis)
    return allow(SECRECY, reason.strip(), *basis)


def may_stop(reason: str, ground: str, regime: Regime) -> Decision:
    """What is open stops being open only for a stated reason on a stated basis, which the public can read
    (Yingkou 30, Shenyang 27, Dongchangfu 22)."""
    basis = basis_of(regime, BASIS) or _basis(regime)
    missing = [word for word, text in (("理由", reason), ("依据", ground)) if not text.strip()]
    if missing:
        return refuse(BASIS, f"停止开放须写明{'和'.join(missing)}", *basis)
    return allow(BASIS, reason.strip(), *basis)
