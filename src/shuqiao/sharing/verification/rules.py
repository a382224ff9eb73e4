"""Rules of verification. Pure: facts and the provider's regime come in, a `Decision` goes out."""

from __future__ import annotations

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.sharing.verification.types import AcceptFacts, AskFacts, Outcome

ASK = "verification.request"
ANSWER = "verification.answer"
CITIZEN = "verification.citizen"
REPLY = "verification.reply"
CORRECTION = "verification.correction"


def may_ask(facts: AskFacts, regime: Regime) -> Decision:
    """A user department says which fields are wrong, why, and on which proof; for a citizen also what was said
    (Yingkou 23, Decree 26). Who shows valid proof is served, and it is said with what."""
    basis = basis_of(regime, ASK)
    if facts.of_itself:
        return refuse(ASK, "这是本部门的数据，直接上传新版本更正", *basis)
    missing = []
    if not facts.fields:
        missing.append("有误的字段")
    if not facts.reason.strip():
        missing.append("理由")
    if not facts.proof.strip():
        missing.append("证明")
    if facts.citizen and not facts.citizen.says.strip():
        missing.append("当事人的说法")
    if missing:
        return refuse(ASK, f"提出校核还缺：{'、'.join(missing)}", *basis)
    if facts.citizen and facts.citizen.document.strip() and not facts.citizen.service_item.strip():
        reason = "当事人出示了有效证明，应当照常办理；写明办理的服务事项"
        return refuse(CITIZEN, reason, *basis_of(regime, CITIZEN))
    return allow(ASK, "由提供部门核实", *basis)


def may_serve(
    *, document: str, service_item: str, for_citizen: bool, served: bool, regime: Regime
) -> Decision:
    """A citizen who shows valid proof is served, once, and it is recorded with what (Yingkou 23)."""
    basis = basis_of(regime, CITIZEN)
    if not for_citizen:
        return refuse(CITIZEN, "这次校核不是为当事人提出的", *basis)
    if served:
        return refuse(CITIZEN, "已经记录凭有效证明办理", *basis)
    missing = [
        word for word, text in (("出示的证明", document), ("服务事项", service_item)) if not text.strip()
    ]
    if missing:
        return refuse(CITIZEN, f"写明{'、'.join(missing)}", *basis)
    return allow(CITIZEN, f"凭{document.strip()}办理{service_item.strip()}", *basis)


def may_confirm(reason: str, regime: Regime) -> Decision:
    """That the data are right is explained to who asked."""
    basis = basis_of(regime, ANSWER)
    if not reason.strip():
        return refuse(ANSWER, "核实无误须说明怎样核实的", *basis)
    return allow(ANSWER, reason.strip(), *basis)


def may_reject(reason: str, ground: str, regime: Regime) -> Decision:
    """What is not corrected although it is disputed has a reason and a basis."""
    basis = basis_of(regime, ANSWER)
    missing = [word for word, text in (("理由", reason), ("依据", ground)) if not text.strip()]
    if missing:
        return refuse(ANSWER, f"不予更正须写明{'、'.join(missing)}", *basis)
    return allow(ANSWER, reason.strip(), *basis)


def may_accept(facts: AcceptFacts, regime: Regime) -> Decision:
    """Every field is answered, at least one is wrong, and the correction is promised for a day within the term
    (Yingkou 23, Decree 26)."""
    basis = basis_of(regime, ANSWER)
    known = {outcome.value for outcome in Outcome}
    if any(finding.outcome not in known for finding in facts.findings):
        return refuse(ANSWER, "逐个字段写明无误还是有误", *basis)
    if all(finding.outcome == Outcome.RIGHT for finding in facts.findings):
        return refuse(ANSWER, "没有一个字段有误，请答复核实无误", *basis)
    if not facts.reason.strip():
        return refuse(ANSWER, "写明怎样核实的、更正什么", *basis)
    if facts.correct_by is None or facts.correct_by < facts.on:
        return refuse(ANSWER, "写明不早于今天的更正日期", *basis)
    if facts.due and facts.correct_by > facts.due:
        term = regime.term(CORRECTION)
        cited = (term.source,) if term else basis
        return refuse(CORRECTION, f"最迟要在{facts.due:%Y-%m-%d}更正", *cited)
    return allow(ANSWER, facts.reason.strip(), *basis)


def may_withdraw(reason: str, regime: Regime) -> Decision:
    """Who asked may no longer ask, and says why."""
    basis = basis_of(regime, ASK)
    if not reason.strip():
        return refuse(ASK, "写明撤回的原因", *basis)
    return allow(ASK, reason.strip(), *basis)


def basis_of(regime: Regime, rule_id: str) -> tuple[Article, ...]:
    """The articles behind a rule; none where no text in force states it."""
    rule = regime.rule(rule_id)
    return rule.basis if rule else ()
