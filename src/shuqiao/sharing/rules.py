"""Rules of requests and answers. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import NEEDS, Regime, RunningTerm
from shuqiao.sharing.types import RefusalFacts, RequestFacts, RunningGrant, Scope, WaitingFacts

CONTENT = "sharing.request.content"
NOT_WIDER = "sharing.scope.not_wider"
ONWARD = "sharing.onward_transfer"
REFUSAL = "sharing.refusal.basis"
ONE_NOTICE = "sharing.one_notice"
DIRECT = "sharing.unconditional.direct"
NOT_SHARED = "catalog.none.basis"
REPLY = "sharing.reply.conditional"
DELIVERY = "sharing.delivery"
SIGN_OFF = "sharing.reply.sign_off"
MODES = "sharing.modes"
OWN_CONDITIONS = "catalog.conditional.basis"
NO_OWN_CONDITIONS = "sharing.no_own_conditions"
PLAIN, DROP = "none", "drop"

# A grant has to say what it is for and on which ground, whatever the texts in force on the day ask (Yingkou 22).
ALWAYS = frozenset({"scope", "legal_basis"})


def reply_term(sharing_type: str) -> str:
    """The term of the answer to a request for data of this sharing type."""
    return "sharing.reply.unconditional" if sharing_type == "unconditional" else REPLY


def may_request(facts: RequestFacts, regime: Regime) -> Decision:
    """What is not shared cannot be asked for; the entry's own basis is the answer (Yingkou 17, Decree 14)."""
    offer = facts.offer
    if offer.gone:
        return refuse(NOT_WIDER, offer.gone, *_basis(regime, NOT_WIDER, DIRECT))
    if offer.type_of(tuple(name for name, _ in facts.scope.items)) == "none":
        said = "；".join(text for text in (offer.reason, offer.basis) if text) or "目录载明不予共享"
        return refuse(NOT_SHARED, f"这项数据不予共享：{said}", *_basis(regime, NOT_SHARED))
    if facts.to_itself:
        return refuse(NOT_WIDER, "这是本部门的数据，不需要申请", *_basis(regime, NOT_WIDER, DIRECT))
    return allow(DIRECT, "可以申请", *_basis(regime, DIRECT, CONTENT))


def may_submit(facts: RequestFacts, regime: Regime) -> Decision:
    """A request says everything the texts ask for, is signed, stays within the entry, and does not name passing on
    where that can never be allowed. Everything missing is named at once (Decree 20, 21; Shenyang 23)."""
    first = may_request(facts, regime)
    if not first.allowed:
        return first
    if missing := missing_content(facts, regime):
        basis = _basis(regime, CONTENT, NOT_WIDER)
        basis = basis if facts.scope.modes else _also(basis, regime, MODES)
        return refuse(CONTENT, f"申请还缺：{'、'.join(missing)}", *basis)
    if wider := beyond_offer(facts.scope, facts):
        return refuse(NOT_WIDER, f"超出目录条目所列：{'、'.join(wider)}", *_basis(regime, NOT_WIDER))
    onward = may_name_onward(facts, regime)
    if not onward.allowed:
        return onward
    return allow(CONTENT, "申请内容齐全，负责人已签署", *_basis(regime, CONTENT, DIRECT, NOT_WIDER))


def missing_content(facts: RequestFacts, regime: Regime) -> list[str]:
    """What a request still lacks, in the words of the vocabulary."""
    rule = regime.rule(CONTENT)
    needs = (rule.needs if rule else frozenset()) | ALWAYS
    there = {
        "legal_basis": bool(facts.legal_basis.strip() and facts.legal_basis_level),
        "scenario": bool(facts.scenario.strip()),
        "scope": gives_something(facts.scope),
        "mode": bool(facts.scope.modes),
        "use_until": facts.scope.valid_until is not None,
        "requester_sign_off": facts.signed,
    }
    missing = [NEEDS[need] for need in NEEDS if need in needs and not there.get(need, True)]
    if not facts.purpose.strip():
        missing.insert(0, "用途")
    if facts.onward and not facts.onward_to.strip():
        missing.append("提供给哪个第三方")
    return missing


def gives_something(scope: Scope) -> bool:
    """Whether a scope shows any column: one that is named only to say that it is not given shows nothing."""
    return any(mask != DROP for _, mask in scope.items)


