"""REST of the catalogue beyond entries and revisions: the things are those of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.catalog import services
from shuqiao.catalog.tests import factories
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from tests.access.rows import BR, PA, PC, PS, WHY, Row, get, post, put, signed_in

ENTRY = {"entries": ["00000000-0000-0000-0000-000000000001"]}
CHANGE = {"departments": [], "trigger": "law", "what": "条例修改", "changed_on": "2026-01-05"}
FLOOD = {
    "what": "住址",
    "reason": "台风",
    "basis": "市防指3号",
    "from_on": str(today()),
    "until_on": str(today()),
}
UNSAID = {"revision": ENTRY["entries"][0], "publish": False}
MAPPING = {"division": "210800", "name": "新的方案", "rules": {"fields": {"title": "名称"}}}
COLLECTED = {
    "department": "@provider",
    "title": "餐饮企业调查",
    "purpose": "食品安全检查",
    "collected_from": "餐饮企业",
    "items": ["企业名称"],
}
ROWS: tuple[Row, ...] = (
    get("api:catalog-checks", "draft", 404, (PS, 200), (PC, 200)),
    post("catalog:give-up", "draft", 404, (PS, 403), (PC, 302)),
    post("catalog:restore", "withdrawn_entry", 404, (PA, 403), (PC, 302), **WHY),
    post("api:catalog-give-up", "draft", 404, (PS, 403), (PC, 200)),
    post("api:catalog-restore", "withdrawn_entry", 404, (PA, 403), (PC, 201), **WHY),
    signed_in("api:catalog-changes"),
    signed_in("api:catalog-suggestions"),
    signed_in("api:catalog-own"),
    post("api:catalog-ask-sign-off", "draft", 404, (PA, 403), (PC, 200)),
    post("api:catalog-submit-many", "", 404, (PC, 200), (PA, 200), revisions=["@draft"]),
    post("api:catalog-publish-many", "", 404, (PA, 200), (BR, 200), revisions=["@submitted"]),
    post("api:catalog-decide-many", "", 400, (PA, 400), (BR, 400), verdicts=[UNSAID]),
    signed_in("api:catalog-versions", "published_entry"),
    signed_in("api:catalog-history", "published_entry"),
    signed_in("api:catalog-differences", "published_entry"),
    get("api:catalog-history", "draft_entry", 404, (PS, 200), (PC, 200)),
    signed_in("api:catalog-stale"),
    post("api:catalog-add-class", "", 403, (PA, 403), (BR, 201), division="210800", above="307001", name="农业农村"),
    put("api:catalog-use-class", "own_class", 403, (PA, 403), (BR, 200), used=False),
    get("api:catalog-synonyms", "", 403, (PA, 403), (BR, 200)),
    post("api:catalog-save-synonyms", "", 403, (PA, 403), (BR, 201), words=["公租房", "公共租赁住房"]),
    Row("api:catalog-remove-synonyms", "DELETE", "synonyms", 403, (PA, 403), (BR, 204)),
    signed_in("api:catalog-classes"),
    get("api:catalog-mappings", "", 200, (PS, 403), (PC, 200)),
    post("api:catalog-save-mapping", "", 201, (PS, 403), (PC, 201), **MAPPING),
    get("api:catalog-mapping", "mapping", 200, (PS, 404), (PC, 200)),
    post("api:catalog-mapping-retire", "mapping", 200, (PS, 404), (PC, 200)),
    signed_in("api:catalog-template"),
    get("api:catalog-import-annotated", "import", 404, (PS, 200), (PC, 200)),
    post("api:catalog-from-file", "provider", 403, (PS, 403), (PC, 400)),  # without a file
    signed_in("api:collecting-checks"),
    post("api:collecting-ask", "", 403, (PS, 403), (PC, 201), **COLLECTED),
    get("api:collecting-check", "check", 404, (PS, 200), (PC, 200)),
    post("api:collecting-decide", "check", 404, (PS, 403), (PC, 400), choices=[]),
    post("api:catalog-import-department", "provider", 403, (PS, 403), (PC, 400)),  # without a file
    post("api:catalog-import-division", "division", 403, (PA, 403), (BR, 400)),
    signed_in("api:catalog-imports"),
    get("api:catalog-import", "import", 404, (PS, 200), (PC, 200)),
    get("api:catalog-import-problems", "import", 404, (PS, 200), (PC, 200)),
    get("api:catalog-import-entries", "import", 404, (PS, 200), (PC, 200)),
    post("api:catalog-import-assign", "import", 404, (PS, 403), (PC, 200)),
    post("api:catalog-import-confirm", "import", 404, (PS, 403), (PC, 200)),
    post("api:catalog-import-discard", "import", 404, (PS, 403), (PC, 200)),
    post("api:catalog-import-undo", "import", 404, (PS, 403), (PC, 409)),  # not imported yet
    signed_in("api:catalog-duties"),
    post("api:catalog-duties", "", 400, (PS, 400), (PC, 400), **CHANGE),  # of no department
    get("api:catalog-duty", "duty", 404, (PS, 200), (PC, 200)),
    post("api:catalog-duty-entries", "duty", 404, (PS, 403), (PC, 400), **ENTRY),
    post("api:catalog-duty-unchanged", "touching_duty", 404, (PS, 403), (PC, 400), **ENTRY),
    post("api:catalog-duty-extension", "duty", 404, (PS, 403), (PC, 200), days=2, **WHY),
    post("api:catalog-duty-answer", "asked_duty", 404, (PA, 403), (BR, 200), consent=True, days=1),
    post("api:catalog-duty-report", "duty", 404, (PS, 403), (PC, 200), report="已更新"),
    post("api:catalog-duty-confirm", "reported_duty", 404, (PA, 403), (BR, 200)),
    post("api:catalog-duty-return", "reported_duty", 404, (PA, 403), (BR, 200), **WHY),
    post("api:catalog-duty-cancel", "duty", 404, (PA, 403), (BR, 200), **WHY),
    signed_in("api:catalog-campaigns"),
    post("api:catalog-campaigns", "", 403, (PA, 403), (BR, 400), division="210800", quarter="2020-Q1"),
    get("api:catalog-campaign", "campaign", 404, (PS, 200), (PC, 200)),
    get("api:catalog-campaign-entries", "campaign", 404, (PS, 200), (PC, 200)),
    post("api:catalog-campaign-confirm", "campaign", 404, (PS, 403), (PC, 200)),
    post("api:catalog-campaign-remind", "campaign", 404, (PA, 403), (BR, 200)),
    post("api:catalog-campaign-close", "campaign", 404, (PA, 403), (BR, 200)),
    signed_in("api:catalog-themes"),
    post("api:catalog-themes", "", 403, (PS, 403), (PC, 201), department="@provider", name="新的主题"),
    get("api:catalog-theme", "theme", 404, (PS, 200), (PC, 200)),
    put("api:catalog-theme", "theme", 404, (PS, 403), (PC, 200), name="另一个名称"),
    get("api:catalog-theme-entries", "theme", 404, (PS, 200), (PC, 200)),
    post("api:catalog-theme-members", "theme", 404, (PA, 403), (PC, 200)),
    post("api:catalog-theme-submit", "theme", 404, (PC, 403), (PA, 200)),
    post("api:catalog-theme-establish", "waiting_theme", 404, (PA, 403), (BR, 200)),
    post("api:catalog-theme-return", "waiting_theme", 404, (PA, 403), (BR, 200), **WHY),
    post("api:catalog-theme-dissolve", "theme", 404, (PC, 403), (PA, 200), **WHY),
    signed_in("api:catalog-pairs"),
    get("api:catalog-pair", "pair", 404, (PS, 200), (BR, 200)),
    post("api:catalog-pair-keep", "pair", 404, (PC, 403), (BR, 200), note="口径不同"),
    post("api:catalog-pair-merge", "pair", 404, (PC, 403), (PA, 200), keep="@kept", note="同一批"),
    post("api:catalog-separate", "merged", 403, (PS, 403), (PC, 201), **WHY),
    signed_in("api:catalog-spread"),
    signed_in("api:catalog-sources"),
    post(
        "api:catalog-sources", "", 403, (PA, 403), (BR, 409), division="210800", datum="企业名称",
        department="@provider", **WHY,
    ),
    post("api:catalog-source-end", "source", 403, (PA, 403), (BR, 200), **WHY),
    signed_in("api:catalog-emergencies"),
    post("api:catalog-emergencies", "", 403, (PC, 403), (PA, 201), department="@provider", **FLOOD),
    get("api:catalog-emergency", "emergency", 404, (PS, 200), (PA, 200)),
    post("api:catalog-emergency-end", "emergency", 404, (PC, 403), (PA, 200), disposal="已销毁"),
)  # fmt: skip


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """What is still missing: the name of the division, and an entry that was withdrawn."""
    gone = factories.published(city, title="误撤的条目", on=today())
    services.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=gone.pk, reason="误撤", on=today()
    )
    return {"division": city.yingkou.code, "withdrawn_entry": gone.pk}
