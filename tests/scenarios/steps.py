"""Four places with their regimes, a clock that is moved by hand, and what must hold when a case is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, Actor, Role
from shuqiao.kernel import Article
from shuqiao.kernel.time import CHINA
from shuqiao.organizations import queries as organizations
from shuqiao.organizations import services as organizing
from shuqiao.organizations.models import Department, Division
from shuqiao.organizations.tests.factories import NATIONAL, City, credit_code, make_user
from shuqiao.organizations.types import DepartmentKind
from shuqiao.procedures.models import Event, InboxItem, Term
from shuqiao.procedures.services import note_overdue

PLACES = ("yingkou", "shenyang", "dongchangfu", "national")


class Clock:
    """China's calendar as the system sees it. Each look at it is a moment later than the one before."""

    def __init__(self) -> None:
        self.on = date(2026, 1, 5)
        self.looks = 0

    def to(self, on: date) -> date:
        """It is ten in the morning of this day."""
        self.on, self.looks = on, 0
        return on

    def now(self) -> datetime:
        """This moment."""
        self.looks += 1
        return datetime.combine(self.on, time(10), CHINA) + timedelta(milliseconds=self.looks)


@dataclass
class Place:
    """A division, its bureau, a department that asks, one that provides and another one; and their people.

    Usernames: `clerk` and `head` of the department that asks, `giver` and `editor` of the one that provides, `second`
    of the other one, `bureau` (reviews and supervises).
    """

    name: str
    city: City
    division: Division
    bureau: Department
    consumer: Department
    provider: Department
    other: Department

    def actor(self, who: str) -> Actor:
        return self.city.actor(f"{self.name}.{who}")

    def user(self, who: str) -> Any:
        return self.city.user(f"{self.name}.{who}")

    def regime(self, on: date) -> law.Regime:
        return organizations.regime_of(self.division.code, on)

    def title(self, article: str) -> str:
        """An article as screens call it: `national-2025:21`."""
        pack, number = article.split(":")
        return law.article_title(Article(pack, number))

    def stage(self) -> City:
        """The small world with this place's people in the parts of 营口's: what the factories of the apps take."""
        parts = {
            "provider-cataloguer": "editor", "provider-approver": "giver", "bureau-reviewer": "bureau",
            "consumer-cataloguer": "clerk", "consumer-approver": "head",
        }  # fmt: skip
        users = self.city.users | {part: self.user(who) for part, who in parts.items()}
        return replace(
            self.city, bureau=self.bureau, provider=self.provider, consumer=self.consumer, users=users
        )

    def own(self, **by_place: Any) -> Any:
        """What holds in this place; `other` elsewhere."""
        return by_place.get(self.name, by_place.get("other"))


def place_in(city: City, name: str) -> Place:
    """Build one of the four: three stand in the small world; the fourth has the Decree and nothing else."""
    serial = iter(range(700, 800))

    def department(where: Division, said: str, short: str, kind: DepartmentKind) -> Department:
        return organizing.create_department(
            actor=PLATFORM, division=where.code, name=said, short_name=short,
            credit_code=credit_code(next(serial)), kind=kind,
        )  # fmt: skip

    if name == "national":
        where = organizing.create_division(
            actor=PLATFORM,
            code="211000",
            name="辽阳市",
            short_name="辽阳",
            case_prefix="辽",
            packs=(NATIONAL,),
        )
        bureau = department(where, "辽阳市数据局", "市数据局", DepartmentKind.BUREAU)
    else:
        where = getattr(city, name)
        bureau = city.bureau if name == "yingkou" else getattr(city, f"{name}_bureau")
    plain = DepartmentKind.GOVERNMENT
    consumer = department(where, f"{where.short_name}医疗保障局", "医保局", plain)
    provider = department(where, f"{where.short_name}民政局", "民政局", plain)
    other = department(where, f"{where.short_name}税务局", "税务局", plain)
    for who, called, at, roles in (
        ("clerk", "李经办", consumer, (Role.CATALOGUER,)),
        ("head", "李局长", consumer, (Role.APPROVER,)),
        ("editor", "陈编目", provider, (Role.CATALOGUER,)),
        ("giver", "陈局长", provider, (Role.APPROVER,)),
        ("second", "钱局长", other, (Role.APPROVER,)),
        ("bureau", "王审核", bureau, (Role.BUREAU_REVIEWER, Role.BUREAU_SUPERVISOR)),
    ):
        city.users[f"{name}.{who}"] = make_user(f"{name}.{who}", called, at, *roles)
    return Place(name, city, where, bureau, consumer, provider, other)


def term_of(case: Any) -> Term | None:
    """The running term of a case, of which there is never more than one."""
    running = list(Term.objects.filter(case_id=case.id, closed_on=None))
    assert len(running) <= 1
    return running[0] if running else None


def due_of(case: Any) -> date | None:
    """The last day of the running term; none where no text states one."""
    term = term_of(case)
    return term.due_on if term else None


def waits_for(case: Any) -> list[tuple[str, str]]:
    """Who has to do what next."""
    rows = InboxItem.objects.filter(case_id=case.id, done_at=None).select_related("department")
    return sorted((row.department.short_name, row.action) for row in rows)


def events_of(case: Any) -> list[str]:
    """What was done, in order, without the name of the app and of the kind of case."""
    found = Event.objects.filter(case_id=case.id).order_by("id").values_list("type", flat=True)
    return [one.split(".", 1)[1] for one in found]


def over(*cases: Any) -> None:
    """Nobody is asked for anything about these cases any more, and no clock runs."""
    for case in cases:
        assert waits_for(case) == [], f"{case}: somebody still has it"
        assert term_of(case) is None, f"{case}: a clock still runs"


def nothing_left(apart: Iterable[UUID] = ()) -> None:
    """The whole world is at rest: no inbox line and no open term anywhere."""
    left = InboxItem.objects.filter(done_at=None).exclude(case_id__in=list(apart))
    assert list(left.values_list("case_title", "action")) == []
    terms = Term.objects.filter(closed_on=None).exclude(case_id__in=list(apart))
    assert list(terms.values_list("case_title", "term_id")) == []


def night(clock: Clock, on: date) -> int:
    """The worker looks at the clocks in the morning of this day. Returns how many terms it found overdue."""
    clock.to(on)
    return note_overdue(on=on)