def beyond_offer(scope: Scope, facts: RequestFacts) -> list[str]:
    """Parts of a scope that the entry does not offer, in words; empty when it stays within."""
    offer = facts.offer
    wrong = []
    for name, mask in scope.items:
        if offer.types.get(name) == "none":
            wrong.append(f"“{name}”（不予共享）")
        elif name not in offer.masks:
            wrong.append(f"“{name}”（条目没有这一项）")
        elif mask not in offer.masks[name]:
            wrong.append(f"“{name}”不能这样脱敏")
    wrong += [f"行条件“{p['column']}”" for p in scope.where if p["column"] not in offer.masks]
    wrong += [f"共享方式“{mode}”" for mode in scope.modes if mode not in offer.modes]
    return wrong


def may_name_onward(facts: RequestFacts, regime: Regime) -> Decision:
    """Whether a request that names a third party can ever be granted here (Yingkou 22, Shenyang 23, Decree 25)."""
    basis = _basis(regime, ONWARD, NOT_WIDER)
    if not facts.onward:
        return allow(ONWARD, "不提供给第三方", *basis)
    rule = regime.rule(ONWARD)
    if rule and rule.params.get("transfer") == "never":
        return refuse(ONWARD, "获得的数据不得以任何形式提供给第三方，写明转交第三方的申请不能批准", *basis)
    return allow(ONWARD, "提供给第三方须经提供部门同意，答复时另行载明", *basis)


def grants_itself(facts: RequestFacts) -> bool:
    """Unconditional data asked for by a department for itself needs nobody's answer (Yingkou 20, Decree 21)."""
    names = tuple(name for name, _ in facts.scope.items)
    return facts.offer.type_of(names) == "unconditional" and not facts.onward


def use_unconditional(facts: RequestFacts, regime: Regime) -> Decision:
    """The platform's own yes to a request for unconditional data, given at once and logged."""
    basis = _basis(regime, DIRECT, NOT_WIDER)
    if not grants_itself(facts):
        return refuse(DIRECT, "不是无条件共享的数据，须由提供部门答复", *basis)
    first = may_submit(facts, regime)
    return allow(DIRECT, "无条件共享，平台即时开通并留痕", *basis) if first.allowed else first


def may_approve(
    facts: RequestFacts, decided: Scope, regime: Regime, *, onward_consent: bool = False
) -> Decision:
    """A yes gives at most what was asked for, and at most what the entry offers; the third party only with the
    provider's recorded consent, and never where the text forbids it (Yingkou 20, 22; Shenyang 23; Decree 25)."""
    first = may_request(replace(facts, scope=decided), regime)
    if not first.allowed:
        return first
    if wider := [*wider_than(facts.scope, decided), *beyond_offer(decided, facts)]:
        return refuse(NOT_WIDER, f"给予的范围不能超出申请：{'、'.join(wider)}", *_basis(regime, NOT_WIDER))
    onward = may_name_onward(facts, regime)
    if not onward.allowed:
        return onward
    if onward_consent and not facts.onward:
        return refuse(ONWARD, "申请没有写明提供给第三方，不能另行同意", *_basis(regime, ONWARD, NOT_WIDER))
    said = "按申请同意" if is_whole(facts, decided, onward_consent=onward_consent) else "在较小范围内同意"
    # Who answers is the head of the provider's sharing body, by role: the text that asks for it is cited.
    return allow(NOT_WIDER, said, *_also(_basis(regime, NOT_WIDER, DIRECT), regime, SIGN_OFF))


def is_whole(facts: RequestFacts, decided: Scope, *, onward_consent: bool = False) -> bool:
    """Whether everything asked for is given."""
    asked = facts.scope
    same = set(asked.items) == set(decided.items) and _keys(asked.where) == _keys(decided.where)
    rest = (asked.valid_until, asked.daily_quota) == (decided.valid_until, decided.daily_quota)
    rest = rest and asked.rate_per_minute == decided.rate_per_minute
    return same and rest and set(asked.modes) == set(decided.modes) and onward_consent == facts.onward


def wider_than(asked: Scope, decided: Scope) -> list[str]:
    """Parts of a decided scope that go beyond the asked one, in words. A mask may only be laid on, never taken off
    or exchanged; a row condition may only be added; days and numbers may only shrink."""
    wrong = [] if gives_something(decided) else ["至少要给一个信息项，全部不给请用“不同意”"]
    masks = asked.masks()
    for name, mask in decided.items:
        if name not in masks:
            wrong.append(f"“{name}”没有申请")
        elif mask not in {masks[name], DROP} and masks[name] != PLAIN:
            wrong.append(f"“{name}”比申请的脱敏宽")
    if not _keys(asked.where) <= _keys(decided.where):
        wrong.append("去掉了申请里的行条件")
    wrong += [f"共享方式“{mode}”没有申请" for mode in decided.modes if mode not in asked.modes]
    if asked.valid_until and (decided.valid_until is None or decided.valid_until > asked.valid_until):
        wrong.append("时限比申请的长")
    if asked.daily_quota and (decided.daily_quota is None or decided.daily_quota > asked.daily_quota):
        wrong.append("每日限额比申请的高")
    if decided.rate_per_minute is not None and decided.rate_per_minute < 1:
        wrong.append("每分钟限额至少是 1 次")
    return wrong


