"""What an official reviewer looks for in an entry, beyond what the rules demand (Inspur's reviewing guide to the
1272 form). Pure. `blocks` tells whether a finding keeps a sheet's entry out or is only pointed out."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from shuqiao import law
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import (
    FORMAT_TYPES,
    BaseDomain,
    DataType,
    FormatCategory,
    Grade,
    ItemContent,
    Kind,
    MethodCategory,
    MethodType,
    OpeningMethod,
    OpeningType,
    RevisionContent,
    SecrecyMark,
    Sensitive,
    SharingType,
    UpdateCycle,
)
from shuqiao.kernel import Problem

LIMITS = {
    "title": 200, "summary": 1000, "classification": 24, "theme": 64, "inner_department": 64, "format_type": 32,
    "format_note": 200, "sharing_condition": 1000, "sharing_scope": 1000, "sharing_use": 1000, "sharing_reason": 1000,
    "sharing_basis": 500, "opening_condition": 1000, "opening_basis": 500, "source_system": 128, "contact_name": 64,
    "contact_phone": 32, "related_codes": 1000, "english_name": 200, "update_note": 200, "priority_domains": 300,
    "collection_method": 64, "online_address": 500, "ownership": 64, "management_mode": 64, "origin_mode": 64,
}  # fmt: skip
ITEM_LIMITS = {
    "name": 128,
    "column": 128,
    "length": 16,
    "dictionary": 200,
    "sharing_condition": 500,
    "opening_condition": 500,
    "object_type": 64,
    "default_value": 200,
    "description": 500,
}
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(Kind.values),
    "base_domain": tuple(BaseDomain.values),
    "format_category": tuple(FormatCategory.values),
    "update_cycle": tuple(UpdateCycle.values),
    "sharing_type": tuple(SharingType.values),
    "sharing_basis_level": tuple(law.BasisLevel),
    "method_category": tuple(MethodCategory.values),
    "method_type": tuple(MethodType.values),
    "opening_type": tuple(OpeningType.values),
    "opening_method": tuple(OpeningMethod.values),
    "opening_basis_level": tuple(law.BasisLevel),
    "secrecy_mark": tuple(SecrecyMark.values),
    "grade": tuple(Grade.values),
}
ITEM_CHOICES: dict[str, tuple[str, ...]] = {
    "data_type": tuple(DataType.values),
    "sharing_type": tuple(SharingType.values),
    "method_category": tuple(MethodCategory.values),
    "method_type": tuple(MethodType.values),
    "opening_type": tuple(OpeningType.values),
    "sensitive": tuple(Sensitive.values),
}
CENSUS = (
    "storage_gb", "records_wan", "shared_storage_gb", "shared_records_wan", "opened_storage_gb", "opened_records_wan",
)  # fmt: skip
ITEMS_MAX = 5_000
LABELS = {
    "title": "信息资源名称", "summary": "摘要", "classification": "分类代码", "format_type": "格式类型",
    "format_category": "格式分类", "update_cycle": "更新周期", "sharing_type": "共享类型",
    "method_type": "共享方式类型",
    "method_category": "共享方式分类", "sharing_condition": "共享条件", "opening_type": "开放类型", "kind": "类",
    "opening_condition": "开放条件", "sharing_basis_level": "依据层级", "opening_basis_level": "开放依据层级",
    "secrecy_mark": "涉密标识", "grade": "数据分级", "base_domain": "基础数据", "opening_method": "开放方式",
    "format_note": "其他类型资源格式描述", "sharing_scope": "共享范围", "sharing_use": "使用用途",
    "sharing_reason": "理由", "sharing_basis": "共享属性依据", "opening_basis": "开放属性依据",
    "items": "信息项", "related_codes": "关联资源代码",
}  # fmt: skip
# Columns whose findings are refused where the entry is written on the platform.
LINKED = frozenset({"classification", "format_type", "related_codes"})
SPELLINGS = {
    (category.value, kind.lower()): kind for category, kinds in FORMAT_TYPES.items() for kind in kinds
}
# What str.strip() leaves at the ends: zero-width spaces and the mark of byte order.
BLANKS = " \t\r\n\v\f\u00a0\u2002\u2003\u2009\u3000\u200b\u200c\u200d\u2060\ufeff"
IDENTIFYING = frozenset({Sensitive.ID_NUMBER, Sensitive.MOBILE, Sensitive.ACCOUNT, Sensitive.HEALTH})
PERSONAL_NUMBER = re.compile(r"身份证|公民身份号码|护照号|证件号码$")
PERSONAL_COLUMN = re.compile(r"(?i)(id_?card|sfzh|sfzhm|gmsfhm|id_?(no|number)|zjhm)(_?no|_?number)?")
BASE_CLASSES = {
    "101": BaseDomain.POPULATION.value,
    "102": BaseDomain.LEGAL_PERSON.value,
    "103": BaseDomain.NATURAL_GEOGRAPHY.value,
    "105": BaseDomain.E_CERTIFICATE.value,
}
RELATED = re.compile(r"[,，、;；\s]+")
SYSTEM_NAME = re.compile(r"(系统|平台)([（(].*[)）])?$")
CLASSIFICATION = re.compile(r"[123]\d{5}[0-9A-Za-z]*")
CODE = re.compile(r"[0-9A-Za-z_/-]{1,64}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a reviewer would say. `column` is the name of the content's column it is about."""

    column: str
    what: str
    blocks: bool = True


