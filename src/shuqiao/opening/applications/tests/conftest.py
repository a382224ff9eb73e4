"""A table open on application in each of the three places, and applications for it in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from shuqiao.opening.applications import services
from shuqiao.opening.applications.types import Draft
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.tests.opened import MONDAY, PLACES, opened, table_in
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.procedures.models import Event, InboxItem, Term

UNTIL = date(2027, 3, 1)
Apply = Callable[..., OpenApplication]


def draft_of(**changes: object) -> Draft:
    values: dict[str, object] = {
        "items": ("企业名称", "地区", "联系电话"),
        "purpose_kind": "general",
        "purpose": "做一张地图",
        "scenario": "在网站上显示企业的分布",
        "safeguards": "只放在自己的服务器上，不与其他数据合并",
        "valid_until": UNTIL,
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


def kind_in(place: str) -> str:
    """A kind of purpose that needs nothing further there."""
    return "innovation" if place == "dongchangfu" else "general"


@pytest.fixture
def party(city: City):
    return make_party(city)


@pytest.fixture
def apply(city: City, party) -> Apply:
    """Apply for a reviewed table in a place; changed by keywords."""
    tables: dict[str, object] = {}

    def submit(
        place: str = "yingkou", *, on: date = MONDAY, who: str = "citizen", **changes: object
    ) -> OpenApplication:
        if place not in tables:
            tables[place] = table_in(city, place)
            opened(city, tables[place], place, on=on - timedelta(days=1))
        draft = draft_of(**({"purpose_kind": kind_in(place)} | changes))
        made, _ = services.submit_application(
            actor=city.actor(who), entry_id=tables[place].entry_id, draft=draft, on=on
        )
        return made

    return submit


@pytest.fixture
def opened_application(city: City, apply: Apply) -> Apply:
    """Apply, agree, and confirm by both."""

    def run(place: str = "yingkou", *, on: date = MONDAY, **changes: object) -> OpenApplication:
        made = apply(place, on=on, **changes)
        officer = city.actor(PLACES[place][0])
        services.agree_application(actor=officer, application_id=made.id, on=on)
        services.confirm_agreement(actor=officer, application_id=made.id, on=on)
        return services.confirm_agreement(actor=city.actor("citizen"), application_id=made.id, on=on)

    return run


def term_of(application: OpenApplication) -> Term | None:
    return Term.objects.filter(case_id=application.id, term_id="opening.reply").first()


def lines_of(application: OpenApplication) -> list[str]:
    return list(
        InboxItem.objects.filter(case_id=application.id, done_at=None).values_list("action", flat=True)
    )


def types_of(application: OpenApplication) -> list[str]:
    return [
        one.rsplit(".", 1)[1]
        for one in Event.objects.filter(case_id=application.id).order_by("id").values_list("type", flat=True)
    ]
