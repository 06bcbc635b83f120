"""The values that travel between the parts of the engine. All frozen; none touches a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.enums import FieldType, SyncMode

FlatRecord = dict[str, Any]
"""One source or mapped record: field name → value. A source record always has its id under "id" (a string)."""

Cursor = dict[str, Any]
"""Where a reading goes on: JSON an adapter wrote and only that adapter understands. Empty at the start."""


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of an object. `choices` are the allowed values (empty = not a picklist)."""

    name: str
    label: str
    type: FieldType
    required: bool = False
    writable: bool = True
    readable: bool = True
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    restricted: bool = True
    is_key: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object of a platform with its fields, as `describe` returned it."""

    name: str
    label: str
    fields: tuple[FieldSchema, ...]

    def field(self, name: str) -> FieldSchema | None:
        """The field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class MalformedRecord:
    """Something in a page that is not a usable record: held, never dropped. `text` is cut to 20,000 characters."""

    id: str
    code: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched chunk. `next_cursor` is None at the end. `total` is the platform's own count if it gives one."""

    records: Sequence[FlatRecord]
    next_cursor: Cursor | None
    malformed: Sequence[MalformedRecord] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What a reading covers: changed at or after `since` (None = everything) and before or at `until` (aware UTC)."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record of a batch. `ok` False means rejected: code, message, field and technical say why.

    `is_transient` marks a row the platform refused for the moment only (a lock): it is sent again, not held.
    """

    ok: bool
    id: str = ""
    created: bool = False
    code: str = ""
    message: str = ""
    field: str = ""
    technical: str = ""
    is_transient: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP call as a person may see it: no credentials, no query strings with tokens. Bodies are raw bytes."""

    method: str
    url: str
    request_body: bytes
    status: int
    response_body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """The results of one upload, one per record in the order given, and the calls that were made."""

    results: Sequence[Result]
    exchanges: Sequence[Exchange] = ()


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one upload call may hold."""

    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of the connection form, declared by the adapter. Secrets are encrypted and never shown again.

    `is_address`: calls go there, so it must not lead into a private network.
    """

    name: str
    label: str
    is_secret: bool = False
    is_address: bool = False
    required: bool = True
    help: str = ""
    placeholder: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class SignInMethod:
    """A way to sign in to a platform: its fields are asked for in this order."""

    name: str
    label: str
    fields: tuple[CredentialField, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class ObjectCapability:
    """What an adapter can do with one object. `noun`: what one record is called on screen, singular and plural."""

    name: str
    label: str
    noun: tuple[str, str]
    can_read: bool = True
    can_write: bool = True
    modes: tuple[SyncMode, ...] = (SyncMode.UPSERT,)
    supports_incremental: bool = True
    default_key: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform's adapter declares about itself; the only place the rest of the system learns it from."""

    platform: str
    label: str
    letter: str
    hue: str
    objects: tuple[ObjectCapability, ...]
    sign_in_methods: tuple[SignInMethod, ...]
    settings: tuple[CredentialField, ...] = ()
    batch_limits: BatchLimits = BatchLimits(100, 4_000_000)
    concurrency: int = 1
    is_write_idempotent: bool = True
    bulk_threshold: int | None = None
    bulk_limits: BatchLimits | None = None
    call_timeout: float = 30.0

    def object(self, name: str) -> ObjectCapability:
        """The declared object of that name; KeyError if the platform has none."""
        for candidate in self.objects:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of a connection test. `fix` is a sentence that says how to mend it, empty when it worked.

    `is_tried` is False when an earlier line failed, so that nobody knows about this one.
    """

    label: str
    ok: bool
    fix: str = ""
    technical: str = ""
    is_tried: bool = True


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer of `check()`: lines in order, the account's name, and the limits the platform reports."""

    lines: tuple[CheckLine, ...]
    account: str = ""
    account_id: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when every line is."""
        return all(line.ok for line in self.lines)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an adapter signs in with: plain settings, secrets, and the current token if there is one."""

    method: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, the base URL it is good for (may be empty) and when it ends (aware UTC, None = unknown)."""

    access_token: str
    expires_at: datetime | None = None
    base_url: str = ""
    refresh_token: str = ""
