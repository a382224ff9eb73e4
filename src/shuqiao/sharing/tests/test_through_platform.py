"""Sharing goes through the platform: whatever way the catalogue names, data changes hands by a grant on it or not at
all (Shenyang 17)."""

from __future__ import annotations

import pytest

from shuqiao.accounts.types import Role
from shuqiao.delivery.book import compile_book
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.delivery.types import Mode
from shuqiao.kernel import RuleRefused
from shuqiao.kernel.time import now
from shuqiao.organizations.models import Department
from shuqiao.organizations.tests.factories import make_user
from shuqiao.sharing import services
from shuqiao.sharing.tests.conftest import MONDAY, day, draft_of
from shuqiao.sharing.types import Status

ON_DISK = {"method_category": "disk", "method_type": "electronic"}


@pytest.fixture
def user(city) -> Department:
    """A department of Shenyang that wants another's data."""
    department = Department.objects.create(
        division=city.shenyang, name="沈阳市民政局", short_name="市民政局", credit_code="11210100MB00000003"
    )
    city.users["shenyang-user"] = make_user(
        "shenyang-user", "沈民政", department, Role.APPROVER, Role.CATALOGUER
    )
    return department


@pytest.mark.article("shenyang-2020", "17")
def test_a_yes_to_what_is_catalogued_as_handed_over_on_disk_is_delivered_on_the_platform_only(city, user):
    entry = make_entry(city.shenyang_provider, **ON_DISK)
    asks, gives = city.actor("shenyang-user"), city.actor("shenyang-approver")
    asked = services.create_draft(
        actor=asks, entry_id=entry.id, resource_id=None, department_id=user.id, draft=draft_of(), on=MONDAY
    )
    services.submit_request(actor=asks, request_id=asked.id, on=MONDAY)
    done = services.approve_request(actor=gives, request_id=asked.id, on=day(1))
    assert (done.status, done.delivery_state) == (Status.APPROVED, "due")
    confirm = {"actor": gives, "request_id": asked.id, "note": "已拷盘", "on": day(2)}
    with pytest.raises(RuleRefused, match="先挂载并经复核发布"):
        services.confirm_delivery(**confirm)
    assert not Grant.objects.exists(), "what was handed over beside the platform is no delivery"

    table = make_table(entry)
    services.confirm_delivery(**confirm)
    grant = Grant.objects.get(case_id=asked.id)
    assert (grant.resource_id, grant.grantee) == (table.id, user)
    assert set(grant.modes) <= set(Mode.values)
    [row] = [row for row in compile_book(1, now()).grants if row.id == str(grant.id)]
    assert (row.grantee, row.resource) == (str(user.id), str(table.id)), "the gateway serves it"


@pytest.mark.article("shenyang-2020", "17")
def test_no_request_names_a_way_beside_the_platform(city, user):
    table = make_table(make_entry(city.shenyang_provider, **ON_DISK))
    asks = city.actor("shenyang-user")
    draft = draft_of(modes=("disk",))
    draw = {"entry_id": table.entry_id, "resource_id": table.id, "department_id": user.id, "draft": draft}
    asked = services.create_draft(actor=asks, on=MONDAY, **draw)
    with pytest.raises(RuleRefused, match="共享方式“disk”"):
        services.submit_request(actor=asks, request_id=asked.id, on=MONDAY)
