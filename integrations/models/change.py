"""What deliveries say happened to records, on its way into the small jobs of the syncs that listen."""

from django.db import models

from integrations.enums import ChangeKind
from integrations.models.connection import Connection
from integrations.models.sync import Sync


class SeenChange(models.Model):
    """One thing that happened, known by its key so that a repetition counts once. Kept as long as
    deliveries' bodies.

    `delivery` is the id of the one that told of it, 0 when a person or a job asked to look at the record anew; `delivery` rows
    may be gone before or after. A connection may be removed before what it told, of which there may be a million: the sweep
    follows.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seen_changes", db_index=False
    )
    key_hash = models.BinaryField(max_length=16)
    delivery = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=ChangeKind)
    object_name = models.CharField(max_length=120)
    record_id = models.CharField(max_length=120)
    new_id = models.CharField(max_length=120, blank=True)
    what = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key_hash"], name="one_change_per_key")]
        indexes = [
            models.Index(fields=["delivery"], name="change_by_delivery"),
            models.Index(fields=["record_id", "-delivery"], name="change_by_record"),
        ]

    def __str__(self) -> str:
        return f"change {self.pk}"


class WaitingChange(models.Model):
    """A record of which a sync's next small job has to hear. However much happens to it meanwhile, it waits once, and the
    newest happening counts. `first` and `newest` are the changes that are in it (`SeenChange`); `record` is the packed record
    where the platform delivered it."""

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="waiting_changes", db_index=False)
    record_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=ChangeKind)
    new_id = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    first = models.BigIntegerField()
    newest = models.BigIntegerField()
    record = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sync", "record_id"], name="one_waiting_change_per_record")]
        indexes = [models.Index(fields=["sync", "newest"], name="waiting_by_age")]

    def __str__(self) -> str:
        return f"{self.sync_id}:{self.record_id}"


class TakenChangeQuerySet(models.QuerySet["TakenChange"]):
    """Filters that have a name."""

    def departed(self, job_id: int) -> "TakenChangeQuerySet":
        """Source records of which this job heard that they left: deleted, or combined with another (`new_id`)."""
        return self.filter(job=job_id, kind__in=(ChangeKind.DELETED, ChangeKind.MERGED))


class TakenChange(models.Model):
    """A waiting change that a job has taken, in the transaction that stored what it read. Kept as long as
    deliveries' bodies, to tell what became of them."""

    sync = models.BigIntegerField()
    job = models.BigIntegerField()
    record_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=ChangeKind)
    new_id = models.CharField(max_length=120, blank=True)
    first = models.BigIntegerField()
    newest = models.BigIntegerField()
    taken_at = models.DateTimeField()

    objects = TakenChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["job", "kind"], name="taken_by_job"),
            models.Index(fields=["record_id", "newest"], name="taken_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.job}:{self.record_id}"


class Inbox(models.Model):
    """When the small job of a sync is to start: after a quiet moment, but not long after the first change that waits."""

    sync = models.OneToOneField(Sync, on_delete=models.CASCADE, primary_key=True, related_name="inbox")
    first_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="inbox_by_time")]

    def __str__(self) -> str:
        return f"inbox of sync {self.sync_id}"
