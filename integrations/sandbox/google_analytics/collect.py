"""Where events go. https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference

The answer is the same for everything: whether an event counts is written down here and told to nobody.
"""

from typing import Any

import orjson

from integrations.sandbox.clock import Clock
from integrations.sandbox.google_analytics import credentials
from integrations.sandbox.google_analytics.rules import MOST_PARAMETERS, OLDEST, Message, find_messages, is_strict
from integrations.sandbox.google_analytics.stream import Hit, Stream
from integrations.sandbox.wire import Answer, Call, Route, answer_json

NO_CONTENT = 204


class CollectApi:
    """The collection endpoint and its validation server."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/mp/collect", self.collect, public=True),
            Route("POST", "/debug/mp/collect", self.validate, public=True),
        ]

    def collect(self, call: Call) -> Answer:
        body = read_body(call.body)
        whole = find_stranger(call) or ("" if body else "not JSON")
        if not body:
            return Answer(NO_CONTENT)
        strict = is_strict(body)
        messages = [
            one for one in find_messages(body, len(call.body), self._clock.now()) if strict or not one.is_strict
        ]
        whole = whole or next((one.description for one in messages if one.event is None), "")
        events = body.get("events")
        self._stream.take(
            [
                self._make_hit(body, event, whole or find_fault(messages, index))
                for index, event in enumerate(events if isinstance(events, list) else [])
                if isinstance(event, dict)
            ]
        )
        return Answer(NO_CONTENT)

    def _make_hit(self, body: dict[str, Any], event: dict[str, Any], reason: str) -> Hit:
        """Times further back than three days count as three days ago, unless the caller wanted to be strict."""
        now = self._clock.now()
        micros = event.get("timestamp_micros", body.get("timestamp_micros"))
        at = micros / 1_000_000 if isinstance(micros, int | float) else now
        params = event.get("params")
        kept = list(params.items())[:MOST_PARAMETERS] if isinstance(params, dict) else []
        return Hit(
            str(event.get("name") or ""),
            str(body.get("client_id") or ""),
            str(body.get("user_id") or ""),
            {name: value for name, value in kept if is_counted(name, value)},
            max(at, now - OLDEST),
            now,
            reason,
        )

    def validate(self, call: Call) -> Answer:
        """Neither the secret nor the measurement ID is looked at; only the first problem of a kind is told."""
        body = read_body(call.body)
        if body is None:
            told = Message("", "Unable to parse Measurement Protocol JSON payload.", "VALUE_INVALID")
            return answer_json({"validationMessages": [told.tell()]})
        strict = is_strict(body)
        first: dict[tuple[str, str], Message] = {}
        for one in find_messages(body, len(call.body), self._clock.now()):
            if strict or not one.is_strict:
                first.setdefault((one.code, one.path.partition("[")[0]), one)
        return answer_json({"validationMessages": [one.tell() for one in first.values()]})


def read_body(body: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def find_stranger(call: Call) -> str:
    """Why nothing of this call counts, however good its events are."""
    if call.query.get("measurement_id") != credentials.MEASUREMENT_ID:
        return "unknown measurement_id"
    return "" if call.query.get("api_secret") == credentials.API_SECRET else "wrong api_secret"


def find_fault(messages: list[Message], index: int) -> str:
    """Why this event is lost. Too many parameters cost only those that are too many."""
    mine = (one for one in messages if one.event == index and one.code != "EXCEEDED_MAX_ENTITIES")
    return next((one.description for one in mine if not one.path.startswith("events[")), "")


def is_counted(name: str, value: object) -> bool:
    """Lists and objects are dropped, except the items of a purchase."""
    return value is not None and (not isinstance(value, list | dict) or name == "items")
