"""The Tracking API. https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/

Nothing is refused but what is too large or no JSON. Whoever sends with a wrong key hears "success" like everybody.
"""

import base64
import binascii
from typing import Any

import orjson

from integrations.sandbox.segment.errors import refuse_tracking
from integrations.sandbox.segment.ingest import TYPES, Ingest
from integrations.sandbox.segment.limits import RateLimits
from integrations.sandbox.segment.oauth import TokenDesk
from integrations.sandbox.wire import JSON, Answer, Call, Route, answer_json

BYTES_AN_EVENT = 32 * 1024
BYTES_A_CALL = 500_000
EVENTS_A_CALL = 2_500
SUCCESS = {"success": True}


class TrackingApi:
    """`/v1/batch`, and a path for each type."""

    def __init__(self, ingest: Ingest, limits: RateLimits, desk: TokenDesk) -> None:
        self._ingest = ingest
        self._limits = limits
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/batch", self.take_batch, public=True),
            Route("POST", "/v1/import", self.take_batch, public=True),
            *(Route("POST", f"/v1/{kind}", self.take_one, public=True) for kind in sorted(TYPES)),
        ]

    def take_batch(self, call: Call) -> Answer:
        body, key = self._open(call, BYTES_A_CALL)
        events = body.get("batch")
        if not isinstance(events, list):
            raise refuse_tracking(400, "Missing batch")
        if any(len(orjson.dumps(event)) > BYTES_AN_EVENT for event in _large(events, len(call.body))):
            raise refuse_tracking(400, "Exceeded payload limit of 32KB for an event")
        shared = body.get("context")
        for event in events[:EVENTS_A_CALL]:
            self._ingest.take(_with_context(event, shared), key)
        self._ingest.lose_rest(events[EVENTS_A_CALL:])
        return answer_json(SUCCESS)

    def take_one(self, call: Call) -> Answer:
        body, key = self._open(call, BYTES_AN_EVENT)
        event = {name: value for name, value in body.items() if name != "writeKey"}
        self._ingest.take({**event, "type": call.path.rpartition("/")[2]}, key)
        return answer_json(SUCCESS)

    def _open(self, call: Call, most: int) -> tuple[dict[str, Any], str]:
        """The body, and the write key from wherever it is."""
        self._limits.take_tracking()
        bearer = self._desk.check(call)
        if not call.headers.get("Content-Type", "").startswith(JSON):
            raise refuse_tracking(415, "Content-Type must be application/json")
        if len(call.body) > most:
            raise refuse_tracking(400)
        try:
            body = orjson.loads(call.body)
        except orjson.JSONDecodeError as exc:
            raise refuse_tracking(400, "Malformed JSON") from exc
        if not isinstance(body, dict):
            raise refuse_tracking(400, "Malformed JSON")
        key = "" if bearer else _read_basic(call.headers.get("Authorization", ""))
        return body, key or str(body.get("writeKey") or "")


def _large(events: list[Any], size: int) -> list[Any]:
    """Those that may be too large: none in a call that is not."""
    return events if size > BYTES_AN_EVENT else []


def _with_context(event: Any, shared: Any) -> Any:
    """What was said of the whole call holds for each."""
    if not isinstance(event, dict) or not isinstance(shared, dict):
        return event
    own = event.get("context")
    return {**event, "context": {**shared, **(own if isinstance(own, dict) else {})}}


def _read_basic(header: str) -> str:
    """The user name; with or without the colon behind it."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
