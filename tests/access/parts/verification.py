"""Verifications: asked, accepted, for a citizen, ended; their grant and its table."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import order_of
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.resources.tests import factories
from shuqiao.sharing.verification import attaching, queries, services
from shuqiao.sharing.verification.types import Asked, Citizen, Claim, Finding
from tests.access.rows import CA, CC, PA, PC, PS, WHY, Row, get, post, signed_in

KEY, ITEMS = "13800138000", ("代码", "名称", "联系手机")
PAGE, REST = "sharing:verification", "api:sharing-verification"
REFUSED = {"reason": "不属登记事项", "basis": "某条例 第三条"}
SERVED = {"document": "执照", "service_item": "参保"}
CLAIM = {"key": [KEY], "column": "名称", "believed": "丙"}
NEW: dict[str, Any] = {
    "grant_id": "@v_grant",
    "by": ["联系手机"],
    "claims": [CLAIM],
    "reason": "不符",
    "proof": "执照",
}


def steps(name: str, done: int, empty: int) -> tuple[Row, ...]:
    """What the two sides may do, at one kind of address."""
    return (
        get(name, "v_asked", 404, (PS, 200), (CC, 200)),
        post(f"{name}-confirm", "v_asked", 404, (PC, 403), (PA, done), **WHY),
        post(f"{name}-accept", "v_asked", 404, (PC, 403), (PA, empty), findings=[]),
        post(f"{name}-restate", "v_accepted", 404, (PC, 403), (PA, 409), findings=[]),
        post(f"{name}-reject", "v_asked", 404, (CA, 403), (PA, done), **REFUSED),
        post(f"{name}-withdraw", "v_asked", 404, (PA, 403), (CC, done), **WHY),
        post(f"{name}-serve", "v_citizen", 404, (PA, 403), (CC, done), **SERVED),
        post(f"{name}-erase", "v_ended", 404, (PA, 403), (CC, done)),
        get(f"{name}-told", "v_grant", 404, (PS, 200), (CC, 200)),
    )


ROWS: tuple[Row, ...] = (
    signed_in("sharing:verifications"),
    get(f"{PAGE}-of-resource", "v_table", 200, (PS, 200), (CC, 302)),
    get(f"{PAGE}-new", "v_grant", 404, (PA, 403), (CC, 200)),
    post(f"{PAGE}-new", "v_grant", 404, (PA, 403), (CC, 400)),
    post(f"{PAGE}-look", "v_grant", 404, (PA, 403), (CC, 200), keys=KEY),
    get(f"{PAGE}-answer", "v_asked", 404, (CA, 403), (PA, 200)),
    *steps(PAGE, 302, 400),
    post(f"{PAGE}-attach", "v_asked", 404, (PA, 403), (CC, 400)),
    get(f"{PAGE}-file", "v_file", 404, (PS, 200), (CC, 200)),
    signed_in(f"{REST}s"),
    signed_in(f"{REST}-statistics"),
    post(f"{REST}-ask", "", 404, (PA, 403), (CC, 201), **NEW),
    post(f"{REST}-look", "", 404, (PA, 403), (CC, 200), grant_id="@v_grant", keys=[[KEY]]),
    *steps(REST, 200, 409),
    get(f"{REST}-files", "v_asked", 404, (PS, 200), (CC, 200)),
    post(f"{REST}-attach", "v_asked", 404, (PA, 403), (CC, 400)),
    get(f"{REST}-file", "v_file", 404, (PS, 200), (CC, 200)),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A published table of which the consumer has a grant, and a verification in each state that an address is for."""
    table = factories.mount(city, name="校核的")
    factories.publish(city, factories.upload_text(city, table, factories.SMALL, folder))
    on = today()
    columns = tuple((name, "none") for name in ITEMS)
    order = order_of(table, city.consumer.id, columns=columns, where=(), valid_from=on, valid_until=None)
    decision = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))
    grant = delivery.issue_grant(actor=PLATFORM, order=order, decision=decision, on=on)

    def ask(citizen: Citizen | None = None) -> Any:
        asked = Asked(("联系手机",), (Claim((KEY,), "名称", "丙"),), "不符", "执照", citizen)
        return services.ask_verification(actor=city.actor(CC), grant_id=grant.id, asked=asked, on=on)

    accepted, ended = ask(), ask(Citizen("写错了", "赵某"))
    provider = city.actor(PA)
    services.accept_verification(
        actor=provider,
        verification_id=accepted.id,
        found={one.id: Finding("wrong", "丙") for one in queries.fields_of(accepted)},
        reason="档案有误",
        correct_by=on + timedelta(days=1),
        on=on,
    )
    services.confirm_verification(actor=provider, verification_id=ended.id, reason="一致", on=on)
    proof = attaching.attach_file(
        actor=city.actor(CC), verification_id=ask().id, name="执照.pdf", content=b"%PDF-1.7", on=on
    )
    return {
        "v_table": table.id,
        "v_grant": grant.id,
        "v_asked": ask().id,
        "v_file": proof.id,
        "v_accepted": accepted.id,
        "v_citizen": ask(Citizen("写错了")).id,
        "v_ended": ended.id,
    }
