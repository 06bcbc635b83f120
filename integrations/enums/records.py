"""Words about single records: what happened to them, and what is wrong with them."""

from django.db.models import TextChoices


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
    ARCHIVED = "archived", "Archived"
    CLEARED = "cleared", "A field was emptied"
    UNLINKED = "unlinked", "Not the same any more"
    DUPLICATE = "duplicate", "Same person twice"
    CORRECTED = "corrected", "Corrected by a person"
    DISMISSED = "dismissed", "Set aside by a person"
    RESTORED = "restored", "Taken back by a person"


class DuplicateKind(TextChoices):
    """Why two records may be one person."""

    SAME_KEY = "same_key", "Same address"
    OTHER_KEY = "other_key", "Second address of the other"
    OTHER_SYSTEM = "other_system", "Same person, other address"
    TAKEN = "taken", "Belongs to somebody else already"


class DuplicateVerdict(TextChoices):
    """What a person decided."""

    OPEN = "open", "To decide"
    SAME = "same", "One person"
    DIFFERENT = "different", "Two people"
    LATER = "later", "Decide later"
