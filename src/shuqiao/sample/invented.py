"""People, firms, codes and numbers that do not exist, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from faker import Faker

_CREDIT = {letter: value for value, letter in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CREDIT_LETTERS = "".join(_CREDIT)
# No place in China has this code, so no number under it can be anybody's.
NOWHERE = "990000"
_TRADES = (
    "镁质材料", "菱镁矿业", "粮油食品", "海产品加工", "港口物流", "商贸", "建筑工程", "机械制造", "餐饮管理", "服装",
    "信息技术", "化工", "医药", "装饰装修", "家具", "汽车服务", "农业开发", "物业管理", "包装", "水产养殖",
)  # fmt: skip
_HEADS = (
    "鑫源", "华丰", "恒泰", "金桥", "盛达", "东海", "辽河", "渤海", "宏远", "瑞丰", "天成", "百川", "顺和", "永兴",
    "汇通", "嘉禾", "安泰", "宝源", "隆昌", "新港", "银帆", "望海", "长风", "立信", "同德",
)  # fmt: skip


def credit_code(kind: str, area: str, serial: int) -> str:
    """A credit code of the invented range YL (样例), with the right check character. `kind`: 11, 91, 92, 93 …"""
    body = f"{kind}{area}YL{serial:07d}"
    total = sum(_CREDIT[letter] * pow(3, place, 31) for place, letter in enumerate(body))
    return body + _CREDIT_LETTERS[-total % 31]


def id_number(born: date, serial: int) -> str:
    """An identity number of nobody: an area code that was never given, and the right check character."""
    body = f"{NOWHERE}{born:%Y%m%d}{serial % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    name: str
    number: str
    born: date
    sex: str


@dataclass(frozen=True, slots=True)
class Company:
    """A firm that does not exist."""

    code: str
    name: str
    head: str
    trade: str
    founded: date


@dataclass
class Crowd:
    """People and firms of one area, made as far as they are asked for. Tables that share them can be joined."""

    seed: int
    area: str
    place: str
    _names: tuple[str, ...] = ()
    _people: list[Person] = field(default_factory=list)
    _companies: list[Company] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        """A stock of personal names, from Faker."""
        if not self._names:
            faker = Faker("zh_CN")
            faker.seed_instance(f"{self.seed}:{self.area}")
            self._names = tuple(faker.name() for _ in range(800))
        return self._names

    def person(self, index: int) -> Person:
        """The person of this number."""
        while len(self._people) <= index:
            self._people.append(self._make_person(len(self._people)))
        return self._people[index]

    def company(self, index: int) -> Company:
        """The firm of this number."""
        while len(self._companies) <= index:
            self._companies.append(self._make_company(len(self._companies)))
        return self._companies[index]

    def __post_init__(self) -> None:
        # They are made in the order of their numbers, so one chance for all people is as good as one for each.
        self._of_people = random.Random(f"{self.seed}:{self.area}:people")  # noqa: S311 - invented data
        self._of_companies = random.Random(f"{self.seed}:{self.area}:companies")  # noqa: S311 - invented data

    def _make_person(self, index: int) -> Person:
        chance = self._of_people
        # A thousand numbers share a birthday, so the birthday moves on with the number and none comes twice.
        born = date(1946, 1, 1) + timedelta(days=(index * 37 + chance.randrange(37)) % 25_000)
        serial = index % 1000
        sex = "男" if serial % 2 else "女"
        return Person(chance.choice(self.names()), id_number(born, serial), born, sex)

    def _make_company(self, index: int) -> Company:
        chance = self._of_companies
        trade = chance.choice(_TRADES)
        name = f"{self.place}示例{chance.choice(_HEADS)}{chance.choice('一二三四五六七八九')}{trade}有限公司"
        founded = date(1996, 1, 1) + timedelta(days=chance.randrange(10_900))
        return Company(
            credit_code("91", self.area, index + 1), name, chance.choice(self.names()), trade, founded
        )
