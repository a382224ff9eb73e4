"""Layout A, the fill-in form of the national catalogue guide (发改高技〔2017〕1272号), as `.xlsx`: one row per data
item, the resource's columns repeated. Reads what departments send, writes templates and exports. No database.
"""

from shuqiao.catalog.spreadsheet.layout import COLUMNS, SHEET, Column
from shuqiao.catalog.spreadsheet.reading import MAX_BYTES, MAX_ROWS, read
from shuqiao.catalog.spreadsheet.writing import SheetEntry, template, write

__all__ = ["COLUMNS", "MAX_BYTES", "MAX_ROWS", "SHEET", "Column", "SheetEntry", "read", "template", "write"]
