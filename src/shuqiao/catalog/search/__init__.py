"""Search of the catalogue: a tantivy index on this node, derived from the database.

Doors: `find`, `all_ids`, `page_of`, `suggest`, `did_you_mean`; `catching_up` for the worker and the command line.
"""

from shuqiao.catalog.search.asking import all_ids, find
from shuqiao.catalog.search.results import (
    Answer,
    Part,
    Result,
    near_titles,
    page_of,
    part_of,
    public_page_of,
)
from shuqiao.catalog.search.suggesting import did_you_mean, suggest
from shuqiao.catalog.search.synonyms import built_in
from shuqiao.catalog.search.types import Found, Hit, View

__all__ = [
    "Answer",
    "Found",
    "Hit",
    "Part",
    "Result",
    "View",
    "all_ids",
    "built_in",
    "did_you_mean",
    "find",
    "near_titles",
    "page_of",
    "part_of",
    "public_page_of",
    "suggest",
]
