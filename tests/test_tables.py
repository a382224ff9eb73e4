"""What the migrations leave in an empty database is what the models say, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

BESIDE = "made_directly"
DJANGO = ("auth_", "django_")  # its own tables, whose ids its migrations make wider than its models say
SQLITE = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'"
POSTGRESQL = (
    "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, numeric_precision, "
    "numeric_scale, is_nullable, column_default, is_identity) FROM information_schema.columns "
    "WHERE table_schema = current_schema()",
    "SELECT indexname, replace(indexdef, current_schema() || '.', '') FROM pg_indexes "
    "WHERE schemaname = current_schema()",
    "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace",
)


@contextmanager
def empty_database(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a database, or a schema, without tables."""
    beside: BaseDatabaseWrapper = connection.copy()
    if connection.vendor == "sqlite":
        beside.settings_dict["NAME"] = str(folder / "beside.sqlite3")
    else:
        beside.settings_dict["OPTIONS"]["options"] = f"-c search_path={BESIDE}"
    with closing(beside), beside.cursor() as cursor:
        if beside.vendor == "sqlite":
            yield beside
            return
        cursor.execute(f"CREATE SCHEMA {BESIDE}")
        try:
            yield beside
        finally:
            cursor.execute(f"DROP SCHEMA {BESIDE} CASCADE")


def tables_of(database: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """Each of our tables, columns, indexes and constraints by name, as the database tells it, columns in any order."""
    found: dict[str, list[str]] = {}
    with database.cursor() as cursor:
        for query in (SQLITE,) if database.vendor == "sqlite" else POSTGRESQL:
            cursor.execute(query)
            found |= {name: sorted(_parts(text)) for name, text in cursor.fetchall()}
    return {name: parts for name, parts in found.items() if not name.startswith(DJANGO)}


def _parts(text: str) -> Iterator[str]:
    """What stands between the commas that are in no bracket but the first of a CREATE TABLE."""
    head, _, body = text.partition("(") if text.startswith("CREATE TABLE") else ("", "", text)
    yield head
    depth = start = 0
    for place, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            yield body[start:place].strip()
            start = place + 1
    yield body[start:].strip().removesuffix(")" if depth < 0 else "")


@pytest.mark.django_db
def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    with empty_database(tmp_path) as beside:
        with beside.schema_editor() as editor:
            for model in apps.get_models():
                editor.create_model(model)
        said = tables_of(beside)
    migrated = tables_of(connection)
    assert len(said) > 100
    assert migrated.keys() == said.keys()
    assert {name: parts for name, parts in migrated.items() if parts != said[name]} == {}
