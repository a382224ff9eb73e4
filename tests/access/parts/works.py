"""Works built on open data."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from shuqiao.kernel.time import today
from shuqiao.opening.works import services
from shuqiao.organizations.tests.factories import City, make_party
from tests.access.rows import BR, PA, PS, Row, everybody, get, post

MAKER, OTHER = "work-maker", "work-other"
SAYS = "一张地图，告诉市民最近的便民服务点在哪里，数据来自开放平台。"
ROWS: tuple[Row, ...] = (
    everybody("opening:works"),
    everybody("opening:work", "shown_work"),
    everybody("opening:work-picture", "shown_work", status=404),  # it has none
    get("opening:new-work", "", 403, (PS, 403), (MAKER, 200)),
    post("opening:new-work", "", 403, (PS, 403), (MAKER, 400)),
    get("opening:edit-work", "returned_work", 404, (OTHER, 404), (MAKER, 200)),
    post("opening:edit-work", "returned_work", 404, (BR, 403), (MAKER, 400)),
    post("opening:work-step", "new_work", 404, (MAKER, 403), (BR, 302), step="publish"),
    post("opening:work-step", "new_work", 404, (OTHER, 404), (MAKER, 302), step="withdraw"),
    get("opening:work-list", "", 403, (PA, 403), (BR, 200)),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """One work that waits, one that is shown, one that was sent back."""
    make_party(city, username=MAKER)
    make_party(city, username=OTHER)

    def submitted(step: str = "", reason: str = "") -> Any:
        content = services.WorkContent("便民地图", SAYS, uuid4(), entries=(world["open_entry"],))
        work, _ = services.submit_work(actor=city.actor(MAKER), content=content, on=today())
        if step:
            services.take_step(actor=city.actor(BR), work_id=work.pk, step=step, reason=reason, on=today())
        return work.pk

    return {
        "new_work": submitted(),
        "shown_work": submitted("publish"),
        "returned_work": submitted("return", "截图看不清"),
    }
