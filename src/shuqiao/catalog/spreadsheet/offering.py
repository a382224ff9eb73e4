"""What a template offers of the place it is for: its classes, level by level, its departments and their systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from shuqiao.catalog.spreadsheet.cells import letter_of
from shuqiao.catalog.spreadsheet.layout import Layout
from shuqiao.catalog.spreadsheet.unfolding import CLASSES

SHEET = "分类表"
ROWS = 5000


@dataclass(frozen=True, slots=True)
class Offered:
    """`classes`: code of the level above, code, name. `providers` and `systems`: names, in the order offered."""

    classes: Sequence[tuple[str, str, str]] = ()
    providers: Sequence[str] = ()
    systems: Sequence[str] = ()

    def within(self, layout: Layout) -> Layout:
        """The layout with these names as suggestions in the columns it has for them."""
        lists = {"provider": tuple(self.providers), "source_system": tuple(self.systems)}
        own = {key: words for key, words in lists.items() if words and key in layout.by_key}
        return replace(layout, suggested={**layout.suggested, **own})


def add_classes(sheet: Any, layout: Layout, offered: Offered) -> None:
    """Drop-down lists of the four levels: each offers what stands below the one chosen before it."""
    if not offered.classes or CLASSES[0] not in layout.by_key:
        return
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = {column.key: letter_of(index) for index, column in enumerate(layout.columns)}
    first = layout.heading_rows + 1
    tops = sum(1 for above, _, _ in offered.classes if not above)
    formulas = {CLASSES[0]: f"{SHEET}!$B$2:$B${tops + 1}"}
    for before, key in pairwise(CLASSES):
        cell = f"{letters[before]}{first}"
        code = f'LEFT({cell},FIND(" ",{cell}&" ")-1)'
        found = f"MATCH({code},{SHEET}!$A:$A,0)-1,0,COUNTIF({SHEET}!$A:$A,{code}),1"
        formulas[key] = f"OFFSET({SHEET}!$B$1,{found})"
    for key, formula in formulas.items():
        # Names and codes alone are read as well, so the list does not bind.
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=False)
        rule.add(f"{letters[key]}{first}:{letters[key]}{ROWS}")
        sheet.data_validations.append(rule)


def write_classes(book: Any, layout: Layout, offered: Offered) -> None:
    """The sheet the lists look into: what stands below the same class stands together."""
    if not offered.classes or CLASSES[0] not in layout.by_key:
        return
    sheet = book.create_sheet(SHEET)
    sheet.append(["上级代码", "分类"])
    for above, code, name in sorted(offered.classes):
        sheet.append([above, f"{code} {name}"])
