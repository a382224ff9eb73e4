"""Where a server finds the gateway: ``granian --interface asgi --factory shuqiao.gateway.serve:app``.

One worker process per node name: a node has one evidence chain and one memory of nonces.
"""

from __future__ import annotations

import gc
import sys

from shuqiao.gateway.app import Gateway, create_app
from shuqiao.gateway.settings import GatewaySettings


def app() -> Gateway:
    """The application, set up from the environment (see `GatewaySettings.from_env`)."""
    gateway = create_app(GatewaySettings.from_env())
    _settle_down()
    return gateway


def _settle_down() -> None:
    """For a process that answers thousands of small requests a second and keeps nothing of them: the collector
    leaves alone what has been loaded and looks less often, and a thread that waits for the interpreter (the journal's,
    the server's) gets it within a millisecond, not five."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(0.001)
