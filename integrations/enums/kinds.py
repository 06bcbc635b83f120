"""What events say happened."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """What an event says happened. The part before the dot is the stream's subject."""

    JOB_CREATED = "job.created"
    JOB_STARTED = "job.started"
    JOB_PAGE_FETCHED = "job.page_fetched"
    JOB_FETCHED = "job.fetched"
    JOB_PAGES_MAPPED = "job.pages_mapped"
    JOB_MAPPED = "job.mapped"
    JOB_PAGES_VALIDATED = "job.pages_validated"
    JOB_DEPARTURES_PLANNED = "job.departures_planned"
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
    SYNC_DUPLICATE_DECIDED = "sync.duplicate_decided"

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
    CONNECTION_EVENT_SENT_AGAIN = "connection.event_sent_again"
    CONNECTION_DRIFT_FOUND = "connection.drift_found"
    CONNECTION_DRIFT_RESOLVED = "connection.drift_resolved"
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
