"""What a rule pack is made of. Everything here is frozen: a loaded pack never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from shuqiao.kernel import Article

OpenType = Literal["unconditional", "conditional", "closed"]
OPEN_TYPES: tuple[OpenType, ...] = ("unconditional", "conditional", "closed")
ParamValue = str | int | tuple[str, ...]

_REFERENCE = re.compile(r"(?P<article>[1-9]\d?)(?:\((?P<paragraph>[1-9]\d?)\))?")
_DIGITS = "零一二三四五六七八九"


class BasisLevel(StrEnum):
    """How high a cited legal basis stands; from the highest down."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    STATE_COUNCIL_DECISION = "state_council_decision"
    LOCAL_REGULATION = "local_regulation"
    RULE = "rule"
    NORMATIVE = "normative"

    @property
    def label(self) -> str:
        """The Chinese name of the level."""
        return _LEVEL_LABELS[self]


_LEVEL_LABELS = {
    BasisLevel.LAW: "法律",
    BasisLevel.ADMINISTRATIVE_REGULATION: "行政法规",
    BasisLevel.STATE_COUNCIL_DECISION: "国务院决定",
    BasisLevel.LOCAL_REGULATION: "地方性法规",
    BasisLevel.RULE: "规章",
    BasisLevel.NORMATIVE: "规范性文件",
}


class ArticleKind(StrEnum):
    """What an article asks of the system."""

    SYSTEM = "S"
    RECORD = "R"
    DEFINITION = "D"

    @property
    def label(self) -> str:
        """The kind in Chinese words."""
        return {"S": "系统执行", "R": "系统留档、人来办", "D": "定义、原则或效力"}[self.value]


class TermUnit(StrEnum):
    """What a term counts. The four texts count nothing but working days."""

    WORKDAY = "workday"

    @property
    def label(self) -> str:
        """The Chinese name of the unit."""
        return "个工作日"


@dataclass(frozen=True, slots=True)
class PackArticle:
    """One article of a text: its number ("20"), its kind, and a summary in our own words."""

    number: str
    kind: ArticleKind
    summary: str


@dataclass(frozen=True, slots=True)
class TermText:
    """What one text says about one term. `days` is None when the text is silent."""

    term_id: str
    days: int | None
    unit: TermUnit
    counted_from: str
    article: Article | None
    extension_days: int | None = None
    extension_article: Article | None = None
    extension_needs: frozenset[str] = frozenset()
    note: str = ""

    @property
    def silent(self) -> bool:
        """The text sets no days for this term."""
        return self.days is None


@dataclass(frozen=True, slots=True)
class RuleText:
    """What one text says about one rule. `statement` is ours; empty `levels` means the text names none."""

    rule_id: str
    silent: bool
    articles: tuple[Article, ...]
    needs: frozenset[str]
    levels: frozenset[BasisLevel]
    params: Mapping[str, ParamValue]
    statement: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """One text as data: when it binds, its articles, and what it says on every term and rule."""

    id: str
    title: str
    short_title: str
    shorter_title: str
    issuer: str
    level: BasisLevel
    in_force_from: date
    in_force_until: date | None
    open_type_names: Mapping[OpenType, str]
    articles: Mapping[str, PackArticle]
    terms: Mapping[str, TermText]
    rules: Mapping[str, RuleText]
    note: str = ""

    def in_force(self, on: date) -> bool:
        """The text binds by itself on the day."""
        return self.in_force_from <= on and not self.expired(on)

    def expired(self, on: date) -> bool:
        """The last day of the text lies before the day."""
        return self.in_force_until is not None and self.in_force_until < on

    def article(self, number: str) -> PackArticle:
        """The article behind a reference such as "20" or "17(2)". Raises LookupError when there is none."""
        head, _ = split_reference(number)
        try:
            return self.articles[head]
        except KeyError:
            raise LookupError(f"{self.id} has no article {number}") from None

    def title_of(self, number: str) -> str:
        """How screens cite an article: "营口办法 第二十条", "政务数据共享条例 第十七条第二款"."""
        return self.titles_of([number])

    def titles_of(self, numbers: Iterable[str]) -> str:
        """Several articles cited together: "营口办法 第二十条、第二十二条"."""
        words = []
        for number in numbers:
            self.article(number)
            words.append(number_in_words(number))
        return f"{self.short_title} {'、'.join(words)}"


def split_reference(number: str) -> tuple[str, str | None]:
    """ "17(2)" becomes ("17", "2"), "20" becomes ("20", None). Raises LookupError on anything else."""
    match = _REFERENCE.fullmatch(number)
    if match is None:
        raise LookupError(f"not an article number (want 20 or 17(2)): {number!r}")
    return match["article"], match["paragraph"]


def number_in_words(number: str) -> str:
    """ "20" becomes 第二十条, "17(2)" becomes 第十七条第二款."""
    article, paragraph = split_reference(number)
    words = f"第{_chinese(int(article))}条"
    return f"{words}第{_chinese(int(paragraph))}款" if paragraph else words


def _chinese(value: int) -> str:
    """1 to 99 in Chinese numerals, as articles are numbered."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")
