"""How Mailchimp calls us: forms with one event each, signed where a signing secret was entered.

https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/

A call tells little of what changed, so the person is read anew; it names them by address only, of which we keep the hash.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from integrations.adapters.mailchimp.paths import hash_address, name_object
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call, Change, Reply, SignatureError, UnreadableDeliveryError, WebhookSetup
from integrations.types import CredentialField

SECRET = "webhook_secret"  # noqa: S105 the name of a field
HEADER = "x-mailchimp-signature"
MOST_BYTES = 1_000_000
MOST_FIELDS = 2_000
MOST_SIGNATURES = 5
"""More than one while a secret is being replaced."""
TOLERANCE = 300

WORDS: Mapping[str, str] = {
    "subscribe": "Person subscribed",
    "unsubscribe": "Person unsubscribed",
    "profile": "Person changed",
    "upemail": "Person changed: email address",
    "cleaned": "Address does not work any more",
}
"""Of other events we take no notice: a campaign was sent, for one."""

SETUP = WebhookSetup(
    steps=(
        "In Mailchimp open the audience, then Settings, Webhooks, and create a webhook. Do this for each audience.",
        "Paste {address} as the callback URL. Mailchimp looks at once whether somebody is there.",
        "Choose what to send: subscribes, unsubscribes, profile updates, cleaned addresses and changes of address.",
        "Choose when to send: by a subscriber and by an administrator. Leave out “via the API”, or every change a sync "
        "makes comes back here; but then changes other tools make come with the next scheduled job only.",
        "If Mailchimp shows a signing secret when the webhook is saved, enter it here: it is shown only once.",
    ),
    secrets=(
        CredentialField(
            SECRET,
            "Signing secret",
            is_secret=True,
            required=False,
            help="Without it we rely on the address being known to nobody else. With several audiences, all of theirs.",
        ),
    ),
    note="Mailchimp says nothing when tags change or people are archived: that comes with the next scheduled job.",
)


class AudienceWebhook:
    """The format of audience webhooks."""

    setup = SETUP
    most_bytes = MOST_BYTES

    def greet(self, call: Call) -> Reply:
        """Mailchimp looks by GET whether somebody is there, and wants a plain yes."""
        return Reply()

    def verify(self, call: Call, account: Account) -> Proof:
        """By the signature, if a secret was entered; otherwise the address is all the proof there is."""
        secrets = account.secrets.get(SECRET, "").split()
        if not secrets:
            return Proof.ADDRESS
        stamp, signatures = read_signature(call.headers.get(HEADER, ""))
        signed = stamp.encode() + b"." + call.body
        for secret in secrets:
            expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
            if any(hmac.compare_digest(expected, one) for one in signatures):
                check_age(stamp, call.received_at)
                return Proof.SIGNED
        raise SignatureError("The signature is not the one this connection's secret makes.")

    def accept(self) -> Reply:
        """Any good status will do; 410 would switch the webhook off."""
        return Reply()

    def parse(self, call: Call) -> Sequence[Change]:
        """One change, or none."""
        form = read_form(call.body)
        kind, audience_id = form.get("type", ""), form.get("data[list_id]", "")
        address = form.get("data[new_email]") or form.get("data[email]") or ""
        if not kind:
            raise UnreadableDeliveryError("The call does not say what happened.")
        if kind not in WORDS:
            return []
        if not audience_id.isalnum() or not audience_id.isascii() or not address.strip():
            raise UnreadableDeliveryError("The call does not say which audience or who it is about.")
        is_gone = kind == "unsubscribe" and form.get("data[action]") == "delete"
        return [
            Change(
                key=_make_key(form, kind, audience_id, address),
                object_name=name_object(audience_id[:40]),
                record_id=hash_address(address),
                kind=ChangeKind.DELETED if is_gone else ChangeKind.CHANGED,
                what="Person deleted" if is_gone else WORDS[kind],
                at=read_time(form.get("fired_at", "")),
            )
        ]


def read_signature(header: str) -> tuple[str, list[str]]:
    """The time and the signatures of "t=…,v1=…"; SignatureError when it has not that shape."""
    parts = [part.strip().partition("=") for part in header.split(",", 20)]
    stamps = [value for name, _, value in parts if name == "t"]
    signatures = [value.lower() for name, _, value in parts if name == "v1" and value.isascii()]
    if len(stamps) != 1 or not stamps[0].isdigit() or not stamps[0].isascii() or not signatures:
        raise SignatureError("The call is not signed, or its signature cannot be read.")
    return stamps[0], signatures[:MOST_SIGNATURES]


def check_age(stamp: str, received_at: datetime) -> None:
    """A call that was kept back may be one that somebody sends again."""
    if len(stamp) > 12 or abs(received_at.timestamp() - int(stamp)) > TOLERANCE:
        raise SignatureError("The call was signed more than five minutes before or after it came in.")


def read_form(body: bytes) -> dict[str, str]:
    """The fields by their full names ("data[email]"); of one that comes twice the first counts. UnreadableDeliveryError for
    what is no form, or has too many fields. Nothing is nested: how deep brackets go makes no difference."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as problem:
        raise UnreadableDeliveryError("The call is no form we can read.") from problem
    return dict(reversed(pairs))


def read_time(text: str) -> datetime | None:
    """When it happened (UTC), to the second; None when that is not said."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _make_key(form: Mapping[str, str], kind: str, audience_id: str, address: str) -> str:
    """Deliveries have no number: the same event of the same person in the same second is a repetition."""
    told = (kind, audience_id, form.get("fired_at", ""), form.get("data[id]", ""), address.strip().lower())
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()
