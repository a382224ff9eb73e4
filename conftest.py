"""What every test of the project may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.postgresql import Cluster, missing_part

if TYPE_CHECKING:
    from django.test import Client

    from shuqiao.organizations.tests.factories import City

ROOT = Path(__file__).parent
cluster = pytest.StashKey[Cluster]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="postgresql: start a server of our own and run the tests that touch the database on it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before Django reads its settings: name the database, and keep every file of the tests out of ./var."""
    home = Path(os.environ.setdefault("SHUQIAO_HOME", str(ROOT / ".pytest_cache" / "home")))
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SHUQIAO_MASTER_KEY", "ab" * 32)
    if config.getoption("--database") != "postgresql":
        return
    if missing := missing_part():
        if os.environ.get("CI"):
            pytest.exit(f"PostgreSQL is needed in CI: {missing}", returncode=1)
        pytest.exit(f"skipped: tests on PostgreSQL ({missing})", returncode=0)
    config.stash[cluster] = Cluster.start()
    os.environ["SHUQIAO_DATABASE_URL"] = config.stash[cluster].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if running := config.stash.get(cluster, None):
        running.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database through Django is run again."""
    if config.getoption("--database") != "postgresql":
        return
    touching = {"db", "transactional_db", "city", "client", "django_db_setup", "live_server"}
    keep = [
        item
        for item in items
        if (item.get_closest_marker("django_db") or touching & set(getattr(item, "fixturenames", ())))
        and not item.get_closest_marker("e2e")
        and not item.get_closest_marker("crash")
    ]
    dropped = [item for item in items if item not in set(keep)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = keep


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
    os.environ["SHUQIAO_HOME"] = before or str(ROOT / ".pytest_cache" / "home")


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
