"""What jobs got done before there was a table for it, from their events."""

from collections import defaultdict
from datetime import UTC

from django.db import migrations

COUNTING = ("job.pages_mapped", "job.pages_validated", "job.batches_uploaded")
ARRIVED, SET_ASIDE = ("created", "updated"), ("rejected", "invalid")
ROWS = 500


def quarter_of(at):
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def add_up(apps, schema_editor):
    Event, SyncJob, Throughput = (apps.get_model("integrations", name) for name in ("Event", "SyncJob", "Throughput"))
    jobs = {f"job:{pk}": pk for pk in SyncJob.objects.values_list("pk", flat=True)}
    found = defaultdict(lambda: [0, 0])
    events = Event.objects.filter(kind__in=COUNTING).order_by().values_list("stream", "data", "at")
    for stream, data, at in events.iterator(chunk_size=2_000):
        added = data.get("add") or {}
        numbers = [sum(added.get(name, 0) for name in names) for names in (ARRIVED, SET_ASIDE)]
        if stream in jobs and any(numbers):
            row = found[jobs[stream], quarter_of(at)]
            row[0] += numbers[0]
            row[1] += numbers[1]
    Throughput.objects.bulk_create(
        [Throughput(job_id=job, began=began, arrived=row[0], set_aside=row[1]) for (job, began), row in found.items()],
        batch_size=ROWS,
    )


class Migration(migrations.Migration):
    dependencies = [("integrations", "0008_throughput")]
    operations = [migrations.RunPython(add_up, migrations.RunPython.noop)]
