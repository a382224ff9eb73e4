"""Who is registered from outside government sees of the catalogue what the open platform shows, by every door."""

from __future__ import annotations

import pytest
from django.test import Client

from shuqiao.organizations.tests.factories import City, make_party

pytestmark = pytest.mark.django_db


@pytest.fixture
def outsider(city: City) -> Client:
    make_party(city, "legal_person", "outsider")
    client = Client()
    client.force_login(city.user("outsider"))
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/catalog/",
        "/resources/",
        "/organizations/departments/",
        "/api/v1/catalog/entries",
        "/api/v1/catalog/changes",
        "/api/v1/catalog/suggestions?words=企业",
        "/api/v1/catalog/duties",
        "/api/v1/resources/",
    ],
)
def test_the_rooms_of_government_are_closed(outsider: Client, path: str) -> None:
    answer = outsider.get(path)
    assert answer.status_code == 403, path
    assert "公开的目录" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/api/v1/catalog/entries?face=public", "/api/v1/catalog/changes?face=public", "/"]
)
def test_what_everybody_sees_stays_open(outsider: Client, path: str) -> None:
    assert outsider.get(path).status_code == 200
