"""What every adapter is: four verbs, a check, a description, and a declaration of what it can do.

An adapter knows one platform. Values in, values out: no database, no queue, no sleeping, no retrying. Every HTTP
call goes through `PlatformClient` (`http.py`), which takes a permit first and hands out the errors of
`integrations.exceptions`.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

import httpx

from integrations.enums import SyncMode
from integrations.exceptions import SyncpanelError
from integrations.types import (
    Capabilities,
    CheckResult,
    Credentials,
    Cursor,
    FlatRecord,
    ObjectCapability,
    ObjectSchema,
    Page,
    Token,
    UploadOutcome,
    Window,
)


class Permits(Protocol):
    """Grants the right to make one call (implemented by the rate limiter; `Unlimited` in tests)."""

    def permit(self, group: str, cost: int = 1) -> AbstractContextManager[None]:
        """Enter before the call, leave after it. Raises QuotaWaitError when the wait is too long to sleep."""

    def learn(self, group: str, headers: Mapping[str, str], status: int) -> None:
        """Take in what the platform's answer says about its limits."""

    def pause(self, group: str, seconds: float, reason: str) -> None:
        """The platform asked for a pause of this group of calls."""


class TokenStore(Protocol):
    """Keeps a connection's token so that all workers share it (implemented on the connection row)."""

    def current(self) -> Token | None:
        """The token last saved, or None."""

    def locked(self) -> AbstractContextManager[None]:
        """Holds the connection's row lock, so that only one worker refreshes. Re-read `current()` inside."""

    def save(self, token: Token) -> None:
        """Keep a new token (and its rotated refresh token, if any)."""


class Adapter(Protocol):
    """One platform. Instances are cheap, made per slice for one connection, and closed at its end; `upload_batch` may
    be called from several threads at once."""

    capabilities: ClassVar[Capabilities]

    def __init__(
        self, credentials: Credentials, tokens: TokenStore, permits: Permits, *, timeout: float = 30.0
    ) -> None: ...

    def check(self) -> CheckResult:
        """Reach it, sign in, read, may write: one line each. Never raises for what it is there to find out."""

    def describe(self, object_name: str) -> ObjectSchema:
        """The object's fields, as the signed-in account sees them."""

    def count(self, object_name: str, window: Window) -> int | None:
        """About how many records a reading will give, or None where the platform cannot say cheaply."""

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The next page after `cursor` ({} = from the start). Records are flat dicts with "id" first."""

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """These records, by the platform's id, or by what its webhooks call them (`called_by`); each comes with its id. Those
        that do not exist are left out."""

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """A mapped record (flat, destination field names) in the platform's wire shape."""

    def wire_size(self, record: FlatRecord) -> int:
        """About how many bytes the record takes in an upload call, for packing by bytes."""

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """Send one batch; one Result per record, in order. Raises the family of `exceptions` when the call as a whole
        failed; UnknownOutcomeError when it may have been carried out. When it takes several calls and only some failed, the
        outcome says so per record, with its `problem`. `trace` is a stable id of the batch, "<job>-<batch>": a batch that is
        halved after a time-out goes out again under others, and only the job's part stays."""

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """Turn an answer or a network error into one of our families. Never raises."""

    def close(self) -> None:
        """Close pooled connections."""


class ListingAdapter(Adapter, Protocol):
    """An adapter whose account has objects that nobody can know beforehand (an object that stands for many)."""

    def list_objects(self) -> Sequence[ObjectCapability]:
        """All objects of the account, those that stand for many replaced by each of them ("members:abc")."""


class FindingAdapter(Adapter, Protocol):
    """An adapter that looks records up by what is in them (an object with `can_find`)."""

    def find_records(
        self, object_name: str, field: str, values: Sequence[str], fields: Sequence[str]
    ) -> Sequence[FlatRecord]:
        """All records whose `field` is one of these values (a batch's worth at most), upper and lower case alike."""


class ArchivingAdapter(Adapter, Protocol):
    """An adapter that takes records away (an object with `can_archive`), the way that can be undone over there."""

    def archive_records(self, object_name: str, ids: Sequence[str], *, trace: str) -> UploadOutcome:
        """One Result per id, in order; one that is gone already is a success. Errors as `upload_batch`."""


class BulkAdapter(Adapter, Protocol):
    """An adapter whose platform also takes large loads as remote jobs (`capabilities.bulk_limits` is set).

    The ticket is saved before any record leaves, so that a crash resumes polling instead of sending again.
    """

    def begin_bulk(self, object_name: str, mode: SyncMode, key: str) -> Mapping[str, str]:
        """Open a remote job; returns its ticket (JSON)."""

    def send_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> Mapping[str, str]:
        """Upload the records into the remote job and close it for processing. Safe to repeat after a crash. Returns the ticket,
        with what only the upload has told."""

    def poll_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> UploadOutcome | None:
        """The outcome in the order of `records`, or None while the platform is still working on it."""

    def abort_bulk(self, ticket: Mapping[str, str]) -> None:
        """Have the platform stop; a remote job that has ended is left as it is. What it had done is told by `poll_bulk`."""
