"""What the texts say of bodies outside government that use shared data (Dongchangfu 20). Pure: facts and the regime of
the provider's division come in, a `Decision` goes out. Where every text is silent there is no such way: a no."""

from __future__ import annotations

from datetime import date

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import NEEDS, Regime
from shuqiao.sharing import rules as requests
from shuqiao.sharing.outside.types import Consent, OutsideFacts
from shuqiao.sharing.types import RequestFacts, Scope

RULE = "sharing.outside"
REPLY = "sharing.outside.reply"
NOT_WIDER = requests.NOT_WIDER
SILENT = "当日有效的规定没有让机关以外的单位申请使用共享数据；需要数据的，请在开放平台申请开放"


def articles(regime: Regime) -> tuple[Article, ...]:
    """The articles in force on bodies outside government; none where every text is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def may_ask(facts: OutsideFacts, regime: Regime) -> Decision:
    """Whether a body may apply at all: the regime knows such a way, the body is registered, the data is shared."""
    basis = articles(regime)
    if regime.rule(RULE) is None:
        return refuse(RULE, SILENT, *_fallback(regime))
    if not facts.organisation:
        return refuse(RULE, "由单位申请；自然人请在开放平台申请开放", *basis)
    if not facts.registered:
        return refuse(RULE, "先核验注册的电子邮箱，或者用统一身份认证登录，再提出申请", *basis)
    first = requests.may_request(_request(facts, facts.scope), regime)
    if not first.allowed:
        return first
    if not facts.mounted:
        return refuse(RULE, "这个条目下还没有已发布的数据，暂时不能申请", *basis)
    return allow(RULE, "可以申请", *basis)


def _fallback(regime: Regime) -> tuple[Article, ...]:
    """Where to go instead: the articles on application for open data."""
    rule = regime.rule("opening.application") or regime.rule("opening.basis.public")
    return rule.basis if rule else ()


def _request(facts: OutsideFacts, scope: Scope) -> RequestFacts:
    return RequestFacts(scope=scope, offer=facts.offer, purpose=facts.purpose, scenario=facts.scenario)


def missing(facts: OutsideFacts, regime: Regime) -> list[str]:
    """What an application still lacks, in words."""
    rule = regime.rule(RULE)
    needs = rule.needs if rule else frozenset()
    there = {
        "信息项": requests.gives_something(facts.scope),
        "用途": bool(facts.purpose.strip()),
        "共享方式": bool(facts.scope.modes),
        "使用期限": facts.scope.valid_until is not None,
    }
    asked = {"scenario": facts.scenario, "safeguards": facts.safeguards}
    there |= {NEEDS[name]: bool(text.strip()) for name, text in asked.items() if name in needs}
    return [label for label, given in there.items() if not given]


def may_submit(facts: OutsideFacts, regime: Regime, on: date) -> Decision:
    """An application says at once everything the answer needs, and stays within the entry (Dongchangfu 20)."""
    first = may_ask(facts, regime)
    if not first.allowed:
        return first
    basis = first.basis
    if lacking := missing(facts, regime):
        return refuse(RULE, f"申请还缺：{'、'.join(lacking)}", *basis)
    if facts.scope.valid_until is not None and facts.scope.valid_until <= on:
        return refuse(RULE, "使用期限须晚于今天", *basis)
    if wider := requests.beyond_offer(facts.scope, _request(facts, facts.scope)):
        return refuse(NOT_WIDER, f"超出目录条目所列：{'、'.join(wider)}", *basis)
    return allow(RULE, "申请内容齐全，已受理", *basis)


def may_supplement(facts: OutsideFacts, regime: Regime) -> Decision:
    """What was asked for is supplied while the data can be asked for at all."""
    first = may_ask(facts, regime)
    return allow(RULE, "补充所要求的内容", *first.basis) if first.allowed else first


def may_ask_supplement(
    facts: OutsideFacts, *, asked_before: bool, points: tuple[str, ...], regime: Regime
) -> Decision:
    """What is missing is asked for once, all of it; not for data that can no longer be asked for."""
    first = may_ask(facts, regime)
    if not first.allowed:
        return first
    basis = articles(regime)
    if asked_before:
        return refuse(RULE, "补正只能要求一次，应当一次告知全部需要补充的内容", *basis)
    if not any(point.strip() for point in points):
        return refuse(RULE, "写明需要补充的全部内容", *basis)
    return allow(RULE, "一次性告知需要补充的内容", *basis)


def may_consult(facts: OutsideFacts, regime: Regime, on: date) -> Decision:
    """Before it answers the bureau asks the provider."""
    first = may_submit(facts, regime, on)
    return allow(RULE, "征求提供部门的意见", *first.basis) if first.allowed else first


def may_say(*, consent: Consent | None, reason: str, regime: Regime) -> Decision:
    """The provider says yes, or no with its reason."""
    basis = articles(regime)
    if consent is None:
        return refuse(RULE, "写明同意还是不同意", *basis)
    if consent is Consent.NO and not reason.strip():
        return refuse(RULE, "不同意的，写明理由", *basis)
    return allow(RULE, reason.strip() or "提供部门同意", *basis)


def may_agree(
    facts: OutsideFacts,
    given: Scope,
    regime: Regime,
    on: date,
    *,
    consent: Consent | None,
    reason: str,
) -> Decision:
    """A yes rests on the provider's consent and gives at most what was asked for and what the entry offers now; a
    narrower yes says why."""
    first = may_submit(facts, regime, on)
    if not first.allowed:
        return first
    basis = first.basis
    if consent is not Consent.YES:
        return refuse(RULE, "提供部门没有同意，不能同意申请", *basis)
    asked = _request(facts, facts.scope)
    if wider := [*requests.wider_than(facts.scope, given), *requests.beyond_offer(given, asked)]:
        return refuse(NOT_WIDER, f"给予的范围不能超出申请：{'、'.join(wider)}", *basis)
    if given.valid_until is None or given.valid_until <= on:
        return refuse(RULE, "使用期限须晚于今天", *basis)
    if not given.modes:
        return refuse(RULE, "至少选一种共享方式", *basis)
    whole = requests.is_whole(asked, given)
    if not whole and not reason.strip():
        return refuse(RULE, "在较小范围内同意须写明理由", *basis)
    return allow(RULE, reason.strip() or "按申请同意，签订协议后开通", *basis)


def may_refuse(*, reason: str, ground: str, regime: Regime, awaited: bool = False) -> Decision:
    """A no gives its reasons and the basis on which they rest. `awaited`: a supplement is, of data still offered."""
    basis = articles(regime) or _fallback(regime)
    if awaited:
        return refuse(RULE, "已要求补正，等申请单位补正之后再答复", *basis)
    lacking = [label for label, text in (("理由", reason), ("依据", ground)) if not text.strip()]
    if lacking:
        return refuse(RULE, f"不同意必须写明{'和'.join(lacking)}", *basis)
    return allow(RULE, reason.strip(), *basis)


def may_withdraw(*, reason: str, regime: Regime) -> Decision:
    """The applicant may stop asking until the data is opened."""
    basis = articles(regime) or _fallback(regime)
    if not reason.strip():
        return refuse(RULE, "写明撤回的原因", *basis)
    return allow(RULE, reason.strip(), *basis)


def may_confirm(*, already: bool, ready: bool, regime: Regime, gone: str = "") -> Decision:
    """Each side confirms the agreement once; access begins when both have (Dongchangfu 20)."""
    basis = articles(regime)
    if already:
        return refuse(RULE, "本方已经确认过协议", *basis)
    if not ready:
        return refuse(RULE, f"{gone or '条目或者数据有变化'}，不能再按这份协议开通", *basis)
    return allow(RULE, "已确认协议", *basis)


def may_revoke(*, breach: str, ground: str, regime: Regime) -> Decision:
    """A breach of the agreement ends access, with the breach and the clause named."""
    basis = articles(regime) or _fallback(regime)
    lacking = [label for label, text in (("违反协议的情况", breach), ("依据", ground)) if not text.strip()]
    if lacking:
        return refuse(RULE, f"收回须写明{'和'.join(lacking)}", *basis)
    return allow(RULE, breach.strip(), *basis)
