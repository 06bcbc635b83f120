"""How the simulated HubSpot calls. https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from integrations.sandbox.clock import Clock
from integrations.sandbox.hubspot.credentials import APP_ID, CLIENT_SECRET, PORTAL_ID
from integrations.sandbox.hubspot.schema import KINDS
from integrations.sandbox.outgoing import Message, Subscription, Verdict
from integrations.sandbox.sender import Sender
from integrations.sandbox.wire import JSON

Event = dict[str, Any]
SIGNATURES = ("v1", "v2", "v3")
BY_API = {"changeSource": "INTEGRATION", "sourceId": str(APP_ID)}
BY_HAND = {"changeSource": "CRM_UI", "sourceId": "userId:1"}
CUSTOM_TYPES = {kind.singular: kind.type_id for kind in KINDS if kind.is_custom}
"""Their events do not name the object but its type."""


class Calls:
    """Up to a hundred events at once, an answer within five seconds, ten repetitions over a day.

    Options of a subscriber: `signature` (v3, or v2 and v1 as private apps have them), `types` ("contact.creation", …; all if
    not given) and `properties` (whose changes are told; all if not given).
    """

    most = 100
    gather = 0.1
    seconds = 5.0
    ladder: Sequence[float] = (60, 300, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 18_000, 21_600)
    in_flight = 10

    def __init__(self, clock: Clock, options: Mapping[str, Any]) -> None:
        if unknown := set(options) - {"signature", "types", "properties"}:
            raise ValueError(f"A subscription has no {', '.join(sorted(unknown))}.")
        if options.get("signature", "v3") not in SIGNATURES:
            raise ValueError(f"The signature is one of {', '.join(SIGNATURES)}.")
        self._clock = clock
        self._signature = options.get("signature", "v3")

    def write(self, subscription: Subscription, happenings: Sequence[Any], attempt: int) -> Message:
        body = orjson.dumps([{**event, "attemptNumber": attempt} for event in happenings])
        secret = subscription.secret or CLIENT_SECRET
        sign = sign_v3 if self._signature == "v3" else sign_older
        headers = sign(secret, subscription.url, body, self._signature, self._clock.now_ms())
        return Message(body, {"Content-Type": JSON, "User-Agent": "HubSpot Webhooks", **headers})

    def judge(self, status: int, body: bytes) -> Verdict:
        return Verdict.TAKEN if 200 <= status < 300 else Verdict.REPEAT


def sign_v3(secret: str, url: str, body: bytes, version: str, now_ms: int) -> dict[str, str]:
    text = b"POST" + url.encode() + body + str(now_ms).encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode()
    stamped = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": str(now_ms)}
    return stamped | sign_older(secret, url, body, "v1", now_ms)


def sign_older(secret: str, url: str, body: bytes, version: str, now_ms: int) -> dict[str, str]:
    address = b"POST" + url.encode() if version == "v2" else b""
    signature = hashlib.sha256(secret.encode() + address + body).hexdigest()
    return {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": version}


class News:
    """What happens to the records of a portal, told to whom it interests."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._last_event = 0

    def tell_created(self, singular: str, record_id: str, by: Mapping[str, str]) -> None:
        self._tell(f"{singular}.creation", record_id, by, changeFlag="NEW")

    def tell_changed(self, singular: str, record_id: str, changes: Mapping[str, str], by: Mapping[str, str]) -> None:
        """One event per property."""
        for name, value in changes.items():
            self._tell(f"{singular}.propertyChange", record_id, by, propertyName=name, propertyValue=value)

    def tell_deleted(self, singular: str, record_id: str, by: Mapping[str, str], erased: bool = False) -> None:
        """For privacy: both events."""
        if erased:
            self._tell(f"{singular}.privacyDeletion", record_id, by, changeFlag="DELETED")
        self._tell(f"{singular}.deletion", record_id, by, changeFlag="DELETED")

    def tell_merged(self, singular: str, primary: str, other: str, moved: int, by: Mapping[str, str]) -> None:
        facts = {"primaryObjectId": int(primary), "mergedObjectIds": [int(other)], "newObjectId": int(primary)}
        self._tell(f"{singular}.merge", primary, by, **facts, numberOfPropertiesMoved=moved)

    def _tell(self, kind: str, record_id: str, by: Mapping[str, str], **facts: Any) -> None:
        if not self._sender.has_subscribers("hubspot"):
            return
        singular, _, verb = kind.partition(".")
        if singular in CUSTOM_TYPES:
            kind, facts = f"object.{verb}", {**facts, "objectTypeId": CUSTOM_TYPES[singular]}
        self._last_event += 1
        event: Event = {
            "eventId": self._last_event,
            "subscriptionId": 3_329_000 + sum(map(ord, kind)),
            "portalId": PORTAL_ID,
            "appId": APP_ID,
            "occurredAt": self._clock.now_ms(),
            "subscriptionType": kind,
            "objectId": int(record_id),
            **facts,
            **by,
        }
        self._sender.tell("hubspot", event, lambda subscription: is_wanted(subscription, event))


def is_wanted(subscription: Subscription, event: Event) -> bool:
    types, properties = (subscription.options.get(name) for name in ("types", "properties"))
    if types is not None and event["subscriptionType"] not in types:
        return False
    return properties is None or event.get("propertyName") in (None, *properties)
