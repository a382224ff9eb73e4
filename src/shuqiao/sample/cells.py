"""Generators of cells: what the last part of an item line means.

Of the row's subject: credit company boss trade founded · trader (code of a one-man business) · id name sex born.
Of the row itself: town address phone someone.
With arguments: ``pick:a,b`` (by chance) ``cycle:a,b`` (in turn) ``int:lo-hi`` ``dec:lo-hi:scale`` ``date:2019-2025``
``serial:前缀`` ``like:text with {town} {head} {n}`` ``hours:2026-06-01/4`` ``daily:2015-01-01/2`` ``month:2016/1``
(of a series with that many rows at each point of time).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shuqiao.sample.invented import Company, Crowd, Person, credit_code

# Firms of one area; tables with more rows speak of some of them more than once.
FIRMS = 12_000
TOWNS = {
    "210800": ("站前区", "西市区", "老边区", "鲅鱼圈区", "盖州市", "大石桥市"),
    "210882": ("金桥街道", "石桥街道", "官屯镇", "南楼街道", "周家镇", "虎庄镇", "高坎镇", "建一镇"),
    "210100": ("和平区", "沈河区", "大东区", "皇姑区", "铁西区", "浑南区", "于洪区", "沈北新区"),
    "371502": ("古楼街道", "柳园街道", "新区街道", "道口铺街道", "沙镇镇", "堂邑镇", "梁水镇镇", "郑家镇"),
}
_STREETS = ("示例一路", "示例二路", "示例大街", "示例南街", "示例北街", "示例东路", "示例西路")
_HEADS = ("望海", "渤海", "辽滨", "新华", "育才", "东风", "胜利", "光明", "青年", "团结", "康宁", "和平")


@dataclass
class Row:
    """One row being made: its number (from 0), its chance, and what its cells have in common."""

    index: int
    chance: random.Random
    area: str
    phone: str
    crowd: Crowd
    subject: int
    town: str = field(default="")

    def __post_init__(self) -> None:
        self.town = self.chance.choice(TOWNS[self.area])

    @property
    def person(self) -> Person:
        """The person the row is about."""
        return self.crowd.person(self.subject)

    @property
    def company(self) -> Company:
        """The firm the row is about."""
        return self.crowd.company(self.subject % FIRMS)


Maker = Callable[[Row], str]

PLAIN: dict[str, Maker] = {
    "credit": lambda row: row.company.code,
    "trader": lambda row: credit_code("92", row.area, row.subject + 1),
    "company": lambda row: row.company.name,
    "boss": lambda row: row.company.head,
    "trade": lambda row: row.company.trade,
    "founded": lambda row: row.company.founded.isoformat(),
    "id": lambda row: row.person.number,
    "name": lambda row: row.person.name,
    "sex": lambda row: row.person.sex,
    "born": lambda row: row.person.born.isoformat(),
    "someone": lambda row: row.chance.choice(row.crowd.names()),
    "town": lambda row: row.town,
    "address": lambda row: f"{row.town}{row.chance.choice(_STREETS)}{row.chance.randint(1, 299)}号",
    "phone": lambda row: f"{row.phone}-0000 {row.chance.randrange(1000):03d}",
    "division": lambda row: row.area,
}


def maker(generator: str) -> Maker:
    """The generator of this name. Raises ValueError when there is none."""
    name, _, argument = generator.partition(":")
    if not argument and name in PLAIN:
        return PLAIN[name]
    if name not in _WITH_ARGUMENT:
        raise ValueError(f"no generator {generator!r}")
    return _WITH_ARGUMENT[name](argument)


def _pick(argument: str) -> Maker:
    values = argument.split(",")
    return lambda row: row.chance.choice(values)


def _cycle(argument: str) -> Maker:
    values = argument.split(",")
    return lambda row: values[row.index % len(values)]


def _int(argument: str) -> Maker:
    low, high = (int(part) for part in argument.split("-"))
    return lambda row: str(row.chance.randint(low, high))


def _dec(argument: str) -> Maker:
    span, _, digits = argument.rpartition(":")
    low, high = (float(part) for part in span.split("-"))
    scale = int(digits)
    return lambda row: f"{row.chance.uniform(low, high):.{scale}f}"


def _date(argument: str) -> Maker:
    first, last = (int(part) for part in argument.split("-"))
    start, days = date(first, 1, 1), (date(last, 12, 31) - date(first, 1, 1)).days
    return lambda row: (start + timedelta(days=row.chance.randint(0, days))).isoformat()


def _serial(argument: str) -> Maker:
    return lambda row: f"{argument}{row.index + 1:06d}"


def _like(argument: str) -> Maker:
    return lambda row: argument.format(town=row.town, head=row.chance.choice(_HEADS), n=row.index + 1)


def _hours(argument: str) -> Maker:
    start, each = argument.split("/")
    begin, width = datetime.fromisoformat(start), int(each)
    return lambda row: f"{begin + timedelta(hours=row.index // width):%Y-%m-%d %H:%M}"


def _daily(argument: str) -> Maker:
    start, each = argument.split("/")
    begin, width = date.fromisoformat(start), int(each)
    return lambda row: (begin + timedelta(days=row.index // width)).isoformat()


def _month(argument: str) -> Maker:
    start, each = argument.split("/")
    first, width = int(start), int(each)
    return lambda row: f"{first + row.index // width // 12}-{row.index // width % 12 + 1:02d}"


_WITH_ARGUMENT: dict[str, Callable[[str], Maker]] = {
    "pick": _pick,
    "cycle": _cycle,
    "int": _int,
    "dec": _dec,
    "date": _date,
    "serial": _serial,
    "like": _like,
    "hours": _hours,
    "daily": _daily,
    "month": _month,
}
