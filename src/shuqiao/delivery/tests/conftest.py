"""A granted table in the small world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests.factories import TODAY, make_entry, make_table, order_of
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.resources.models import Resource

if TYPE_CHECKING:
    from shuqiao.organizations.tests.factories import City

YES = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))


@pytest.fixture
def table(city: City) -> Resource:
    return make_table(make_entry(city.provider))


@pytest.fixture
def grant(city: City, table: Resource) -> Grant:
    return services.issue_grant(
        actor=PLATFORM, order=order_of(table, city.consumer.id), decision=YES, on=TODAY
    )
