"""What the pages of the open platform show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shuqiao.kernel import Article
from shuqiao.resources.types import ResourceFacts

PRIORITY_ARTICLES = (Article("yingkou-2022", "31"), Article("shenyang-2020", "28"))
BASIS_ARTICLES = (
    Article("yingkou-2022", "30"),
    Article("shenyang-2020", "27"),
    Article("dongchangfu-2020", "22"),
)
DOWNLOADS = (
    ("csv", "逗号分隔文本，UTF-8"),
    ("xlsx", "电子表格"),
    ("json", "结构化文本，供程序读取"),
)


@dataclass(frozen=True, slots=True)
class OpenTable:
    """One published table with the columns anybody may read, and where to get it."""

    table: ResourceFacts
    columns: tuple[str, ...]
    address: str
    preview: Sequence[dict[str, Any]]

    @property
    def downloads(self) -> tuple[tuple[str, str, str], ...]:
        """Format, words, address of each download."""
        return tuple((kind, words, f"{self.address}/export.{kind}") for kind, words in DOWNLOADS)
