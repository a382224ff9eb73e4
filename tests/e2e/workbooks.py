"""The layout-A workbook of the journey: the real Hangzhou catalogue, and three entries for the real tables."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from shuqiao.catalog import spreadsheet
from shuqiao.catalog.tests import hangzhou
from shuqiao.catalog.types import ItemContent, RevisionContent

PROVIDER = "营口市市场监督管理局"

ENTERPRISES = (
    "企业名称",
    "统一社会信用代码",
    "注册日期",
    "企业类型",
    "法人代表",
    "注册资金",
    "经营范围",
    "所在省份",
    "地区",
    "注册地址",
)
STREETS = ("code", "name", "areaCode", "provinceCode", "cityCode")
SCHOOLS = ("序号", "学校名称", "学校标识码", "主管部门", "所在地", "办学层次", "备注")


def _items(names: tuple[str, ...], key: str) -> tuple[ItemContent, ...]:
    return tuple(
        ItemContent(name=name, data_type="C", length="200", is_key=name == key, nullable=name != key)
        for name in names
    )


def _table(title: str, summary: str, items: tuple[ItemContent, ...], **more: str) -> RevisionContent:
    return RevisionContent(
        title=title,
        summary=summary,
        kind="department",
        classification="307001",
        format_category="spreadsheet",
        format_type="xlsx",
        update_cycle="yearly",
        method_category="platform",
        method_type="file",
        contact_name="陈编目",
        contact_phone="0417-2800003",
        items=items,
        **more,
    )


OURS = (
    _table(
        "辽宁企业登记信息",
        "一九八〇年至二〇〇四年在辽宁登记的企业：名称、代码、地区与经营范围。",
        _items(ENTERPRISES, "统一社会信用代码"),
        sharing_type="conditional",
        sharing_condition="用于履行法定职责，按地区提供",
        opening_type="closed",
    ),
    _table(
        "街道乡镇代码表",
        "全国街道与乡镇的统计用区划代码和名称。",
        _items(STREETS, "code"),
        sharing_type="unconditional",
        opening_type="unconditional",
        opening_method="download",
    ),
    _table(
        "普通高等学校名单",
        "教育主管部门公布的普通高等学校名单。",
        _items(SCHOOLS, "学校标识码"),
        sharing_type="unconditional",
        opening_type="unconditional",
        opening_method="download",
    ),
)


def catalogue(source: Path, into: Path, provider_code: str) -> Path:
    """The whole workbook: 6,590 entries of the source and the three above."""
    theirs = (hangzhou.content_of(record) for record in hangzhou.records(source))
    return spreadsheet.write(
        (spreadsheet.SheetEntry(content, "", PROVIDER, provider_code) for content in chain(OURS, theirs)),
        into,
        hangzhou.WITHOUT_BASIS,
    )
