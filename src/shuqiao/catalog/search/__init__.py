"""Search of the catalogue: a tantivy index on this node, derived from the database.

Doors: `find`, `all_ids`, `suggest`, `did_you_mean`, `snippets`; `catching_up` for the worker and the command line.
"""

from shuqiao.catalog.search.asking import all_ids, find
from shuqiao.catalog.search.freshness import Freshness
from shuqiao.catalog.search.types import Found, Hit, View

__all__ = ["Found", "Freshness", "Hit", "View", "all_ids", "find"]