def may_refuse(facts: RefusalFacts, regime: Regime) -> Decision:
    """A no needs a reason and a legal basis of a level that every text in force accepts (Yingkou 20, Shenyang 20,
    Dongchangfu 19, Decree 15, 21): a rule (规章) sufficed until 2025-07-31, and no longer does."""
    rule = regime.rule(REFUSAL)
    basis = rule.basis if rule else ()
    missing = [
        label
        for label, there in (
            ("理由", facts.reason.strip()),
            ("依据", facts.basis.strip()),
            ("依据的层级", facts.level),
        )
        if not there
    ]
    if missing:
        return refuse(REFUSAL, f"不同意共享必须写明{'、'.join(missing)}", *basis)
    if rule and facts.level and not rule.accepts(facts.level):
        against = rule.against(facts.level)
        cited = tuple(article for source in against for article in source.articles)
        accepted = "、".join(level.label for level in sorted(rule.levels, key=list(type(facts.level)).index))
        reason = f"{facts.level.label}不足以作为不同意共享的依据，须为{accepted}"
        return refuse(REFUSAL, reason, *cited)
    return allow(REFUSAL, facts.reason.strip(), *_also(basis, regime, SIGN_OFF))


def may_ask_supplement(
    *, asked_before: bool, points: tuple[str, ...], regime: Regime, gone: str = ""
) -> Decision:
    """What is missing is asked for once, all of it (Decree 21). It is never a ground for a no, and nobody is asked to
    complete what can no longer be agreed to."""
    if gone:
        return refuse(NOT_WIDER, gone, *_basis(regime, NOT_WIDER, DIRECT))
    basis = _basis(regime, ONE_NOTICE, CONTENT, NOT_WIDER)
    if asked_before:
        return refuse(ONE_NOTICE, "补正只能要求一次，应当一次告知全部需要补充的内容", *basis)
    if not any(point.strip() for point in points):
        return refuse(ONE_NOTICE, "写明需要补充的全部内容", *basis)
    return allow(ONE_NOTICE, "一次性告知需要补充的内容，期限暂停", *basis)


def may_supplement(facts: RequestFacts, regime: Regime) -> Decision:
    """What was asked for is supplied while the data can be asked for at all (Decree 21)."""
    first = may_request(facts, regime)
    if not first.allowed:
        return first
    basis = _basis(regime, ONE_NOTICE, CONTENT, NOT_WIDER)
    return allow(ONE_NOTICE, "提供部门一次性告知了需要补充的内容", *basis)


def may_extend(
    *, clock: RunningTerm | None, days: int, reason: str, asked_before: bool, on: date, gone: str = ""
) -> Decision:
    """More time for the answer, once, for a stated reason, within what the text gives (Decree 21); not for data that
    has left the catalogue, where no time helps."""
    if clock is None:
        return refuse(REPLY, "没有正在计算的答复期限，不需要延长")
    basis = clock.rule.extension_source or clock.source
    if gone:
        return refuse(REPLY, gone, basis)
    if asked_before:
        return refuse(REPLY, "已经提请过一次延长，不能再次提请", basis)
    if not reason.strip():
        return refuse(REPLY, "写明需要延长的特殊原因", basis)
    return clock.may_extend(days, on)


def may_withdraw(*, reason: str, regime: Regime) -> Decision:
    """Whoever asks may stop asking until there is an answer, saying why."""
    basis = _basis(regime, CONTENT, DIRECT, NOT_WIDER)
    if not reason.strip():
        return refuse(CONTENT, "写明撤回的原因", *basis)
    return allow(CONTENT, reason.strip(), *basis)


def may_lapse(*, gone: str, note: str, regime: Regime) -> Decision:
    """A request whose entry has left the catalogue can no longer be agreed to, since the catalogue is what is shared
    (Decree 20, Yingkou 20). The provider ends it and says what follows; it is no refusal, and can be disputed like
    one."""
    basis = _basis(regime, NOT_WIDER, DIRECT)
    if not gone:
        return refuse(NOT_WIDER, "目录条目仍然有效，应当答复申请", *basis)
    if not note.strip():
        return refuse(NOT_WIDER, "写明对需求部门的说明：为什么撤下，还可以从哪里取得数据", *basis)
    return allow(NOT_WIDER, f"{gone}：{note.strip()}", *basis)


