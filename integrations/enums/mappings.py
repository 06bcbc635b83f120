"""Words of the mapping editor."""

from django.db.models import TextChoices


class RuleOrigin(TextChoices):
    """Who wrote a draft, or one rule of it."""

    MATCHER = "matcher", "Suggested by matching fields"
    MODEL = "model", "Written by the model"
    HAND = "hand", "Edited by hand"


class MappingTaskKind(TextChoices):
    """What a worker does for the mapping editor."""

    WRITE = "write", "Writing the code"
    SAMPLE = "sample", "Fetching people to try it on"
    REHEARSE = "rehearse", "Rehearsing on a whole job"


class MappingTaskStatus(TextChoices):
    """How a task of the mapping editor is."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Did not work"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_TASKS = frozenset({MappingTaskStatus.QUEUED, MappingTaskStatus.RUNNING})
