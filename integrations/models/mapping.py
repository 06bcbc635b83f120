"""How a source record becomes a destination record."""

from django.db import models


class Mapping(models.Model):
    """A mapping between two kinds of objects; what runs is its published version."""

    name = models.CharField(max_length=120, unique=True)
    source_platform = models.CharField(max_length=40)
    source_object = models.CharField(max_length=80)
    destination_platform = models.CharField(max_length=40)
    destination_object = models.CharField(max_length=80)
    published = models.ForeignKey(
        "MappingVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="published_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """The name of this mapping's event stream."""
        return f"mapping:{self.pk}"


class MappingVersion(models.Model):
    """One immutable version: the instructions, the code, the source fields it reads, and who wrote it (as in events)."""

    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    instructions = models.TextField(blank=True)
    code = models.TextField()
    source_fields = models.JSONField(default=list)
    author = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["mapping", "-number"]
        constraints = [models.UniqueConstraint(fields=["mapping", "number"], name="one_number_per_mapping")]

    def __str__(self) -> str:
        return f"{self.mapping_id} version {self.number}"
