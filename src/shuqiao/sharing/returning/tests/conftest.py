"""A county under the city with a department and its people, and a table of the city."""

from __future__ import annotations

from datetime import date

import pytest

from shuqiao.accounts.types import PLATFORM, Role
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.organizations import services as organizations
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import City, credit_code, make_user
from shuqiao.organizations.types import DepartmentKind
from shuqiao.procedures.models import Event, InboxItem
from shuqiao.resources.models import Resource
from shuqiao.sharing.models import ReturnFlow, ReturnMark
from shuqiao.sharing.returning import services
from shuqiao.sharing.returning.types import AreaForm, ReturnDraft

MONDAY = date(2026, 3, 2)
LOWER, PROVIDER = "county-approver", "provider-approver"


def make_county_department(city: City) -> Department:
    """A department of the county, with an approver and a cataloguer who may not sign."""
    department = organizations.create_department(
        actor=PLATFORM,
        division=city.county.code,
        name="大石桥市市场监督管理局",
        short_name="大石桥市监局",
        credit_code=credit_code(90),
        kind=DepartmentKind.GOVERNMENT,
    )
    city.users[LOWER] = make_user(LOWER, "石局长", department, Role.APPROVER)
    city.users["county-cataloguer"] = make_user("county-cataloguer", "石经办", department, Role.CATALOGUER)
    return department


@pytest.fixture
def lower(city: City) -> Department:
    return make_county_department(city)


@pytest.fixture
def table(city: City) -> Resource:
    return make_table(make_entry(city.provider))


def draft_of(**changes: object) -> ReturnDraft:
    values: dict[str, object] = {
        "items": ("企业名称", "地区", "联系电话"),
        "modes": ("interface",),
        "purpose": "本区域企业监管",
    }
    return ReturnDraft(**(values | changes))  # type: ignore[arg-type]


def ask(
    city: City,
    table: Resource,
    department: Department,
    *,
    who: str = LOWER,
    on: date = MONDAY,
    **more: object,
) -> ReturnFlow:
    return services.ask_return(
        actor=city.actor(who),
        department_id=department.id,
        entry_id=table.entry_id,
        draft=draft_of(**more),
        on=on,
    )


def mark(city: City, table: Resource, form: AreaForm = AreaForm.NAME, column: str = "地区") -> ReturnMark:
    return services.mark_resource(
        actor=city.actor(PROVIDER), entry_id=table.entry_id, column=column, form=form, on=MONDAY
    )


def lines_of(flow: ReturnFlow) -> list[str]:
    return list(InboxItem.objects.filter(case_id=flow.id, done_at=None).values_list("action", flat=True))


def types_of(flow: ReturnFlow) -> list[str]:
    rows = Event.objects.filter(case_id=flow.id).order_by("id").values_list("type", flat=True)
    return [one.rsplit(".", 1)[1] for one in rows]
