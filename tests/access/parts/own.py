"""A person's own pages, and the administration of departments and people."""

from __future__ import annotations

from tests.access.rows import ADMIN, BR, BS, CA, PA, PC, PS, Row, get, post, signed_in

ROWS: tuple[Row, ...] = (
    signed_in("portal:inbox"),
    signed_in("portal:done"),
    signed_in("portal:notices"),
    signed_in("portal:supervision"),
    post("portal:remind", "term", 404, (PA, 403), (BS, 302)),
    signed_in("accounts:password"),
    signed_in("accounts:password", method="POST"),
    signed_in("organizations:filings"),
    get("organizations:file", "provider", 403, (PS, 403), (PC, 200)),
    post("organizations:file", "provider", 403, (PS, 403), (PC, 400)),
    get("organizations:departments", "", 403, (BR, 403), (ADMIN, 200)),
    get("organizations:new-department", "", 403, (BR, 403), (ADMIN, 200)),
    post("organizations:new-department", "", 403, (BR, 403), (ADMIN, 400)),
    get("organizations:department", "provider", 403, (PA, 403), (ADMIN, 200)),
    post("organizations:department", "provider", 403, (PA, 403), (ADMIN, 400)),
    post("organizations:reset-password", "person", 403, (CA, 403), (ADMIN, 201)),
    post("organizations:end-appointment", "appointment", 403, (CA, 403), (ADMIN, 302)),
)
