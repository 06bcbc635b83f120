"""The simulated Segment: its parts put together, and its front desk."""

from collections.abc import Sequence
from typing import Any

from integrations.sandbox.clock import format_ms
from integrations.sandbox.faults import Fault
from integrations.sandbox.outgoing import Manner, Subscription
from integrations.sandbox.platform import Chosen, Platform
from integrations.sandbox.scene import Scene
from integrations.sandbox.segment.errors import describe_public
from integrations.sandbox.segment.ingest import Ingest
from integrations.sandbox.segment.limits import RateLimits, waits
from integrations.sandbox.segment.oauth import TokenDesk
from integrations.sandbox.segment.profile_api import ProfileApi
from integrations.sandbox.segment.public_api import PublicApi
from integrations.sandbox.segment.tracking import TrackingApi
from integrations.sandbox.segment.visitors import Website
from integrations.sandbox.segment.webhooks import Calls, News
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PAUSE = 2
"""Seconds that a fault with the status 429 asks for."""


class Workspace(Platform):
    """One Segment workspace: a source for us, one for the website, and a space."""

    name = "segment"
    unknown_paths = ("/v1/{tail:.*}", "/spaces/{tail:.*}", "/oauth2/{tail:.*}")

    def __init__(self, scene: Scene) -> None:
        self._clock = scene.clock
        self._news = News(scene.sender)
        self._desk = TokenDesk(scene.clock)
        limits = RateLimits(scene.settings, scene.clock)
        self.ingest = Ingest(scene.settings, scene.clock, self._news.tell)
        self._website = Website(scene.people, self.ingest)
        self._routes = [
            *TrackingApi(self.ingest, limits, self._desk).routes(),
            *ProfileApi(self.ingest, limits, scene.clock).routes(),
            *PublicApi(self.ingest, limits, scene.clock, self.delete).routes(),
            *self._desk.routes(),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def admit(self, call: Call, route: Route) -> dict[str, str]:
        """Each interface has its own sign-in and looks at it itself."""
        return {}

    def make_failure(self, fault: Fault) -> Answer:
        status = fault.status or 500
        headers = {**waits(PAUSE), **fault.headers} if status == 429 else dict(fault.headers)
        if fault.route.startswith("/v1/spaces"):
            body: dict[str, Any] = {"error": {"code": "api_error", "message": "Something went wrong."}}
        elif fault.route.startswith("/v1"):
            body = {"success": False}
        else:
            body = describe_public("server", "Something went wrong.", status)
        return answer_json(body, status, headers)

    def make_not_found(self, call: Call) -> Answer:
        return answer_json({"success": False, "message": "Not found"}, 404)

    def expire_tokens(self) -> None:
        self._desk.expire_all()

    def set_daily_used(self, used: int) -> None:
        """No day is counted."""

    def delete(self, user_id: str, forget: bool, suppress: bool) -> None:
        """Somebody asked for it; whoever listens is told."""
        if suppress:
            self.ingest.suppressed.add(user_id)
        elif not forget:
            self.ingest.suppressed.discard(user_id)
        if forget:
            self.ingest.users.forget("user_id", user_id)
            self._news.tell_deleted(user_id, format_ms(self._clock.now_ms()))

    def summarise(self, object_name: str) -> dict[str, int]:
        """`lost`: taken with a yes and never seen again; `repeated`: recognised by its id."""
        self.ingest.settle()
        stored = {"users": len(self.ingest.users), "groups": len(self.ingest.accounts)}
        stored["events"] = self.ingest.counts["track"]
        if object_name == "lost":
            return dict(self.ingest.losses)
        told = self.ingest.ledgers[object_name].summarise(stored[object_name])
        return {**told, "lost": self.ingest.losses.total(), "repeated": self.ingest.counts["repeated"]}

    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        self.ingest.settle()
        lists: dict[str, list[Any]] = {"events": list(self.ingest.latest), "lost": list(self.ingest.lost)}
        if object_name in ("users", "groups"):
            profiles = self.ingest.users if object_name == "users" else self.ingest.accounts
            rows: list[Any] = [profile.dump() for profile in profiles.page(after, limit + 1)]
        else:
            rows = lists[object_name][after : after + limit + 1]
        return rows[:limit], after + limit if len(rows) > limit else None

    def touch(self, object_name: str, chosen: Chosen, values: dict[str, Any]) -> list[str]:
        return self._website.touch(object_name, chosen, values)

    def make_manner(self, subscription: Subscription) -> Manner:
        return Calls(subscription.options)


PLATFORM = Workspace
