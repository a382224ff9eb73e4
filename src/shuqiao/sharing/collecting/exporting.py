"""A check as CSV, for the file."""

from __future__ import annotations

import csv
import io

from shuqiao.sharing.models import CollectionCheck

HEAD = (
    "案号",
    "部门",
    "查询日期",
    "数据项",
    "平台答复",
    "目录中已有",
    "数源部门",
    "部门的决定",
    "仍要采集的理由",
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def _safe(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def as_csv(check: CollectionCheck) -> str:
    """One row an item, with a byte-order mark so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEAD)
    for item in check.items.all():
        found = "；".join(
            f"{one['department']}“{one['title']}”({one['code']})的{one['item']}" for one in item.found
        )
        cells = (
            check.number, check.department.name, str(check.asked_on), item.name, item.get_verdict_display(), found,
            item.source.get("department", ""), item.get_choice_display(), item.reason,
        )  # fmt: skip
        rows.writerow([_safe(str(cell)) for cell in cells])
    return "\ufeff" + out.getvalue()
