"""Reviews before opening, and the public lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from shuqiao.kernel.time import today
from shuqiao.opening.review import services
from shuqiao.opening.tests.opened import opened, submitted, table_in
from shuqiao.organizations.tests.factories import City
from tests.access.rows import BR, PA, PC, PS, WHY, Row, everybody, get, post, signed_in

STOP = {**WHY, "ground": "某法 第一条"}
ROWS: tuple[Row, ...] = (
    everybody("opening:open-list", "unconditional"),
    everybody("opening:open-list-csv", "unconditional"),
    everybody("opening:priority"),
    everybody("opening:priority-csv"),
    signed_in("opening:reviews"),
    post("opening:review-begin", "reviewable", 403, (PS, 403), (PC, 302)),
    get("opening:review", "review", 404, (PS, 200), (PC, 200)),
    post("opening:review-submit", "review", 404, (PS, 403), (PC, 409)),
    post("opening:review-pass", "submitted_review", 404, (PA, 403), (BR, 302)),
    post("opening:review-return", "submitted_review", 404, (PA, 403), (BR, 302), **WHY),
    post("opening:review-stop", "open_review", 404, (PS, 403), (BR, 302), **STOP),
    post("opening:review-cancel", "review", 404, (PS, 403), (PC, 302), **WHY),
    signed_in("api:opening-reviews"),
    post("api:opening-review-begin", "", 403, (PS, 403), (PC, 201), resource_id="@reviewable"),
    get("api:opening-review", "review", 404, (PS, 200), (PC, 200)),
    get("api:opening-review-steps", "review", 404, (PS, 200), (PC, 200)),
    post("api:opening-review-submit", "review", 404, (PS, 403), (PC, 409)),
    post("api:opening-review-pass", "submitted_review", 404, (PA, 403), (BR, 200)),
    post("api:opening-review-return", "submitted_review", 404, (PA, 403), (BR, 200), **WHY),
    post("api:opening-review-stop", "open_review", 404, (PS, 403), (BR, 200), **STOP),
    post("api:opening-review-cancel", "review", 404, (PS, 403), (PC, 200), **WHY),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A table that can be reviewed, and reviews that are begun, submitted and in force."""
    on = today()

    def table() -> UUID:
        return table_in(city, opening="unconditional").id

    begun = services.begin_review(actor=city.actor(PC), resource_id=table(), on=on)
    return {
        "unconditional": "unconditional",
        "reviewable": table(),
        "review": begun.id,
        "submitted_review": submitted(city, table_in(city, opening="unconditional"), on=on).id,
        "open_review": opened(city, table_in(city, opening="unconditional"), on=on).id,
    }
