"""A gateway whose pages never end by themselves: a real statement that only an interrupt stops."""

from __future__ import annotations

from shuqiao.gateway.app import Gateway
from shuqiao.gateway.serve import app as real_app
from shuqiao.store import VersionHandle
from shuqiao.store.sql import Sql

ENDLESS = Sql("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")


def _rows(self, query, scope, *, engine=None, running=None):
    return self._sqlite.run(ENDLESS, running)


def app() -> Gateway:
    """The application, its pages endless."""
    VersionHandle.rows = _rows
    return real_app()
