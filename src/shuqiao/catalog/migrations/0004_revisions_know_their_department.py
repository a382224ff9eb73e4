"""Each revision repeats the department of its entry. Triggers alone write it, so that it is never another one."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

OF_ENTRY = "SELECT department_id FROM catalog_entry WHERE id = "
MOVE = "UPDATE catalog_revision SET of_department = NEW.department_id WHERE entry_id = NEW.id"
FILL = f"UPDATE catalog_revision SET of_department = ({OF_ENTRY} catalog_revision.entry_id)"  # noqa: S608 - fixed words
ON_ENTRY = "AFTER UPDATE OF department_id ON catalog_entry FOR EACH ROW WHEN (OLD.department_id <> NEW.department_id)"

POSTGRESQL = (
    "CREATE FUNCTION catalog_revision_owner() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN NEW.of_department := ({OF_ENTRY} NEW.entry_id); RETURN NEW; END $$",
    "CREATE TRIGGER catalog_revision_owner BEFORE INSERT OR UPDATE OF of_department ON catalog_revision "
    "FOR EACH ROW EXECUTE FUNCTION catalog_revision_owner()",
    "CREATE FUNCTION catalog_entry_owner() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {MOVE}; RETURN NULL; END $$",
    f"CREATE TRIGGER catalog_entry_owner {ON_ENTRY} EXECUTE FUNCTION catalog_entry_owner()",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER catalog_entry_owner ON catalog_entry",
    "DROP FUNCTION catalog_entry_owner()",
    "DROP TRIGGER catalog_revision_owner ON catalog_revision",
    "DROP FUNCTION catalog_revision_owner()",
)
ON_REVISION = (
    f"ON catalog_revision FOR EACH ROW WHEN NEW.of_department IS NOT ({OF_ENTRY} NEW.entry_id) "
    f"BEGIN {FILL} WHERE id = NEW.id; END"
)
SQLITE = (
    f"CREATE TRIGGER catalog_revision_owner_insert AFTER INSERT {ON_REVISION}",
    f"CREATE TRIGGER catalog_revision_owner_update AFTER UPDATE OF of_department {ON_REVISION}",
    f"CREATE TRIGGER catalog_entry_owner {ON_ENTRY} BEGIN {MOVE}; END",
)
SQLITE_BACK = (
    "DROP TRIGGER catalog_entry_owner",
    "DROP TRIGGER catalog_revision_owner_update",
    "DROP TRIGGER catalog_revision_owner_insert",
)


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(FILL)


def follow(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def forget(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_workbench_from_indexes")]
    operations = [
        migrations.RemoveIndex(model_name="revision", name="revision_of_entry"),
        migrations.AddField(
            model_name="revision",
            name="of_department",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                fields=["of_department", "changed_at", "id", "status"], name="revision_of_department"
            ),
        ),
        migrations.RunPython(follow, forget),
    ]
