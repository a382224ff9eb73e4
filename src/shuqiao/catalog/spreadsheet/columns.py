"""What a column of a sheet may hold: the lists of the guide with the spellings in use, and how headings compare."""

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
OPENING = _choices(OpeningType) | {
    "依申请开放": "conditional", "有条件": "conditional", "无条件": "unconditional", "不予": "closed",
    "不开放": "closed",
}  # fmt: skip
KINDS = _choices(Kind)
BASES = _choices(BaseDomain) | EMPTY_BASE
FORMATS = _choices(FormatCategory)
METHOD_CATEGORIES, METHOD_TYPES = _choices(MethodCategory), _choices(MethodType)
CYCLES = _choices(UpdateCycle)
OPENING_METHODS, GRADES = _choices(OpeningMethod), _choices(Grade)
SECRECY = _choices(SecrecyMark) | {SecrecyMark.NONE.label: "", "非涉密": ""}
SENSITIVE = _choices(Sensitive) | {Sensitive.NONE.label: ""}
DATA_TYPES = _choices(DataType) | {label[:-1]: value for value, label in DataType.choices}
CENSUS = {
    "storage_gb": "数据存储总量(G)",
    "records_wan": "结构化信息记录总数(万)",
    "shared_storage_gb": "已共享的数据存储量(G)",
    "shared_records_wan": "已共享的结构化记录数(万)",
    "opened_storage_gb": "已开放的数据存储量(G)",
    "opened_records_wan": "已开放的结构化记录数(万)",
}


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


def plain(heading: str) -> str:
    """A heading as it is compared: no spaces, no bracketed units, full-width folded."""
    folded = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\(.*?\)|[\s*]", "", folded).lower()
