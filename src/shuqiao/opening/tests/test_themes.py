"""Theme catalogues as the public meets them."""

from __future__ import annotations

import pytest
from django.test import Client

from shuqiao.catalog import services
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City


@pytest.mark.article("yingkou-2022", "12")
def test_an_established_theme_is_on_the_home_page_with_its_open_entries_alone(
    city: City, client: Client
) -> None:
    opened = entries.published(
        city, on=today(), title="开放的登记", opening_type="unconditional", opening_method="download"
    )
    closed = entries.published(city, on=today(), title="不开放的登记")
    theme = services.create_theme(
        actor=city.actor("provider-cataloguer"), department_id=city.provider.id, name="信用主题", purpose="查信用",
        on=today(),
    )  # fmt: skip
    services.change_members(
        actor=city.actor("provider-cataloguer"), theme_id=theme.id, add=[opened.id, closed.id], on=today()
    )
    address = f"/open/themes/{theme.id}/"
    assert client.get(address).status_code == 404, "not established yet"
    services.submit_theme(actor=city.actor("provider-approver"), theme_id=theme.id, on=today())
    services.establish_theme(actor=city.actor("bureau-reviewer"), theme_id=theme.id, on=today())
    assert address in client.get("/").content.decode()
    page = client.get(address).content.decode()
    assert "开放的登记" in page
    assert "不开放的登记" not in page
