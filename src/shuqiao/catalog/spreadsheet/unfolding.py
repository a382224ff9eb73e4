"""Cells that say several things at once, or in another measure, as the cells the content is read from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shuqiao.catalog.spreadsheet.cells import number_of
from shuqiao.catalog.spreadsheet.columns import FORMATS, METHOD_CATEGORIES, METHOD_TYPES, YES_NO
from shuqiao.catalog.types import FORMAT_TYPES, FormatCategory, MethodCategory

Report = Callable[[str, str, bool], None]
# Stands for a condition nobody wrote, in layouts that tell conditional opening by its condition alone.
ON_APPLICATION = "依申请开放"
CLASSES = ("class1", "class2", "class3", "class4")
DERIVED = frozenset(
    {"format", "method", "storage_mb", "records", *CLASSES, "item.to_public", "item.is_dictionary"}
)
TYPES = {kind.lower(): (category, kind) for category, kinds in FORMAT_TYPES.items() for kind in kinds}
# Other words for a format in use on portals and in forms.
ALSO = {
    "excel": "xlsx", "word": "docx", "txt文本": "txt", "text": "txt", "jpeg": "jpg", "sqlserver": "sql server",
    "mssql": "sql server", "postgres": "PostgreSQL", "dm": "Dm", "达梦": "Dm", "人大金仓": "KingbaseES",
    "api": "REST", "http": "REST", "rest": "REST", "接口": "REST", "webservice": "WebService", "ppt": "ppt",
    "pptx": "ppt", "tif": "tiff", "rdf": "xml", "markdown": "txt",
}  # fmt: skip
BARE = {
    "table": FormatCategory.DATABASE, "数据库": FormatCategory.DATABASE, "库表": FormatCategory.DATABASE,
    "电子表格": FormatCategory.SPREADSHEET, "file": FormatCategory.ELECTRONIC_FILE,
    "文件": FormatCategory.ELECTRONIC_FILE, "电子文件": FormatCategory.ELECTRONIC_FILE,
    "图形图像": FormatCategory.GRAPHICS, "流媒体": FormatCategory.STREAMING,
}  # fmt: skip
# Which of several formats of one resource stands for it: what holds records, before what is only read.
BEFORE = (
    FormatCategory.DATABASE, FormatCategory.SPREADSHEET, FormatCategory.SERVICE_INTERFACE, FormatCategory.GRAPHICS,
    FormatCategory.ELECTRONIC_FILE, FormatCategory.STREAMING, FormatCategory.SELF_DESCRIBING,
)  # fmt: skip
SPLIT = re.compile(r"[,，、;；|]")
WITHIN = re.compile(r"[-/:：—]")


@dataclass(frozen=True)
class Classes:
    """The classification as a sheet may name it: codes, and names under the code above. Empty: none is known."""

    codes: frozenset[str] = frozenset()
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def below(self, above: str, said: str) -> str:
        """The code meant by a code or a name under `above`; empty when there is none such."""
        if found := self.names.get((above, said)):
            return found
        said = said.partition(" ")[0]  # the template's lists offer code and name: 101 人口
        return next(
            (code for code in (said, above + said) if code in self.codes and code.startswith(above)), ""
        )


NO_CLASSES = Classes()


def unfold(cells: Mapping[str, str], classes: Classes, report: Report) -> dict[str, str]:
    """The cells with those of the layout's own replaced. `report(key, what, blocks)` hears what cannot be read."""
    found = {key: text for key, text in cells.items() if key not in DERIVED}
    if text := cells.get("format"):
        found |= _format(text, report)
    if text := cells.get("method"):
        found |= _method(text, report)
    if text := cells.get("storage_mb"):
        found["storage_gb"] = _measured(text, 1024)
    if text := cells.get("records"):
        found["records_wan"] = _measured(text, 10_000)
    if any(cells.get(key) for key in CLASSES):
        found |= _classified(cells, classes, report)
    return found | _of_item(cells, report)


def _measured(text: str, divisor: int) -> str:
    """A number in the content's measure; what is none stays as it is, to be reported where numbers are read."""
    value = number_of(text)
    return text if value is None else str(round(value / Decimal(divisor), 6))


def _format(text: str, report: Report) -> dict[str, str]:
    several = words_of(text)
    known = sorted(
        (one for one in map(format_of, several) if one is not None), key=lambda one: BEFORE.index(one[0])
    )
    if not known:
        report("format_type", f"格式“{text[:60]}”不认识，格式留空待填", False)
        return {}
    category, kind = known[0]
    if len(set(known)) > 1:
        report("format_type", f"来源列出多种格式，取其一“{kind or category.label}”，其余写入格式描述", False)
        return {
            "format_category": category.label,
            "format_type": kind,
            "format_note": "、".join(several)[:200],
        }
    return {"format_category": category.label} | ({"format_type": kind} if kind else {})


def words_of(text: str) -> list[str]:
    """A cell that lists several things: a JSON or Python list, or words between separators."""
    stripped = text.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        try:
            listed = json.loads(stripped if '"' in stripped else stripped.replace("'", '"'))
        except json.JSONDecodeError:
            listed = SPLIT.split(stripped[1:-1])
        return [str(one).strip().strip("'\"") for one in listed if str(one).strip()]
    return [word.strip() for word in SPLIT.split(stripped) if word.strip()]


def format_of(word: str) -> tuple[FormatCategory, str] | None:
    """Category and type a word means: mysql, 数据库/mysql, 电子表格-xlsx, file; None when it is none known."""
    *front, last = (part.strip() for part in WITHIN.split(word)) if word else ("",)
    low = last.lower()
    if found := TYPES.get(low) or TYPES.get(ALSO.get(low, "").lower()):
        return found
    said = FORMATS.get(front[0] if front else last) if (front or last) else None
    category = FormatCategory(said) if said else BARE.get(low)
    return (category, last if front else "") if category else None


def _method(text: str, report: Report) -> dict[str, str]:
    category, slash, kind = text.partition("/")
    if not slash:
        category, kind = (MethodCategory.PLATFORM.label, text) if text in METHOD_TYPES else (text, "")
    if category in METHOD_CATEGORIES and (not kind or kind in METHOD_TYPES):
        return {"method_category": category} | ({"method_type": kind} if kind else {})
    report("method_type", f"共享方式“{text}”不在列表中，写作“共享平台/接口”", True)
    return {}


def _classified(cells: Mapping[str, str], classes: Classes, report: Report) -> dict[str, str]:
    """The deepest of the four levels that is known; what stands below an unknown one is reported with it."""
    code = ""
    for key in CLASSES:
        said = cells.get(key, "")
        if not said:
            break
        below = classes.below(code, said)
        if not below:
            report(key, f"分类“{said}”不在{f'“{code}”下的' if code else ''}分类表中", True)
            break
        code = below
    return {"classification": code} if len(code) >= 6 else {"kind": code[:1]} if code else {}


def _of_item(cells: Mapping[str, str], report: Report) -> dict[str, str]:
    found = {}
    if (answer := cells.get("item.to_public")) and not cells.get("item.opening_type"):
        if answer not in YES_NO:
            report("item.to_public", f"“{answer}”不在列表中，填“是”或“否”", True)
        elif YES_NO[answer]:
            found["item.opening_type"] = "有条件开放" if cells.get("item.opening_condition") else "无条件开放"
        else:
            found["item.opening_type"] = "不予开放"
    if (answer := cells.get("item.is_dictionary")) and "item.dictionary" not in cells and YES_NO.get(answer):
        found["item.dictionary"] = "是"
    return found
