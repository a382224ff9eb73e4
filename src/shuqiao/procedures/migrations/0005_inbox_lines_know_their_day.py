"""Each inbox line repeats the last day of its term and whether it rests. Triggers alone write them, so that they are
never other ones."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

OF_TERM = "SELECT due_on, paused FROM procedures_term WHERE id ="
FILL = f"UPDATE procedures_inboxitem SET (due_on, paused) = ({OF_TERM} procedures_inboxitem.term_id)"  # noqa: S608 - fixed words
FOLLOW = "UPDATE procedures_inboxitem SET due_on = NEW.due_on, paused = NEW.paused WHERE term_id = NEW.id"
ON_TERM = "AFTER UPDATE OF due_on, paused ON procedures_term FOR EACH ROW"

# A line that is made while its term changes waits for the change.
POSTGRESQL = (
    "CREATE FUNCTION procedures_line_day() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN SELECT due_on, paused INTO NEW.due_on, NEW.paused FROM procedures_term WHERE id = NEW.term_id "
    "FOR SHARE; RETURN NEW; END $$",
    "CREATE TRIGGER procedures_line_day BEFORE INSERT OR UPDATE OF term_id, due_on, paused "
    "ON procedures_inboxitem FOR EACH ROW EXECUTE FUNCTION procedures_line_day()",
    "CREATE FUNCTION procedures_term_day() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {FOLLOW}; RETURN NULL; END $$",
    f"CREATE TRIGGER procedures_term_day {ON_TERM} "
    "WHEN ((OLD.due_on, OLD.paused) IS DISTINCT FROM (NEW.due_on, NEW.paused)) "
    "EXECUTE FUNCTION procedures_term_day()",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER procedures_term_day ON procedures_term",
    "DROP FUNCTION procedures_term_day()",
    "DROP TRIGGER procedures_line_day ON procedures_inboxitem",
    "DROP FUNCTION procedures_line_day()",
)
ON_LINE = (
    f"ON procedures_inboxitem FOR EACH ROW WHEN (NEW.due_on, NEW.paused) IS NOT ({OF_TERM} NEW.term_id) "
    f"BEGIN {FILL} WHERE id = NEW.id; END"
)
SQLITE = (
    f"CREATE TRIGGER procedures_line_day_insert AFTER INSERT {ON_LINE}",
    f"CREATE TRIGGER procedures_line_day_update AFTER UPDATE OF term_id, due_on, paused {ON_LINE}",
    f"CREATE TRIGGER procedures_term_day {ON_TERM} "
    f"WHEN (OLD.due_on, OLD.paused) IS NOT (NEW.due_on, NEW.paused) BEGIN {FOLLOW}; END",
)
SQLITE_BACK = (
    "DROP TRIGGER procedures_term_day",
    "DROP TRIGGER procedures_line_day_update",
    "DROP TRIGGER procedures_line_day_insert",
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
    dependencies = [("procedures", "0004_classification_cases")]
    operations = [
        migrations.RemoveIndex(model_name="inboxitem", name="inbox_lines"),
        migrations.RemoveIndex(model_name="term", name="term_clock"),
        migrations.AddField(
            model_name="inboxitem", name="due_on", field=models.DateField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="inboxitem", name="paused", field=models.BooleanField(editable=False, null=True)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="inboxitem",
            index=models.Index(
                condition=models.Q(("done_at", None)),
                fields=["department", "permission", "case_kind", "paused", "due_on", "opened_at", "id"],
                name="inbox_lines",
            ),
        ),
        migrations.RunPython(follow, forget),
    ]
