"""The columns of layout A and how their headings are recognised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices

from shuqiao import law
from shuqiao.catalog.types import (
    BaseDomain,
    DataType,
    FormatCategory,
    Grade,
    Kind,
    MethodCategory,
    MethodType,
    OpeningMethod,
    OpeningType,
    SecrecyMark,
    Sensitive,
    SharingType,
    UpdateCycle,
)

SHEET = "目录"
YES_NO = {"是": "1", "否": "", "1": "1", "0": "", "y": "1", "n": ""}


def _choices(of: type[TextChoices], **further: str) -> dict[str, str]:
    """What may stand in a cell, to the value it means: labels, values, and other spellings in use."""
    found = {label: str(value) for value, label in of.choices if value}
    return found | {str(value): str(value) for value in of.values if value} | further


LEVELS = {level.label: level.value for level in law.BasisLevel}
EMPTY_BASE = {BaseDomain.NONE.label: "", "否": ""}
SHARING = _choices(SharingType) | {
    "无条件": "unconditional", "有条件": "conditional", "不予": "none", "无条件共享类": "unconditional",
    "有条件共享类": "conditional", "不予共享类": "none", "1": "unconditional", "2": "conditional", "3": "none",
}  # fmt: skip
OPENING = _choices(OpeningType) | {"依申请开放": "conditional", "无条件": "unconditional", "不予": "closed"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the content, its heading under a group, and what may stand in it."""

    key: str
    group: str
    heading: str
    choices: Mapping[str, str] = field(default_factory=dict)
    item: bool = False
    required: bool = False
    width: int = 14
    also: tuple[str, ...] = ()

    @property
    def offered(self) -> list[str]:
        """The labels a drop-down list offers: the first spelling of each value."""
        seen: dict[str, str] = {}
        for label, value in self.choices.items():
            seen.setdefault(value, label)
        return list(seen.values())


MORE, ITEM_MORE = "补充要素", "信息项补充"
CENSUS = {
    "storage_gb": "数据存储总量(G)",
    "records_wan": "结构化信息记录总数(万)",
    "shared_storage_gb": "已共享的数据存储量(G)",
    "shared_records_wan": "已共享的结构化记录数(万)",
    "opened_storage_gb": "已开放的数据存储量(G)",
    "opened_records_wan": "已开放的结构化记录数(万)",
}
DATA_TYPES = _choices(DataType) | {label[:-1]: value for value, label in DataType.choices}
COLUMNS: tuple[Column, ...] = (
    Column("title", "", "信息资源名称", required=True, width=30),
    Column("code", "", "信息资源代码", width=18),
    Column("provider", "信息资源提供方", "资源提供单位", required=True, width=24),
    Column("inner_department", "信息资源提供方", "内部部门", also=("资源提供方地址",)),
    Column("provider_code", "", "资源提供方代码", width=22),
    Column("summary", "", "信息资源摘要", required=True, width=40),
    Column("format_category", "信息资源格式", "分类", _choices(FormatCategory), required=True),
    Column("format_type", "信息资源格式", "类型", required=True),
    Column("format_note", "信息资源格式", "其他类型资源格式描述"),
    *(Column(key, "信息资源大普查", heading) for key, heading in CENSUS.items()),
    Column("item.name", "信息项信息", "名称", item=True, required=True, width=20),
    Column("item.data_type", "信息项信息", "数据类型", DATA_TYPES, item=True, required=True),
    Column("item.length", "信息项信息", "数据长度", item=True),
    Column("sharing_type", "共享属性", "共享类型", SHARING, required=True),
    Column("sharing_condition", "共享属性", "共享条件", width=24),
    Column("method_category", "共享方式", "分类", _choices(MethodCategory), required=True),
    Column("method_type", "共享方式", "类型", _choices(MethodType), required=True),
    Column("to_public", "开放属性", "是否向社会开放", YES_NO, required=True),
    Column("opening_condition", "开放属性", "开放条件", width=24),
    Column("update_cycle", "", "更新周期", _choices(UpdateCycle), required=True),
    Column("published_on", "", "发布日期"),
    Column("related_codes", "", "关联及类目名称", width=20),
    Column("kind", MORE, "类", _choices(Kind)),
    Column("classification", MORE, "分类代码"),
    Column("theme", MORE, "主题"),
    Column("base_domain", MORE, "基础数据", _choices(BaseDomain) | EMPTY_BASE),
    Column("sharing_scope", MORE, "共享范围", width=24),
    Column("sharing_use", MORE, "使用用途", width=24),
    Column("sharing_reason", MORE, "共享属性理由", width=24),
    Column("sharing_basis", MORE, "共享属性依据", width=24),
    Column("sharing_basis_level", MORE, "共享属性依据层级", LEVELS),
    Column("opening_type", MORE, "开放类型", OPENING),
    Column("opening_method", MORE, "开放方式", _choices(OpeningMethod)),
    Column("opening_basis", MORE, "开放属性依据", width=24),
    Column("opening_basis_level", MORE, "开放属性依据层级", LEVELS),
    Column("grade", MORE, "数据分级", _choices(Grade)),
    Column("source_system", MORE, "来源系统"),
    Column("contact_name", MORE, "联系人"),
    Column("contact_phone", MORE, "联系电话"),
    Column("secrecy_mark", MORE, "涉密标识", _choices(SecrecyMark) | {SecrecyMark.NONE.label: ""}),
    Column("secrecy_assessed", MORE, "已做保密风险评估", YES_NO),
    Column("personal_information_assessed", MORE, "已做个人信息保护影响评估", YES_NO),
    Column("item.column", ITEM_MORE, "字段名", item=True),
    Column("item.is_key", ITEM_MORE, "是否主键", YES_NO, item=True),
    Column("item.nullable", ITEM_MORE, "可否为空", YES_NO, item=True),
    Column("item.dictionary", ITEM_MORE, "字典", item=True),
    Column("item.sharing_type", ITEM_MORE, "信息项共享类型", SHARING, item=True),
    Column("item.sharing_condition", ITEM_MORE, "信息项共享条件", item=True),
    Column("item.opening_type", ITEM_MORE, "信息项开放类型", OPENING, item=True),
    Column(
        "item.sensitive",
        ITEM_MORE,
        "个人敏感类别",
        _choices(Sensitive) | {Sensitive.NONE.label: ""},
        item=True,
    ),
    Column("item.base_item", ITEM_MORE, "是否基础数据项", YES_NO, item=True),
    Column("item.description", ITEM_MORE, "信息项说明", item=True, width=24),
)
BY_KEY = {column.key: column for column in COLUMNS}


def plain(heading: str) -> str:
    """A heading as it is compared: no spaces, no bracketed units, full-width folded."""
    folded = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\(.*?\)|[\s*]", "", folded).lower()


def _known() -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    grouped: dict[tuple[str, str], str] = {}
    alone: dict[str, list[str]] = {}
    for column in COLUMNS:
        for heading in (column.heading, *column.also):
            grouped[plain(column.group), plain(heading)] = column.key
            alone.setdefault(plain(heading), []).append(column.key)
    return grouped, {heading: keys[0] for heading, keys in alone.items() if len(keys) == 1}


GROUPED, ALONE = _known()


def key_of(group: str, heading: str) -> str | None:
    """The column a heading means: by group and heading, else by the heading where it is the only one so called."""
    return GROUPED.get((plain(group), plain(heading))) or ALONE.get(plain(heading))
