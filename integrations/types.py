"""The values that travel between the parts of the engine. All frozen; none touches a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from integrations.enums import FieldType, NotSent, Operator, SyncMode

if TYPE_CHECKING:
    from integrations.exceptions import SyncpanelError
    from integrations.incoming import WebhookFormat

FlatRecord = dict[str, Any]
"""One source or mapped record: field name → value. A source record always has its id under "id" (a string)."""

Cursor = dict[str, Any]
"""Where a reading goes on: JSON an adapter wrote and only that adapter understands. Empty at the start."""


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of an object. `choices` are the allowed values (empty = not a picklist). `max_bytes`: some platforms count a
    text's length in bytes, of which letters with accents take two and emoji four."""

    name: str
    label: str
    type: FieldType
    required: bool = False
    writable: bool = True
    readable: bool = True
    max_length: int | None = None
    max_bytes: int | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    restricted: bool = True
    is_key: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object of a platform with its fields, as `describe` returned it. `extra_fields`: others, of any name and kind, may be
    read and written too."""

    name: str
    label: str
    fields: tuple[FieldSchema, ...]
    extra_fields: bool = False

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
class Condition:
    """Who is included: one field of the source compared with a value, which is "" for those that need none."""

    field: str
    operator: Operator
    value: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What a reading covers: changed at or after `since` (None = everything) and before or at `until` (aware UTC).

    `conditions` are for counting only, and all must hold: an adapter that cannot count exactly with them says None. A job reads
    everybody and looks itself, so that who is no longer included is seen too.
    """

    since: datetime | None
    until: datetime
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record of a batch. `ok` False means rejected: code, message, field and technical say why.

    `is_transient` marks a row the platform refused for the moment only (a lock): it is sent again, not held. `not_sent`:
    nothing left for this record, since what is over there decides (the engine says so, no adapter); `id` is then its id there.
    `is_in_doubt`: its call may have been carried out, and sent again it might count twice; a person decides.
    """

    ok: bool
    id: str = ""
    created: bool = False
    code: str = ""
    message: str = ""
    field: str = ""
    technical: str = ""
    is_transient: bool = False
    not_sent: NotSent | None = None
    is_in_doubt: bool = False


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
    """The results of one upload, one per record in the order given, and the calls that were made.

    An upload of several calls may break off in the middle: then `problem` says why, what did not leave is `is_transient`, and
    the job deals with the problem once the results are written down.
    """

    results: Sequence[Result]
    exchanges: Sequence[Exchange] = ()
    problem: "SyncpanelError | None" = None


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one upload call may hold."""

    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of the connection form, declared by the adapter. Secrets are encrypted and never shown again.

    `is_address`: calls go there, so it must not lead into a private network. `is_local`: only we read it, so that no secret goes
    elsewhere when it changes.
    """

    name: str
    label: str
    is_secret: bool = False
    is_address: bool = False
    is_local: bool = False
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


def name_things(name: str, label: str, many: str) -> str:
    """All records of an object in the middle of a sentence: "contacts"; of a list that has a name, "people of “Newsletter”"."""
    return f"{many} of “{label}”" if ":" in name and many == "people" else label.lower()


@dataclass(frozen=True, slots=True)
class ObjectCapability:
    """What an adapter can do with one object. `noun`: what one record is called on screen, singular and plural.

    A name may stand for many (`stands_for_many`): "members" for "members:abc", the members of one list, which the adapter's
    `list_objects` names.
    `id_field`: as the key it addresses a record by the platform's own id, even where the usual key has changed; empty where
    that cannot be done. `modified_field`: when a record was last changed. `other_keys_field`: further values of the key, such
    as second addresses. `can_find`: records can be looked up by a field's value, by that of any or of those in `finds_by`.
    `confirms_writes` False: the platform takes everything and never says what became of it. `comes_by_webhook_only`: it cannot
    be read, its records arrive by themselves. `called_by`: the field by whose value its webhooks call a record, where that is
    not its id; `read_records` takes both. `are_events`: things that happened, of which one source record may lead to many, each
    with a key of its own. `page_at`: where the platform shows a record to people, with {id}, {account} (the account's id) and
    {address} (that of the connection); empty when that is not known.
    """

    name: str
    label: str
    noun: tuple[str, str]
    can_read: bool = True
    can_write: bool = True
    modes: tuple[SyncMode, ...] = (SyncMode.UPSERT,)
    supports_incremental: bool = True
    default_key: str = ""
    id_field: str = ""
    modified_field: str = ""
    other_keys_field: str = ""
    can_archive: bool = False
    can_find: bool = False
    finds_by: tuple[str, ...] = ()
    confirms_writes: bool = True
    comes_by_webhook_only: bool = False
    are_events: bool = False
    stands_for_many: bool = False
    called_by: str = ""
    page_at: str = ""

    @property
    def things(self) -> str:
        """All its records, in the middle of a sentence."""
        return name_things(self.name, self.label, self.noun[1])


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform's adapter declares about itself; the only place the rest of the system learns it from.

    `is_write_idempotent`: a batch that is sent twice counts once, as long as each record has a key by which it is updated.
    `recognises_repeats`: what is only added counts once too, since the platform knows a repeated call by ids we put in it.
    """

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
    recognises_repeats: bool = False
    bulk_threshold: int | None = None
    bulk_limits: BatchLimits | None = None
    bulk_concurrency: int = 1
    call_timeout: float = 30.0
    webhook: "WebhookFormat | None" = None

    def object(self, name: str) -> ObjectCapability:
        """The declared object of that name, or of its kind ("members" for "members:abc"); KeyError if there is none."""
        kind = name.partition(":")[0]
        for candidate in self.objects:
            if candidate.name in (name, kind):
                return candidate
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of a connection test. `fix` is a sentence that says how to mend it, empty when it worked.

    `is_tried` is False when an earlier line failed, so that nobody knows about this one. `is_sure` False: it was done, and the
    platform does not say whether it worked; `fix` then says where to look.
    """

    label: str
    ok: bool
    fix: str = ""
    technical: str = ""
    is_tried: bool = True
    is_sure: bool = True


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
