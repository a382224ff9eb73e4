"""A real gateway over a small city, for the client and the examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shuqiao.gateway.tests.city import City, found
from shuqiao.gateway.tests.serving import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """One gateway process for all tests of the client."""
    server = Server(found(tmp_path_factory.mktemp("gateway") / "home"))
    server.start()
    yield server
    if server.running:
        server.stop()


@pytest.fixture
def gateway_city(server) -> City:
    """The city behind the gateway, with its keys."""
    return server.city


def key_of(city: City, key_id: str) -> tuple[str, str]:
    """Id and secret of a key."""
    return key_id, city.minted[key_id].secret
