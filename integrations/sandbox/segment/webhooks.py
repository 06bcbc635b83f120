"""How the simulated Segment calls: three destinations, each in its own manner.

https://segment.com/docs/connections/destinations/catalog/webhooks/
https://segment.com/docs/connections/destinations/catalog/actions-webhook/
https://segment.com/docs/connections/destinations/#retries
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from integrations.sandbox.outgoing import Message, Subscription, Verdict
from integrations.sandbox.segment.ingest import Event, Source
from integrations.sandbox.sender import Sender
from integrations.sandbox.wire import JSON

CLASSIC, ACTIONS, EXTENSIBLE = "classic", "actions", "extensible"
MODES = (CLASSIC, ACTIONS, EXTENSIBLE)
OPTIONS = frozenset({"mode", "batch", "token", "sources", "types"})
BATCH = 1_000
MOST_BATCH = 4_000
LADDER = (30, 60, 120, 240, 480, 960, 1_920, 3_840, 6_750)
"""Seconds before each repetition, four hours in all."""

HEARD = ("Website",)
"""A destination hangs on a source, and nobody hangs one on the source that he writes to."""


class Calls:
    """An answer within five seconds, repetitions over four hours.

    Options of a subscriber: `mode` (classic, one event a call; actions; extensible), `batch` (events in a call, for the last
    two), `token` (a bearer token), `sources` (names; the website's if not given) and `types` (all if not given).
    """

    gather = 0.05
    seconds = 5.0
    ladder: Sequence[float] = LADDER
    in_flight = 10

    def __init__(self, options: Mapping[str, Any]) -> None:
        if unknown := set(options) - OPTIONS:
            raise ValueError(f"A destination has no {', '.join(sorted(unknown))}.")
        self._mode = options.get("mode", EXTENSIBLE)
        if self._mode not in MODES:
            raise ValueError(f"The mode is one of {', '.join(MODES)}.")
        self._batch = 0 if self._mode == CLASSIC else int(options.get("batch", BATCH))
        if not 0 <= self._batch <= MOST_BATCH:
            raise ValueError(f"A batch holds up to {MOST_BATCH:,} events.")
        self.most = max(self._batch, 1)

    def write(self, subscription: Subscription, happenings: Sequence[Any], attempt: int) -> Message:
        """An object, or an array of them. Signed is the object, or the first of the array."""
        parts = [orjson.dumps(event) for event in happenings]
        body = b"[" + b",".join(parts) + b"]" if self._batch else parts[0]
        headers = {"Content-Type": JSON, "User-Agent": "Segment.io/1.0"}
        if subscription.secret:
            headers["X-Signature"] = hmac.new(subscription.secret.encode(), parts[0], "sha1").hexdigest()
        if token := subscription.options.get("token"):
            headers["Authorization"] = f"Bearer {token}"
        return Message(body, headers)

    def judge(self, status: int, body: bytes) -> Verdict:
        """Time-outs, 429 and 5xx come again; any other refusal is the end of it."""
        if 200 <= status < 300:
            return Verdict.TAKEN
        return Verdict.REPEAT if status in (0, 429) or status >= 500 else Verdict.DROP


class News:
    """What came in at a source, told to the destinations that hang on it."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def tell(self, event: Event, source: Source) -> None:
        if self._sender.has_subscribers("segment"):
            self._sender.tell("segment", event, lambda subscription: is_wanted(subscription, event, source.name))

    def tell_deleted(self, user_id: str, at: str) -> None:
        """Every source that knew him says so."""
        event = {"type": "delete", "userId": user_id, "timestamp": at}
        if self._sender.has_subscribers("segment"):
            self._sender.tell("segment", event)


def is_wanted(subscription: Subscription, event: Event, source: str) -> bool:
    types = subscription.options.get("types")
    return source in subscription.options.get("sources", HEARD) and (types is None or event["type"] in types)
