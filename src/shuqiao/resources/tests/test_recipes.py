"""Reading recipes: saved and numbered, proposed again, held against every new file column by column."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from shuqiao.catalog import queries as catalog
from shuqiao.kernel import InvalidInput
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures.models import InboxItem
from shuqiao.resources import jobs, previews, services, structure
from shuqiao.resources.changes import RecipeBefore, compare, fitting
from shuqiao.resources.models import ReadingRecipe
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT, SMALL
from shuqiao.resources.types import Status
from shuqiao.store.types import ColumnPlan, ColumnPreview, ColumnType, Format, Preview, Recipe

INT, TEXT, DEC = ColumnType.INTEGER, ColumnType.TEXT, ColumnType.DECIMAL


def seen(*columns: tuple[str, ColumnType], unique: str = "") -> Preview:
    made = tuple(
        ColumnPreview(header=name, source=name, type=kind, unique=name == unique) for name, kind in columns
    )
    return Preview(format=Format.CSV, encoding="utf-8", columns=made, rows=9)


BEFORE = RecipeBefore(
    Recipe(
        format=Format.CSV,
        columns=(
            ColumnPlan(source="号", name="编号", type=TEXT),
            ColumnPlan(source="数", name="数量", type=INT),
            ColumnPlan(source="额", name="金额", type=DEC, scale=2),
            ColumnPlan(source="注", name="备注", keep=False),
        ),
        keys=(("编号",),),
    ),
    unique_keys=(("编号",),),
)
SAME = (("号", TEXT), ("数", INT), ("额", DEC), ("注", TEXT))


@pytest.mark.parametrize(
    ("columns", "unique", "found"),
    [
        (SAME, "号", []),
        (SAME[:3], "号", []),  # what the recipe leaves out may go
        (SAME, "", [("key", "号")]),
        ((*SAME, ("新", TEXT)), "号", [("new", "新")]),
        ((SAME[0], SAME[2], SAME[3]), "号", [("missing", "数")]),
        ((SAME[0], ("数目", INT), *SAME[2:]), "号", [("renamed", "数")]),
        ((SAME[0], ("数", TEXT), *SAME[2:]), "号", [("type", "数")]),
        ((SAME[0], SAME[1], ("额", INT), SAME[3]), "号", []),  # whole numbers are amounts too
        ((SAME[1], SAME[2], SAME[0], SAME[3]), "号", [("order", "号")]),
    ],
)
def test_every_change_is_named_once(columns, unique, found):
    changes = compare(BEFORE, seen(*columns, unique=unique))
    assert [(change.kind, change.column) for change in changes] == found
    lost = sum(kind not in {"new", "order"} for kind, _ in found)
    assert fitting(BEFORE, seen(*columns, unique=unique)) == 3 - lost


@pytest.mark.django_db
def test_the_next_file_takes_the_recipe_in_one_click(city: City, client_of, tmp_path, home):
    provider = client_of("provider-cataloguer")
    resource = factories.mount(city)
    first = factories.build(city, factories.upload_text(city, resource, SMALL, tmp_path))
    recipe = ReadingRecipe.objects.get()
    assert (recipe.number, first.saved_recipe_id) == (1, recipe.id)
    second = factories.upload_text(city, resource, SMALL.replace("甲", "丙"), tmp_path)
    page = provider.get(reverse("resources:reading", args=[second.id])).content.decode()
    assert "有 3 列与新文件相符" in page
    assert "按第 1 号读取方案生成版本" in page
    assert provider.post(reverse("resources:accept", args=[second.id])).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.saved_recipe_id) == (Status.CONFIRMED, recipe.id)
    assert ReadingRecipe.objects.count() == 1
    history = provider.get(reverse("resources:recipes", args=[resource.id])).content.decode()
    assert "第 1 号读取方案" in history


@pytest.mark.django_db
def test_what_does_not_fit_is_not_taken_unchanged(city: City, client_of, tmp_path, home):
    resource = factories.mount(city)
    factories.build(city, factories.upload_text(city, resource, SMALL, tmp_path))
    other = factories.upload_text(city, resource, "代码,联系手机\n001,13800138000\n", tmp_path)
    page = client_of("provider-cataloguer").get(reverse("resources:reading", args=[other.id]))
    assert "新文件里没有“名称”列" in page.content.decode()
    assert "生成版本</button></form></section>" not in page.content.decode()
    with pytest.raises(InvalidInput, match="新文件里没有“名称”列"):
        services.accept_recipe(actor=city.actor("provider-cataloguer"), version_id=other.id, at=AT)
    factories.confirm(city, other)
    assert list(ReadingRecipe.objects.values_list("number", flat=True)) == [2, 1]


@pytest.mark.django_db
def test_a_key_of_two_columns_that_is_no_longer_unique_is_told_to_both_sides(city: City, client_of, tmp_path):
    resource = factories.mount(city, ("地区", "年度", "户数"))
    first = factories.upload_text(
        city, resource, "地区,年度,户数\n营口,2024,5\n营口,2025,6\n沈阳,2024,7\n", tmp_path
    )
    items = catalog.published_items(resource.entry_id)
    choices = structure.propose(previews.from_json(first.preview), items)
    services.confirm_recipe(
        actor=city.actor("provider-cataloguer"),
        version_id=first.id,
        choices=replace(choices, keys=(("地区", "年度"), ("户数",))),
        at=AT,
    )
    jobs.build_versions(AT)
    factories.submit(city, first)
    services.publish_version(actor=city.actor("bureau-reviewer"), version_id=first.id, on=factories.TODAY)

    again = "地区,年度,户数\n营口,2024,5\n营口,2024,6\n沈阳,2024,7\n"
    second = factories.upload_text(city, resource, again, tmp_path)
    services.accept_recipe(actor=city.actor("provider-cataloguer"), version_id=second.id, at=AT)
    jobs.build_versions(AT)
    second.refresh_from_db()
    lost = [change for change in second.changes if change["kind"] == "key_lost"]
    assert [change["column"] for change in lost] == ["地区＋年度"]
    told = InboxItem.objects.get(case_id=second.id, done_at=None)
    assert "查询键“地区＋年度”" in told.detail
    factories.submit(city, second)
    for who in ("provider-cataloguer", "bureau-reviewer"):
        page = client_of(who).get(second.get_absolute_url()).content.decode()
        assert "查询键“地区＋年度”在现行版本里每行不同，这一版有重复" in page
