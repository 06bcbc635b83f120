"""Words about syncs: how they read and write, and who is in them."""

from django.db.models import TextChoices


class SyncMode(TextChoices):
    """How a sync writes."""

    UPSERT = "upsert", "Add and update"
    UPDATE = "update", "Update only"
    CREATE = "create", "Add only"


class ReadMode(TextChoices):
    """How much of the source a sync reads."""

    FULL = "full", "Everyone, every time"
    INCREMENTAL = "incremental", "Only what changed"


class EmptyValues(TextChoices):
    """What an empty value of the source does to what is over there."""

    CLEAR = "clear", "Empty it there too"
    KEEP = "keep", "Leave what is there"


class Departed(TextChoices):
    """What becomes of those who left the source."""

    NOTHING = "nothing", "Nothing"
    ARCHIVE = "archive", "Archive them"
    CLEAR = "clear", "Empty a field"


class Operator(TextChoices):
    """How a condition compares a field of the source with its value."""

    IS = "is", "is"
    IS_NOT = "is_not", "is not"
    CONTAINS = "contains", "contains"
    CONTAINS_NOT = "contains_not", "does not contain"
    STARTS_WITH = "starts_with", "starts with"
    IS_EMPTY = "is_empty", "is empty"
    IS_FILLED = "is_filled", "is filled in"
    ABOVE = "above", "is more than"
    BELOW = "below", "is less than"
    BEFORE = "before", "is before"
    AFTER = "after", "is after"


class Way(TextChoices):
    """In which direction a pair of fields goes, seen from the left connection of a two-way sync."""

    RIGHT = "right", "→"
    LEFT = "left", "←"
    BOTH = "both", "↔"


class Winner(TextChoices):
    """Who wins when both sides changed one pair of fields."""

    LEFT = "left", "The left one"
    RIGHT = "right", "The right one"
    NEWER = "newer", "The newer one"
    ASK = "ask", "Ask me"
