"""A layout-A workbook made from the real catalogue of 杭州市数据开放平台 (6,590 entries). For tests and benches.

Nothing is invented: what the source does not say stays empty. The source lists no data items, so its tables come
without any unless `items` gives those of entries that will be mounted. `provider` is the department the entries are
imported for; the publishing department of the source stays as inner department, with its district.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shuqiao.catalog import spreadsheet
from shuqiao.catalog.spreadsheet.cells import day_of
from shuqiao.catalog.types import ItemContent, RevisionContent

CYCLES = {
    "每年": "yearly",
    "每月": "monthly",
    "每日": "daily",
    "每季度": "quarterly",
    "每周": "weekly",
    "每半年": "half_yearly",
    "小时级": "realtime",
    "分钟级": "realtime",
    "不更新": "never",
}
FORMATS = {
    "api": {"format_category": "service_interface", "format_type": "REST", "method_type": "interface"},
    "data": {"format_category": "spreadsheet", "format_type": "xlsx", "method_type": "file"},
}


# The source gives no basis for opening on application: the sheet has no such columns, as the national form has none.
WITHOUT_BASIS = replace(
    spreadsheet.LAYOUTS["a"],
    columns=tuple(one for one in spreadsheet.COLUMNS if not one.key.startswith("opening_basis")),
)


def records(path: Path) -> list[dict[str, Any]]:
    """The objects of the source file."""
    return json.loads(path.read_text(encoding="utf-8"))


def content_of(record: Mapping[str, Any], items: tuple[ItemContent, ...] = ()) -> RevisionContent:
    """One object of the source in the catalogue's words. Its cycle may be missing: then it stays missing."""
    on_application = record["开放等级"] == "申请开放"
    return RevisionContent(
        title=record["资源名称"],
        summary=record["摘要"] or "",
        classification="307001",
        inner_department=f"{record['所属区县']}{record['发布部门']}",
        update_cycle=CYCLES.get(record["更新周期"] or "", ""),
        opening_type="conditional" if on_application else "unconditional",
        opening_condition="申请开放" if on_application else "",
        opening_method="interface" if record["数据格式"] == "api" else "download",
        contact_name=record["发布部门"],
        contact_phone=record["联系电话"] or "",
        published_on=day_of(record["发布时间"]),
        items=items,
        **FORMATS[record["数据格式"]],
    )


def workbook(
    source: Iterable[Mapping[str, Any]],
    into: Path,
    *,
    provider: str,
    provider_code: str = "",
    items: Mapping[str, tuple[ItemContent, ...]] | None = None,
) -> Path:
    """Write the entries as a layout-A workbook; `items` by title. Returns the file."""
    given = items or {}
    return spreadsheet.write(
        (
            spreadsheet.SheetEntry(
                content_of(record, given.get(record["资源名称"], ())), "", provider, provider_code
            )
            for record in source
        ),
        into,
        WITHOUT_BASIS,
    )
