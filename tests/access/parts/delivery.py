"""Grants, keys and who read what."""

from __future__ import annotations

from tests.access.rows import BS, CA, CC, CD, PA, PC, WHY, Row, get, post, signed_in

ROWS: tuple[Row, ...] = (
    signed_in("delivery:grants"),
    get("delivery:keys", "", 403, (CC, 403), (CD, 200)),
    post("delivery:key-create", "", 403, (CC, 403), (CD, 400)),
    post("delivery:key-rotate", "key", 404, (CC, 404), (CD, 201)),
    post("delivery:key-revoke", "key", 404, (CA, 404), (CD, 302), **WHY),
    get("delivery:who", "", 200, (CC, 403), (BS, 200)),
    post("delivery:who", "", 400, (CC, 403), (BS, 400)),
    post("delivery:who-more", "", 400, (CC, 403), (BS, 400)),  # a question that was recorded, and one's own
    get("delivery:grant", "grant", 404, (CC, 200), (PA, 200)),
    post("delivery:suspend", "grant", 404, (CC, 403), (PA, 302), **{"suspend-reason": "用途不符"}),
    post("delivery:suspend", "grant", 404, (PC, 403), (PA, 400)),
    post("delivery:resume", "stopped_grant", 404, (CC, 403), (PA, 302), **{"resume-note": "已整改"}),
    post("delivery:end", "grant", 404, (CC, 403), (PA, 400)),
    post("delivery:bind", "grant", 404, (PA, 403), (CD, 302), **{"bind-key": "@key"}),
)
