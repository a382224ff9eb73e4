"""Layout B: a municipal form of 35 columns, A to AI, one row of headings, one row per data item. It has no provider:
the entries are those of the department that imports them."""

from __future__ import annotations

from shuqiao.catalog.spreadsheet.columns import (
    CYCLES,
    DATA_TYPES,
    FORMATS,
    METHOD_CATEGORIES,
    METHOD_TYPES,
    SHARING,
    YES_NO,
    Column,
)

COLUMNS: tuple[Column, ...] = (
    Column("english_name", "", "英文名称", width=20),
    Column("title", "", "名称", required=True, width=30),
    Column("summary", "", "摘要", required=True, width=40),
    Column("format_category", "", "格式分类", FORMATS, required=True),
    Column("format_type", "", "格式类型", required=True),
    Column("storage_mb", "", "数据存储总量(MB)"),
    Column("records", "", "结构化记录总数"),
    Column("sharing_type", "", "共享类型", SHARING, required=True),
    Column("sharing_condition", "", "共享条件", width=24),
    Column("method_category", "", "共享方式分类", METHOD_CATEGORIES, required=True),
    Column("method_type", "", "共享方式类型", METHOD_TYPES, required=True),
    Column("to_public", "", "是否向社会开放", YES_NO, required=True),
    Column("opening_condition", "", "开放条件", width=24),
    Column("update_cycle", "", "更新周期", CYCLES, required=True),
    Column("update_note", "", "具体更新时间", required=True),
    Column("theme", "", "主题分类"),
    Column("priority_domains", "", "重点领域分类", required=True),
    Column("collected", "", "是否归集数据", YES_NO, required=True),
    Column("collection_method", "", "归集方式"),
    Column("item.name", "", "字段名称", item=True, required=True, width=20),
    Column("item.column", "", "字段英文名", item=True, required=True),
    Column("item.data_type", "", "数据类型", DATA_TYPES, item=True, required=True),
    Column("item.length", "", "长度", item=True),
    Column("item.is_dictionary", "", "是否字典项", YES_NO, item=True),
    Column("item.is_key", "", "是否主键", YES_NO, item=True, required=True),
    Column("item.nullable", "", "是否为空", YES_NO, item=True, required=True),
    Column("item.description", "", "描述", item=True, width=24),
    Column("item.object_type", "", "对象类型", item=True),
    Column("item.default_value", "", "默认值", item=True),
    Column("item.sharing_type", "", "共享类型", SHARING, item=True, required=True),
    Column("item.sharing_condition", "", "共享条件", item=True),
    Column("item.method_category", "", "共享方式分类", METHOD_CATEGORIES, item=True, required=True),
    Column("item.method_type", "", "共享方式类型", METHOD_TYPES, item=True, required=True),
    Column("item.to_public", "", "是否向社会开放", YES_NO, item=True, required=True),
    Column("item.opening_condition", "", "开放条件", item=True),
)
