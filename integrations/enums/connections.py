"""Words about connections, their fields, and what comes in from them."""

from django.db.models import TextChoices


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


class DriftKind(TextChoices):
    """What happened to a field over there that a mapping uses."""

    REMOVED = "removed", "Removed"
    READ_ONLY = "read_only", "Cannot be written any more"
    TYPE = "type", "Another kind of field"
    CHOICES = "choices", "Choices are gone"
    REQUIRED = "required", "Must be filled now"


class ChangeKind(TextChoices):
    """What an incoming event says happened to one record over there."""

    CHANGED = "changed", "Added or changed"
    DELETED = "deleted", "Deleted"
    MERGED = "merged", "Combined with another"
    RENAMED = "renamed", "Known by another id now"


class Proof(TextChoices):
    """How sure we are that an incoming call comes from whom it says."""

    SIGNED = "signed", "Signature is right"
    ACCOUNT = "account", "Right account, secret address"
    ADDRESS = "address", "Secret address only"


class DeliveryStatus(TextChoices):
    """How far an incoming call is."""

    WAITING = "waiting", "Waiting to be read"
    READ = "read", "Read"
    SET_ASIDE = "set_aside", "Could not be read"
