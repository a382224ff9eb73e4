"""What a search that finds nothing offers: to look wider, or to ask for the data."""

from __future__ import annotations

import pytest

from shuqiao.catalog.tests.factories import published

pytestmark = pytest.mark.django_db


def test_an_official_is_led_to_wider_results_and_to_one_form(client_of, city):
    published(city, title="企业登记信息")
    page = client_of("consumer-cataloguer").get("/catalog/", {"q": "火星&土星"}).content.decode()
    assert page.count("/sharing/demands/new/?q=%E7%81%AB%E6%98%9F%26%E5%9C%9F%E6%98%9F") == 1
    assert "按所选筛选" not in page
    narrowed = client_of("consumer-cataloguer").get("/catalog/", {"q": "企业&登记", "sharing": "none"})
    assert 'href="/catalog/?q=%E4%BC%81%E4%B8%9A%26%E7%99%BB%E8%AE%B0"' in narrowed.content.decode()


def test_a_citizen_is_led_to_the_form_with_what_was_looked_for(client, city):
    published(city, title="企业登记信息")
    page = client.get("/open/", {"q": "公交线路"}).content.decode()
    assert 'href="/open/demand/?q=%E5%85%AC%E4%BA%A4%E7%BA%BF%E8%B7%AF"' in page
    assert "按所选筛选" not in page
    form = client.get("/open/demand/", {"q": "公交线路" * 100}).content.decode()
    assert f'value="{"公交线路" * 25}"' in form
