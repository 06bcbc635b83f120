"""Mapping versions can be added and read, never changed or removed. SQLite forgot the trigger when the table was remade."""

from django.db import migrations

TABLE = "integrations_mappingversion"


def create(apps, schema_editor):
    for action in ("UPDATE", "DELETE"):
        name = f"{TABLE}_no_{action.lower()}"
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {action} ON {TABLE} BEGIN "
                f"SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {action} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION syncpanel_append_only()"
            )


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_mapping_editor")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
