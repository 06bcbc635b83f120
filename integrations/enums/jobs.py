"""Words about jobs and what they are made of."""

from django.db.models import TextChoices


class Stage(TextChoices):
    """Where a job is."""

    FETCHING = "fetching", "Fetching"
    MAPPING = "mapping", "Mapping fields"
    VALIDATING = "validating", "Validating records"
    APPROVING = "approving", "Waiting for release"
    UPLOADING = "uploading", "Uploading"
    FINISHED = "finished", "Done"


class Status(TextChoices):
    """How a job is."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    PAUSED = "paused", "Paused"
    STUCK = "stuck", "Stopped"
    SUCCEEDED = "succeeded", "Finished"
    PARTIAL = "partial", "Finished, some to fix"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = frozenset({Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED, Status.STUCK})


WORKABLE = frozenset({Status.QUEUED, Status.RUNNING, Status.WAITING})


FINAL = frozenset({Status.SUCCEEDED, Status.PARTIAL, Status.CANCELLED})


class Trigger(TextChoices):
    """What started a job."""

    MANUAL = "manual", "by hand"
    SCHEDULE = "schedule", "on schedule"
    COMMAND = "command", "from the command line"
    FOLLOWING = "following", "after another sync"
    WEBHOOK = "webhook", "by an incoming event"


class PageStatus(TextChoices):
    """How far a source page is."""

    FETCHED = "fetched"
    MAPPED = "mapped"
    VALIDATED = "validated"


class BatchStatus(TextChoices):
    """How far a batch is. `sending` found after a crash means in doubt."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SPLIT = "split"
    HELD = "held"


class BatchVerb(TextChoices):
    """What a batch does with its records."""

    WRITE = "write", "Add and update"
    ARCHIVE = "archive", "Archive"
    CLEAR = "clear", "Empty a field"


class NotSent(TextChoices):
    """Why nothing was sent for a record that was about to be: what is over there decides."""

    UNCHANGED = "unchanged", "It is like that already"
    LEFT_OUT = "left_out", "Not for this sync"
    HELD = "held", "A person must decide"
