"""What the command line and the reference pages say about packs and regimes: strings and plain structures."""

from shuqiao.law.reports.coverage import coverage_json, coverage_text, gate_text
from shuqiao.law.reports.diff import Change, changes, diff
from shuqiao.law.reports.reference import reference_pages
from shuqiao.law.reports.show import show

__all__ = [
    "Change",
    "changes",
    "coverage_json",
    "coverage_text",
    "diff",
    "gate_text",
    "reference_pages",
    "show",
]
