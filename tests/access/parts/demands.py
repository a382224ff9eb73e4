"""Demands: every department may read them; the bureau assigns, the department responsible answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.sharing.demands import services
from shuqiao.sharing.demands.types import Wanted
from shuqiao.sharing.models import Demand
from tests.access.rows import ADMIN, BR, CA, CC, PA, PC, PS, WHY, Row, get, post, signed_in

WANTED = Wanted("健康证明", ("证明编号",), "核验")
SOON = (today() + timedelta(days=9)).isoformat()
NO = {"kind": "not_held", "reason": "不掌握", "basis": "三定方案", "level": "normative"}
ASK = {"title": "另一项", "purpose": "核验"}


def _both(
    name: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int], **data: Any
) -> tuple[Row, Row]:
    """The page's address and that of REST, where ids are named so."""
    who, status = responsible
    rest = {
        {"department": "department_id", "entry": "entry_id", "into": "into_id"}.get(k, k): v
        for k, v in data.items()
    }
    return (
        post(f"sharing:demand-{name}", of, stranger, viewer, (who, 302), **data),
        post(f"api:sharing-demand-{name}", of, stranger, viewer, (who, status), **rest),
    )


ROWS = (
    signed_in("sharing:demands"),
    signed_in("api:sharing-demands"),
    get("sharing:demands", "", 200, (ADMIN, 403), (CC, 200)),
    get("api:sharing-demand-statistics", "", 403, (PA, 403), (BR, 200)),
    get("sharing:demand-new", "", 200, (PS, 403), (CC, 200)),
    post("sharing:demand-new", "", 400, (PS, 403), (CC, 302), department="@consumer", items="甲项", **ASK),
    post(
        "api:sharing-demand-create",
        "",
        403,
        (PS, 403),
        (CC, 201),
        department_id="@consumer",
        items=["甲项"],
        **ASK,
    ),
    post(
        "api:sharing-demand-found",
        "",
        403,
        (PS, 403),
        (CC, 200),
        department_id="@consumer",
        items=["甲项"],
        **ASK,
    ),
    get("sharing:demand", "demand", 200, (ADMIN, 404), (CA, 200)),
    get("api:sharing-demand", "demand", 200, (ADMIN, 404), (CA, 200)),
    *_both("assign", "demand", 403, (CA, 403), (BR, 200), department="@provider"),
    *_both("merge", "demand", 403, (CA, 403), (BR, 200), into="@demand_assigned"),
    *_both("return", "demand_assigned", 403, (PC, 403), (PA, 200), **WHY),
    *_both("accept", "demand_assigned", 403, (PC, 403), (PA, 200), promised_on=SOON),
    *_both("refuse", "demand_assigned", 403, (PC, 403), (PA, 200), **NO),
    *_both("meet", "demand_assigned", 403, (PC, 403), (PA, 200), entry="@demanded_entry"),
    *_both("link", "demand_accepted", 403, (CA, 403), (PC, 200), entry="@demanded_entry"),
    *_both("start", "demand_accepted", 403, (PA, 403), (PC, 200)),
    *_both("support", "demand", 403, (PS, 403), (PA, 200), department="@provider"),
    *_both("withdraw", "demand", 403, (PA, 403), (CA, 200), **WHY),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A demand in each state that a step wants, and an entry that would meet it."""
    on = today()

    def posted(title: str) -> Demand:
        return services.post_demand(
            actor=city.actor(CA), department_id=city.consumer.id, wanted=replace(WANTED, title=title), on=on
        )

    def assigned(title: str) -> Demand:
        return services.assign_demand(
            actor=city.actor(BR), demand_id=posted(title).id, department_id=city.provider.id, on=on
        )

    accepted = services.accept_demand(
        actor=city.actor(PA), demand_id=assigned("第三项").id, promised_on=on + timedelta(days=9), on=on
    )
    return {
        "demand": posted("第一项").id,
        "demand_assigned": assigned("第二项").id,
        "demand_accepted": accepted.id,
        "demanded_entry": entries.published(city, on=on, title="健康证明目录").id,
    }
