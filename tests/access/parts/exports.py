"""Exports of search results: small ones at once, large ones made by the worker for whoever asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.catalog import jobs, services
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import City
from tests.access.rows import PC, PS, Row, get, post, signed_in


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """The cataloguer's workbook that can be downloaded, and one that waits."""
    asker = city.actor(PC)
    made = services.ask_export(actor=asker, filters=EntryFilters(), layout="a", at=now())
    jobs.make_exports(now())
    waiting = services.ask_export(actor=asker, filters=EntryFilters(), layout="b", at=now())
    return {"made_export": made.pk, "waiting_export": waiting.pk}


ROWS: tuple[Row, ...] = (
    signed_in("catalog:export"),
    signed_in("catalog:export-whole"),
    signed_in("catalog:exports"),
    signed_in("catalog:exports", status=302, method="POST", layout="c"),
    get("catalog:export-job", "made_export", 404, (PS, 404), (PC, 200)),
    get("catalog:export-state", "waiting_export", 404, (PS, 404), (PC, 200)),
    get("catalog:export-file", "made_export", 404, (PS, 404), (PC, 200)),
    get("catalog:export-file", "waiting_export", 404, (PS, 404), (PC, 404)),
    post("catalog:export-drop", "waiting_export", 404, (PS, 404), (PC, 302)),
    signed_in("api:catalog-export"),
    signed_in("api:catalog-export-whole"),
    signed_in("api:catalog-exports"),
    signed_in("api:catalog-exports", status=202, method="POST"),
    get("api:catalog-export-job", "made_export", 404, (PS, 404), (PC, 200)),
    Row("api:catalog-export-job", "DELETE", "made_export", 404, (PS, 404), (PC, 204)),
    get("api:catalog-export-file", "made_export", 404, (PS, 404), (PC, 200)),
)
