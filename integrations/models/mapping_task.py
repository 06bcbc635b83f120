"""What workers do for the mapping editor: writing code, fetching people to try it on, rehearsing; and what came of it."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from integrations.enums import ACTIVE_TASKS, MappingTaskKind, MappingTaskStatus
from integrations.models.mapping import Mapping


class MappingTaskQuerySet(models.QuerySet["MappingTask"]):
    """Filters that have a name."""

    def active(self) -> "MappingTaskQuerySet":
        """Waiting for a worker, or with one."""
        return self.filter(status__in=sorted(ACTIVE_TASKS))

    def with_people(self) -> "MappingTaskQuerySet":
        """That tell of real people: an index knows only these."""
        return self.filter(kind__one_of=PEOPLE_IN_IT)

    def free(self, now: datetime) -> "MappingTaskQuerySet":
        """To be worked, and with no worker that is alive."""
        return self.active().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))


PEOPLE_IN_IT = (MappingTaskKind.SAMPLE.value, MappingTaskKind.REHEARSE.value)
"""Kinds of tasks that tell of people."""


class MappingTask(models.Model):
    """One thing a worker does for the editor. At most one of a kind is active per mapping.

    `request` says what is asked, `result` what came of it; their shapes are those of the module that does the work.
    `token` is the fence: who writes says which one he holds. `done` of `total` steps or pages are behind it.
    """

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, choices=MappingTaskKind)
    status = models.CharField(max_length=10, choices=MappingTaskStatus, default=MappingTaskStatus.QUEUED)
    request = models.JSONField(default=dict)
    result = models.BinaryField(null=True)
    step = models.CharField(max_length=120, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    cancel_requested = models.BooleanField(default=False)
    actor = models.CharField(max_length=150, blank=True)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    losses = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MappingTaskQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mapping", "kind"],
                condition=Q(status__in=sorted(ACTIVE_TASKS)),
                name="one_active_task_of_a_kind_per_mapping",
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(status__in=sorted(ACTIVE_TASKS)), name="mapping_task_to_do"
            ),
            models.Index(fields=["mapping", "kind", "-id"], name="mapping_task_newest"),
            models.Index(fields=["finished_at"], condition=Q(kind__one_of=PEOPLE_IN_IT), name="mapping_task_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for mapping {self.mapping_id}"


class MappingSample(models.Model):
    """A person to try a mapping on: fetched from the source, or made up. `record` = blob of the flat record. Real people are
    forgotten in their time (see `retention.py`)."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="samples")
    position = models.PositiveIntegerField()
    source_id = models.CharField(max_length=120)
    record = models.BinaryField()
    is_made_up = models.BooleanField(default=False)
    is_picked = models.BooleanField(default=False)
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["mapping", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["mapping", "source_id"], name="one_sample_per_record")]
        indexes = [models.Index(fields=["fetched_at"], condition=Q(is_made_up=False), name="sample_to_forget")]

    def __str__(self) -> str:
        return f"sample {self.source_id} of {self.mapping_id}"


class ModelExchange(models.Model):
    """One call to the language model, kept for the person who reviews what it wrote.

    `prompt` and `answer` = blobs of the text as sent and as received; samples in it are masked. `cost` is in the
    currency of the configured prices. `problem` is empty when the answer could be used.
    """

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="exchanges")
    task = models.ForeignKey(MappingTask, on_delete=models.CASCADE, related_name="exchanges")
    model = models.CharField(max_length=120)
    prompt = models.BinaryField()
    answer = models.BinaryField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    answer_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    seconds = models.FloatField(default=0)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"exchange {self.pk} with {self.model}"
