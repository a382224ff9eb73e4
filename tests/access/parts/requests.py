"""Joint applications, and what follows the answer of a request."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.catalog import services as catalog
from shuqiao.delivery.tests import factories as tables
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.sharing import services as sharing
from tests.access.rows import CA, CC, CD, PA, PC, PS, WHY, Row, get, post, put, signed_in

ITEM = {"items": [{"name": "企业名称"}]}
ROWS: tuple[Row, ...] = (
    signed_in("sharing:joint-list"),
    post("sharing:joint-add", "jointly_entry", 302, (CD, 403), (CC, 302)),
    get("sharing:joint-part", "basket_part", 404, (CD, 403), (CC, 200)),
    post("sharing:joint-part", "basket_part", 404, (CD, 403), (CC, 302)),
    post("sharing:joint-remove", "basket_part", 404, (CD, 403), (CC, 302)),
    get("sharing:joint", "basket", 404, (PA, 404), (CD, 200)),
    post("sharing:joint", "basket", 404, (CD, 403), (CC, 302)),
    post("sharing:joint-submit", "basket", 404, (CC, 403), (CA, 400)),
    post("sharing:joint-withdraw", "basket", 404, (CC, 403), (CA, 302), **WHY),
    post("sharing:deliver", "undelivered", 404, (CA, 403), (PA, 302)),
    post("sharing:lapse", "unlisted", 404, (CA, 403), (PA, 302), note="职责已划转"),
    post("sharing:remind", "undelivered", 404, (PA, 403), (CC, 302)),
    post("sharing:renew", "delivered", 404, (PA, 403), (CC, 302)),
    signed_in("api:sharing-joints"),
    post(
        "api:sharing-joint-add",
        "",
        403,
        (CD, 403),
        (CC, 201),
        entry_id="@jointly_entry",
        department_id="@consumer",
    ),
    put("api:sharing-joint-part", "basket_part", 404, (CD, 403), (CC, 200), **ITEM),
    Row("api:sharing-joint-remove", "DELETE", "basket_part", 404, (CD, 403), (CC, 200)),
    get("api:sharing-joint", "basket", 404, (PS, 404), (CD, 200)),
    put("api:sharing-joint-save", "basket", 404, (CD, 403), (CC, 200), purpose="开办企业"),
    post("api:sharing-joint-submit", "basket", 404, (CC, 403), (CA, 400)),
    post("api:sharing-joint-withdraw", "basket", 404, (CC, 403), (CA, 200), note="不再需要"),
    post("api:sharing-deliver", "undelivered", 404, (PC, 403), (PA, 200)),
    post("api:sharing-lapse", "unlisted", 404, (PC, 403), (PA, 200), note="职责已划转"),
    post("api:sharing-remind", "undelivered", 404, (PA, 403), (CC, 200)),
    post("api:sharing-renew", "delivered", 404, (PA, 403), (CC, 201)),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A basket with one entry, a request that was agreed to and waits for its data, and one that has it."""
    on = today()
    clerk, head, provider = (
        city.actor(name) for name in ("consumer-cataloguer", "consumer-approver", "provider-approver")
    )
    asked = tables.make_table(tables.make_entry(city.provider, title="纳税信用信息"))
    draft = sharing.Draft(
        items=(("企业名称", "none"),),
        purpose="核定",
        scenario="窗口",
        legal_basis="某法 第一条",
        legal_basis_level="law",
        modes=("interface",),
        valid_until=on + timedelta(days=100),
    )

    def agreed(prepare: str) -> Any:
        made = sharing.create_draft(
            actor=clerk,
            entry_id=asked.entry_id,
            resource_id=asked.id,
            department_id=city.consumer.id,
            draft=draft,
            on=on,
        )
        sharing.submit_request(actor=head, request_id=made.id, on=on)
        sharing.approve_request(actor=provider, request_id=made.id, prepare=prepare, on=on)
        return made

    gone = tables.make_table(tables.make_entry(city.provider, title="已撤下的信息"))
    unlisted = sharing.create_draft(
        actor=clerk, entry_id=gone.entry_id, resource_id=gone.id, department_id=city.consumer.id, draft=draft, on=on
    )  # fmt: skip
    sharing.submit_request(actor=head, request_id=unlisted.id, on=on)
    catalog.withdraw_entry(actor=provider, entry_id=gone.entry_id, reason="职责划转", on=on)
    part = sharing.add_part(actor=clerk, department_id=city.consumer.id, entry_id=asked.entry_id, on=on)
    jointly = tables.make_table(tables.make_entry(city.provider, title="信用评价信息"))
    return {
        "basket": part.joint_id,
        "basket_part": part.id,
        "jointly_entry": jointly.entry_id,
        "undelivered": agreed("开通接口").id,
        "delivered": agreed("").id,
        "unlisted": unlisted.id,
    }
