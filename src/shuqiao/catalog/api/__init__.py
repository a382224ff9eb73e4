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
    exports,
    files,
    imports,
    leaving,
    lists,
    pairs,
    searching,
    sources,
    themes,
    workflow,
)
from shuqiao.catalog.api.bodies import refuse_unknown

router = Router(tags=["catalog"])
router.add_decorator(refuse_unknown)
for one in (
    workflow,  # before entries: /revisions/submit is no revision
    entries,
    searching,
    leaving,
    imports,
    exports,
    files,
    lists,
    duties,
    campaigns,
    themes,
    pairs,
    sources,
    emergencies,
    changes,
):
    router.add_router("", one.router)
