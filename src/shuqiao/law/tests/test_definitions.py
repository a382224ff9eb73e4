"""Articles of kind D ask for nothing but to be stated: each is in its pack and on the pack's page, and its
summary carries what the article is about."""

from __future__ import annotations

import pytest

from shuqiao import law
from shuqiao.law import reports

ABOUT = [
    pytest.param("yingkou-2022", "1", "治理", marks=pytest.mark.article("yingkou-2022", "1")),
    pytest.param("yingkou-2022", "2", "归集、共享、开放", marks=pytest.mark.article("yingkou-2022", "2")),
    pytest.param("yingkou-2022", "5", "市政府", marks=pytest.mark.article("yingkou-2022", "5")),
    pytest.param("yingkou-2022", "40", "2022 年 6 月 10 日", marks=pytest.mark.article("yingkou-2022", "40")),
    pytest.param("shenyang-2020", "1", "安全管理", marks=pytest.mark.article("shenyang-2020", "1")),
    pytest.param("shenyang-2020", "2", "归集、共享、开放", marks=pytest.mark.article("shenyang-2020", "2")),
    pytest.param("shenyang-2020", "3", "政务部门", marks=pytest.mark.article("shenyang-2020", "3")),
    pytest.param("shenyang-2020", "6", "免费", marks=pytest.mark.article("shenyang-2020", "6")),
    pytest.param("shenyang-2020", "9", "监督", marks=pytest.mark.article("shenyang-2020", "9")),
    pytest.param(
        "shenyang-2020", "38", "2020 年 10 月 1 日", marks=pytest.mark.article("shenyang-2020", "38")
    ),
    pytest.param(
        "dongchangfu-2020", "1", "整合、共享、开放", marks=pytest.mark.article("dongchangfu-2020", "1")
    ),
    pytest.param("dongchangfu-2020", "3", "数据资产", marks=pytest.mark.article("dongchangfu-2020", "3")),
    pytest.param("dongchangfu-2020", "4", "统筹、集约", marks=pytest.mark.article("dongchangfu-2020", "4")),
    pytest.param("dongchangfu-2020", "8", "做得好的地区", marks=pytest.mark.article("dongchangfu-2020", "8")),
    pytest.param("national-2025", "1", "数字政府", marks=pytest.mark.article("national-2025", "1")),
    pytest.param("national-2025", "4", "国家安全", marks=pytest.mark.article("national-2025", "4")),
    pytest.param("national-2025", "5", "安全义务", marks=pytest.mark.article("national-2025", "5")),
    pytest.param("national-2025", "6", "标准体系", marks=pytest.mark.article("national-2025", "6")),
    pytest.param("national-2025", "7", "出新", marks=pytest.mark.article("national-2025", "7")),
    pytest.param("national-2025", "8", "主管部门", marks=pytest.mark.article("national-2025", "8")),
    pytest.param("national-2025", "9", "跨层级", marks=pytest.mark.article("national-2025", "9")),
    pytest.param("national-2025", "10", "主体责任", marks=pytest.mark.article("national-2025", "10")),
    pytest.param("national-2025", "23", "缩短", marks=pytest.mark.article("national-2025", "23")),
    pytest.param("national-2025", "30", "政务大数据体系", marks=pytest.mark.article("national-2025", "30")),
    pytest.param("national-2025", "31", "交换系统", marks=pytest.mark.article("national-2025", "31")),
    pytest.param("national-2025", "32", "全国一体化", marks=pytest.mark.article("national-2025", "32")),
    pytest.param("national-2025", "33", "区块链", marks=pytest.mark.article("national-2025", "33")),
    pytest.param("national-2025", "43", "国家机关", marks=pytest.mark.article("national-2025", "43")),
    pytest.param(
        "national-2025", "44", "2025 年 8 月 1 日", marks=pytest.mark.article("national-2025", "44")
    ),
]


@pytest.mark.parametrize(("pack_id", "number", "about"), ABOUT)
def test_a_definition_is_stated_and_shown(pack_id, number, about):
    pack = law.load_packs()[pack_id]
    article = pack.articles[number]
    assert article.kind is law.ArticleKind.DEFINITION
    assert about in article.summary
    line = f"{law.number_in_words(number)}  D  {article.summary}"
    assert line in reports.show(pack)


def test_no_definition_is_left_out():
    listed = {(param.values[0], param.values[1]) for param in ABOUT}
    in_packs = {
        (pack.id, article.number)
        for pack in law.load_packs().values()
        for article in pack.articles.values()
        if article.kind is law.ArticleKind.DEFINITION
    }
    assert listed == in_packs
