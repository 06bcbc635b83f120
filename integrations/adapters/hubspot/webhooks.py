"""HubSpot's webhooks: a signed JSON array of up to a hundred happenings, one per property that changed.

https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from integrations.adapters.hubspot.paths import OTHER
from integrations.enums import ChangeKind, Proof
from integrations.incoming import (
    MOST_BYTES,
    Account,
    Call,
    Change,
    Reply,
    SignatureError,
    UnreadableDeliveryError,
    WebhookSetup,
)
from integrations.types import CredentialField

SECRET = "webhook_secret"  # noqa: S105 the name of a field
TOO_OLD_MS = 300_000
LATEST_MS = 4_102_444_800_000
"""The year 2100: what claims to be later is not a time."""
MOST_EVENTS = 10_000

OBJECTS = {"contact": "contacts", "company": "companies", "deal": "deals"}
TYPES = {"0-1": "contact", "0-2": "company", "0-3": "deal"}
_CUSTOM = re.compile(r"[02]-\d{1,20}")
_ESCAPED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%27": "'", "%28": "(", "%29": ")", "%2A": "*",
    "%2C": ",", "%3B": ";", "%24": "$",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_ESCAPED), re.IGNORECASE)

Event = Mapping[str, Any]


class Webhooks:
    """Verified with the client secret of the app that sends; without one saved, by the secret address alone."""

    setup = WebhookSetup(
        steps=(
            "In HubSpot, open Settings, Integrations, Private apps (or your app's project) and choose the app that is to call.",
            "Open its Webhooks tab, press Edit webhooks, and paste this as the target address: {address}",
            "Press Create subscription. Choose Contacts (or the object of your sync), and these events: created, deleted, "
            "merged, restored, property changed. For “property changed”, choose the properties your mapping reads.",
            "Press Commit changes.",
            "On the app's Auth tab, show the client secret, copy it, and enter it below.",
        ),
        secrets=(
            CredentialField(
                SECRET,
                "Client secret of the app",
                is_secret=True,
                required=False,
                help="With it we check that a call really comes from HubSpot. An OAuth connection has it already.",
            ),
        ),
        note="A service key cannot send webhooks; a private app or an OAuth app can.",
    )
    most_bytes = MOST_BYTES

    def greet(self, call: Call) -> Reply:
        return Reply()

    def verify(self, call: Call, account: Account) -> Proof:
        secret = account.secrets.get(SECRET) or account.secrets.get("client_secret")
        if not secret:
            return Proof.ADDRESS
        if "x-hubspot-signature-v3" in call.headers:
            return _check_v3(call, secret.encode())
        return _check_older(call, secret.encode())

    def accept(self) -> Reply:
        return Reply()

    def parse(self, call: Call) -> Sequence[Change]:
        try:
            events = orjson.loads(call.body)
        except orjson.JSONDecodeError as exc:
            raise UnreadableDeliveryError("What HubSpot sent is not JSON.") from exc
        if not isinstance(events, list):
            raise UnreadableDeliveryError("What HubSpot sent is not a list of events.")
        if len(events) > MOST_EVENTS:
            raise UnreadableDeliveryError(f"HubSpot sent more than {MOST_EVENTS:,} events at once.")
        return [change for event in events if isinstance(event, dict) for change in _read(event)]


def _check_v3(call: Call, secret: bytes) -> Proof:
    stamp = call.headers.get("x-hubspot-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        raise SignatureError("The call does not say when it was signed.")
    text = call.method.encode() + unescape(call.url).encode() + call.body + stamp.encode()
    wanted = base64.b64encode(hmac.digest(secret, text, "sha256"))
    _compare(call.headers["x-hubspot-signature-v3"], wanted)
    if abs(call.received_at.timestamp() * 1_000 - int(stamp)) > TOO_OLD_MS:
        raise SignatureError("The signature is right, but older than five minutes: somebody may have kept the call.")
    return Proof.SIGNED


def _check_older(call: Call, secret: bytes) -> Proof:
    """As private apps sign: v1 over the body, v2 over the address too."""
    given = call.headers.get("x-hubspot-signature")
    if given is None:
        raise SignatureError("The call is not signed.")
    where = b""
    if call.headers.get("x-hubspot-signature-version", "v1") == "v2":
        where = call.method.encode() + call.url.encode()
    _compare(given, hashlib.sha256(secret + where + call.body).hexdigest().encode())
    return Proof.SIGNED


def _compare(given: str, wanted: bytes) -> None:
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted):
        raise SignatureError("The signature is wrong: signed with another secret, or for another address.")


def unescape(url: str) -> str:
    """The address as HubSpot signs it: only these are decoded."""
    return _ESCAPE.sub(lambda found: _ESCAPED[found[0].upper()], url)


def _read(event: Event) -> Iterator[Change]:
    subscription = event.get("subscriptionType") or event.get("eventType")
    if not isinstance(subscription, str):
        return
    noun, _, verb = subscription.partition(".")
    singular = TYPES.get(str(event.get("objectTypeId")), str(event.get("objectTypeId"))) if noun == "object" else noun
    object_name = OBJECTS.get(singular) or (f"{OTHER}:{singular}" if _CUSTOM.fullmatch(singular) else "")
    if object_name and verb == "merge":
        yield from _read_merge(event, object_name, singular)
    elif object_name and verb in _VERBS and _is_id(event.get("objectId")):
        kind, words = _VERBS[verb]
        what = f"{_say(singular)} {words}"
        name = event.get("propertyName")
        if verb == "propertyChange" and isinstance(name, str):
            what = f"{what}: {name[:80]}"
        yield Change(_key(event, verb), object_name, str(event["objectId"]), kind, what, _at(event))


def _read_merge(event: Event, object_name: str, singular: str) -> Iterator[Change]:
    """Who is gone went into one of these, or into a new one that HubSpot made of them."""
    ids = event.get("mergedObjectIds")
    gone = [str(one) for one in ids if _is_id(one)] if isinstance(ids, list) else []
    primary = event.get("primaryObjectId") if _is_id(event.get("primaryObjectId")) else event.get("objectId")
    if not _is_id(primary):
        return
    left = str(event["newObjectId"]) if _is_id(event.get("newObjectId")) else str(primary)
    for one in dict.fromkeys([*gone, str(primary)]):
        if one != left:
            what = f"{_say(singular)} combined with another"
            yield Change(_key(event, f"merge:{one}"), object_name, one, ChangeKind.MERGED, what, _at(event), left)
    what = f"{_say(singular)} changed: another was combined with it"
    yield Change(_key(event, f"merge:{left}"), object_name, left, ChangeKind.CHANGED, what, _at(event))


def _key(event: Event, verb: str) -> str:
    """HubSpot's event ids are not unique; with what happened to whom and when they are."""
    parts = (event.get(name) for name in ("eventId", "objectId", "propertyName", "occurredAt"))
    return "|".join([verb, *(str(part)[:200] for part in parts)])


def _at(event: Event) -> datetime | None:
    stamp = event.get("occurredAt")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < LATEST_MS:
        return None
    return datetime.fromtimestamp(stamp / 1_000, UTC)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**19


def _say(singular: str) -> str:
    return singular.capitalize() if singular in OBJECTS else "Record"


_VERBS = {
    "creation": (ChangeKind.CHANGED, "added"),
    "propertyChange": (ChangeKind.CHANGED, "changed"),
    "restore": (ChangeKind.CHANGED, "restored"),
    "deletion": (ChangeKind.DELETED, "deleted"),
    "privacyDeletion": (ChangeKind.DELETED, "deleted for privacy"),
}
"""What we take no interest in (associations, conversations) is not here."""
