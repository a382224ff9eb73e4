"""Two cards compared: how likely they are one, and why, in words a reviewer can check."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from shuqiao.catalog.duplicates.cards import Card, bigrams

KEPT_FROM = 0.7
NUMBERS = re.compile(r"\d+|[一二三四五六七八九十]+")
# A title with one of these more says the same.
EMPTY_WORDS = frozenset(
    {
        "信息", "数据", "情况", "基本", "基础", "相关", "有关", "详细", "明细", "汇总", "名单", "目录", "名录",
        "企业", "单位", "机构", "系统", "平台", "的", "和", "与", "及", "表", "类", "备案", "登记",
    }
)  # fmt: skip
NEAR_TITLE, SAME_SUMMARY, MANY_ITEMS, FEW_ITEMS = 0.75, 0.85, 0.6, 0.15


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing two entries have in common. `kind` for programs, `text` for people."""

    kind: str
    text: str

    def to_json(self) -> dict[str, str]:
        """The form kept with the pair."""
        return {"kind": self.kind, "text": self.text}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two entries are one (0 to 1), and why."""

    score: float
    reasons: tuple[Reason, ...] = field(default=())


NOT_ALIKE = Likeness(0.0)


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def compare(one: Card, other: Card) -> Likeness:
    """How alike two cards are. Below `KEPT_FROM` they are not worth a person's look."""
    same_holder = one.holder == other.holder and one.division == other.division
    score, reasons = _by_title(one, other, same_holder)
    if not reasons:
        return NOT_ALIKE
    items = _jaccard(one.items, other.items) if len(one.items) > 2 and len(other.items) > 2 else None
    gist = _jaccard(one.gist, other.gist) if len(one.gist) > 7 and len(other.gist) > 7 else 0.0
    if items is not None and items >= MANY_ITEMS:
        score += 0.1 * items
        reasons.append(Reason("items", f"信息项重合 {items:.0%}（共有 {len(one.items & other.items)} 项）"))
    elif items is not None and items < FEW_ITEMS:
        score -= 0.15
        reasons.append(Reason("items_differ", f"信息项多不相同，只重合 {items:.0%}"))
    if gist >= SAME_SUMMARY:
        score += 0.05
        reasons.append(Reason("summary", f"摘要相近（{gist:.0%}）"))
    if one.rows and one.rows == other.rows and one.rows > 20:
        score += 0.05
        reasons.append(Reason("rows", f"数据行数相同（{one.rows} 行）"))
    if stem := _same_stem(one.code, other.code):
        score += 0.05
        reasons.append(Reason("code", f"信息资源代码同源（{stem}）"))
    return Likeness(round(min(max(score, 0.0), 1.0), 4), tuple(reasons))


def _by_title(one: Card, other: Card, same_holder: bool) -> tuple[float, list[Reason]]:
    """What the titles say; no reason at all when they speak of different things."""
    if one.plain == other.plain:
        return _same_title(one, other, same_holder)
    if one.key == other.key:
        return _same_but_for_place(one, other, same_holder)
    return _near_title(one, other, same_holder)


def _same_title(one: Card, other: Card, same_holder: bool) -> tuple[float, list[Reason]]:
    reasons = [Reason("title", "名称相同")]
    if same_holder:
        reasons.append(Reason("holder", "同一部门"))
        if one.format != other.format:
            reasons.append(
                Reason(
                    "formats", f"同一数据的两种格式（{one.format or '未写明'}、{other.format or '未写明'}）"
                )
            )
            return 1.0, reasons
        return 0.97, reasons
    if one.seat == other.seat:
        reasons.append(Reason("holders", f"同一地区的两个部门（{one.holder}、{other.holder}）"))
        return 0.92, reasons
    reasons.append(Reason("places", f"{one.seat or one.holder}与{other.seat or other.holder}各有一份"))
    return 0.88, reasons


def _same_but_for_place(one: Card, other: Card, same_holder: bool) -> tuple[float, list[Reason]]:
    here, there = one.named_place, other.named_place
    if same_holder and (here or one.seat) != (there or other.seat):
        return 0.0, []  # one department's entries place by place are parts, not doubles
    if here and there and here != there:
        return 0.78, [Reason("title_place", f"除地名（{here}、{there}）外名称相同"), _holders(one, other)]
    if here != there:
        reasons = [Reason("title_place", f"除地名（{here or there}）外名称相同")]
    else:
        reasons = [Reason("title_words", "名称只差“信息”“情况”一类的字")]
    return (0.9 if same_holder else 0.82 if here != there else 0.8), [*reasons, _holders(one, other)]


def _holders(one: Card, other: Card) -> Reason:
    if one.holder == other.holder:
        return Reason("holder", "同一部门")
    return Reason("holders", f"部门不同（{one.holder}、{other.holder}）")


def _near_title(one: Card, other: Card, same_holder: bool) -> tuple[float, list[Reason]]:
    """Titles that are near: either only empty words differ, or items or summary bear it out as well."""
    if one.named_place != other.named_place and one.named_place and other.named_place:
        return 0.0, []
    if NUMBERS.findall(one.key) != NUMBERS.findall(other.key):
        return 0.0, []
    near = _jaccard(bigrams(one.key), bigrams(other.key))
    if near < NEAR_TITLE:
        return 0.0, []
    extra = _differing(one.key, other.key)
    reasons = [Reason("title_near", f"名称相近（{near:.0%}）"), _holders(one, other)]
    if extra is not None and extra <= EMPTY_WORDS:
        return 0.72 + 0.1 * (near - NEAR_TITLE), reasons
    items = _jaccard(one.items, other.items) if len(one.items) > 2 and len(other.items) > 2 else 0.0
    if items >= 0.8:
        return 0.62 + 0.1 * (near - NEAR_TITLE), reasons
    return 0.0, []


def _differing(one: str, other: str) -> frozenset[str] | None:
    """The words one text has more than the other; None when a word stands in another's place."""
    extra = set()
    for step, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if step == "replace":
            return None
        if step != "equal":
            extra.add(one[a:b] or other[c:d])
    return frozenset(extra)


def _same_stem(one: str, other: str) -> str:
    """The common stem of two codes that differ only after the last dash, dot or underscore."""
    stems = [re.sub(r"[-_.][^-_.]*$", "", code) for code in (one, other)]
    if not one or one == other or stems[0] != stems[1] or stems[0] in (one, other):
        return ""
    return stems[0]
