"""What a version's page says of its columns: all of it, and nothing of a sensitive column's values."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shuqiao.organizations.tests.factories import City
from shuqiao.resources import profiles, queries
from shuqiao.resources.tests import factories

pytestmark = pytest.mark.django_db
ITEMS = ("代码", "地区", "资本", "联系手机")
ROWS = [
    ("001", "营口", "12.50", "13800138001"),
    ("002", "营口", "3.25", "13800138002"),
    ("003", "沈阳", "", "13800138003"),
    ("004", "营口", "99.00", "13800138003"),
]
TEXT = "\n".join(",".join(row) for row in (ITEMS, *ROWS)) + "\n"


@pytest.fixture
def version(city: City, tmp_path):
    return factories.build(city, factories.upload_text(city, factories.mount(city, ITEMS), TEXT, tmp_path))


def test_the_stores_profile_in_words(version):
    lines = {one.name: one for one in profiles.lines_of(version, frozenset(ITEMS))}
    region, capital, mobile = lines["地区"], lines["资本"], lines["联系手机"]
    assert region.frequent == (("营口", 3), ("沈阳", 1))
    assert (region.distinct, region.exact, region.missing) == (2, True, 0)
    assert (region.lengths, region.shapes) == ("2", (("汉{2}", "100%"),))
    assert (capital.type, capital.missing) == ("小数", 1)
    assert capital.span == "3.25 至 99.00"
    assert mobile.personal == "电话号码"
    assert (mobile.distinct, mobile.lengths) == (3, "11")
    assert (mobile.frequent, mobile.span, mobile.shapes, mobile.units) == ((), "", (), ())


def test_the_page_keeps_values_of_sensitive_columns_back(version, client_of):
    page = client_of("provider-cataloguer").get(version.get_absolute_url()).content.decode()
    for words in ("列概况", "3.25 至 99.00", "疑似电话号码", "敏感列不显示"):
        assert words in page
    assert "13800138" not in page


def test_a_version_built_before_profiles_says_so(version, client_of):
    (queries.shelf().path_of(version.store_version) / "profile.json").unlink()
    page = client_of("provider-cataloguer").get(version.get_absolute_url())
    assert page.status_code == 200
    assert "列概况未生成" in page.content.decode()


def test_many_columns_are_shown_fifty_at_a_time(city: City, client_of, tmp_path):
    names = [f"指标{number:03}" for number in range(120)]
    text = ",".join(names) + "\n" + ",".join(f"v{number}" for number in range(120)) + "\n"
    resource = factories.mount(city, names, opening="unconditional")
    version = factories.publish(city, factories.upload_text(city, resource, text, tmp_path))
    client = client_of("provider-cataloguer")
    first = client.get(version.get_absolute_url()).content.decode()
    assert ("指标049" in first, "指标050" in first) == (True, False)
    assert "第 1 至 50 列，共 120 列" in first
    last = client.get(version.get_absolute_url(), {"page": "3"}).content.decode()
    assert ("指标099" in last, "指标100" in last, "v119" in last) == (False, True, True)
    for who in ("provider-cataloguer", "stranger"):
        fragment = client_of(who).get(reverse("resources:of-entry", args=[resource.entry_id]))
        assert "共 120 列，这里列出 50 列" in fragment.content.decode()
