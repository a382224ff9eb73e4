"""The checks themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from shuqiao import law
from shuqiao.catalog import checking, rules
from shuqiao.catalog.types import MethodCategory, RevisionContent
from shuqiao.kernel import Article, Decision

DRAGGED = re.compile(r"\d{1,3}$")
GUIDE = "目录编制指南（1272 号）"


class Tone(StrEnum):
    """How much a finding weighs: it keeps the entry from being published, or wants a look."""

    STOP = "stop"
    LOOK = "look"

    @property
    def label(self) -> str:
        """The word shown."""
        return {"stop": "不符合", "look": "请核对"}[self.value]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing found. `element` is what the guide or the rule calls it; `entry` another entry it is about."""

    id: str
    tone: Tone
    what: str
    element: str = ""
    basis: tuple[Article, ...] = ()
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """Another entry of the division that may be the same."""

    id: str
    code: str
    title: str
    department: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks look at: the content, its code, what else the division publishes, and the regime."""

    content: RevisionContent
    code: str
    consented: bool
    regime: law.Regime
    same: tuple[Other, ...] = ()
    near: tuple[Other, ...] = ()
    neighbour_codes: tuple[str, ...] = ()
    unknown_related: tuple[str, ...] = ()


def same_title(known: Known) -> Iterable[Check]:
    """Another published entry is called the same (Dongchangfu 15)."""
    basis = rules.review_articles(known.regime)
    for other in known.same:
        yield Check(
            "catalog.review.same_title", Tone.LOOK,
            f"{other.department}已有同名条目 {other.code}，请核对是否重复", "信息资源名称", basis, other.id,
        )  # fmt: skip


def near_title(known: Known) -> Iterable[Check]:
    """Another published entry is called the same but for digits, spaces or punctuation at the end."""
    basis = rules.review_articles(known.regime)
    for other in known.near:
        yield Check(
            "catalog.review.near_title", Tone.LOOK,
            f"名称与{other.department}的“{other.title}”（{other.code}）只差末尾，请核对是否重复或拖拽填充",
            "信息资源名称", basis, other.id,
        )  # fmt: skip


def names_formats_and_lists(known: Known) -> Iterable[Check]:
    """A system's name as entry name, linked lists that do not fit, conditions left out: the official checks."""
    for finding in checking.reviewed(known.content):
        label = checking.LABELS.get(finding.column, finding.column)
        yield Check(f"catalog.review.{finding.column}", Tone.LOOK, finding.what, f"{GUIDE}：{label}")


def off_the_platform(known: Known) -> Iterable[Check]:
    """Shared by mail, disk or paper, where a text wants other ways of exchange moved to the platform (Shenyang 17,
    Dongchangfu 18)."""
    rule, category = known.regime.rule("sharing.platform"), known.content.method_category
    if rule and category in MethodCategory.values and category != MethodCategory.PLATFORM:
        what = f"以“{MethodCategory(category).label}”共享，不经共享平台：能经平台的应当改经平台，请核对"
        yield Check("sharing.platform", Tone.LOOK, what, f"{GUIDE}：共享方式", rule.basis)


def odd_code(known: Known) -> Iterable[Check]:
    """A code too short, with strange letters, or that runs on from its neighbour as dragged cells do."""
    for finding in checking.code_findings(known.code):
        yield Check("catalog.review.code", Tone.LOOK, finding.what, f"{GUIDE}：信息资源代码")
    tail = DRAGGED.search(known.content.title)
    stem = DRAGGED.sub("", known.content.title)
    if tail and len(stem) >= 4 and not re.search(r"[年月期版第]$|\d{4}$", known.content.title):
        yield Check(
            "catalog.review.dragged", Tone.LOOK,
            f"名称以数字“{tail.group()}”结尾，请核对是否拖拽填充所致", f"{GUIDE}：信息资源名称",
        )  # fmt: skip
    run_of = [code for code in known.neighbour_codes if _follows(code, known.code)]
    if run_of and tail:
        yield Check(
            "catalog.review.code", Tone.LOOK,
            f"代码与 {run_of[0]} 只差末位，名称也以数字结尾，请核对是否拖拽填充所致", f"{GUIDE}：信息资源代码",
        )  # fmt: skip


def _follows(first: str, second: str) -> bool:
    a, b = DRAGGED.search(first), DRAGGED.search(second)
    if not a or not b or first[: a.start()] != second[: b.start()]:
        return False
    return abs(int(b.group()) - int(a.group())) == 1


def related(known: Known) -> Iterable[Check]:
    """Codes of related resources that no entry has."""
    if known.unknown_related:
        codes = "、".join(known.unknown_related[:5])
        yield Check(
            "catalog.review.related",
            Tone.LOOK,
            f"目录中没有代码为 {codes} 的条目，请核对",
            f"{GUIDE}：关联资源代码",
        )


def census(known: Known) -> Iterable[Check]:
    """What is shared or opened is no more than what is there; numbers have a size one can believe."""
    content = known.content
    for part, whole, label in (
        ("shared_storage_gb", "storage_gb", "已共享的数据存储量"),
        ("opened_storage_gb", "storage_gb", "已开放的数据存储量"),
        ("shared_records_wan", "records_wan", "已共享的记录数"),
        ("opened_records_wan", "records_wan", "已开放的记录数"),
    ):
        if getattr(content, part) > getattr(content, whole):
            yield Check(
                "catalog.review.census",
                Tone.LOOK,
                f"{label}大于总量，请核对单位（G、万条）",
                f"{GUIDE}：{label}",
            )
    if content.storage_gb > 1_000_000:
        yield Check(
            "catalog.review.census",
            Tone.LOOK,
            "数据存储总量超过 1,000,000 G，请核对单位",
            f"{GUIDE}：数据存储总量",
        )


def demanded(known: Known) -> Iterable[Check]:
    """What the rules of the regime say no to: required elements, conditions and basis of sufficient level."""
    facts = rules.RevisionFacts(known.content, consented=known.consented)
    for decision in rules.checks(facts, known.regime):
        if not decision.allowed:
            yield _of(decision)


def _of(decision: Decision) -> Check:
    spec = law.RULES.get(decision.rule)
    return Check(decision.rule, Tone.STOP, decision.reason, spec.label if spec else "", decision.basis)


CHECKS: tuple[Callable[[Known], Iterable[Check]], ...] = (
    demanded,
    same_title,
    near_title,
    names_formats_and_lists,
    off_the_platform,
    odd_code,
    related,
    census,
)


def run(known: Known) -> tuple[Check, ...]:
    """Everything found, what stops the entry first."""
    found = [check for one in CHECKS for check in one(known)]
    return tuple(sorted(found, key=lambda check: check.tone is not Tone.STOP))
