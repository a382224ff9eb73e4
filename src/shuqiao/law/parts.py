"""Which part of the system does what an article asks, and which of those parts are still to come.

The division of work is the project's own. A city's own pack is not in it: nothing is owed for its articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from shuqiao.law.types import ArticleKind, split_reference


class Part(StrEnum):
    """A part of the system; the value is the word that the coverage report prints beside the Chinese name."""

    LAW = "law"
    ORGANIZATIONS = "organizations"
    PROCEDURES = "procedures"
    CATALOG = "catalog"
    RESOURCES = "resources"
    SHARING = "sharing"
    OPENING = "opening"
    DELIVERY = "delivery"
    GATEWAY = "gateway"
    OVERSIGHT = "oversight"
    SECURITY = "security"
    PLANNING = "planning"
    INTEROP = "interop"

    @property
    def label(self) -> str:
        """The Chinese name of the part."""
        return _LABELS[self]


_LABELS = {
    Part.LAW: "规则与期限",
    Part.ORGANIZATIONS: "区划与部门",
    Part.PROCEDURES: "办件",
    Part.CATALOG: "目录",
    Part.RESOURCES: "资源",
    Part.SHARING: "共享",
    Part.OPENING: "开放",
    Part.DELIVERY: "授权与提供",
    Part.GATEWAY: "数据网关",
    Part.OVERSIGHT: "评估与整改",
    Part.SECURITY: "安全",
    Part.PLANNING: "规划与信息系统",
    Part.INTEROP: "对接",
}
# An article of one of these must be held by a test, whatever other part has a share in it.
GATED = frozenset({Part.LAW, Part.PROCEDURES, Part.SHARING, Part.OPENING, Part.CATALOG})
LATER = frozenset({Part.OVERSIGHT, Part.SECURITY, Part.PLANNING, Part.INTEROP})
_EVERY = " ".join(part for part in Part if part not in LATER)

# Pack → parts → the articles they share. What is not listed is a definition or a principle of the law package.
_ARTICLES: Mapping[str, Mapping[str, str]] = {
    "yingkou-2022": {
        _EVERY: "8",
        "resources organizations": "3",
        "sharing opening": "4",
        "organizations": "5 6 7 39",
        "planning": "9 10 25 26",
        "catalog interop": "11",
        "catalog": "12 13 14 17 19",
        "catalog procedures": "15",
        "oversight": "16 36 37 38",
        "resources": "18 21",
        "sharing gateway": "20",
        "gateway security": "22",
        "sharing": "23 27",
        "gateway resources": "24",
        "opening": "28 29 30",
        "opening oversight": "31",
        "security": "32 33 34 35",
    },
    "shenyang-2020": {
        _EVERY: "7",
        "organizations": "4 5 37",
        "oversight": "8 34 35 36",
        "planning": "10 11 13 15 29",
        "catalog": "12 14 18 19",
        "resources": "16",
        "planning sharing": "17",
        "sharing": "20 21 23",
        "gateway planning": "22",
        "opening": "24 25 26 27 28",
        "security": "30 31 32 33",
    },
    "dongchangfu-2020": {
        "catalog": "2 13 14 15 17 19",
        "organizations oversight": "5 6 7",
        "planning": "9 10 11",
        "interop": "12",
        "catalog procedures": "16",
        "resources interop": "18",
        "sharing": "20",
        "opening": "21 22 23 24 25 26",
        "security": "27",
        "security resources": "28",
        "oversight": "29 30 31 32",
    },
    "national-2025": {
        "catalog": "2 3 12 14 15",
        "organizations catalog security": "11 13",
        "catalog procedures": "16 17",
        "resources catalog": "18 19",
        "sharing": "20 21 24 26 28",
        "delivery sharing": "22 25 27",
        "gateway oversight": "29",
        "security": "34 35 36 37",
        "oversight": "38 39 40 41 42",
    },
}


@cache
def parts_of(pack_id: str, number: str) -> tuple[Part, ...]:
    """The parts that share in an article ("17" or "17(2)"); none for a pack that does not come with Shuqiao."""
    if pack_id not in _ARTICLES:
        return ()
    head, _ = split_reference(number)
    for parts, numbers in _ARTICLES[pack_id].items():
        if head in numbers.split():
            return tuple(Part(part) for part in parts.split())
    return (Part.LAW,)


def is_due(pack_id: str, number: str, kind: ArticleKind) -> bool:
    """Whether a test must hold the system to the article now: it is a system article, and of a gated part or of
    none that is still to come."""
    parts = frozenset(parts_of(pack_id, number))
    return kind is ArticleKind.SYSTEM and bool(parts) and (bool(parts & GATED) or not parts & LATER)


def later_parts(pack_id: str, number: str) -> tuple[Part, ...]:
    """The parts still to come that share in an article."""
    return tuple(part for part in parts_of(pack_id, number) if part in LATER)
