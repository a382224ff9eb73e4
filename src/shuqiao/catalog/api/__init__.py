"""REST of the catalogue under /api/v1/catalog/: one module per kind of thing, mounted here.

Every list is paged by cursor (`paging`). What other levels take over and follow is `changes`.
"""

from __future__ import annotations

from ninja import Router

from shuqiao.catalog.api import (
    campaigns,
    changes,
    duties,
    emergencies,
    entries,
    imports,
    leaving,
    pairs,
    sources,
    themes,
)

router = Router(tags=["catalog"])
for one in (entries, leaving, imports, duties, campaigns, themes, pairs, sources, emergencies, changes):
    router.add_router("", one.router)
