"""The clock and the place of a scenario."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from shuqiao.kernel import time as kernel_time
from shuqiao.organizations.tests.factories import City
from tests.scenarios.browser import Visitor
from tests.scenarios.steps import PLACES, Clock, Place, place_in

REAL = kernel_time.now
_moved: list[Clock] = []


def _now() -> datetime:
    return _moved[-1].now() if _moved else REAL()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The one clock of all pages, services and jobs; `clock.to(day)` moves it."""
    for name in ("shuqiao.urls", "shuqiao.worker"):
        importlib.import_module(name)
    for name, module in list(sys.modules.items()):
        if name.startswith("shuqiao.") and getattr(module, "now", None) is REAL:
            monkeypatch.setattr(module, "now", _now)
    clock = Clock()
    _moved.append(clock)
    yield clock
    _moved.pop()


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, city: City) -> Place:
    """Each of the four regimes in turn."""
    return place_in(city, request.param)


@pytest.fixture
def visitor(place: Place, clock: Clock) -> object:
    """A browser of somebody in the place: `visitor("giver")`; `visitor("")` of nobody."""
    known: dict[str, Visitor] = {}

    def of(who: str) -> Visitor:
        if who not in known:
            known[who] = Visitor(place.user(who) if who else None)
        return known[who]

    return of
