"""Append-only without a way around: events, record events and mapping versions cannot be replaced or truncated, and
record events, too, are never changed or removed."""

from django.db import migrations

REFUSED = {"integrations_recordevent": ("UPDATE", "DELETE")}
UNIQUE = {
    "integrations_event": ("id", "stream, version"),
    "integrations_recordevent": ("id",),
    "integrations_mappingversion": ("id", "mapping_id, number"),
}


def sqlite():
    """INSERT OR REPLACE removes the row that is in its way without asking a DELETE trigger."""
    for table, actions in REFUSED.items():
        for action in actions:
            yield trigger(f"{table}_no_{action.lower()}", f"BEFORE {action} ON {table}", table)
    for table, keys in UNIQUE.items():
        taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {same(key)})" for key in keys)
        yield trigger(f"{table}_no_replace", f"BEFORE INSERT ON {table} WHEN {taken}", table)


def trigger(name, moment, table):
    return f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"


def same(key):
    return " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))


def postgresql():
    """TRUNCATE asks no row."""
    for table, actions in REFUSED.items():
        for action in actions:
            yield (
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION syncpanel_append_only()"
            )
    for table in UNIQUE:
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION syncpanel_append_only()"
        )


def create(apps, schema_editor):
    for statement in postgresql() if schema_editor.connection.vendor == "postgresql" else sqlite():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0004_immutable_versions")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
