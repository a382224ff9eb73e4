"""Rules of open applications. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from datetime import date

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.opening.applications.types import (
    MONTHS_LEAST,
    MONTHS_MOST,
    ApplicationFacts,
    Given,
    Purpose,
)
from shuqiao.organizations.types import PartyKind
from shuqiao.store import Mask

APPLICATION = "opening.application"
REFUSAL = "opening.refusal.reason"
RESEARCH = "opening.research"
COMMERCIAL = "opening.commercial"
USE = "opening.use"
WRITTEN = "opening.written_reply"
CITATION = "opening.citation"
DIRECT = "opening.unconditional.no_login"
CLOSED = "opening.basis.public"
REPLY = "opening.reply"


def basis_of(regime: Regime, *rule_ids: str) -> tuple[Article, ...]:
    """The articles of the first of these rules that a text in force states; none when all are silent."""
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        if rule and rule.basis:
            return rule.basis
    return ()


def purposes_of(regime: Regime) -> tuple[Purpose, ...]:
    """The kinds of purpose that the texts know; one general kind where they name none."""
    rule = regime.rule(APPLICATION)
    named = rule.params.get("purposes") if rule else None
    return tuple(Purpose(one) for one in named) if isinstance(named, tuple) else (Purpose.GENERAL,)


def may_ask(facts: ApplicationFacts, regime: Regime) -> Decision:
    """Only what is open on application is applied for: open data is there for everybody, closed data for nobody, and
    nothing before its review."""
    if facts.offer.gone:
        return refuse(CLOSED, facts.offer.gone, *basis_of(regime, CLOSED, APPLICATION))
    kind = facts.offer.opening_type
    if kind == "unconditional":
        return refuse(
            DIRECT, "这项数据无条件开放，无需申请，直接下载或调用", *basis_of(regime, DIRECT, APPLICATION)
        )
    if kind != "conditional":
        said = f"这项数据不予开放：{facts.offer.basis or '目录载明不予开放'}"
        return refuse(CLOSED, said, *basis_of(regime, CLOSED, APPLICATION))
    basis = basis_of(regime, APPLICATION, CLOSED)
    if not facts.may_apply:
        return refuse(APPLICATION, "先核验注册的电子邮箱，或者用统一身份认证登录，再提出申请", *basis)
    if not facts.offer.masks:
        return refuse(APPLICATION, "这项数据还没有通过开放前的审查，暂时不能申请", *basis)
    return allow(APPLICATION, "可以申请", *basis)


def missing_content(facts: ApplicationFacts) -> list[str]:
    """What an application still lacks, in words."""
    there = {
        "申请的信息项": bool(facts.items),
        "用途": bool(facts.purpose.strip()),
        "使用场景": bool(facts.scenario.strip()),
        "安全保障措施": bool(facts.safeguards.strip()),
        "使用期限": facts.valid_until is not None,
    }
    return [label for label, given in there.items() if not given]


def may_apply(facts: ApplicationFacts, regime: Regime, on: date) -> Decision:
    """An application says everything at once that the answer needs, names a kind of purpose that the regime knows,
    and stays within what is offered (Yingkou 29, Shenyang 26, Dongchangfu 25)."""
    first = may_ask(facts, regime)
    if not first.allowed:
        return first
    basis = first.basis
    if missing := missing_content(facts):
        return refuse(APPLICATION, f"申请还缺：{'、'.join(missing)}", *basis)
    if strange := [name for name in facts.items if name not in facts.offer.masks]:
        return refuse(APPLICATION, f"不在开放范围内：{'、'.join(strange)}", *basis)
    if facts.valid_until is not None and facts.valid_until <= on:
        return refuse(APPLICATION, "使用期限须晚于今天", *basis)
    return _purpose(facts, regime, basis)


def _purpose(facts: ApplicationFacts, regime: Regime, basis: tuple[Article, ...]) -> Decision:
    known = purposes_of(regime)
    if facts.purpose_kind not in known:
        said = "、".join(one.label for one in known)
        return refuse(APPLICATION, f"用途的类别须为：{said}", *basis)
    if facts.purpose_kind == Purpose.RESEARCH and regime.rule(RESEARCH):
        grounds = basis_of(regime, RESEARCH)
        if facts.party_kind == PartyKind.PERSON:
            return refuse(RESEARCH, "科研教育用途由高等院校或者科研院所申请", *grounds)
        if not facts.public_benefit:
            return refuse(RESEARCH, "须承诺仅用于科研教育等公益性活动", *grounds)
    if facts.purpose_kind == Purpose.COMMERCIAL and regime.rule(COMMERCIAL) and not facts.won:
        reason = "商业开发的对象通过公开招标等竞争方式确定，没有您在这项数据上胜出的记录"
        return refuse(COMMERCIAL, reason, *basis_of(regime, COMMERCIAL))
    return allow(APPLICATION, "申请内容齐全，已受理", *basis)


def may_ask_supplement(
    *, asked_before: bool, points: tuple[str, ...], regime: Regime, gone: str = ""
) -> Decision:
    """What is missing is asked for once, all of it; the clock rests meanwhile. It is never a ground for a no, and
    nobody is asked to complete what can no longer be agreed to."""
    if gone:
        return refuse(CLOSED, gone, *basis_of(regime, CLOSED, APPLICATION))
    basis = basis_of(regime, APPLICATION, CLOSED)
    if asked_before:
        return refuse(APPLICATION, "补正只能要求一次，应当一次告知全部需要补充的内容", *basis)
    if not any(point.strip() for point in points):
        return refuse(APPLICATION, "写明需要补充的全部内容", *basis)
    return allow(APPLICATION, "一次性告知需要补充的内容，期限暂停", *basis)


def may_agree(facts: ApplicationFacts, given: Given, regime: Regime, on: date, *, reason: str) -> Decision:
    """A yes gives at most what was asked for and what is offered now; a narrower yes says why (Dongchangfu 25)."""
    first = may_apply(facts, regime, on)
    if not first.allowed:
        return first
    basis = first.basis
    if wider := beyond(facts, given):
        return refuse(APPLICATION, f"给予的范围不能超出申请：{'、'.join(wider)}", *basis)
    if given.valid_until <= on:
        return refuse(APPLICATION, "使用期限须晚于今天", *basis)
    if not MONTHS_LEAST <= given.follow_up_months <= MONTHS_MOST:
        return refuse(
            USE,
            f"利用情况每 {MONTHS_LEAST} 至 {MONTHS_MOST} 个月跟踪一次",
            *basis_of(regime, USE, APPLICATION),
        )
    whole = is_whole(facts, given)
    if not whole and not reason.strip():
        return refuse(REFUSAL, "在较小范围内同意须写明理由", *basis_of(regime, REFUSAL, APPLICATION))
    return allow(APPLICATION, reason.strip() or "按申请同意开放", *basis)


def may_look(facts: ApplicationFacts, given: Given, regime: Regime) -> Decision:
    """What a yes would show may be looked at before it is signed, and no more than a yes may give."""
    basis = basis_of(regime, APPLICATION, CLOSED)
    if wider := beyond(facts, given):
        return refuse(APPLICATION, f"给予的范围不能超出申请：{'、'.join(wider)}", *basis)
    return allow(APPLICATION, "在可给予的范围内预览", *basis)


def beyond(facts: ApplicationFacts, given: Given) -> list[str]:
    """Parts of what is given that were not asked for, or are not offered like this."""
    wrong = [] if given.items else ["至少给一个信息项，全部不给请用“不同意”"]
    for name, mask in given.items:
        if name not in facts.items:
            wrong.append(f"“{name}”没有申请")
        elif not within(facts.offer.masks.get(name), mask):
            wrong.append(f"“{name}”须按审查确定的脱敏方式给予，或者比它更严")
    wrong += [
        f"行条件“{one['column']}”不是这个条目的信息项"
        for one in given.where
        if one["column"] not in facts.offer.columns
    ]
    if facts.valid_until and given.valid_until > facts.valid_until:
        wrong.append("期限比申请的长")
    return wrong


def within(offered: str | None, mask: str) -> bool:
    """Whether a mask gives no more than the review opened: the same, or laid on what is open plain."""
    return offered is not None and (mask == offered or (offered == Mask.NONE and mask != Mask.DROP))


def is_whole(facts: ApplicationFacts, given: Given) -> bool:
    """Whether everything asked for is given."""
    asked = {(name, facts.offer.masks.get(name, "")) for name in facts.items}
    return set(given.items) == asked and not given.where and given.valid_until == facts.valid_until


def may_refuse(*, reason: str, ground: str, regime: Regime) -> Decision:
    """A no gives its reasons, and the basis on which they rest (Yingkou 29, Shenyang 26, Dongchangfu 25)."""
    basis = basis_of(regime, REFUSAL, APPLICATION, CLOSED)
    missing = [label for label, text in (("理由", reason), ("依据", ground)) if not text.strip()]
    if missing:
        return refuse(REFUSAL, f"不同意开放必须写明{'和'.join(missing)}", *basis)
    return allow(REFUSAL, reason.strip(), *basis)


def may_withdraw(*, reason: str, regime: Regime) -> Decision:
    """The applicant may stop asking, and says why."""
    basis = basis_of(regime, APPLICATION, CLOSED)
    if not reason.strip():
        return refuse(APPLICATION, "写明撤回的原因", *basis)
    return allow(APPLICATION, reason.strip(), *basis)


def may_lapse(*, gone: str, note: str, regime: Regime) -> Decision:
    """What is no longer in the catalogue can be neither agreed to nor opened. The provider ends the application and
    says what follows; that is no refusal of what is there."""
    basis = basis_of(regime, CLOSED, APPLICATION)
    if not gone:
        return refuse(CLOSED, "目录条目仍然有效，应当答复申请", *basis)
    if not note.strip():
        return refuse(CLOSED, "写明对申请人的说明：为什么撤下，还可以从哪里取得数据", *basis)
    return allow(CLOSED, f"{gone}：{note.strip()}", *basis)


def may_confirm(*, already: bool, ready: bool, regime: Regime) -> Decision:
    """Each side confirms the agreement once; data opens when both have (Dongchangfu 25)."""
    basis = basis_of(regime, USE, APPLICATION)
    if already:
        return refuse(USE, "本方已经确认过协议", *basis)
    if not ready:
        return refuse(USE, "这项数据的开放已经停止或者有变化，暂时不能按协议开放", *basis)
    return allow(USE, "已确认协议", *basis)


def may_revoke(*, breach: str, ground: str, regime: Regime) -> Decision:
    """What is used against the agreement is taken back, with the breach and the clause named (Dongchangfu 25)."""
    basis = basis_of(regime, USE, APPLICATION)
    missing = [label for label, text in (("违反约定的情况", breach), ("依据", ground)) if not text.strip()]
    if missing:
        return refuse(USE, f"收回开放须写明{'和'.join(missing)}", *basis)
    return allow(USE, breach.strip(), *basis)


def follow_up(regime: Regime) -> Decision:
    """The use of data opened by an agreement is looked at in intervals (Dongchangfu 25)."""
    return allow(USE, "按协议跟踪利用情况", *basis_of(regime, USE, APPLICATION))


def may_report(*, usage: str, regime: Regime) -> Decision:
    """A report of use says what the data is used for."""
    basis = basis_of(regime, USE, APPLICATION)
    if not usage.strip():
        return refuse(USE, "写明数据的利用情况", *basis)
    return allow(USE, "已报告利用情况", *basis)


def may_have_reply(*, answered: bool, regime: Regime) -> Decision:
    """Whoever asks for a written reply gets one (Shenyang 26); elsewhere the platform gives it too."""
    basis = basis_of(regime, WRITTEN, APPLICATION)
    if not answered:
        return refuse(WRITTEN, "还没有答复；答复时会一并制发书面答复", *basis)
    return allow(WRITTEN, "按申请人的要求提供书面答复", *basis)
