"""Events can be added and read, never changed or removed; mapping versions never changed."""

from django.db import migrations

TABLES = {"integrations_event": ("UPDATE", "DELETE"), "integrations_mappingversion": ("UPDATE",)}


def statements(vendor):
    for table, actions in TABLES.items():
        for action in actions:
            name = f"{table}_no_{action.lower()}"
            if vendor == "sqlite":
                yield (
                    f"CREATE TRIGGER {name} BEFORE {action} ON {table} BEGIN "
                    f"SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            else:
                yield (
                    f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW "
                    f"EXECUTE FUNCTION syncpanel_append_only()"
                )


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION syncpanel_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
        )
    for statement in statements(vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
