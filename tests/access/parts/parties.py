"""Registration on the open platform, own data, own cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shuqiao.organizations.tests.factories import City, make_party
from tests.access.rows import PS, Row, everybody, get, post

VISITOR = "visitor"
ROWS: tuple[Row, ...] = (
    everybody("opening:register"),
    everybody("opening:register", status=400, method="POST"),
    everybody("opening:mail-sent"),
    everybody("opening:resend"),
    everybody("opening:resend", status=400, method="POST"),
    everybody("opening:forgotten"),
    everybody("opening:forgotten", status=400, method="POST"),
    everybody("opening:verify", status=404),  # without the word in the mail
    everybody("opening:verify", status=404, method="POST"),
    everybody("opening:confirm-email", status=404),
    everybody("opening:confirm-email", status=404, method="POST"),
    everybody("opening:set-password", status=404),
    everybody("opening:set-password", status=404, method="POST"),
    everybody("opening:unified", status=404),  # no identity service named: see opening/tests/test_identity.py
    everybody("opening:unified-callback", status=404),
    everybody("opening:unified-confirm", status=404),
    everybody("opening:unified-confirm", status=404, method="POST"),
    get("opening:unified-bind", "", 403, (PS, 403), (VISITOR, 404)),
    post("opening:unified-bind", "", 403, (PS, 403), (VISITOR, 404)),
    everybody("opening:lookup"),
    everybody("opening:lookup", status=400, method="POST"),
    get("opening:account", "", 403, (PS, 403), (VISITOR, 200)),
    post("opening:account", "", 403, (PS, 403), (VISITOR, 400)),
    get("opening:new-email", "", 403, (PS, 403), (VISITOR, 200)),
    post("opening:new-email", "", 403, (PS, 403), (VISITOR, 400)),
    get("opening:close-account", "", 403, (PS, 403), (VISITOR, 200)),
    post("opening:close-account", "", 403, (PS, 403), (VISITOR, 400)),
    get("opening:mine", "", 403, (PS, 403), (VISITOR, 200)),
)


def build(city: City, folder: Path, world: dict[str, Any]) -> dict[str, Any]:
    """A registration without cases."""
    make_party(city, username=VISITOR)
    return {}
