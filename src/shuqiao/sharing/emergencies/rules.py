"""What the texts say of sharing in an emergency (Yingkou 33). Pure: facts and the division's regime come in, a
`Decision` goes out. Where every text is silent there is no such path: a no."""

from __future__ import annotations

from datetime import date

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.sharing import rules as requests
from shuqiao.sharing.emergencies.types import Declaration, SharingFacts
from shuqiao.sharing.types import RequestFacts

RULE = "sharing.emergency"
REVIEW = "sharing.emergency.review"
USUAL_MOST_DAYS = 30
"""The platform's own limit, where no text in force sets one (`most_days`). Longer is another declaration."""
SILENT = "当日有效的规定没有应急共享，请按共享申请办理"


def articles(regime: Regime) -> tuple[Article, ...]:
    """The articles in force; none where every text is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def most_days(regime: Regime) -> int:
    """How many days one declaration may last."""
    rule = regime.rule(RULE)
    days = rule.params.get("most_days") if rule else None
    return days if isinstance(days, int) else USUAL_MOST_DAYS


def may_begin(regime: Regime) -> Decision:
    """Whether the texts in force know this path at all."""
    if regime.rule(RULE) is None:
        rule = regime.rule(requests.CONTENT)
        return refuse(RULE, SILENT, *(rule.basis if rule else ()))
    return allow(RULE, "可以宣布应急共享", *articles(regime))


def may_declare(said: Declaration, regime: Regime, on: date) -> Decision:
    """The bureau says which event it is, why data has to be shared at once, where, and until when."""
    first = may_begin(regime)
    if not first.allowed:
        return first
    wanted = (
        ("事件", said.event.strip()),
        ("理由", said.reason.strip()),
        ("适用的区划", said.divisions),
        ("截止日期", said.until),
    )
    if lacking := [label for label, there in wanted if not there]:
        return refuse(RULE, f"宣布应急共享须写明{'、'.join(lacking)}", *first.basis)
    days = (said.until - on).days if said.until else 0
    if days < 0:
        return refuse(RULE, "截止日期不能早于今天", *first.basis)
    if days > most_days(regime):
        return refuse(RULE, f"一次最多 {most_days(regime)} 天，确需延续的另行宣布", *first.basis)
    return allow(RULE, said.reason.strip(), *first.basis)


def may_share(facts: SharingFacts, regime: Regime) -> Decision:
    """Data is opened only while the emergency lasts, to departments of its divisions, within the entry. What the law
    keeps closed stays closed."""
    first = may_begin(regime)
    if not first.allowed:
        return first
    basis = first.basis
    asked = RequestFacts(scope=facts.scope, offer=facts.offer)
    shared = requests.may_request(asked, regime)
    if not shared.allowed:
        return shared
    if not facts.running:
        return refuse(RULE, "应急共享已到期或者已结束", *basis)
    wanted = (
        ("使用部门", facts.departments),
        ("信息项", requests.gives_something(facts.scope)),
        ("共享方式", facts.scope.modes),
        ("用途", facts.purpose.strip()),
    )
    if lacking := [label for label, there in wanted if not there]:
        return refuse(RULE, f"应急开通须写明{'、'.join(lacking)}", *basis)
    if facts.outside:
        return refuse(RULE, f"不在本次应急的区划内：{'、'.join(facts.outside)}", *basis)
    if facts.again:
        return refuse(RULE, f"已在本次应急中开通过：{'、'.join(facts.again)}", *basis)
    if wider := requests.beyond_offer(facts.scope, asked):
        return refuse(requests.NOT_WIDER, f"超出目录条目所列：{'、'.join(wider)}", *basis)
    return allow(RULE, "应急共享，即时开通，应急结束即停止", *basis)


def may_end(reason: str, regime: Regime) -> Decision:
    """It ends before its day when it is no longer needed."""
    basis = articles(regime) or may_begin(regime).basis
    if not reason.strip():
        return refuse(RULE, "写明为什么结束", *basis)
    return allow(RULE, reason.strip(), *basis)


def may_review(findings: str, regime: Regime) -> Decision:
    """The review says what was found: whether every grant was needed, used for the event, and disposed of."""
    basis = articles(regime) or may_begin(regime).basis
    if not findings.strip():
        return refuse(RULE, "写明审查结论：每项授权是否必要、是否用于本次应急", *basis)
    return allow(RULE, "事后审查完成", *basis)
