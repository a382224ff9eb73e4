"""Layout C: a form of 24 columns, one row per resource without data items; four columns of classification, format and
method in one cell each."""

from __future__ import annotations

from shuqiao.catalog.spreadsheet.columns import CYCLES, OPENING, SECRECY, SHARING, YES_NO, Column
from shuqiao.catalog.types import FORMAT_TYPES, FormatCategory, MethodCategory, MethodType

# One cell says category and type: 数据库/MySQL. The type alone is understood too, where only one category has it.
BOTH_FORMATS = {
    f"{FormatCategory(one).label}/{kind}": kind for one, kinds in FORMAT_TYPES.items() for kind in kinds
}
BOTH_METHODS = {
    f"{category.label}/{kind.label}": kind.value
    for category, kinds in (
        (MethodCategory.PLATFORM, (MethodType.DATABASE, MethodType.FILE, MethodType.INTERFACE)),
        (MethodCategory.MEDIA, (MethodType.PAPER, MethodType.ELECTRONIC)),
        (MethodCategory.MAIL, (MethodType.FILE,)),
        (MethodCategory.DISK, (MethodType.FILE,)),
    )
    for kind in kinds
}
MANAGED = {one: one for one in ("集中管理", "分散管理", "委托管理")}
OWNED = {one: one for one in ("自有", "共有", "委托采集", "其他")}
MADE = {one: one for one in ("业务办理", "系统采集", "人工填报", "加工汇总", "外部获取")}
COLUMNS: tuple[Column, ...] = (
    Column("class1", "", "分类1", required=True),
    Column("class2", "", "分类2"),
    Column("class3", "", "分类3"),
    Column("class4", "", "分类4"),
    Column("title", "", "名称", required=True, width=30),
    Column("format", "", "格式", required=True),
    Column("provider", "", "提供方", required=True, width=24),
    Column("provider_code", "", "提供方代码", width=22),
    Column("code", "", "信息资源代码", width=18),
    Column("sharing_type", "", "共享类型", SHARING, required=True),
    Column("sharing_condition", "", "共享条件", width=24),
    Column("method", "", "共享方式", required=True),
    Column("published_on", "", "发布日期"),
    Column("to_public", "", "是否向社会开放", YES_NO, required=True),
    Column("opening_type", "", "开放类型", OPENING),
    Column("management_mode", "", "管理方式"),
    Column("source_system", "", "所属系统名称"),
    Column("ownership", "", "权属关系"),
    Column("summary", "", "摘要", required=True, width=40),
    Column("online_address", "", "在线资源链接地址", width=30),
    Column("update_cycle", "", "更新周期", CYCLES, required=True),
    Column("related_codes", "", "关联资源代码", width=20),
    Column("origin_mode", "", "信息资源生成方式"),
    Column("secrecy_mark", "", "涉密属性", SECRECY),
)
# Drop-down lists of columns in which other words may stand as well.
SUGGESTED: dict[str, tuple[str, ...]] = {
    "format": tuple(BOTH_FORMATS),
    "method": tuple(BOTH_METHODS),
    "management_mode": tuple(MANAGED),
    "ownership": tuple(OWNED),
    "origin_mode": tuple(MADE),
}
