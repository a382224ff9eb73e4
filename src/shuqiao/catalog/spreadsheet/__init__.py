"""Sheets departments fill in, as `.xlsx`: layout A (the form of the national guide, 发改高技〔2017〕1272号), B (a
municipal form of 35 columns) and C (24 columns, one row per resource). Reads what they send and tells the layout by
its headings; writes templates, exports and annotated copies. No database.
"""

from shuqiao.catalog.spreadsheet.layout import COLUMNS, LAYOUTS, SHEET, Column, Layout
from shuqiao.catalog.spreadsheet.offering import Offered
from shuqiao.catalog.spreadsheet.reading import MAX_BYTES, MAX_ROWS, read
from shuqiao.catalog.spreadsheet.unfolding import NO_CLASSES, Classes
from shuqiao.catalog.spreadsheet.writing import SheetEntry, template, write

__all__ = [
    "COLUMNS",
    "LAYOUTS",
    "MAX_BYTES",
    "MAX_ROWS",
    "NO_CLASSES",
    "SHEET",
    "Classes",
    "Column",
    "Layout",
    "Offered",
    "SheetEntry",
    "read",
    "template",
    "write",
]
