"""An entry as the finder sees it: its title without the name of its place and without words that say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

NOISE = re.compile(r"[\s\W_]+")
# Words at the end of a title that do not change what the data is.
TAILS = (
    "信息", "数据", "情况", "一览表", "名单", "列表", "清单", "明细", "汇总", "基本", "目录", "查询", "接口",
    "表", "api",
)  # fmt: skip
# What stands for "here" at the beginning of a title.
HERE = (
    "全省",
    "全市",
    "全区",
    "全县",
    "本市",
    "本区",
    "本县",
    "我市",
    "我区",
    "我县",
    "市级",
    "区级",
    "县级",
)
PLACE = re.compile(
    r"^[\u4e00-\u9fff]{2,7}?(?:自治州|自治县|自治区|街道|风景名胜区|开发区|省|市|盟|州|区|县|旗|镇|乡)"
)
SUFFIX = re.compile(r"(?:自治州|自治县|自治区|风景名胜区|省|市|盟|州|区|县|旗)$")
SHORTEST = 3


def normal_title(title: str) -> str:
    """Full-width letters folded, lower case, without spaces and punctuation."""
    return NOISE.sub("", unicodedata.normalize("NFKC", title).lower())


class Places:
    """The place names a jurisdiction uses: its divisions, and those its departments are named after."""

    def __init__(self, names: Iterable[str]) -> None:
        known: dict[str, str] = {}
        for name in names:
            whole = normal_title(name)
            if len(whole) < 2:
                continue
            known.setdefault(whole, whole)
            short = SUFFIX.sub("", whole)
            if len(short) >= 2 and short != whole:
                known.setdefault(short, whole)
        self._known = known
        self._longest = max(map(len, known), default=0)

    @classmethod
    def of(cls, divisions: Iterable[str], departments: Iterable[str]) -> Places:
        """Places from the names of divisions and from the beginnings of departments' names."""
        found = set(divisions)
        for name in departments:
            rest = normal_title(name)
            while match := PLACE.match(rest):
                found.add(match.group())
                rest = rest[match.end() :]
        return cls(found)

    def names(self) -> list[str]:
        """The names whole, in order."""
        return sorted(set(self._known.values()))

    def split(self, text: str) -> tuple[str, str]:
        """The place a normalised text begins with (the most exact, "" for none) and the rest. Never leaves less
        than three characters."""
        place = ""
        while True:
            for length in range(min(self._longest, len(text) - SHORTEST), 1, -1):
                if (name := text[:length]) in self._known:
                    place, text = self._known[name], text[length:]
                    break
            else:
                return place, text


NOWHERE = Places(())


def title_key(title: str, places: Places = NOWHERE) -> tuple[str, str]:
    """The place a title names and its key: what is left without place and empty words."""
    place, rest = places.split(normal_title(title))
    for here in HERE:
        if rest.startswith(here) and len(rest) - len(here) >= SHORTEST:
            rest = rest[len(here) :]
            break
    return place, _without_tails(rest)


def _without_tails(text: str) -> str:
    while True:
        for tail in TAILS:
            if text.endswith(tail) and len(text) - len(tail) >= 2:
                text = text[: -len(tail)]
                break
        else:
            return text


@dataclass(frozen=True)
class Card:
    """What is compared of an entry. `scope`: only entries of one jurisdiction are compared. `holder`: the
    department, with the inner department that really holds it. `division`: its name."""

    id: UUID
    scope: str
    title: str
    holder: str
    division: str = ""
    summary: str = ""
    format: str = ""
    code: str = ""
    items: frozenset[str] = field(default=frozenset())
    rows: int | None = None
    places: Places = field(default=NOWHERE, repr=False, compare=False)

    @cached_property
    def plain(self) -> str:
        """The normalised title."""
        return normal_title(self.title)

    @cached_property
    def _split(self) -> tuple[str, str]:
        return title_key(self.title, self.places)

    @property
    def key(self) -> str:
        """What is left of the title."""
        return self._split[1]

    @property
    def named_place(self) -> str:
        """The place the title names."""
        return self._split[0]

    @cached_property
    def seat(self) -> str:
        """Where its holder sits: the place in the holder's name, or the division."""
        return self.places.split(normal_title(self.holder) + "   ")[0] or normal_title(self.division)

    @cached_property
    def gist(self) -> frozenset[str]:
        """Character bigrams of the summary's first 120 characters."""
        return bigrams(normal_title(self.summary[:120]))


def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters; of a single character, itself."""
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset((text,) if text else ())
