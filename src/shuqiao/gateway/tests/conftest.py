"""A city per test, and a gateway over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shuqiao.gateway.tests.city import City, Desk, found, opened


@pytest.fixture
def city(tmp_path: Path) -> City:
    """An installation with one published table, an open one, two keys and four grants."""
    return found(tmp_path / "home")


@pytest.fixture
def desk(city: City) -> Iterator[Desk]:
    """A running gateway over the city."""
    with opened(city) as desk:
        yield desk
