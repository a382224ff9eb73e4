"""Where a server finds the gateway: ``granian --interface asgi --factory shuqiao.gateway.serve:app``.

One worker process per node name: a node has one evidence chain and one memory of nonces.
"""

from __future__ import annotations

from shuqiao.gateway.app import Gateway, create_app
from shuqiao.gateway.settings import GatewaySettings


def app() -> Gateway:
    """The application, set up from the environment (see `GatewaySettings.from_env`)."""
    return create_app(GatewaySettings.from_env())
