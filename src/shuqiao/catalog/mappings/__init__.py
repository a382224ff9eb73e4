"""Any table as entries: which of its columns say what, kept as rules that are saved and used again.

Rules are applied to records read by the store, and give the cells of the layouts, which are then judged like those of
a filled-in sheet. No database: saved mappings are rows of the catalogue, portal rules are TOML beside this file.
"""

from shuqiao.catalog.mappings.applying import apply
from shuqiao.catalog.mappings.portals import portal_rules
from shuqiao.catalog.mappings.proposing import propose
from shuqiao.catalog.mappings.reading import Source, look, read_mapped
from shuqiao.catalog.mappings.rules import TARGETS, FieldRule, Rules

__all__ = [
    "TARGETS",
    "FieldRule",
    "Rules",
    "Source",
    "apply",
    "look",
    "portal_rules",
    "propose",
    "read_mapped",
]
