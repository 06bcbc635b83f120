"""The standing definition: from, to, mapping, mode, schedule."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from integrations.enums import Departed, EmptyValues, ReadMode, SyncMode
from integrations.models.connection import Connection
from integrations.models.mapping import Mapping

TOGETHER = "+"
"""Between fields that only together tell who somebody is: "LastName+Phone"."""


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

    It starts by hand, and by any of: `every_minutes`, `cron` in `time_zone` ("" = the panel's), when a job of `after` has
    finished. With `on_webhook`, incoming events of the source start small jobs of their own. `missed_at`: the slot that came
    last and could start nothing, until something starts.

    `conditions` = [{"field", "operator", "value"}, …], all of which hold for who is included. `match_fields`: fields of the
    destination by which somebody is looked for who is not found by the key. `departed`: what happens to those who left, after
    a complete reading, to `departed_most` at once; `departed_field` is the one that is emptied.
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
    cron = models.CharField(max_length=100, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=60, blank=True, default="", db_default="")
    after = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followers")
    next_due_at = models.DateTimeField(null=True, blank=True)
    on_webhook = models.BooleanField(default=False, db_default=False)
    missed_at = models.DateTimeField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)

    batch_size = models.PositiveIntegerField(null=True, blank=True)
    bulk_from = models.PositiveIntegerField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    conditions = models.JSONField(default=list, blank=True, db_default=[])
    empty_values = models.CharField(max_length=8, choices=EmptyValues, default=EmptyValues.CLEAR, db_default="clear")
    match_fields = models.JSONField(default=list, blank=True, db_default=[])
    departed = models.CharField(max_length=8, choices=Departed, default=Departed.NOTHING, db_default="nothing")
    departed_field = models.CharField(max_length=120, blank=True, default="", db_default="")
    departed_most = models.PositiveIntegerField(default=50, db_default=50)
    guards = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)

    objects = SyncQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_minutes__isnull=True) | Q(every_minutes__gte=1), name="sync_interval"
            ),
            models.CheckConstraint(condition=Q(every_minutes__isnull=True) | Q(cron=""), name="sync_one_timetable"),
            models.CheckConstraint(condition=Q(after__isnull=True) | ~Q(after=F("pk")), name="sync_never_after_itself"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """The name of this sync's event stream."""
        return f"sync:{self.pk}"
