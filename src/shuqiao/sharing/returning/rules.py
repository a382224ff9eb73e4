"""What the texts say of return flow (Decree 24). Pure: facts and the provider's regime come in, a `Decision` goes out.
Where every text is silent there is no such right: a no that shows the usual way."""

from __future__ import annotations

from datetime import date

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.sharing import rules as requests
from shuqiao.sharing.returning.types import NoFacts, ReturnFacts
from shuqiao.sharing.types import RequestFacts

RULE = "sharing.return_flow"
CLOSED = requests.NOT_SHARED
SILENT = "当日有效的规定没有数据回流，请按共享申请办理"


def articles(regime: Regime) -> tuple[Article, ...]:
    """The articles in force; none where every text is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def may_ask(facts: ReturnFacts, regime: Regime, on: date) -> Decision:
    """A department of a lower division asks for its own area's rows. It says what for; nothing else is a condition
    (Decree 24), and what the law keeps closed stays closed."""
    if regime.rule(RULE) is None:
        return refuse(RULE, SILENT, *_usual(regime))
    basis = articles(regime)
    if not facts.lower:
        return refuse(RULE, "回流是上级向下级：提供部门须在本部门所属区划的上级", *basis)
    request = RequestFacts(scope=facts.scope, offer=facts.offer)
    shared = requests.may_request(request, regime)
    if not shared.allowed:
        return shared
    if not facts.mounted:
        return refuse(RULE, "这个条目下还没有已发布的数据", *basis)
    wanted = (
        ("信息项", requests.gives_something(facts.scope)),
        ("共享方式", facts.scope.modes),
        ("用途", facts.purpose.strip()),
    )
    if lacking := [label for label, there in wanted if not there]:
        return refuse(RULE, f"还缺：{'、'.join(lacking)}", *basis)
    if wider := requests.beyond_offer(facts.scope, request):
        return refuse(requests.NOT_WIDER, f"超出目录条目所列：{'、'.join(wider)}", *basis)
    if wrong := _wrong(facts, on):
        return refuse(RULE, wrong, *basis)
    return allow(RULE, "下级行政区域内的数据，回流给下级部门，不另设条件", *basis)


def _usual(regime: Regime) -> tuple[Article, ...]:
    """The articles on the usual way, which is a request."""
    found = (regime.rule(name) for name in (requests.CONTENT, requests.DIRECT, CLOSED))
    return next((rule.basis for rule in found if rule and rule.basis), ())


def _wrong(facts: ReturnFacts, on: date) -> str:
    if facts.kept:
        return f"贵部门已有同一数据的回流：{facts.kept}"
    if facts.scope.valid_until is not None and facts.scope.valid_until < on:
        return "使用时限不能早于今天"
    return ""


def may_open(facts: ReturnFacts, regime: Regime, on: date) -> Decision:
    """Once it is marked which column says the area, the platform opens it: nobody's consent is needed."""
    first = may_ask(facts, regime, on)
    if not first.allowed:
        return first
    if not facts.column:
        return refuse(RULE, "还没有标注哪一列写明所属区划，须由提供部门标注", *first.basis)
    return first


def may_mark(*, column: str, known: bool, regime: Regime) -> Decision:
    """The provider names the column that says which lower division a row belongs to."""
    basis = articles(regime)
    if regime.rule(RULE) is None:
        return refuse(RULE, SILENT, *basis)
    if not column or not known:
        return refuse(RULE, "选一列：数据里写明所属区划的那一列", *basis)
    return allow(RULE, f"按“{column}”认定所属区划", *basis)


def may_refuse(facts: NoFacts, regime: Regime) -> Decision:
    """A no rests on what the law keeps closed, with a basis of the level that every text in force accepts;
    inconvenience and conditions are no ground (Decree 15, 24)."""
    basis = articles(regime)
    wanted = (("理由", facts.reason.strip()), ("法律依据", facts.basis.strip()), ("依据的层级", facts.level))
    if lacking := [label for label, there in wanted if not there]:
        return refuse(RULE, f"除法律另有规定外不得拒绝回流；须写明{'、'.join(lacking)}", *basis)
    rule = regime.rule(CLOSED)
    if rule and facts.level and not rule.accepts(facts.level):
        cited = tuple(article for source in rule.against(facts.level) for article in source.articles)
        return refuse(CLOSED, f"{facts.level.label}不足以作为不予回流的依据", *(cited or basis))
    return allow(CLOSED, facts.reason.strip(), *(rule.basis if rule else basis))


def may_withdraw(reason: str, regime: Regime) -> Decision:
    """Who asked no longer needs it."""
    if not reason.strip():
        return refuse(RULE, "写明撤回的原因", *articles(regime))
    return allow(RULE, reason.strip(), *articles(regime))
