"""The words of the engine. Each class is one set of words; the values are what the database holds."""

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


class Kind(TextChoices):
    """What an event says happened. The part before the dot is the stream's subject."""

    JOB_CREATED = "job.created"
    JOB_STARTED = "job.started"
    JOB_PAGE_FETCHED = "job.page_fetched"
    JOB_FETCHED = "job.fetched"
    JOB_PAGES_MAPPED = "job.pages_mapped"
    JOB_MAPPED = "job.mapped"
    JOB_PAGES_VALIDATED = "job.pages_validated"
    JOB_VALIDATED = "job.validated"
    JOB_HELD_FOR_RELEASE = "job.held_for_release"
    JOB_RELEASED = "job.released"
    JOB_BATCHES_UPLOADED = "job.batches_uploaded"
    JOB_BATCH_SPLIT = "job.batch_split"
    JOB_WAITING = "job.waiting"
    JOB_WOKEN = "job.woken"
    JOB_PAUSE_REQUESTED = "job.pause_requested"
    JOB_PAUSED = "job.paused"
    JOB_STUCK = "job.stuck"
    JOB_RESUMED = "job.resumed"
    JOB_CANCEL_REQUESTED = "job.cancel_requested"
    JOB_CANCELLED = "job.cancelled"
    JOB_FINISHED = "job.finished"
    JOB_WORKER_LOST = "job.worker_lost"
    JOB_RETRY_REQUESTED = "job.retry_requested"
    JOB_REOPENED = "job.reopened"
    JOB_REPAIRS_PREPARED = "job.repairs_prepared"
    JOB_RETRY_WITHDRAWN = "job.retry_withdrawn"
    JOB_RECORDS_DISMISSED = "job.records_dismissed"
    JOB_RECORDS_RESTORED = "job.records_restored"
    JOB_RECORDS_SUPERSEDED = "job.records_superseded"

    SYNC_CREATED = "sync.created"
    SYNC_CHANGED = "sync.changed"
    SYNC_ENABLED = "sync.enabled"
    SYNC_DISABLED = "sync.disabled"
    SYNC_SLOT_SKIPPED = "sync.slot_skipped"

    MAPPING_CREATED = "mapping.created"
    MAPPING_CHANGED = "mapping.changed"
    MAPPING_DRAFTED = "mapping.drafted"
    MAPPING_WRITTEN = "mapping.written"
    MAPPING_DISCARDED = "mapping.discarded"
    MAPPING_REVIEW_ASKED = "mapping.review_asked"
    MAPPING_REHEARSED = "mapping.rehearsed"
    MAPPING_EXAMPLE_ADDED = "mapping.example_added"
    MAPPING_EXAMPLE_CHANGED = "mapping.example_changed"
    MAPPING_EXAMPLE_REMOVED = "mapping.example_removed"
    MAPPING_PUBLISHED = "mapping.published"
    MAPPING_RETIRED = "mapping.retired"
    MAPPING_RESTORED = "mapping.restored"

    CONNECTION_CREATED = "connection.created"
    CONNECTION_CHANGED = "connection.changed"
    CONNECTION_TESTED = "connection.tested"
    CONNECTION_SIGN_IN_LOST = "connection.sign_in_lost"
    CONNECTION_SIGN_IN_RESTORED = "connection.sign_in_restored"
    CONNECTION_BREAKER_OPENED = "connection.breaker_opened"
    CONNECTION_BREAKER_CLOSED = "connection.breaker_closed"
    CONNECTION_SCHEMA_CHANGED = "connection.schema_changed"
    CONNECTION_DELETED = "connection.deleted"

    PEOPLE_LOOKED_UP = "people.looked_up"
    PEOPLE_DOWNLOADED = "people.downloaded"

    SETTINGS_CHANGED = "settings.changed"


STEPS = frozenset(
    {
        Kind.JOB_STARTED,
        Kind.JOB_PAGE_FETCHED,
        Kind.JOB_PAGES_MAPPED,
        Kind.JOB_PAGES_VALIDATED,
        Kind.JOB_BATCHES_UPLOADED,
        Kind.JOB_BATCH_SPLIT,
        Kind.JOB_WOKEN,
        Kind.JOB_REPAIRS_PREPARED,
    }
)
"""The small steps of a job's own work, thousands of them. All other events mark a change that a person may look for."""


class Trigger(TextChoices):
    """What started a job."""

    MANUAL = "manual", "by hand"
    SCHEDULE = "schedule", "on schedule"
    COMMAND = "command", "from the command line"
    WEBHOOK = "webhook", "by an incoming event"


class SyncMode(TextChoices):
    """How a sync writes."""

    UPSERT = "upsert", "Add and update"
    UPDATE = "update", "Update only"
    CREATE = "create", "Add only"


class ReadMode(TextChoices):
    """How much of the source a sync reads."""

    FULL = "full", "Everyone, every time"
    INCREMENTAL = "incremental", "Only what changed"


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


class FailureKind(TextChoices):
    """Invalid: we held the record back. Rejected: the platform refused it. Never mixed up."""

    INVALID = "invalid", "Held back by us"
    REJECTED = "rejected", "Refused by the platform"


class FailureStatus(TextChoices):
    """Where a failed record is on the Fix-it list."""

    OPEN = "open", "To fix"
    RETRYING = "retrying", "Fixed, going out"
    FIXED = "fixed", "Fixed"
    DISMISSED = "dismissed", "Set aside"
    SUPERSEDED = "superseded", "Taken over by a later job"


class RecordEventKind(TextChoices):
    """What happened to one record."""

    CREATED = "created", "Added"
    UPDATED = "updated", "Updated"
    INVALID = "invalid", "Held back"
    REJECTED = "rejected", "Refused"
    LEFT_OUT = "left_out", "Left out"
    DUPLICATE = "duplicate", "Same person twice"
    CORRECTED = "corrected", "Corrected by a person"
    DISMISSED = "dismissed", "Set aside by a person"
    RESTORED = "restored", "Taken back by a person"


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


class ConnectionState(TextChoices):
    """How a connection is."""

    UNTESTED = "untested", "Not tested yet"
    OK = "ok", "Connected"
    SIGN_IN_NEEDED = "sign_in_needed", "Sign-in needed"
    TROUBLE = "trouble", "Does not answer"


class FieldType(TextChoices):
    """Field types that all platforms' own types are translated to."""

    STRING = "string"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    REFERENCE = "reference"
    OTHER = "other"