def tidied(content: RevisionContent) -> RevisionContent:
    """The content as it is kept: no spaces at the ends of any text, format types in the guide's spelling."""
    items = tuple(_stripped(item) for item in content.items)
    found = _stripped(replace(content, items=items))
    known = SPELLINGS.get((found.format_category, found.format_type.lower()))
    return replace(found, format_type=known) if known else found


Part = TypeVar("Part", RevisionContent, ItemContent)


def _stripped(part: Part) -> Part:
    said = {field.name: getattr(part, field.name) for field in fields(part)}
    changed: dict[str, Any] = {
        name: text.strip(BLANKS)
        for name, text in said.items()
        if isinstance(text, str) and text != text.strip(BLANKS)
    }
    return replace(part, **changed) if changed else part


def refused(content: RevisionContent, codes: Collection[str]) -> list[Problem]:
    """What a person who writes an entry is told before anything is kept: what can be no row, and what is off the
    lists that hang together: a class the list (`codes`) does not have or of another 类, a format type of another
    category, related codes that can be no codes."""
    problems = unstorable(content)
    said = {problem.where for problem in problems}
    off = [finding for finding in reviewed(content) if finding.column in LINKED]
    if content.classification and content.classification not in codes:
        off.append(Finding("classification", f"分类代码“{content.classification}”不在分类表中"))
    return problems + [Problem(one.column, one.what) for one in off if one.column not in said]


def unstorable(content: RevisionContent) -> list[Problem]:
    """What makes a content no row at all: no title, too long, not from its list, items twice or nameless."""
    problems = [] if content.title else [Problem("title", "必填")]
    for name, limit in LIMITS.items():
        if len(getattr(content, name)) > limit:
            problems.append(Problem(name, f"最多 {limit} 字，现有 {len(getattr(content, name))} 字"))
    for name, allowed in CHOICES.items():
        if (value := getattr(content, name)) and value not in allowed:
            problems.append(Problem(name, f"“{value}”不在列表中"))
    if content.classification and not CLASSIFICATION.fullmatch(content.classification):
        problems.append(
            Problem(
                "classification",
                "应为类（1 位，1 基础 2 主题 3 部门）、项（2 位）、目（3 位）和细目，例如 307001",
            )
        )
    problems += [
        Problem(name, "应为 0 至 999,999,999,999，最多 6 位小数")
        for name in CENSUS
        if not _census(getattr(content, name))
    ]
    if len(content.items) > ITEMS_MAX:
        problems.append(Problem("items", f"最多 {ITEMS_MAX:,} 个信息项"))
    return problems + _unstorable_items(content)


