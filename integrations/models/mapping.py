"""How a source record becomes a destination record: mappings, their immutable versions, their drafts, their examples."""

from django.db import models

from integrations.enums import RuleOrigin
from integrations.models.connection import Connection


class Mapping(models.Model):
    """A mapping between two kinds of objects; what runs is its published version.

    The two connections are where the editor looks for fields and for people to try it on; syncs have their own.
    `last_revision` = that of the last draft that is gone: no later draft has one of those numbers again.
    """

    name = models.CharField(max_length=120, unique=True)
    source_platform = models.CharField(max_length=40)
    source_object = models.CharField(max_length=80)
    source_connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="mappings_from"
    )
    destination_platform = models.CharField(max_length=40)
    destination_object = models.CharField(max_length=80)
    destination_connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="mappings_to"
    )
    published = models.ForeignKey(
        "MappingVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="published_by"
    )
    last_revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        permissions = [("publish_mapping", "May publish mappings")]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """The name of this mapping's event stream."""
        return f"mapping:{self.pk}"

    @property
    def first_revision(self) -> int:
        """What the draft began as, or would. A draft that still is that revision was changed by nobody."""
        return self.last_revision + 1


class MappingVersion(models.Model):
    """One immutable version: the instructions, the code, the source fields it reads, and who wrote it (as in events).

    `rules` = [{"field", "text", "by"}, …], what it does in plain words, field by field. `note` is what the person who
    published it said of it.
    """

    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    instructions = models.TextField(blank=True)
    code = models.TextField()
    rules = models.JSONField(default=list, blank=True)
    source_fields = models.JSONField(default=list)
    author = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["mapping", "-number"]
        constraints = [models.UniqueConstraint(fields=["mapping", "number"], name="one_number_per_mapping")]

    def __str__(self) -> str:
        return f"{self.mapping_id} version {self.number}"


class MappingDraft(models.Model):
    """What becomes the next version: at most one per mapping, shared by all who edit it.

    `revision` rises with each change, goes on from draft to draft, and is the fence: who saves says which revision he
    saw. `rules` as in a version, with "by" one of `RuleOrigin`, and "print", that of the code it was written for.
    `questions` = [{"field", "text", "answer"}, …]. `editors` = everyone who changed it, or had it changed by the model,
    since the version it is `based_on`, in order.
    """

    mapping = models.OneToOneField(Mapping, on_delete=models.CASCADE, related_name="draft")
    based_on = models.ForeignKey(MappingVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    instructions = models.TextField(blank=True)
    code = models.TextField(blank=True)
    rules = models.JSONField(default=list, blank=True)
    questions = models.JSONField(default=list, blank=True)
    origin = models.CharField(max_length=10, choices=RuleOrigin, default=RuleOrigin.HAND)
    editors = models.JSONField(default=list, blank=True)
    review_asked_by = models.CharField(max_length=150, blank=True)
    review_asked_at = models.DateTimeField(null=True, blank=True)
    updated_by = models.CharField(max_length=150, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of {self.mapping_id}, revision {self.revision}"


class MappingExample(models.Model):
    """A record and what must become of it, as a person marked it right. Every later draft is held against it.

    `record` and `expected` are blobs: of the flat source record, and of the mapped record, or of None when the record is
    to be left out.
    """

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="examples")
    label = models.CharField(max_length=200, blank=True)
    source_id = models.CharField(max_length=120, blank=True)
    record = models.BinaryField()
    expected = models.BinaryField()
    marked_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"example {self.pk} of {self.mapping_id}"
