"""Sharing in an emergency: declared, used, ended and reviewed by the bureau; seen by whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.sharing.emergencies import services
from shuqiao.sharing.emergencies.types import Declaration, Sharing
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.types import Scope
from tests.access.rows import ADMIN, BR, BS, PA, PC, WHY, Row, get, post, signed_in

UNTIL = str(today() + timedelta(days=9))
SAID = {"division": "210800", "event": "内涝", "reason": "安置", "divisions": ["210800"], "until": UNTIL}
OPEN = {"modes": ["interface"], "purpose": "核对"}
ROWS: tuple[Row, ...] = (
    signed_in("sharing:emergencies"),
    get("sharing:emergencies", "", 200, (ADMIN, 403), (BS, 200)),
    signed_in("api:sharing-emergencies"),
    get("sharing:emergency-new", "", 403, (BR, 403), (BS, 200)),
    post("sharing:emergency-new", "", 403, (BR, 403), (BS, 302), **SAID),
    post("api:sharing-emergency-declare", "", 403, (BR, 403), (BS, 201), **SAID),
    get("sharing:emergency", "sharing_emergency", 404, (PA, 200), (BS, 200)),
    get("sharing:emergency", "sharing_emergency_over", 404, (BR, 200), (BS, 200)),
    get("api:sharing-emergency", "sharing_emergency", 404, (PA, 200), (BS, 200)),
    get("sharing:emergency-choose", "sharing_emergency", 404, (PA, 403), (BS, 400)),
    get("sharing:emergency-share", "sharing_emergency_entry", 404, (PA, 403), (BS, 200)),
    post(
        "sharing:emergency-share", "sharing_emergency_entry", 404, (PA, 403), (BS, 302),
        **OPEN, departments="@other", **{"level-企业名称": "full"},
    ),
    post(
        "api:sharing-emergency-share", "sharing_emergency", 404, (PA, 403), (BS, 409),  # to nobody
        **OPEN, entry_id="@sharing_emergency_table", items=[{"name": "企业名称"}],
    ),
    post("sharing:emergency-end", "sharing_emergency", 404, (PA, 403), (BS, 302), **WHY),
    post("api:sharing-emergency-end", "sharing_emergency", 404, (PA, 403), (BS, 200), **WHY),
    post("sharing:emergency-review", "sharing_emergency_over", 404, (PC, 404), (BS, 302), findings="必要"),
    post("api:sharing-emergency-review", "sharing_emergency_over", 404, (BR, 403), (BS, 200), findings="必要"),
)  # fmt: skip


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """An emergency under which the provider's data is open to the user department, and one that is over."""
    on, bureau = today(), city.actor(BS)
    table = make_table(make_entry(city.provider, title="应急可用的数据"))
    said = Declaration("内涝", "安置", ("210800",), on + timedelta(days=9))

    def declared() -> SharingEmergency:
        return services.declare_emergency(actor=bureau, division="210800", said=said, on=on)

    running = declared()
    scope = Scope((("企业名称", "none"),), (), ("interface",))
    services.share_in_emergency(
        actor=bureau,
        emergency_id=running.id,
        sharing=Sharing(table.entry_id, table.id, (city.consumer.id,), scope, "核对"),
        on=on,
    )
    over = services.end_emergency(actor=bureau, emergency_id=declared().id, reason="水退", on=on)
    return {
        "sharing_emergency": running.id,
        "sharing_emergency_over": over.id,
        "sharing_emergency_table": table.entry_id,
        "sharing_emergency_entry": (running.id, table.entry_id),
    }
