"""Sharing requests as their pages answer them."""

from __future__ import annotations

from tests.access.rows import BR, BS, CA, CC, CD, PA, WHY, Row, get, post, signed_in

ROWS: tuple[Row, ...] = (
    signed_in("sharing:list"),
    signed_in("sharing:of-entry", "conditional_entry"),
    get("sharing:new", "conditional_entry", 200, (CD, 403), (CC, 200)),
    post("sharing:new", "conditional_entry", 400, (CD, 403), (CC, 400)),
    post("sharing:use", "direct_entry", 400, (CC, 403), (CA, 400)),
    signed_in("sharing:condition-row", "conditional_entry"),
    post("sharing:preview", "conditional_entry", 200, (CD, 403), (CC, 200)),
    get("sharing:request", "drafted", 404, (PA, 404), (CD, 200)),
    get("sharing:request", "asked", 404, (BS, 200), (PA, 200)),
    get("sharing:edit", "drafted", 404, (CD, 403), (CC, 200)),
    post("sharing:edit", "drafted", 404, (CD, 403), (CC, 400)),
    post("sharing:submit", "drafted", 404, (CC, 403), (CA, 302)),
    post("sharing:withdraw", "asked", 404, (PA, 403), (CA, 302), **WHY),
    get("sharing:supplement", "supplement", 404, (PA, 403), (CA, 200)),
    post("sharing:supplement", "supplement", 404, (CC, 403), (CA, 400)),
    get("sharing:answer", "asked", 404, (CA, 403), (PA, 200)),
    post("sharing:approve", "asked", 404, (CA, 403), (PA, 400)),
    post("sharing:refuse", "asked", 404, (CA, 403), (PA, 409)),
    post("sharing:ask-supplement", "asked", 404, (CA, 403), (PA, 302), points="材料"),
    post("sharing:ask-extension", "asked", 404, (CA, 403), (PA, 409)),
    post("sharing:consent", "extension", 404, (PA, 403), (BR, 302)),
    post("sharing:deny", "extension", 404, (PA, 403), (BR, 400)),
)
