"""Revisions of drafts are never used twice: how far a mapping's last draft came is kept with the mapping."""

from django.db import migrations, models

TOLD_BY = ("mapping.drafted", "mapping.written", "mapping.discarded")
ROWS = 500


def go_on_counting(apps, schema_editor):
    """A mapping without a draft goes on after the last revision its events tell of. One with a draft has its number there."""
    Event, Mapping = (apps.get_model("integrations", name) for name in ("Event", "Mapping"))
    mappings = {f"mapping:{mapping.pk}": mapping for mapping in Mapping.objects.filter(draft__isnull=True)}
    events = Event.objects.filter(kind__in=TOLD_BY).order_by().values_list("stream", "data")
    for stream, data in events.iterator(chunk_size=2_000):
        if mapping := mappings.get(stream):
            mapping.last_revision = max(mapping.last_revision, data.get("revision") or 0)
    Mapping.objects.bulk_update(mappings.values(), ["last_revision"], batch_size=ROWS)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0020_events_pages")]
    operations = [
        migrations.AddField(
            model_name="mapping",
            name="last_revision",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(go_on_counting, migrations.RunPython.noop),
    ]
