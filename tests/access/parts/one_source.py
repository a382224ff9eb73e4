"""One source for each datum: duplicates, spread, emergencies of collection, the check before collecting."""

from __future__ import annotations

from tests.access.rows import BR, PA, PC, PS, WHY, Row, get, post, signed_in

ROWS: tuple[Row, ...] = (
    signed_in("catalog:pairs"),
    get("catalog:pair", "pair", 404, (PS, 200), (BR, 200)),
    post("catalog:keep-both", "pair", 404, (PC, 403), (BR, 302), note="口径不同"),
    post("catalog:merge", "pair", 404, (PC, 403), (PA, 302), keep="@kept", note="同一批"),
    signed_in("catalog:entry", "merged", 302),
    signed_in("catalog:entry-sources", "published_entry"),
    get("catalog:entry-sources", "draft_entry", 404, (PS, 200), (PC, 200)),
    post("catalog:separate", "merged", 403, (PS, 403), (PC, 302), **WHY),
    signed_in("catalog:spread"),
    signed_in("catalog:spread-item", "spread"),
    post("catalog:designate", "spread", 403, (PA, 403), (BR, 409), department="@provider", **WHY),
    signed_in("catalog:sources"),
    post("catalog:end-source", "source", 403, (PA, 403), (BR, 302), **WHY),
    signed_in("catalog:emergencies"),
    get("catalog:new-emergency", "", 200, (PS, 403), (PA, 200)),
    post("catalog:new-emergency", "", 400, (PS, 403), (PA, 400)),
    get("catalog:emergency", "emergency", 404, (PS, 200), (PA, 200)),
    post("catalog:end-emergency", "emergency", 404, (PC, 403), (PA, 302), disposal="已销毁"),
    signed_in("sharing:collecting"),
    get("sharing:collecting-new", "", 200, (PS, 403), (PC, 200)),
    post("sharing:collecting-new", "", 400, (PS, 403), (PC, 400)),
    get("sharing:collecting-check", "check", 404, (PS, 200), (PC, 200)),
    post("sharing:collecting-decide", "check", 404, (PS, 403), (PC, 400)),
    get("sharing:collecting-export", "check", 404, (BR, 200), (PC, 200)),
)
