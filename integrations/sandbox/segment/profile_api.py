"""The Profile API. https://segment.com/docs/unify/profile-api/"""

import base64
import uuid
from collections.abc import Sequence
from typing import Any

from integrations.sandbox.clock import MS_A_DAY, Clock, format_ms, parse_instant
from integrations.sandbox.segment import credentials
from integrations.sandbox.segment.errors import refuse_profile
from integrations.sandbox.segment.ingest import Ingest
from integrations.sandbox.segment.limits import RateLimits
from integrations.sandbox.segment.profiles import Profile
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PREFIX = "/v1/spaces/{space}/collections/{collection:users|accounts}/profiles/{who}"
DEFAULT, MOST, MOST_TRAITS, MOST_LINKS = 10, 100, 200, 20
EVENT_DAYS = 14
_GOOD = "Basic " + base64.b64encode(f"{credentials.SPACE_TOKEN}:".encode()).decode()


class ProfileApi:
    """Reads one profile at a time; there is no list of them."""

    def __init__(self, ingest: Ingest, limits: RateLimits, clock: Clock) -> None:
        self._ingest = ingest
        self._limits = limits
        self._clock = clock

    def routes(self) -> list[Route]:
        parts = {
            "traits": self.list_traits,
            "external_ids": self.list_ids,
            "metadata": self.describe,
            "events": self.list_events,
            "links": self.list_links,
        }
        return [Route("GET", f"{PREFIX}/{part}", handler, public=True) for part, handler in parts.items()]

    def list_traits(self, call: Call) -> Answer:
        profile = self._find(call)
        names = sorted(self._chosen(call, profile))
        page, cursor = self._page(call, names, MOST_TRAITS)
        verbose = call.query.get("verbose") == "true"
        return self._answer({"traits": {name: _show(profile, name, verbose) for name in page}, "cursor": cursor})

    def _chosen(self, call: Call, profile: Profile) -> Sequence[str]:
        """`class` asks for what Segment computes, of which there is none here."""
        if call.query.get("class"):
            return []
        wanted = call.query.get("include", "")
        values = profile.values()
        return [name for name in values if not wanted or name in wanted.split(",")]

    def list_ids(self, call: Call) -> Answer:
        profile = self._find(call)
        rows = [
            {
                "source_id": credentials.SPACE_ID,
                "collection": profile.collection,
                "id": value,
                "type": kind,
                "created_at": format_ms(at),
                "encoding": "none",
                "first_message_id": profile.first.get("messageId", ""),
            }
            for (kind, value), at in profile.ids.items()
        ]
        page, cursor = self._page(call, rows, MOST)
        return self._answer({"data": page, "cursor": cursor})

    def list_events(self, call: Call) -> Answer:
        profile = self._find(call)
        oldest = self._clock.now_ms() - EVENT_DAYS * MS_A_DAY
        rows = [event for event in profile.events if parse_instant(event["receivedAt"]) >= oldest]
        rows = rows if call.query.get("sort") == "asc" else rows[::-1]
        page, cursor = self._page(call, [_show_event(event) for event in rows], MOST)
        return self._answer({"data": page, "cursor": cursor})

    def list_links(self, call: Call) -> Answer:
        self._find(call)
        page, cursor = self._page(call, [], MOST_LINKS)
        return self._answer({"data": page, "cursor": cursor})

    def describe(self, call: Call) -> Answer:
        profile = self._find(call)
        told = {
            "created_at": format_ms(profile.created_ms),
            "updated_at": format_ms(profile.updated_ms),
            "expires_at": None,
            "first_message_id": profile.first.get("messageId", ""),
            "last_message_id": profile.last.get("messageId", ""),
        }
        return self._answer({"metadata": told})

    def _find(self, call: Call) -> Profile:
        if call.headers.get("Authorization") != _GOOD or call.revoked:
            raise refuse_profile(401, "authentication_error", "The token is not valid.")
        self._limits.take_profile()
        if call.params["space"] != credentials.SPACE_ID:
            raise refuse_profile(404, "not_found", "Space was not found.")
        self._ingest.settle()
        kind, _, value = call.params["who"].partition(":")
        people = self._ingest.users if call.params["collection"] == "users" else self._ingest.accounts
        profile = people.find(kind, value) if value == value.lower() else None
        if profile is None:
            raise refuse_profile(404, "not_found", "Profile was not found.")
        return profile

    def _page(self, call: Call, rows: Sequence[Any], most: int) -> tuple[list[Any], dict[str, Any]]:
        """`next` is where the following page begins."""
        limit = min(max(int(call.query.get("limit", DEFAULT)), 1), most)
        start = int(call.query.get("next") or 0)
        more = len(rows) > start + limit
        following = str(start + limit) if more else ""
        url = f"{call.base_url}{call.path}?limit={limit}&next={following}" if more else ""
        return list(rows[start : start + limit]), {"url": url, "has_more": more, "next": following, "limit": limit}

    def _answer(self, body: Any) -> Answer:
        return answer_json(body, headers={"Request-Id": uuid.uuid4().hex})


def _show(profile: Profile, name: str, verbose: bool) -> Any:
    value, source, at = profile.traits[name]
    return {"value": value, "source_id": source, "updated_at": format_ms(at)} if verbose else value


def _show_event(event: Any) -> dict[str, Any]:
    ids = (("user_id", event.get("userId")), ("anonymous_id", event.get("anonymousId")))
    return {
        "type": event["type"],
        "event": event["event"],
        "message_id": event["messageId"],
        "timestamp": event["timestamp"],
        "properties": event.get("properties", {}),
        "context": event.get("context", {}),
        "external_ids": [{"type": kind, "id": value} for kind, value in ids if value],
    }
