"""
SyncpanelError
  ConfigurationError         a person must change a setting; the job stops where it is
    SignInError              ... namely sign in again
    PermissionMissingError   ... namely grant a right on the platform
    SchemaChangedError       ... namely look at the mapping: a field is gone or unknown
  PlatformError              the other side said no
    TransientError           try the batch again later
      RateLimitedError       ... not before `retry_at`
      UnknownOutcomeError    ... but the platform may already have done it
    BatchRefusedError        the whole batch was refused: halve it to find the record
    RecordRejectedError      this record is held, the job goes on
  EngineError                our own rules were broken
    LostLeaseError           another worker owns the job now; touch nothing more
    StaleVersionError        the stream has moved on since it was read
    StaleDraftError          somebody else changed the draft since it was read
    RefusedTransitionError   this event is not allowed in this status
    QuotaWaitError           our own limiter says: not before `retry_at`
"""

from collections.abc import Sequence
from datetime import datetime

from integrations.types import Exchange


class SyncpanelError(Exception):
    """Base of every error we raise. `message` is one sentence a person can act on; `technical` is the raw text.

    Neither holds secrets or personal data. `code` is a short stable word for grouping. `exchanges`: the calls that led to
    it, for the person who wants to see them; they hold records.
    """

    code = "error"

    def __init__(self, message: str, *, code: str = "", technical: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.technical = technical
        self.exchanges: Sequence[Exchange] = ()


class ConfigurationError(SyncpanelError):
    """A person must change a setting; the job stops where it is."""

    code = "configuration"


class SignInError(ConfigurationError):
    """The platform no longer accepts our credentials."""

    code = "sign_in"


class PermissionMissingError(ConfigurationError):
    """Signed in, but a right is missing."""

    code = "permission"


class SchemaChangedError(ConfigurationError):
    """A field the mapping uses is gone, renamed or read-only."""

    code = "schema_changed"


class PlatformError(SyncpanelError):
    """The other side said no."""

    code = "platform"


class TransientError(PlatformError):
    """Trouble that passes: the same call may work later."""

    code = "platform_trouble"


class RateLimitedError(TransientError):
    """The platform asks us to wait until `retry_at` (aware UTC), or decides nothing (None).

    `is_long` marks daily limits and migrations: the job waits without using up its attempts.
    """

    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_at: datetime | None = None,
        is_long: bool = False,
        code: str = "",
        technical: str = "",
    ) -> None:
        super().__init__(message, code=code, technical=technical)
        self.retry_at = retry_at
        self.is_long = is_long


class UnknownOutcomeError(TransientError):
    """The call may have been carried out: the answer was lost, cut off or unreadable."""

    code = "unknown_outcome"


class BatchRefusedError(PlatformError):
    """The platform refused a whole batch because of something in it, without saying which record."""

    code = "batch_refused"


class RecordRejectedError(PlatformError):
    """One record was refused; `field` is the destination field it concerns, or empty."""

    code = "record_rejected"

    def __init__(self, message: str, *, field: str = "", code: str = "", technical: str = "") -> None:
        super().__init__(message, code=code, technical=technical)
        self.field = field


class EngineError(SyncpanelError):
    """Our own rules were broken."""

    code = "engine"


class LostLeaseError(EngineError):
    """Another worker owns the job now; nothing more may be touched."""

    code = "lost_lease"


class StaleVersionError(EngineError):
    """The stream has moved on since it was read."""

    code = "stale_version"


class StaleDraftError(EngineError):
    """Somebody else changed the draft since it was read; nothing was overwritten. `by` and `at` say who and when."""

    code = "stale_draft"

    def __init__(self, message: str, *, by: str, at: datetime) -> None:
        super().__init__(message)
        self.by = by
        self.at = at


class RefusedTransitionError(EngineError):
    """The event is not allowed in the job's present status."""

    code = "refused_transition"


class QuotaWaitError(EngineError):
    """Our own limiter has no permit before `retry_at` (aware UTC)."""

    code = "quota_wait"

    def __init__(self, message: str, *, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at
