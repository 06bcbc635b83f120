"""Two records that may be one person, and what somebody decided about them."""

from django.db import models
from django.db.models import Q

from integrations.enums import DuplicateKind, DuplicateVerdict
from integrations.models.sync import Sync

UNDECIDED = [DuplicateVerdict.OPEN.value, DuplicateVerdict.LATER.value]


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    """Filters that have a name."""

    def undecided(self) -> "DuplicateQuerySet":
        """Nobody has said yet whether they are one person."""
        return self.filter(verdict__in=UNDECIDED)

    def decided(self) -> "DuplicateQuerySet":
        """A person has said so."""
        return self.exclude(verdict__in=UNDECIDED)


class Duplicate(models.Model):
    """Two records of one sync that may be one person. `source_id` is a record of the source. The other one is a record of the
    source too (`other_id`), or one of the destination (`destination_id`). Both: the record of the destination stands for
    `other_id` so far.

    `sides` = blob of the two flat records, as they were when this was noticed; names and addresses of both are for the list.
    `why` is a clause without values ("same phone, similar name"), `confidence` from 0 to 100. A verdict is remembered: who is
    DIFFERENT is never asked about again. `keeps`: the record of the source that is sent from now on, of two that are one
    person. `undo` is what it takes to take the decision back (ids and hashes, no values).
    """

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="duplicates")
    kind = models.CharField(max_length=12, choices=DuplicateKind)
    source_id = models.CharField(max_length=120)
    other_id = models.CharField(max_length=120, blank=True)
    destination_id = models.CharField(max_length=120, blank=True)
    label = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    other_label = models.CharField(max_length=200, blank=True, default="", db_default="")
    other_email = models.CharField(max_length=254, blank=True, default="", db_default="")
    why = models.CharField(max_length=200, blank=True)
    confidence = models.PositiveSmallIntegerField(default=50)
    sides = models.BinaryField(null=True)
    verdict = models.CharField(max_length=10, choices=DuplicateVerdict, default=DuplicateVerdict.OPEN)
    keeps = models.CharField(max_length=120, blank=True)
    undo = models.JSONField(default=dict, blank=True, db_default={})
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    job = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("decide_duplicate", "May decide who is one person")]
        constraints = [
            models.UniqueConstraint(
                fields=["sync", "source_id", "other_id", "destination_id"], name="one_duplicate_per_two_records"
            )
        ]
        indexes = [
            models.Index(fields=["verdict", "-confidence", "-id"], name="duplicate_to_decide"),
            models.Index(fields=["verdict", "kind", "-confidence", "-id"], name="duplicate_by_kind"),
            models.Index(fields=["sync", "verdict", "-confidence", "-id"], name="duplicate_of_sync"),
            models.Index(fields=["sync", "other_id"], name="duplicate_by_other"),
            models.Index(fields=["decided_at"], condition=Q(sides__isnull=False), name="duplicate_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} and {self.other_id or self.destination_id}"
