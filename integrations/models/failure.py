"""A record held back, with its reason: one row of the Fix-it list."""

from django.db import models
from django.db.models import Q

from integrations.enums import FailureKind, FailureStatus
from integrations.models.job import SyncJob
from integrations.models.sync import Sync

KNOWN = Q(received__isnull=False) | Q(technical__not_one_of=("",))
UNSENT = [FailureStatus.OPEN.value, FailureStatus.RETRYING.value, FailureStatus.DISMISSED.value]


class FailedRecordQuerySet(models.QuerySet["FailedRecord"]):
    """Filters that have a name."""

    def open(self) -> "FailedRecordQuerySet":
        """Waiting for a person."""
        return self.filter(status=FailureStatus.OPEN)

    def unresolved(self) -> "FailedRecordQuerySet":
        """Waiting for a person, or corrected and on its way."""
        return self.filter(status__in=[FailureStatus.OPEN, FailureStatus.RETRYING])

    def unsent(self) -> "FailedRecordQuerySet":
        """Unresolved, or set aside: a later job that deals with the person takes these over."""
        return self.filter(status__one_of=UNSENT)

    def known(self) -> "FailedRecordQuerySet":
        """What came and what would go is still kept."""
        return self.filter(KNOWN)


class FailedRecord(models.Model):
    """One record that was held back (invalid) or refused (rejected).

    `received` = blob of the flat source record. `mapped` = blob of the flat destination record, None when the
    mapping itself failed. `there` = blob of the record over there, where that is what a person must decide about.
    `corrections` = {"received": {field: value}, "sent": {field: value}}, what a person changed.
    `label` and `email` are for the list ("Tomasz Okafor"). `title` is the reason in words, the same for all records of
    a group. `suggestion` = {"values": {field: value}, "why": clause}, empty when there is none; `has_suggestion` says the same
    for indexes. `repair_batch` is the batch a retry went into.
    """

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="failed_records")
    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="failed_records")
    page_number = models.PositiveIntegerField(null=True)
    source_id = models.CharField(max_length=120)
    label = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=8, choices=FailureKind)
    code = models.CharField(max_length=60)
    field = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200)
    message = models.CharField(max_length=500)
    technical = models.TextField(blank=True)
    received = models.BinaryField(null=True)
    mapped = models.BinaryField(null=True)
    there = models.BinaryField(null=True)
    suggestion = models.JSONField(default=dict, blank=True)
    has_suggestion = models.BooleanField(default=False)
    corrections = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=FailureStatus, default=FailureStatus.OPEN)
    attempts = models.PositiveIntegerField(default=1)
    repair_batch = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    fixed_in_job = models.BigIntegerField(null=True, blank=True)

    objects = FailedRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("fix_record", "May correct, retry and set aside failed records")]
        constraints = [models.UniqueConstraint(fields=["job", "source_id"], name="one_failure_per_record_and_job")]
        indexes = [
            models.Index(fields=["status", "code", "field", "-id"], name="failure_by_reason"),
            models.Index(fields=["resolved_at"], condition=KNOWN, name="failure_to_forget"),
            models.Index(fields=["status", "-id", "label", "email"], name="failure_by_status"),
            models.Index(fields=["status", "-resolved_at", "sync"], name="failure_by_end"),
            models.Index(fields=["status", "sync", "code", "field", "-id"], name="failure_by_sync_reason"),
            models.Index(fields=["job", "status", "code", "field", "-id"], name="failure_by_job_reason"),
            models.Index(fields=["sync", "source_id"], condition=Q(status__one_of=UNSENT), name="failure_unsent"),
            models.Index(
                fields=["status", "code", "field", "sync", "job", "-id", "has_suggestion"],
                condition=Q(has_suggestion=True),
                name="failure_with_suggestion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.title}"
