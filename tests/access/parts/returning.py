"""Return flow: a department of a lower division asks, the provider marks, or refuses on the law."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.delivery.tests.factories import make_entry, make_table
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.sharing.models import ReturnFlow
from shuqiao.sharing.returning import services
from shuqiao.sharing.returning.tests.conftest import LOWER, draft_of, make_county_department, mark
from tests.access.rows import PA, PS, WHY, Row, get, post, signed_in

NO = {"reason": "涉密", "basis": "某法 第一条", "level": "law"}
ASK = {"items": ["企业名称"], "modes": ["interface"], "purpose": "监管"}
ROWS: tuple[Row, ...] = (
    signed_in("sharing:returns"),
    signed_in("api:sharing-returns"),
    get("sharing:return-new", "returnable", 200, (PS, 403), (LOWER, 200)),
    post("sharing:return-new", "returnable", 400, (PS, 403), (LOWER, 302), department="@lower", **ASK),
    post(
        "api:sharing-return-ask", "", 403, (PS, 403), (LOWER, 201),
        department_id="@lower", entry_id="@returnable", **ASK,
    ),
    get("sharing:return-mark", "returnable", 403, (PS, 403), (PA, 200)),
    post("sharing:return-mark", "returnable", 403, (PS, 403), (PA, 302), column="地区", form="name"),
    post("api:sharing-return-mark", "", 403, (PS, 403), (PA, 200), entry_id="@returnable", column="地区"),
    get("sharing:return", "return_flow", 404, (PS, 200), (LOWER, 200)),
    get("api:sharing-return", "return_flow", 404, (PS, 200), (PA, 200)),
    post("sharing:return-open", "return_ready", 404, (PS, 403), (PA, 302)),
    post("api:sharing-return-open", "return_flow", 404, (PS, 403), (PA, 409)),
    post("sharing:return-refuse", "return_flow", 404, (LOWER, 403), (PA, 302), **NO),
    post("api:sharing-return-refuse", "return_flow", 404, (LOWER, 403), (PA, 200), **NO),
    post("sharing:return-withdraw", "return_flow", 404, (PA, 403), (LOWER, 302), **WHY),
    post("api:sharing-return-withdraw", "return_flow", 404, (PA, 403), (LOWER, 200), **WHY),
)  # fmt: skip


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A flow that waits for a mark, one whose table was marked since, and a table that nobody asked for."""
    lower, on = make_county_department(city), today()

    def asked(title: str) -> ReturnFlow:
        table = make_table(make_entry(city.provider, title=title))
        return services.ask_return(
            actor=city.actor(LOWER), department_id=lower.id, entry_id=table.entry_id, draft=draft_of(), on=on
        )

    ready = asked("已标注的数据")
    # What waits opens with the mark; this one is as if asked in the very moment of it.
    mark(city, ready.resource)
    marked = ReturnFlow.objects.get(id=ready.id)
    waiting = ReturnFlow.objects.filter(id=marked.id)
    waiting.update(status="asked", grant=None, closed_on=None, decision_json=None)
    return {
        "lower": lower.id,
        "returnable": make_table(make_entry(city.provider, title="可回流的数据")).entry_id,
        "return_flow": asked("待标注的数据").id,
        "return_ready": ready.id,
    }