def _census(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -6 and 0 <= value < 10**12


def _unstorable_items(content: RevisionContent) -> list[Problem]:
    problems, seen = [], set[str]()
    for order, item in enumerate(content.items, 1):
        where = f"items.{order}"
        if not item.name:
            problems.append(Problem(f"{where}.name", "信息项要有名称"))
        elif item.name in seen:
            problems.append(Problem(f"{where}.name", f"信息项“{item.name}”重复"))
        seen.add(item.name)
        problems += [
            Problem(f"{where}.{name}", f"最多 {limit} 字")
            for name, limit in ITEM_LIMITS.items()
            if len(getattr(item, name)) > limit
        ]
        problems += [
            Problem(f"{where}.{name}", f"“{getattr(item, name)}”不在列表中")
            for name, allowed in ITEM_CHOICES.items()
            if getattr(item, name) and getattr(item, name) not in allowed
        ]
    return problems


def reviewed(content: RevisionContent) -> list[Finding]:
    """What the official reviewer's checks find in one entry."""
    return [
        *_names(content),
        *_formats(content),
        *_conditions(content),
        *_related(content),
        *_openness(content),
    ]


def _names(content: RevisionContent) -> list[Finding]:
    found = []
    if SYSTEM_NAME.search(content.title):
        found.append(Finding("title", "系统或平台的名称不能作资源名称，请写其中的数据，例如“……登记信息”"))
    if content.title != content.title.strip(" 　,，.。;；、") or "  " in content.title:
        found.append(Finding("title", "名称首尾有多余的空格或标点，请去掉"))
    if (
        content.classification
        and content.kind in CHOICES["kind"]
        and Kind.of_code(content.classification) not in {content.kind, None}
    ):
        found.append(Finding("classification", f"分类代码首位与“{Kind(content.kind).label}”类不符"))
    return found


def _formats(content: RevisionContent) -> list[Finding]:
    found: list[Finding] = []
    if content.format_category not in CHOICES["format_category"]:
        return found
    category = FormatCategory(content.format_category)
    types = FORMAT_TYPES[category]
    if content.format_type and types and content.format_type not in types:
        found.append(
            Finding("format_type", f"“{content.format_type}”不属于{category.label}，可选：{'、'.join(types)}")
        )
    if category is FormatCategory.SELF_DESCRIBING and not content.format_note:
        found.append(Finding("format_note", "自描述格式要写明行业格式的名称"))
    if content.method_category == MethodCategory.PLATFORM:
        found += _methods(category, content.method_type)
    return found


def _methods(category: FormatCategory, method: str) -> list[Finding]:
    if category.is_file and method and method != MethodType.FILE:
        return [Finding("method_type", f"{category.label}经共享平台只能以“文件”方式共享")]
    if category is FormatCategory.DATABASE and method not in {"", MethodType.DATABASE, MethodType.INTERFACE}:
        return [Finding("method_type", "数据库经共享平台以“数据库”或“接口”方式共享")]
    return []


def _conditions(content: RevisionContent) -> list[Finding]:
    found = []
    if content.sharing_type == SharingType.CONDITIONAL and not (
        content.sharing_condition or content.sharing_scope
    ):
        found.append(Finding("sharing_condition", "有条件共享要写明具体条件"))
    if content.sharing_type == SharingType.NONE and not (content.sharing_condition or content.sharing_basis):
        found.append(Finding("sharing_condition", "不予共享要写明依据"))
    if content.collected and not content.collection_method:
        found.append(Finding("collection_method", "归集的数据要写明归集方式"))
    if content.opening_type == OpeningType.CONDITIONAL and not content.opening_condition:
        found.append(Finding("opening_condition", "有条件开放要写明开放条件"))
    return found


class NamesRelated(Protocol):
    """What names related resources: a content, or the row that keeps it."""

    @property
    def related_codes(self) -> str:
        """The codes as they are written, between commas or spaces."""


def related_codes(of: NamesRelated) -> list[str]:
    """The codes of related resources, one by one."""
    return [code for code in RELATED.split(of.related_codes) if code]


def _related(content: RevisionContent) -> list[Finding]:
    wrong = [code for code in related_codes(content) if not CODE.fullmatch(code)]
    if not wrong:
        return []
    what = f"关联资源代码“{'”“'.join(wrong[:5])}”不是代码：只能用字母、数字、- _ /，多个用逗号分开"
    # The heading of the national form asks for names of categories as well.
    return [Finding("related_codes", what, blocks=False)]


def _openness(content: RevisionContent) -> list[Finding]:
    """What no text forbids but does not fit: open wider than shared, personal numbers among what is open, items kept
    back without a basis, base data of another class."""
    found = []
    if content.sharing_type == SharingType.CONDITIONAL and content.opening_type == OpeningType.UNCONDITIONAL:
        what = "部门使用须有条件，却向社会无条件开放，请核对共享类型和开放类型"
        found.append(Finding("opening_type", what, blocks=False))
    opens = [item for item in content.items if _opens(item, content)]
    if numbers := [item.name for item in opens if _identifies(item)]:
        what = f"信息项“{'”“'.join(numbers[:5])}”是证件号码等可识别个人的信息，却随条目开放，请核对，或写为不予开放"
        found.append(Finding("items", what, blocks=False))
    kept = [item.name for item in content.items if item.opening_type == OpeningType.CLOSED]
    if kept and content.opening_type != OpeningType.CLOSED and not content.opening_basis:
        what = f"信息项“{'”“'.join(kept[:5])}”不予开放，没有写依据"
        found.append(Finding("opening_basis", what, blocks=False))
    domain = BASE_CLASSES.get(content.classification[:3])
    if domain and content.base_domain and content.base_domain != domain:
        what = (
            f"分类代码属于{BaseDomain(domain).label}，基础数据却写为{BaseDomain(content.base_domain).label}"
        )
        found.append(Finding("base_domain", what, blocks=False))
    return found


def _opens(item: ItemContent, content: RevisionContent) -> bool:
    return (item.opening_type or content.opening_type) in {OpeningType.UNCONDITIONAL, OpeningType.CONDITIONAL}


def _identifies(item: ItemContent) -> bool:
    """Marked as a number of a person, or named or coded like one."""
    if item.sensitive in IDENTIFYING:
        return True
    return not item.sensitive and bool(
        PERSONAL_NUMBER.search(item.name) or PERSONAL_COLUMN.fullmatch(item.column)
    )


def code_findings(code: str) -> list[Finding]:
    """What is odd about a resource code."""
    if not code:
        return []
    if not CODE.fullmatch(code):
        return [Finding("code", "代码只能用字母、数字、- _ /，1 至 64 位")]
    if len(code) < 8:
        return [Finding("code", f"代码“{code}”过短，请核对是否完整", blocks=False)]
    return []


def stem_of(title: str) -> str:
    """A title without trailing digits, spaces and punctuation: what drag-filling changes by accident."""
    return re.sub(r"[\s\d,，.。;；、_-]+$", "", normalized(title))
