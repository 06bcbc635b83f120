"""Fields over there that a mapping uses and that are not as they were, and when they are looked at next."""

from django.db import models

from integrations.enums import DriftKind
from integrations.models.connection import Connection


class SchemaDrift(models.Model):
    """One change of one field. `label` is what people call the field, `detail` the rest of the sentence, `mappings` the ids of
    those whose published version uses it. `before` is the field as it was (as a snapshot has it), None where it was never
    described. Resolved when the field is back, or no published version uses it as it was any more.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="drifts")
    object_name = models.CharField(max_length=80)
    field = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=DriftKind)
    detail = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True, blank=True)
    mappings = models.JSONField(default=list)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "object_name", "field", "kind"],
                condition=models.Q(resolved_at__isnull=True),
                name="one_open_drift_per_field",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_name}.{self.field}: {self.kind}"


class SchemaReading(models.Model):
    """When an object's fields are read next. Who takes it moves `due_at` on first: that is his claim, and the next try if he
    does not come back. `attempts` counts those since it worked last.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="readings")
    object_name = models.CharField(max_length=80)
    due_at = models.DateTimeField(db_index=True)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "object_name"], name="one_reading_per_object")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.object_name}, {self.due_at:%Y-%m-%d %H:%M}"
