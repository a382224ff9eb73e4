"""What is wrong in a file does not reach the users, and the provider is told which lines and why."""

from __future__ import annotations

import pytest

from shuqiao.resources import queries, services
from shuqiao.resources.quarantine import list_quarantine
from shuqiao.resources.tests import factories
from shuqiao.store import Query, Scope, Store

pytestmark = pytest.mark.django_db


@pytest.mark.article("yingkou-2022", "21")
@pytest.mark.article("shenyang-2020", "16")
@pytest.mark.article("national-2025", "18")
def test_a_spoiled_line_is_set_aside_with_its_reason_and_the_rest_is_what_the_provider_holds(city, tmp_path):
    resource = factories.mount(city)
    spoiled = factories.SMALL + "003,丙,13700137000,多出,来的\n004,丁,13600136000\n"
    version = factories.build(city, factories.upload_text(city, resource, spoiled, tmp_path))
    assert (version.rows, version.quarantined) == (3, 1), version.error
    [line] = list_quarantine(version, page=1).lines
    assert line.line == 4
    assert line.reasons
    assert "丙" in str(line.raw)
    factories.submit(city, version)
    services.publish_version(actor=city.actor("bureau-reviewer"), version_id=version.id, on=factories.TODAY)
    assert queries.published_table(resource.id).rows == 3
    with Store(queries.store_root()).open(version.store_version) as handle:
        rows = handle.rows(Query(), Scope.of(["代码", "名称"])).rows
    assert [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in rows] == [
        ("001", "甲"),
        ("002", "乙"),
        ("004", "丁"),
    ]
