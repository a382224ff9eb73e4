"""Disputes: both sides talk, the coordinating bureau decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.law import BasisLevel
from shuqiao.organizations.tests.factories import City
from shuqiao.sharing import services as sharing
from shuqiao.sharing.disputes import services
from shuqiao.sharing.disputes.types import Outcome, Result
from shuqiao.sharing.models import Dispute, SharingRequest
from tests.access.rows import BS, CA, CC, PA, PC, PS, WHY, Row, get, post, signed_in

KEEP = {"outcome": "keep", "text": "维持"}
FORM = {"outcome": "keep", "result_text": "维持"}
OPINION = {"reason": "符合", "basis": "条例 第二十八条"}
RULING = {"government": "市政府", "number": "1号", "text": "维持", "decided_on": today().isoformat()}


def _both(
    name: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int], **data: Any
) -> tuple[Row, Row]:
    """The page's address and that of REST."""
    page = {key: value for key, value in data.items() if key not in {"result"}}
    rest = {key: value for key, value in data.items() if key not in {"outcome", "result_text"}}
    who, status = responsible
    return (
        post(f"sharing:dispute-{name}", of, stranger, viewer, (who, 302), **page),
        post(f"api:sharing-dispute-{name}", of, stranger, viewer, (who, status), **rest),
    )


ROWS = (
    signed_in("sharing:disputes"),
    signed_in("api:sharing-disputes"),
    get("sharing:dispute", "dispute", 404, (PS, 200), (CA, 200)),
    get("api:sharing-dispute", "dispute", 404, (PS, 200), (CA, 200)),
    get("sharing:dispute-new", "", 200, (PS, 403), (CA, 200)),
    post("sharing:dispute-new", "", 404, (CC, 403), (CA, 302), request="@disputable", claim="应当共享"),
    post(
        "api:sharing-dispute-create",
        "",
        404,
        (CC, 403),
        (CA, 201),
        request_id="@disputable",
        claim="应当共享",
    ),
    *_both("speak", "dispute", 404, (PC, 403), (PA, 200), text="不同意"),
    *_both("agree", "dispute_proposed", 404, (PC, 403), (CA, 200)),
    *_both("refer", "dispute_proposed", 404, (PC, 403), (CA, 200), why="谈不拢"),
    *_both("decide", "dispute_referred", 404, (PA, 403), (BS, 200), result=KEEP, **FORM, **OPINION),
    *_both("accept", "dispute_decided", 404, (PC, 403), (PA, 200)),
    *_both("object", "dispute_decided", 404, (PC, 403), (PA, 200), **WHY),
    *_both("rule", "dispute_escalated", 404, (PA, 403), (BS, 200), result=KEEP, **FORM, **RULING),
    *_both("withdraw", "dispute", 404, (PC, 403), (CA, 200), **WHY),
)


def _refused(city: City) -> SharingRequest:
    table = make_table(make_entry(city.provider))
    draft = sharing.create_draft(
        actor=city.actor("consumer-cataloguer"),
        entry_id=table.entry_id,
        resource_id=table.id,
        department_id=city.consumer.id,
        draft=sharing.Draft(
            items=(("企业名称", "none"),),
            purpose="核定",
            scenario="窗口",
            legal_basis="社会保险法 第五十七条",
            legal_basis_level="law",
            modes=("interface",),
            valid_until=today().replace(year=today().year + 1, day=1),
        ),
        on=today(),
    )
    sharing.submit_request(actor=city.actor("consumer-approver"), request_id=draft.id, on=today())
    return sharing.refuse_request(
        actor=city.actor("provider-approver"), request_id=draft.id, reason="无关", basis="某法",
        level=BasisLevel.LAW, on=today(),
    )  # fmt: skip


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A request that can be disputed, and a dispute in each state that a step wants."""
    user, provider, bureau = (city.actor(f"{one}") for one in (CA, PA, BS))
    on = today()

    def raised() -> Dispute:
        return services.raise_dispute(actor=user, request_id=_refused(city).id, claim="应当共享", on=on)

    keep = Result(Outcome.KEEP, "维持")

    def referred() -> Dispute:
        case = services.speak(actor=provider, dispute_id=raised().id, text="不同意", proposal=keep, on=on)
        return services.refer_dispute(actor=user, dispute_id=case.id, why="谈不拢", on=on)

    def decided() -> Dispute:
        return services.decide_dispute(
            actor=bureau, dispute_id=referred().id, result=keep, reason="符合", basis="条例", on=on
        )

    proposed = services.speak(actor=provider, dispute_id=raised().id, text="不同意", proposal=keep, on=on)
    up = services.object_to_opinion(actor=provider, dispute_id=decided().id, reason="不接受", on=on)
    return {
        "disputable": _refused(city).id,
        "dispute": raised().id,
        "dispute_proposed": proposed.id,
        "dispute_referred": referred().id,
        "dispute_decided": decided().id,
        "dispute_escalated": up.id,
    }
