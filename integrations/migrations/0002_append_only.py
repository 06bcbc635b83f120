"""Events, record events and mapping versions can be added and read: never changed, removed, replaced or truncated.

SQLite forgets the triggers of a table that a later migration remakes: that migration has to make them again.
"""

from django.db import migrations

KEYS = {
    "integrations_event": ("id", "stream, version"),
    "integrations_recordevent": ("id",),
    "integrations_mappingversion": ("id", "mapping_id, number"),
}
CHANGES = ("UPDATE", "DELETE")
FUNCTION = (
    "CREATE FUNCTION syncpanel_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
)


def sqlite():
    """INSERT OR REPLACE removes the row that is in its way without asking a DELETE trigger."""
    for table, keys in KEYS.items():
        refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in CHANGES:
            yield f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refusal}"
        taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {same(key)})" for key in keys)
        yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refusal}"


def same(key):
    return " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))


def postgresql():
    """TRUNCATE asks no row."""
    yield FUNCTION
    for table in KEYS:
        for change, asked in (*((change, "ROW") for change in CHANGES), ("TRUNCATE", "STATEMENT")):
            yield (
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} FOR EACH {asked} "
                f"EXECUTE FUNCTION syncpanel_append_only()"
            )


def create(apps, schema_editor):
    for statement in postgresql() if schema_editor.connection.vendor == "postgresql" else sqlite():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
