"""What a job keeps while it works: source pages, and batches to upload."""

from django.db import models
from django.db.models import Q

from integrations.enums import BatchStatus, BatchVerb, PageStatus
from integrations.models.job import SyncJob

TO_DO = [BatchStatus.PENDING.value, BatchStatus.SENDING.value]


class SourcePage(models.Model):
    """One fetched chunk: compressed records, the cursor after it, later the mapped records and the keys it sent.

    `records` = blob of list of flat records.
    `mapped` = blob of [[position, source hash (hex), source id, mapped record], …] of those that go on.
    `key_hashes` = 8 bytes per record packed into a batch, to find duplicates within the job.
    """

    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="source_pages")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=PageStatus, default=PageStatus.FETCHED)
    count = models.PositiveIntegerField()
    records = models.BinaryField()
    cursor_after = models.JSONField(null=True)
    mapped = models.BinaryField(null=True)
    key_hashes = models.BinaryField(null=True)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_page_number_per_job")]

    def __str__(self) -> str:
        return f"page {self.number} of job {self.job_id}"


class BatchQuerySet(models.QuerySet["Batch"]):
    """Filters that have a name."""

    def to_do(self) -> "BatchQuerySet":
        """To be sent, or being sent."""
        return self.filter(status__one_of=TO_DO)

    def loading(self) -> "BatchQuerySet":
        """Large loads that a platform may be at work on."""
        return self.filter(is_bulk=True, status=BatchStatus.SENDING).exclude(ticket={})


class Batch(models.Model):
    """One chunk of mapped records that is uploaded in one call.

    `verb` ARCHIVE or CLEAR: these are links of people who left; then `mapped record` holds only the id over there.
    `payload` = blobs, one for each step it was filled in, of [[source_id, source_hash, content_hash, mapped record, page
    number, position, key hash], …]. `exchange` = blob of the calls as a person may see them. `ticket` names the remote job
    of a bulk upload, saved before a record leaves.
    """

    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="upload_batches")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=BatchStatus, default=BatchStatus.PENDING)
    verb = models.CharField(max_length=8, choices=BatchVerb, default=BatchVerb.WRITE, db_default="write")
    is_bulk = models.BooleanField(default=False)
    is_repair = models.BooleanField(default=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="halves")
    count = models.PositiveIntegerField()
    payload = models.BinaryField()
    attempts = models.PositiveIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    ticket = models.JSONField(default=dict, blank=True)
    exchange = models.BinaryField(null=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_batch_number_per_job")]
        indexes = [
            models.Index(
                fields=["job", "number"],
                condition=Q(status__one_of=TO_DO),
                name="batch_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.number} of job {self.job_id}"
