"""How a product names the data it is made of: source, version, day of access (Dongchangfu 25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shuqiao.kernel.time import in_chinese


@dataclass(frozen=True, slots=True)
class Source:
    """What is cited."""

    department: str
    title: str
    version: int
    published_on: date
    division: str
    code: str


def citation(source: Source, *, on: date, number: str = "") -> str:
    """One sentence for a product's page; `number` is that of the agreement under which the data was got."""
    parts = [
        f"{source.department}．{source.title}（第 {source.version} 版，{in_chinese(source.published_on)}）",
        f"{source.division}公共数据开放平台，{source.code}" + (f"，开放协议 {number}" if number else ""),
        f"{in_chinese(on)} 获取",
    ]
    return "．".join(parts[:2]) + f"，{parts[2]}．"
