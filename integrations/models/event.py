"""The append-only store: events and record events are added and read; triggers in the database refuse all else."""

from django.db import models

from integrations.enums import STEPS, Kind, RecordEventKind

MARKS = models.Q(kind__not_one_of=tuple(sorted(kind.value for kind in STEPS)))


class EventQuerySet(models.QuerySet["Event"]):
    """Filters that have a name."""

    def marks(self) -> "EventQuerySet":
        """Without the steps of jobs' own work, of which there are thousands: an index knows only these."""
        return self.filter(MARKS)


class Event(models.Model):
    """One line of a stream. Never holds secrets or personal data. `actor` is a user name, or "" for the engine."""

    stream = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=Kind)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "version"], name="one_event_per_version")]
        indexes = [
            models.Index(fields=["-id", "kind", "actor"], condition=MARKS, name="event_marks"),
            models.Index(fields=["stream", "-version"], condition=MARKS, name="event_marks_of_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.version} {self.kind}"


class RecordEvent(models.Model):
    """One thing that happened to one record. What was sent is in the batch; `detail` is a reason code.

    The ids of job, sync and batch are plain numbers: these rows outlive what they point to and are written in bulk.
    """

    sync = models.BigIntegerField()
    job = models.BigIntegerField()
    batch = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=RecordEventKind)
    source_id = models.CharField(max_length=120)
    destination_id = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["source_id", "sync"], name="record_event_by_source"),
            models.Index(fields=["job", "id"], name="record_event_by_job"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"


class RecordLink(models.Model):
    """This id here is that id there, for one sync, with the hashes of what was last received and sent.

    `key_hash` is that of the key it was sent with: another source record with the same key is the same person twice.
    `destination_id` is empty where the platform tells none.
    """

    sync = models.BigIntegerField()
    source_id = models.CharField(max_length=120)
    destination_id = models.CharField(max_length=120)
    source_hash = models.BinaryField(max_length=16)
    content_hash = models.BinaryField(max_length=16)
    key_hash = models.BigIntegerField()
    mapping_version = models.BigIntegerField()
    job = models.BigIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sync", "source_id"], name="one_link_per_source_record")]
        indexes = [
            models.Index(fields=["sync", "key_hash"], name="link_by_key"),
            models.Index(fields=["sync", "destination_id"], name="link_there"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.destination_id}"


class RecordName(models.Model):
    """What the source's webhooks call a record, where that is not its id (`ObjectCapability.called_by`), as last read. Once the
    record is gone, nothing but this tells who was meant."""

    sync = models.BigIntegerField()
    name = models.CharField(max_length=120)
    source_id = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sync", "name"], name="one_record_per_name")]
        indexes = [models.Index(fields=["sync", "source_id"], name="name_by_record")]

    def __str__(self) -> str:
        return f"{self.name} = {self.source_id}"
