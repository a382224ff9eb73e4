"""The table of columns on the preview page: what is proposed and why, and the form's answer read back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shuqiao.catalog.types import ItemFacts
from shuqiao.resources.structure import Choices, ColumnChoice
from shuqiao.resources.types import PERSONAL_KINDS
from shuqiao.store import CHECKS, find_check
from shuqiao.store.cells import COMMON_FORMS
from shuqiao.store.types import ColumnPreview, ColumnType, Preview

KEY_OWN, KEY_JOINT = "own", "joint"
KEY_CHOICES = (("", "不作"), (KEY_OWN, "单独"), (KEY_JOINT, "合并"))
CHECK_CHOICES = (("", "不校验"), *((name, check.label) for name, check in CHECKS.items()))
WIDE = 200
"""Columns from which on a row offers only the types that fit it: a page of two thousand columns with every written
form of a date in each row is more than a browser bears."""
_PADDED = re.compile(r"0[0-9]+")
_TYPE = re.compile(r"(?P<type>[a-z]+)\|(?P<form>[^|]{0,40})\|(?P<scale>[0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column as the page shows it: seen, proposed or chosen, and the options."""

    index: int
    seen: ColumnPreview
    choice: ColumnChoice
    reason: str
    personal: str
    nulls: str
    type_value: str
    types: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str], ...]
    key: str
    unmatched: bool


def rows_of(preview: Preview, choices: Choices, items: Sequence[ItemFacts]) -> list[ColumnRow]:
    """The table of columns."""
    chosen = {choice.source: choice for choice in choices.columns}
    declared = {item.name: item.sensitive for item in items}
    rows, wide = [], len(preview.columns) > WIDE
    for index, seen in enumerate(preview.columns):
        choice = chosen.get(seen.source) or ColumnChoice(seen.source, False, seen.source, "", seen.type)
        kind = seen.personal or declared.get(choice.item, "")
        rows.append(
            ColumnRow(
                index=index,
                seen=seen,
                choice=choice,
                reason=type_reason(seen),
                personal=PERSONAL_KINDS.get(kind, "个人信息") if kind else "",
                nulls=_nulls(seen),
                type_value=_type_value(choice.type, choice.form, choice.scale),
                types=_type_options(seen, choice, wide=wide),
                checks=_check_options(seen, choice),
                key=_key_of(choice.name, choices.keys),
                unmatched=bool(items) and not choice.item,
            )
        )
    return rows


def type_reason(seen: ColumnPreview) -> str:
    """Why this type is proposed, in a sentence."""
    if not seen.samples:
        return f"除了“{'”“'.join(seen.marks)}”没有别的值" if seen.marks else "整列没有值"
    match seen.type:
        case ColumnType.INTEGER:
            return "所有值都是整数"
        case ColumnType.DECIMAL:
            return f"所有值都是数，最多 {seen.scale} 位小数"
        case ColumnType.DATE | ColumnType.DATETIME:
            return f"所有值都写作 {seen.form}"
        case ColumnType.BOOLEAN:
            return f"只有 {seen.form} 两种值"
        case ColumnType.TEXT:
            return _text_reason(seen)


def _text_reason(seen: ColumnPreview) -> str:
    if seen.checks:
        failing = seen.failing.get(seen.checks[0], 0)
        rest = f"；{failing:,} 个值不符，校验将隔离这些行" if failing else ""
        return f"值符合{_label(seen.checks[0])}，按文本保存{rest}"
    if any(_PADDED.fullmatch(sample) for sample in seen.samples):
        return "有前导零，保持文本"
    if all(sample.isdigit() for sample in seen.samples):
        return "代码或编号，保持文本"
    return "文字"


def _label(name: str) -> str:
    check = find_check(name)
    return check.label if check else name


def _check_options(seen: ColumnPreview, choice: ColumnChoice) -> tuple[tuple[str, str], ...]:
    """Every check, and those of units that were seen or chosen."""
    known = {name for name, _ in CHECK_CHOICES}
    more = dict.fromkeys([*(hint.check for hint in seen.hints), choice.check])
    return (*CHECK_CHOICES, *((name, _label(name)) for name in more if name not in known))


def _nulls(seen: ColumnPreview) -> str:
    marks = [f"{mark or '空格子'} {count:,}" for mark, count in sorted(seen.null_markers.items())]
    return "、".join(marks)


def _type_value(kind: ColumnType, form: str, scale: int) -> str:
    return f"{kind.value}|{form}|{scale}"


def _type_options(seen: ColumnPreview, choice: ColumnChoice, *, wide: bool) -> tuple[tuple[str, str], ...]:
    """Text, what was proposed, offered or chosen, whole numbers and, in a table that is not `wide`, the common written
    forms of days and moments."""
    forms = {} if wide else COMMON_FORMS
    options = {_type_value(ColumnType.TEXT, "", 0): ColumnType.TEXT.label}
    for kind, form, scale in (
        (seen.type, seen.form, seen.scale),
        (choice.type, choice.form, choice.scale),
        *((hint.type, hint.form, 0) for hint in seen.hints),
        (ColumnType.INTEGER, "", 0),
        *((dated, form, 0) for dated, written in forms.items() for form in written),
    ):
        note = f" {form}" if kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.BOOLEAN) else ""
        note = f" {scale} 位" if kind is ColumnType.DECIMAL else note
        options.setdefault(_type_value(kind, form, scale), f"{kind.label}{note}")
    return tuple(options.items())


def _key_of(name: str, keys: Sequence[tuple[str, ...]]) -> str:
    if (name,) in keys:
        return KEY_OWN
    return KEY_JOINT if any(name in key for key in keys) else ""


def read_choices(preview: Preview, data: Mapping[str, str]) -> Choices:
    """The form's answer: `keep-N`, `name-N`, `item-N`, `type-N` (type|form|scale), `nulls-N`, `check-N`, `key-N`
    for the N-th column of the file."""
    columns, own, joint = [], [], []
    for index, seen in enumerate(preview.columns):
        found = _TYPE.fullmatch(data.get(f"type-{index}", ""))
        known = found is not None and found["type"] in set(ColumnType)
        choice = ColumnChoice(
            source=seen.source,
            keep=bool(data.get(f"keep-{index}")),
            name=data.get(f"name-{index}", seen.source).strip()[:100],
            item=data.get(f"item-{index}", "").strip(),
            type=ColumnType(found["type"]) if found and known else ColumnType.TEXT,
            form=found["form"] if found and known else "",
            scale=int(found["scale"]) if found and known else 0,
            nulls=bool(data.get(f"nulls-{index}")),
            check=data.get(f"check-{index}", ""),
        )
        columns.append(choice)
        wanted = data.get(f"key-{index}", "")
        if choice.keep and wanted == KEY_OWN:
            own.append((choice.name,))
        elif choice.keep and wanted == KEY_JOINT:
            joint.append(choice.name)
    return Choices(tuple(columns), (*own, *([tuple(joint)] if joint else [])))
