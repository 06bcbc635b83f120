"""What comes in by webhook, as values: the call, what it says happened, and what a platform declares about its calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from integrations.enums import ChangeKind, Proof
from integrations.exceptions import SyncpanelError
from integrations.types import CredentialField, FlatRecord

MOST_BYTES = 5_000_000
"""Of a call's body; more is answered with 413."""


class SignatureError(SyncpanelError):
    """The call does not come from whom it says, or too late: answered with 401 and counted. `message` says which, without
    repeating anything of the call."""

    code = "signature"


class UnreadableDeliveryError(SyncpanelError):
    """What was stored is not what the platform's documentation promises; the delivery is kept and shown with this reason."""

    code = "unreadable_delivery"


@dataclass(frozen=True, slots=True)
class Call:
    """One incoming call. `url` is the public address with its query, as the platform was told it; header names are in
    lower case; `received_at` is aware UTC."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform wants to hear."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a delivery says happened to one record.

    `key` tells a repetition: the same for the same happening, however often it is delivered, and unique within a connection.
    `what` is a sentence for the list, without a value ("Contact changed: email"). `object_name` as in the adapter's objects;
    for an object of many ("members:abc") its full name. `new_id`: the record a MERGED one went into, or the id a RENAMED one
    has now. `record`: the whole record with "id" first, where the platform delivers it; otherwise it is read anew.
    """

    key: str
    object_name: str
    record_id: str
    kind: ChangeKind = ChangeKind.CHANGED
    what: str = ""
    at: datetime | None = None
    new_id: str = ""
    record: FlatRecord | None = None


@dataclass(frozen=True, slots=True)
class WebhookSetup:
    """What a person is told to switch it on over there: steps in order (`{address}` is where calls go), and the secrets to
    enter here, which are kept with the connection's."""

    steps: tuple[str, ...]
    secrets: tuple[CredentialField, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What a format may know of the connection a call is for: its secrets, its settings, and which account it is."""

    secrets: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    account_id: str = ""


class WebhookFormat(Protocol):
    """How one platform calls us. Holds no state; several threads use it at once. `verify` runs before the answer and must
    take well under a millisecond for a usual body; `parse` runs later, in a worker."""

    setup: WebhookSetup
    most_bytes: int

    def greet(self, call: Call) -> Reply:
        """The answer to anything that is not a POST: some platforms look whether somebody is there."""

    def verify(self, call: Call, account: Account) -> Proof:
        """How sure we are. SignatureError when the call is not genuine. Compares in constant time."""

    def accept(self) -> Reply:
        """The answer once the call is stored."""

    def parse(self, call: Call) -> Sequence[Change]:
        """What it says, in order. UnreadableDeliveryError when it cannot be read; never a crash, never slow, whatever the body
        holds. What we take no interest in is left out."""