def may_attach(conditions: Sequence[str], *, sharing_type: str, reason: str, regime: Regime) -> Decision:
    """A yes may carry conditions where the catalogue makes the data conditional, and says why; unconditional data
    carries none, since nobody sets conditions of its own (Decree 14, 15; Yingkou 17)."""
    basis = _basis(regime, OWN_CONDITIONS, NOT_WIDER, DIRECT)
    if not conditions:
        return allow(OWN_CONDITIONS, "没有附加条件", *basis)
    if sharing_type == "unconditional":
        forbidden = _basis(regime, NO_OWN_CONDITIONS, OWN_CONDITIONS, NOT_WIDER, DIRECT)
        return refuse(NO_OWN_CONDITIONS, "目录列为无条件共享的数据，不得附加条件", *forbidden)
    if not reason.strip():
        return refuse(OWN_CONDITIONS, "附加条件须写明理由，对方可见", *basis)
    return allow(OWN_CONDITIONS, f"附 {len(conditions)} 项条件", *basis)


def may_confirm_delivery(
    *, due: bool, missing: Sequence[str], published: bool, regime: Regime, gone: str = ""
) -> Decision:
    """What was agreed to is delivered when the published data carries every item of it (Decree 22; Yingkou 20)."""
    term = regime.term(DELIVERY)
    basis = (term.source,) if term else _basis(regime, NOT_WIDER, DIRECT)
    if not due:
        return refuse(DELIVERY, "没有等待提供的数据", *basis)
    if gone:
        return refuse(DELIVERY, gone, *basis)
    if not published:
        return refuse(DELIVERY, "目录条目下还没有已发布的数据，先挂载并经复核发布", *basis)
    if missing:
        return refuse(DELIVERY, f"已发布的数据里还没有：{'、'.join(missing)}", *basis)
    return allow(DELIVERY, "数据已可提供，开通授权", *basis)


def may_renew(running: RunningGrant, wanted: Scope, regime: Regime, *, gone: str = "") -> Decision:
    """A grant is renewed before it expires, for longer and not for more; more is a new request (Decree 25). Not once
    its entry has left the catalogue."""
    basis = _basis(regime, NOT_WIDER, CONTENT, DIRECT)
    until = running.scope.valid_until
    if gone:
        return refuse(NOT_WIDER, gone, *basis)
    if not running.active:
        said = f"授权 {running.number} {running.state_label}，不能续期，请另行提出申请"
        return refuse(NOT_WIDER, said, *basis)
    if until is None:
        return refuse(NOT_WIDER, f"授权 {running.number} 没有到期日，不需要续期", *basis)
    if wanted.valid_until and wanted.valid_until <= until:
        return refuse(NOT_WIDER, f"续期须晚于现在的到期日 {until:%Y-%m-%d}", *basis)
    if wider := wider_than(replace(running.scope, valid_until=wanted.valid_until), wanted):
        said = f"续期不能扩大范围：{'、'.join(wider)}；需要更大的范围，请另行提出申请"
        return refuse(NOT_WIDER, said, *basis)
    return allow(NOT_WIDER, f"在授权 {running.number} 的范围内续期", *basis)


def may_remind(facts: WaitingFacts, regime: Regime, *, sharing_type: str, on: date) -> Decision:
    """Whoever waits for an answer, or for what was agreed to, may remind the provider, once a day (Decree 21, 22)."""
    term = regime.term(DELIVERY if facts.delivery_due else reply_term(sharing_type))
    basis = (term.source,) if term else _basis(regime, DIRECT, NOT_WIDER)
    if not (facts.answer_due or facts.delivery_due):
        return refuse(REPLY, "现在不是等提供部门办理的时候，没有可催促的事", *basis)
    if facts.reminded_on and facts.reminded_on >= on:
        return refuse(REPLY, "今天已经催促过，每天一次", *basis)
    return allow(REPLY, "催促提供部门办理", *basis)


def _keys(where: tuple[Mapping[str, Any], ...]) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(p["column"], p["op"], tuple(str(value) for value in p.get("values", ()))) for p in where}


def _basis(regime: Regime, *rule_ids: str) -> tuple[Article, ...]:
    """The articles of the first of these rules that a text in force states; none when all are silent."""
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        if rule and rule.basis:
            return rule.basis
    return ()


def _also(basis: tuple[Article, ...], regime: Regime, rule_id: str) -> tuple[Article, ...]:
    """The articles, and those of one more rule where a text in force states it."""
    rule = regime.rule(rule_id)
    return tuple(dict.fromkeys([*basis, *(rule.basis if rule else ())]))
