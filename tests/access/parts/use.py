"""Use of a grant: reports, disposal, corrections, consents, filings, changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests import factories as tables
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.types import EndGround, FilingKind
from shuqiao.delivery.use import services
from shuqiao.delivery.use.passing import Consent
from shuqiao.delivery.use.types import ConsentOf
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from tests.access.rows import CA, CC, PA, PC, PS, Row, get, post

DAY = str(today())
LATER = str(today() + timedelta(days=10))
SAID = {"scenario": "窗口", "process": "逐户", "effect": "少跑", "storage": "不落地"}
GONE = {"way": "deleted", "detail": "已清空", "done_by": "李开发", "done_on": DAY}
FILED = {"kind": "end", "reason": "下线", "negotiation": "已商定", "effective_on": DAY}
PASSED = {"to_whom": "受托机构", "purpose": "核算", "evidence": "函 7 号"}
ORDER = {"demand": "停止批量比对", "due_on": LATER}


def form(prefix: str, said: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in said.items()}


KEPT = {"columns": "企业名称", "modes": "interface", "valid_until": DAY}
ROWS: tuple[Row, ...] = (
    get("delivery:use", "grant", 404, (PS, 200), (CA, 200)),
    get("api:delivery-use", "grant", 404, (PS, 200), (CA, 200)),
    post("delivery:use-report", "grant", 404, (PS, 403), (CC, 302), **form("report", SAID)),
    post("api:delivery-use-report", "grant", 404, (PS, 403), (CC, 200), **SAID),
    post("delivery:use-dispose", "over_grant", 404, (PS, 403), (CC, 302), **form("dispose", GONE)),
    post("api:delivery-use-dispose", "over_grant", 404, (PS, 403), (CC, 200), **GONE),
    post("delivery:use-demand", "grant", 404, (PC, 403), (PA, 302), **form("demand", {"text": "删除"})),
    post("api:delivery-use-demand", "grant", 404, (PC, 403), (PA, 200), text="删除"),
    post("delivery:use-order", "stopped_grant", 404, (PC, 403), (PA, 302), **form("order", ORDER)),
    post("api:delivery-use-order", "stopped_grant", 404, (PC, 403), (PA, 200), **ORDER),
    post(
        "delivery:use-corrected",
        "ordered_grant",
        404,
        (PS, 403),
        (CC, 302),
        **form("corrected", {"text": "已停"}),
    ),
    post("api:delivery-use-corrected", "ordered_grant", 404, (PS, 403), (CC, 200), text="已停"),
    post(
        "delivery:use-consent",
        "grant",
        404,
        (PC, 403),
        (PA, 302),
        **form("consent", {"of": "provider", **PASSED}),
    ),
    post("api:delivery-use-consent", "grant", 404, (PC, 403), (PA, 200), consent_of="provider", **PASSED),
    post("delivery:use-consent-withdraw", "onward", 404, (PC, 403), (PA, 302), reason="到期"),
    post("api:delivery-consent-withdraw", "onward", 404, (PC, 403), (PA, 200), text="到期"),
    post("delivery:file-stop", "grant", 404, (PC, 403), (PA, 302), **form("file", FILED)),
    post("api:delivery-file-stop", "grant", 404, (PC, 403), (PA, 200), **FILED),
    post("delivery:filing-withdraw", "filing", 404, (PC, 403), (PA, 302)),
    post("api:delivery-filing-withdraw", "filing", 404, (PC, 403), (PA, 200)),
    post("delivery:change", "filed_grant", 404, (PC, 403), (PA, 302), **form("change", KEPT)),
    post("api:delivery-change", "filed_grant", 404, (PC, 403), (PA, 200), valid_until=DAY),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """Grants that are over, under correction, filed to change; one consent to passing on."""
    provider = city.actor(PA)

    def grant() -> UUID:
        order = tables.order_of(
            tables.make_table(tables.make_entry(city.provider)), city.consumer.id, valid_from=today()
        )
        return delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=today()).id

    over, ordered, filed = grant(), grant(), grant()
    delivery.end_grant(
        actor=city.actor(CA), grant_id=over, ground=EndGround.FULFILLED, reason="完成", on=today()
    )
    delivery.suspend_grant(actor=provider, grant_id=ordered, reason="批量比对", on=today())
    services.order_correction(
        actor=provider, grant_id=ordered, demand="停止", due_on=today() + timedelta(days=9), on=today()
    )
    filing = delivery.file_stop(
        actor=provider,
        grant_id=filed,
        kind=FilingKind.CHANGE,
        reason="改造",
        negotiation="已商定",
        effective_on=today(),
        on=today(),
    )
    consent = Consent(ConsentOf.PROVIDER, "受托机构", "核算", "函 7 号")
    onward = services.record_onward_consent(actor=provider, grant_id=filed, consent=consent, on=today())
    return {
        "over_grant": over,
        "ordered_grant": ordered,
        "filed_grant": filed,
        "filing": filing.id,
        "onward": onward.id,
    }
