"""Applications from outside government: the applicant, the bureau that answers, the provider that was asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City, make_party
from shuqiao.sharing.models import OutsideRequest
from shuqiao.sharing.outside import services
from shuqiao.sharing.outside.types import Consent, Draft
from tests.access.rows import WHY, Row, get, post, signed_in

ME, OFFICER, PROVIDER = "outside-company", "dongchangfu-bureau", "dongchangfu-approver"
UNTIL = today() + timedelta(days=99)
NO = {"reason": "不宜", "ground": "某法 第一条"}
YES = {"items": ["企业名称"], "valid_until": str(UNTIL)}


def _steps(name: str, of: str, viewer: str, responsible: str, **data: Any) -> tuple[Row, Row]:
    """The officers' page and REST."""
    return (
        post(f"sharing:outside-{name}", of, 404, (viewer, 403), (responsible, 302), **data),
        post(f"api:sharing-outside-{name}", of, 404, (viewer, 403), (responsible, 200), **data),
    )


ROWS: tuple[Row, ...] = (
    signed_in("sharing:outside-list"),
    signed_in("api:sharing-outside-list"),
    get("outside:apply", "outside_entry", 403, (PROVIDER, 403), (ME, 200)),
    post("outside:apply", "outside_entry", 403, (PROVIDER, 403), (ME, 400)),
    post("api:sharing-outside-apply", "", 403, (PROVIDER, 403), (ME, 409), entry_id="@outside_entry"),
    get("outside:request", "outside", 404, (OFFICER, 302), (ME, 200)),
    get("outside:supplement", "outside_incomplete", 404, (OFFICER, 403), (ME, 200)),
    post("outside:supplement", "outside_incomplete", 404, (OFFICER, 403), (ME, 400)),
    post("api:sharing-outside-supplement", "outside_incomplete", 404, (OFFICER, 403), (ME, 400)),
    post("outside:withdraw", "outside", 404, (OFFICER, 403), (ME, 302), **WHY),
    post("api:sharing-outside-withdraw", "outside", 404, (OFFICER, 403), (ME, 200), **WHY),
    post("outside:confirm", "outside_agreed", 404, (OFFICER, 403), (ME, 302)),
    post("api:sharing-outside-confirm", "outside_agreed", 404, (PROVIDER, 403), (ME, 200)),
    get("outside:agreement", "outside_agreed", 404, (PROVIDER, 200), (ME, 200)),
    get("sharing:outside", "outside", 404, (PROVIDER, 404), (OFFICER, 200)),
    get("sharing:outside", "outside_agreed", 404, (ME, 302), (OFFICER, 200)),
    get("sharing:outside", "outside_consulting", 404, (OFFICER, 200), (PROVIDER, 200)),
    get("api:sharing-outside", "outside_deciding", 404, (PROVIDER, 200), (ME, 200)),
    post("sharing:outside-confirm", "outside_agreed", 404, (PROVIDER, 403), (OFFICER, 302)),
    post("sharing:outside-ask-supplement", "outside", 404, (ME, 403), (OFFICER, 302), points="材料"),
    post("api:sharing-outside-ask-supplement", "outside", 404, (ME, 403), (OFFICER, 200), points=["材料"]),
    *_steps("consult", "outside", ME, OFFICER),
    *_steps("consent", "outside_consulting", ME, PROVIDER, consent="yes"),
    post(
        "sharing:outside-agree",
        "outside_deciding",
        404,
        (PROVIDER, 403),
        (OFFICER, 302),
        reason="够用",
        **YES,
    ),
    post("api:sharing-outside-agree", "outside_deciding", 404, (PROVIDER, 403), (OFFICER, 200)),
    *_steps("refuse", "outside_deciding", PROVIDER, OFFICER, **NO),
    *_steps("revoke", "outside_opened", PROVIDER, OFFICER, **NO),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """Applications of one body, in every state."""
    make_party(city, "legal_person", ME)
    on, me, officer, provider = today(), city.actor(ME), city.actor(OFFICER), city.actor(PROVIDER)
    table = make_table(make_entry(city.dongchangfu_provider, title="外单位可用的数据"))
    draft = Draft((("企业名称", "none"), ("地区", "none")), ("interface",), "核验", "柜面", "专网", UNTIL)

    def applied() -> OutsideRequest:
        return services.submit_outside(actor=me, entry_id=table.entry_id, draft=draft, on=on)[0]

    def consulting() -> OutsideRequest:
        return services.consult_provider(actor=officer, request_id=applied().id, on=on)

    def deciding() -> OutsideRequest:
        return services.say_consent(actor=provider, request_id=consulting().id, consent=Consent.YES, on=on)

    def agreed() -> OutsideRequest:
        return services.agree_outside(actor=officer, request_id=deciding().id, on=on)

    incomplete = services.ask_supplement(actor=officer, request_id=applied().id, points=("材料",), on=on)
    opened = agreed()
    services.confirm_agreement(actor=officer, request_id=opened.id, on=on)
    services.confirm_agreement(actor=me, request_id=opened.id, on=on)
    return {
        "outside_entry": table.entry_id,
        "outside": applied().id,
        "outside_incomplete": incomplete.id,
        "outside_consulting": consulting().id,
        "outside_deciding": deciding().id,
        "outside_agreed": agreed().id,
        "outside_opened": opened.id,
    }
