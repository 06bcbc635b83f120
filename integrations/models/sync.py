"""The standing definition: from, to, mapping, mode, schedule."""

from typing import Any

from django.db import models
from django.db.models import Q

from integrations.enums import ReadMode, SyncMode
from integrations.models.connection import Connection
from integrations.models.mapping import Mapping


class SyncQuerySet(models.QuerySet["Sync"]):
    """Filters that have a name."""

    def due(self, now: Any) -> "SyncQuerySet":
        """Switched on, with a schedule whose time has come."""
        return self.filter(is_enabled=True, next_due_at__lte=now)

    def with_ends(self) -> "SyncQuerySet":
        """With both connections and the published mapping, in one query."""
        return self.select_related("source", "destination", "mapping", "mapping__published")


class Sync(models.Model):
    """From one connection's object to another's, through a mapping.

    `guards` holds limits that park an abnormal job: {"creates": 5000, "updates": …, "blanks": …, "invalid_percent": …};
    a missing one is learned from past jobs. `read_until` is the end of the last completed reading.
    """

    name = models.CharField(max_length=120, unique=True)
    source = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="syncs_from")
    source_object = models.CharField(max_length=80)
    destination = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="syncs_to")
    destination_object = models.CharField(max_length=80)
    destination_key = models.CharField(max_length=80)
    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="syncs")
    write_mode = models.CharField(max_length=10, choices=SyncMode, default=SyncMode.UPSERT)
    read_mode = models.CharField(max_length=12, choices=ReadMode, default=ReadMode.FULL)

    is_enabled = models.BooleanField(default=True)
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)

    batch_size = models.PositiveIntegerField(null=True, blank=True)
    bulk_from = models.PositiveIntegerField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    guards = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)

    objects = SyncQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_minutes__isnull=True) | Q(every_minutes__gte=1), name="sync_interval"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """The name of this sync's event stream."""
        return f"sync:{self.pk}"
