"""What everybody may open: the open platform, receipts, health, the login."""

from __future__ import annotations

from tests.access.rows import Row, everybody

ROWS: tuple[Row, ...] = (
    everybody("opening:home"),
    everybody("opening:search"),
    everybody("opening:suggestions"),
    everybody("opening:basis"),
    everybody("opening:theme", "waiting_theme", 404),  # not established
    everybody("opening:entry", "open_entry"),
    everybody("opening:entry", "draft_entry", 404),
    everybody("portal:healthz"),
    everybody("portal:readyz"),
    everybody("portal:styleguide", status=404),  # shown only where sample data is shown anyway
    everybody("delivery:receipts"),
    everybody("delivery:receipt", "receipt"),
    everybody("delivery:proof", "receipt", 302),  # not sealed yet: back to the receipt
    everybody("delivery:seal-keys"),
    everybody("delivery:seal-key", "receipt", 404),
    everybody("accounts:logout", status=302, method="POST"),
    everybody("accounts:login", status=302),
)
