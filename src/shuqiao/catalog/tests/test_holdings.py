"""The check before collecting finds items by their very name, however many others are named alike."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shuqiao.catalog import queries, services
from shuqiao.catalog.models import DataItem
from shuqiao.catalog.models.revisions import datum_of
from shuqiao.catalog.tests import factories
from shuqiao.catalog.types import ItemContent

pytestmark = pytest.mark.django_db
CLOSED = {
    "sharing_type": "none",
    "sharing_reason": "涉及商业秘密",
    "sharing_basis": "《中华人民共和国反不正当竞争法》",
    "sharing_basis_level": "law",
}


def entry(city, title: str, *names: str, **changes):
    items = tuple(ItemContent(name=name, data_type="C", length="50") for name in names)
    return factories.published(city, title=title, items=items, **changes)


def holdings(names, **more):
    return queries.holdings_of("210800", names, **more)


@pytest.mark.article("shenyang-2020", "14")
@pytest.mark.article("national-2025", "19")
def test_names_that_are_alike_do_not_push_out_the_very_name(city):
    for number in range(35):
        entry(city, f"企业名册第{number}册", f"企业联系电话{number}")
    entry(city, "登记联络", "联系电话")
    first, *others = holdings(["联系电话"])
    assert (first.item, first.exact, first.sharing_type) == ("联系电话", True, "unconditional")
    assert others
    assert not any(line.exact for line in others)
    assert len(others) == 7
    assert [line.item for line in holdings(["联系电话"], alike=False)] == ["联系电话"]


@pytest.mark.article("shenyang-2020", "14")
def test_the_best_sharing_type_is_among_those_told(city):
    for number in range(9):
        entry(city, f"婚姻档案第{number}卷", "婚姻状况", **CLOSED)
    entry(city, "婚姻登记", "婚姻状况")
    assert [line.sharing_type for line in holdings(["婚姻状况"])] == ["unconditional", *["none"] * 7]


def test_the_item_s_own_type_decides_and_own_items_come_first(city):
    shut = ItemContent(name="婚姻状况", data_type="C", length="50", sharing_type="none")
    why = {name: said for name, said in CLOSED.items() if name != "sharing_type"}
    factories.published(city, title="婚姻登记", items=(shut,), **why)
    assert [line.sharing_type for line in holdings(["婚姻状况"])] == ["none"]
    revision = factories.draft(city, by="stranger", department=city.other, title="户籍", items=(shut,), **why)
    services.submit_revision(actor=city.actor("stranger"), revision_id=revision.id, on=factories.ON)
    services.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=revision.id, on=factories.ON)
    for asking in (city.other, city.provider):
        assert holdings(["婚姻状况"], asking=asking.pk, per_name=1)[0].entry.department_id == asking.pk


@pytest.mark.parametrize("written", ["许可 证书编号", "许可证书编号", "许可证书（编号）", " 许可证书编号　"])
def test_spaces_width_and_punctuation_do_not_hide_an_item(city, written):
    entry(city, "许可信息", written.strip())
    assert [line.exact for line in holdings(["许可证书编号"])] == [True]


def test_every_way_of_writing_an_item_keeps_its_datum(city):
    revision = factories.draft(city, items=(ItemContent(name="联 系 电 话"),))
    item = revision.items.get()
    assert item.datum == "联系电话"
    item.name = "ＩＤ－号"
    item.save()
    assert DataItem.objects.get(pk=item.pk).datum == datum_of("id号") == "id号"


def test_the_very_name_is_looked_up_by_index(city):
    entry(city, "登记联络", "联系电话")
    with CaptureQueriesContext(connection) as asked:
        assert holdings(["联系电话"], alike=False)
    sql = next(query["sql"] for query in asked if '"datum" =' in query["sql"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "item_by_datum" in plan


def test_what_has_no_letters_finds_nothing(city):
    assert holdings(["——", "", "\0"]) == []
