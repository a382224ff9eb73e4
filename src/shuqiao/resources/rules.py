"""What must hold before a table is mounted, submitted and published. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shuqiao import law
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse
from shuqiao.resources.types import Status, VersionFacts

RECHECK = "resources.recheck"
QUALITY = "resources.quality"
SECRECY = "opening.secrecy_check"
# How many days after a publication the next is due, by the entry's update cycle.
CYCLE_DAYS = {
    "realtime": 1,
    "daily": 1,
    "weekly": 7,
    "ten_days": 10,
    "monthly": 31,
    "quarterly": 92,
    "half_yearly": 183,
    "yearly": 366,
}


def _basis(regime: law.Regime, *rule_ids: str) -> tuple[Article, ...]:
    found: dict[Article, None] = {}
    for rule_id in rule_ids:
        rule = regime.rule(rule_id)
        found |= dict.fromkeys(rule.basis if rule else ())
    return tuple(found)


def may_mount(*, entry_published: bool, regime: law.Regime) -> Decision:
    """Data is mounted on published entries only (Yingkou 18)."""
    basis = _basis(regime, RECHECK)
    if not entry_published:
        return refuse(RECHECK, "目录条目尚未发布，先报送目录、经审核发布后才能挂载资源", *basis)
    return allow(RECHECK, "条目已发布，可以挂载资源", *basis)


def may_submit_version(facts: VersionFacts, regime: law.Regime) -> Decision:
    """The provider hands a built version to the bureau: checked for secrets and personal data, every column
    a data item of the catalogue, every suspected column decided (Yingkou 18, 21, 28; Decree 13)."""
    if not facts.entry_published:
        return refuse(RECHECK, "目录条目已撤下，不能再提交数据版本", *_basis(regime, RECHECK))
    if facts.rows == 0 and not facts.is_file:
        return refuse(RECHECK, "这个版本没有任何合格的数据行，不能提交", *_basis(regime, QUALITY, RECHECK))
    if facts.unmatched:
        names = "、".join(facts.unmatched)
        return refuse(
            RECHECK,
            f"这些列没有对应目录的信息项：{names}。先对应信息项或去掉这些列",
            *_basis(regime, RECHECK),
        )
    if facts.undecided:
        names = "、".join(facts.undecided)
        return refuse(SECRECY, f"这些列疑似个人信息，须逐列决定：{names}", *_basis(regime, SECRECY))
    lacking = [
        word
        for word, done in (("保密审查", facts.secrecy_checked), ("个人信息审查", facts.personal_checked))
        if not done
    ]
    if lacking:
        return refuse(SECRECY, f"尚未确认已作{'和'.join(lacking)}", *_basis(regime, SECRECY))
    return allow(
        RECHECK, "已生成并作保密、个人信息审查，提交复核", *_basis(regime, RECHECK, SECRECY, QUALITY)
    )


def may_publish_version(facts: VersionFacts, regime: law.Regime, *, by: object) -> Decision:
    """The bureau's re-check: the version was submitted, by somebody else, and its entry still stands."""
    basis = _basis(regime, RECHECK)
    if facts.status is Status.SUBMITTED and by is not None and by == facts.submitted_by:
        return refuse(RECHECK, "提交人不能复核自己提交的数据版本", *basis)
    if not facts.entry_published:
        return refuse(RECHECK, "目录条目已撤下，不能发布数据版本", *basis)
    if not (facts.secrecy_checked and facts.personal_checked):
        return refuse(SECRECY, "没有保密审查和个人信息审查的确认", *_basis(regime, SECRECY))
    return allow(RECHECK, "复核通过，予以发布", *_basis(regime, RECHECK, SECRECY, QUALITY))


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current a table is: words, and the tone they are shown in."""

    words: str
    tone: str


def freshness(cycle: str, published_on: date | None, on: date) -> Freshness:
    """Measured against the entry's update cycle (Yingkou 21: data is kept current)."""
    if published_on is None:
        return Freshness("尚未发布", "off")
    age = (on - published_on).days
    days = CYCLE_DAYS.get(cycle)
    if days is None:
        return Freshness(f"{age} 天前更新" if age else "今天更新", "jade")
    if age <= days:
        return Freshness(f"{age} 天前更新，在周期内" if age else "今天更新", "jade")
    return Freshness(f"已过更新周期 {age - days} 天", "late")
