"""What every test of the project may ask for."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from shuqiao.organizations.tests.factories import City

ROOT = Path(__file__).parent
os.environ.setdefault("SHUQIAO_MASTER_KEY", "ab" * 32)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="postgresql: only tests that touch the database; `python -m tests.postgresql` starts the server",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make sure that the database is the one that was asked for: pytest-django has read the settings by now."""
    wanted = config.getoption("--database")
    found = "postgresql" if os.environ.get("SHUQIAO_DATABASE_URL", "").startswith("postgres") else "sqlite"
    if wanted != found:
        pytest.exit(f"asked for {wanted}, but SHUQIAO_DATABASE_URL is {found}: python -m tests.postgresql", 2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database through Django is run again; some tests are only for it."""
    if config.getoption("--database") == "sqlite":
        keep = [item for item in items if not item.get_closest_marker("postgresql")]
    else:
        keep = [item for item in items if _touches_the_database(item)]
    kept = set(keep)
    if dropped := [item for item in items if item not in kept]:
        config.hook.pytest_deselected(items=dropped)
    items[:] = keep


def _touches_the_database(item: pytest.Item) -> bool:
    touching = {"db", "transactional_db", "city", "client", "django_db_setup", "live_server"}
    if item.get_closest_marker("e2e") or item.get_closest_marker("crash"):
        return False  # these start installations of their own
    return bool(item.get_closest_marker("django_db") or touching & set(getattr(item, "fixturenames", ())))


def missing(what: str) -> None:
    """Skip by name for a missing part of the machine; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"missing in CI: {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project. Skips by name where it is absent, except in CI."""
    folder = Path(os.environ.get("SHUQIAO_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        missing(f"real data files are not at {folder}")
    return folder


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Iterator[Path]:
    """A fresh home directory (versions, staging, journal, grant book) for one test."""
    folder = tmp_path / "home"
    for name in ("versions", "staging", "journal", "grantbook", "secrets"):
        (folder / name).mkdir(parents=True)
    settings.HOME = folder  # type: ignore[attr-defined]
    before = os.environ.get("SHUQIAO_HOME")
    os.environ["SHUQIAO_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["SHUQIAO_HOME"]
    else:
        os.environ["SHUQIAO_HOME"] = before


@pytest.fixture
def city(db: None, home: Path) -> City:
    """The small world of every app's tests, in a home of its own."""
    from shuqiao.organizations.tests.factories import make_city

    return make_city()


@pytest.fixture
def client_of(city: City) -> object:
    """A browser of somebody in the city: `client_of("provider-approver")`."""
    from django.test import Client

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(city.user(username))
        return client

    return signed_in


@pytest.fixture(autouse=True)
def what_migrations_laid_in(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test of the database finds the national list and the triggers, whatever ran before it in its worker.

    A transactional test ends with a flush: it takes the list away, and SQLite does it by DELETE, which the triggers
    of event rows refuse; so they rest before it.
    """
    if not _touches_the_database(request.node):
        yield
        return
    transactional = _is_transactional(request)
    request.getfixturevalue("transactional_db" if transactional else "db")
    from django.db import connection

    _lay_in_national_list()
    if connection.vendor != "sqlite":
        yield
        return
    migration = importlib.import_module("shuqiao.procedures.migrations.0002_events_never_change")
    with connection.cursor() as cursor:
        # A schema editor would refuse to work inside the transaction of a test.
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        cursor.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'procedures_event_no_update'"
        )
        if cursor.fetchone() is None:
            migration.forward(None, editor)
        yield
        if transactional:
            migration.backward(None, editor)


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"}
    return bool(names & set(request.fixturenames) or (marker and marker.kwargs.get("transaction")))


def _lay_in_national_list() -> None:
    from django.apps import apps

    from shuqiao.catalog.models import Classification

    if not Classification.objects.exists():
        migration = importlib.import_module("shuqiao.catalog.migrations.0002_national_classification")
        migration.forward(apps, None)
