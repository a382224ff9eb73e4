"""A gateway that lets an address ask as often as it likes."""

from __future__ import annotations

import dataclasses

from shuqiao.gateway.app import Gateway, create_app
from shuqiao.gateway.settings import GatewaySettings


def app() -> Gateway:
    """The application from the environment, without fair use."""
    settings = GatewaySettings.from_env()
    return create_app(dataclasses.replace(settings, open_rate=1e6, open_burst=1_000_000, key_exports=100))
