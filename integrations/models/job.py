"""One execution of a sync. The row is the projection of its event stream, plus the lease."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from integrations.enums import ACTIVE, WORKABLE, Stage, Status, Trigger
from integrations.models.mapping import MappingVersion
from integrations.models.sync import Sync

IS_ACTIVE = tuple(sorted(status.value for status in ACTIVE))


class SyncJobQuerySet(models.QuerySet["SyncJob"]):
    """Filters that have a name."""

    def active(self) -> "SyncJobQuerySet":
        """Not finished: at most one per sync. Said like this, SQLite finds them by the constraint that sees to it."""
        return self.filter(status__one_of=IS_ACTIVE)

    def due(self, now: datetime) -> "SyncJobQuerySet":
        """A worker may claim them now."""
        return self.filter(status__in=WORKABLE, owner__isnull=True, wake_at__lte=now)

    def leased(self) -> "SyncJobQuerySet":
        """A worker holds them. No owner is named ""; said like this, SQLite finds them by an index of only these."""
        return self.filter(owner__gt="")


class SyncJob(models.Model):
    """One execution of a sync. Its primary key is the number on screen ("job 1,482").

    The columns up to `last_progress_at` are what the job's events add up to (`orchestrator/state.py`); only
    `orchestrator/state_machine.py` writes them. The columns after it, which no event tells, are the lease, the wake-up,
    and whether pages and batches may still hold what they held (see `retention.py`).
    """

    sync = models.ForeignKey(Sync, on_delete=models.PROTECT, related_name="jobs")
    mapping_version = models.ForeignKey(MappingVersion, on_delete=models.PROTECT, related_name="jobs")
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.MANUAL)
    actor = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    stage = models.CharField(max_length=12, choices=Stage, default=Stage.FETCHING)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    version = models.PositiveIntegerField(default=0)

    read_since = models.DateTimeField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    pages_mapped = models.PositiveIntegerField(default=0)
    pages_validated = models.PositiveIntegerField(default=0)
    batches = models.PositiveIntegerField(default=0)
    batches_done = models.PositiveIntegerField(default=0)

    fetched = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    planned = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    departed = models.PositiveIntegerField(default=0, db_default=0)
    removed = models.PositiveIntegerField(default=0, db_default=0)
    failures_open = models.PositiveIntegerField(default=0)
    failures_retrying = models.PositiveIntegerField(default=0)

    attempts = models.PositiveIntegerField(default=0)
    worker_losses = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    wait_until = models.DateTimeField(null=True, blank=True)
    guard = models.JSONField(default=dict, blank=True)
    is_released = models.BooleanField(default=False)
    pause_requested = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)
    stage_started_at = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    last_progress_at = models.DateTimeField(null=True, blank=True)

    token = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=200, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    has_payloads = models.BooleanField(default=True, db_default=True)

    objects = SyncJobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("operate_job", "May start, pause, resume, release and cancel jobs")]
        constraints = [
            models.UniqueConstraint(fields=["sync"], condition=Q(status__in=IS_ACTIVE), name="one_active_job_per_sync"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.FINISHED)
                | Q(status=Status.CANCELLED)
                | Q(fetched=F("left_out") + F("invalid") + F("duplicate") + F("unchanged") + F("sent")),
                name="a_finished_job_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(sent=F("created") + F("updated") + F("rejected")), name="what_was_sent_adds_up"
            ),
        ]
        indexes = [
            models.Index(fields=["sync", "-id"], name="job_by_sync"),
            models.Index(fields=["status", "-id"], name="job_by_status"),
            models.Index(fields=["finished_at"], name="job_by_end"),
            models.Index(fields=["finished_at"], condition=Q(has_payloads=True), name="job_to_forget"),
            models.Index(fields=["sync", "failures_open"], condition=Q(failures_open__gt=0), name="job_to_fix"),
            models.Index(fields=["status", "-id"], condition=Q(failures_retrying__gt=0), name="job_to_repair"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="job_leased"),
            models.Index(
                fields=["wake_at"], condition=Q(owner__isnull=True, wake_at__isnull=False), name="job_to_wake"
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    @property
    def stream(self) -> str:
        """The name of this job's event stream."""
        return f"job:{self.pk}"

    @property
    def is_active(self) -> bool:
        """True until the job is finished or cancelled."""
        return self.status in ACTIVE


class Throughput(models.Model):
    """How many records of a job arrived and were set aside in the quarter of an hour that `began` then (UTC).

    Added up with the events that say so, as the job's row is. A quarter, because every time zone's hours are made of them.
    """

    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="throughput", db_index=False)
    began = models.DateTimeField()
    arrived = models.PositiveIntegerField()
    set_aside = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "began"], name="one_throughput_per_quarter")]
        indexes = [models.Index(fields=["began"], name="throughput_by_time")]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.began:%Y-%m-%d %H:%M}"
