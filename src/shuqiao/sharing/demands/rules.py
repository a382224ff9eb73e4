"""What the texts say of demands. Pure: facts and the division's regime come in, a `Decision` goes out."""

from __future__ import annotations

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.law import Regime
from shuqiao.sharing.demands.types import Found, NoFacts, NoKind, PostFacts, PromiseFacts, Wanted

RULE = "sharing.demand"
REPLY = "sharing.demand.reply"
CLOSED = "catalog.none.basis"
MOST_ITEMS = 100


def articles(regime: Regime) -> tuple[Article, ...]:
    """The articles on demands in force; none where every text is silent."""
    rule = regime.rule(RULE)
    return rule.basis if rule else ()


def missing(wanted: Wanted) -> list[str]:
    """What a demand still has to say."""
    return [
        label
        for label, there in (
            ("名称", wanted.title.strip()),
            ("需要的信息项", any(item.strip() for item in wanted.items)),
            ("用途", wanted.purpose.strip()),
        )
        if not there
    ]


def covering(wanted: Wanted, found: tuple[Found, ...]) -> Found | None:
    """A shared entry that carries every wanted item."""
    names = {item.strip() for item in wanted.items if item.strip()}
    return next((one for one in found if one.sharing_type != "none" and names <= set(one.items)), None)


def may_post(facts: PostFacts, regime: Regime) -> Decision:
    """A demand is for what no entry offers (Yingkou 4): where one carries everything wanted, that is asked for, unless
    it is said why it will not do. The same demand is not posted twice."""
    basis = articles(regime)
    if lacking := missing(facts.wanted):
        return refuse(RULE, f"需求还缺：{'、'.join(lacking)}", *basis)
    if len(facts.wanted.items) > MOST_ITEMS:
        return refuse(RULE, f"一次最多 {MOST_ITEMS} 个信息项", *basis)
    if facts.duplicate:
        return refuse(RULE, f"贵部门已经提出同名需求 {facts.duplicate}，正在办理", *basis)
    have = covering(facts.wanted, facts.found)
    if have and not facts.wanted.not_enough.strip():
        said = f"目录中已有“{have.title}”（{have.department}），请直接申请；不够用的，写明为什么"
        return refuse(RULE, said, *basis)
    return allow(RULE, "目录中没有可用的，提出需求", *basis)


def may_assign(note: str, *, returned: bool, same: bool, regime: Regime) -> Decision:
    """The bureau names the responsible department. After it was sent back, the same department gets it again only with
    the reason why it is its business all the same."""
    basis = articles(regime)
    if returned and same and not note.strip():
        return refuse(RULE, "该部门已退回过，仍分给它的须写明理由", *basis)
    return allow(RULE, note.strip() or "分办给对口部门", *basis)


def may_return(reason: str, *, returned: bool, regime: Regime) -> Decision:
    """Not ours: back to the bureau, once, saying whose it is or why not."""
    basis = articles(regime)
    if returned:
        return refuse(RULE, "已经退回过一次，须答复：承诺编目，或者写明理由和依据", *basis)
    if not reason.strip():
        return refuse(RULE, "写明为什么不是本部门的职责", *basis)
    return allow(RULE, reason.strip(), *basis)


def may_promise(facts: PromiseFacts, regime: Regime) -> Decision:
    """A yes names the day by which the entry will be in the catalogue."""
    basis = articles(regime)
    if facts.promised_on is None:
        return refuse(RULE, "写明哪一天之前完成编目", *basis)
    if facts.promised_on < facts.on:
        return refuse(RULE, "承诺的日期不能早于今天", *basis)
    return allow(RULE, "承诺编目", *basis)


def may_meet(*, published: bool, regime: Regime, gone: str = "") -> Decision:
    """A demand is met by an entry in force, by nothing less. `gone`: that the entry was withdrawn, in words."""
    basis = articles(regime)
    if gone:
        return refuse(RULE, f"{gone}，请另选仍在目录中的条目", *basis)
    if not published:
        return refuse(RULE, "条目发布之后，需求才算满足", *basis)
    return allow(RULE, "目录条目已发布", *basis)


def may_refuse(facts: NoFacts, regime: Regime) -> Decision:
    """A no says what kind it is, why, and on which basis; what is closed by law needs a basis of the level that every
    text in force accepts (Yingkou 17, Decree 15)."""
    rule = regime.rule(CLOSED)
    basis = articles(regime)
    wanted = (
        ("不能满足的类别", facts.kind),
        ("理由", facts.reason.strip()),
        ("依据", facts.basis.strip()),
        ("依据的层级", facts.level),
    )
    if lacking := [label for label, there in wanted if not there]:
        return refuse(RULE, f"不能满足的答复须写明{'、'.join(lacking)}", *basis)
    if facts.kind is not NoKind.CLOSED:
        return allow(RULE, facts.reason.strip(), *basis)
    if rule and facts.level and not rule.accepts(facts.level):
        cited = tuple(article for source in rule.against(facts.level) for article in source.articles)
        return refuse(CLOSED, f"{facts.level.label}不足以作为不予共享的依据", *cited)
    return allow(CLOSED, facts.reason.strip(), *(rule.basis if rule else basis))


def may_merge(*, same: bool, into_open: bool, regime: Regime) -> Decision:
    """A duplicate goes into one that is being dealt with."""
    basis = articles(regime)
    if same:
        return refuse(RULE, "不能并入自己", *basis)
    if not into_open:
        return refuse(RULE, "只能并入正在办理的需求", *basis)
    return allow(RULE, "与另一需求重复，合并办理", *basis)


def may_support(*, own: bool, already: bool, regime: Regime, answers: bool = False) -> Decision:
    """Another department needs it too; each counts once."""
    basis = articles(regime)
    if own:
        return refuse(RULE, "这是本部门提出的需求", *basis)
    if answers:
        return refuse(RULE, "这项需求由本部门答复", *basis)
    if already:
        return refuse(RULE, "本部门已经表示需要", *basis)
    return allow(RULE, "也需要这项数据", *basis)


def may_withdraw(reason: str, regime: Regime) -> Decision:
    """Who posted it no longer needs it, saying why."""
    if not reason.strip():
        return refuse(RULE, "写明撤回的原因", *articles(regime))
    return allow(RULE, reason.strip(), *articles(regime))
