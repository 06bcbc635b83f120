"""The control API: what a test, a demo or a benchmark asks of the sandbox itself, under /_control/."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

import orjson
from aiohttp import web

from integrations.sandbox.credentials import tell_credentials
from integrations.sandbox.faults import parse_fault
from integrations.sandbox.generate import tell_oddities
from integrations.sandbox.outgoing import Subscription
from integrations.sandbox.settings import ONLY_ON_RESET, change_settings
from integrations.sandbox.world import World

Body = dict[str, Any]
Handler = Callable[[web.Request, Body], Any]


class Control:
    """Answers with plain JSON, and with 400 and a sentence when asked for something it does not know."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open_routes(self, app: web.Application) -> None:
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "credentials", self.tell_credentials),
            ("GET", "requests", self.tell_requests),
            ("GET", "faults", self.tell_faults),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.delete_faults),
            ("POST", "reset", self.reset),
            ("POST", "clock", self.advance_clock),
            ("POST", "settings", self.change_settings),
            ("GET", "webhooks", self.tell_webhooks),
            ("DELETE", "webhooks", self.unsubscribe),
            ("POST", "{platform}/webhooks", self.subscribe),
            ("GET", "hubspot/contacts/oddities", self.tell_oddities),
            ("POST", "{platform}/{object}/touch", self.touch),
            ("POST", "{platform}/{object}/fields", self.change_field),
            ("GET", "{platform}/{object}/summary", self.summarise),
            ("GET", "{platform}/{object}/records", self.list_records),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, f"/_control/{path}", _open(handler))

    def tell_credentials(self, request: web.Request, body: Body) -> Any:
        return tell_credentials(f"{request.scheme}://{request.host}")

    def tell_requests(self, request: web.Request, body: Body) -> Any:
        return self._world.describe_requests()

    def tell_faults(self, request: web.Request, body: Body) -> Any:
        return {"faults": self._world.faults.describe()}

    def add_fault(self, request: web.Request, body: Body) -> Any:
        return 201, {"id": self._world.faults.add(parse_fault(body))}

    def delete_faults(self, request: web.Request, body: Body) -> Any:
        wanted = request.query.get("id")
        return {"deleted": self._world.faults.delete(int(wanted) if wanted else None)}

    def reset(self, request: web.Request, body: Body) -> Any:
        change_settings(self._world.settings, body)
        self._world.reset()
        return {"contacts": self._world.settings.contacts, "seed": self._world.settings.seed}

    def advance_clock(self, request: web.Request, body: Body) -> Any:
        self._world.clock.advance(float(body["advance_seconds"]))
        return {"now": self._world.clock.now()}

    def change_settings(self, request: web.Request, body: Body) -> Any:
        """Besides the settings takes `daily_used`: {"platform": calls}, to play the end of a day."""
        used = body.pop("daily_used", {})
        if ONLY_ON_RESET & body.keys():
            raise ValueError("Contacts, seed and oddness are changed by a reset.")
        change_settings(self._world.settings, body)
        for name, number in used.items():
            self._world.platforms[name].set_daily_used(int(number))
        return {}

    def tell_oddities(self, request: web.Request, body: Body) -> Any:
        settings = self._world.settings
        return tell_oddities(settings.seed, settings.contacts, settings.oddness)

    def touch(self, request: web.Request, body: Body) -> Any:
        platform = self._world.platforms[request.match_info["platform"]]
        chosen = list(map(str, body["ids"])) if "ids" in body else int(body["count"])
        return {"ids": platform.touch(request.match_info["object"], chosen, body.get("properties", {}))}

    def change_field(self, request: web.Request, body: Body) -> Any:
        self._world.platforms[request.match_info["platform"]].change_field(request.match_info["object"], body)
        return {}

    def tell_webhooks(self, request: web.Request, body: Body) -> Any:
        return self._world.sender.describe()

    async def subscribe(self, request: web.Request, body: Body) -> Any:
        """`url`, `secret`, and what the platform lets a subscriber choose."""
        platform = self._world.platforms[request.match_info["platform"]]
        subscription = Subscription(platform.name, str(body.pop("url")), str(body.pop("secret", "")), body)
        return 201, {"id": await platform.subscribe(subscription, self._world.sender)}

    def unsubscribe(self, request: web.Request, body: Body) -> Any:
        wanted = request.query.get("id")
        return {"deleted": self._world.sender.unsubscribe(int(wanted) if wanted else None)}

    def summarise(self, request: web.Request, body: Body) -> Any:
        platform = self._world.platforms[request.match_info["platform"]]
        return platform.summarise(request.match_info["object"])

    def list_records(self, request: web.Request, body: Body) -> Any:
        platform = self._world.platforms[request.match_info["platform"]]
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 100))
        records, following = platform.list_records(request.match_info["object"], after, limit)
        return {"records": records, "next": following}


def _open(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A result may be a body, or a status and a body."""

    async def handle(request: web.Request) -> web.StreamResponse:
        text = await request.read()
        try:
            result = handler(request, orjson.loads(text) if text else {})
            if isawaitable(result):
                result = await result
        except (ValueError, KeyError, TypeError) as exc:
            result = 400, {"error": f"{type(exc).__name__}: {exc}"}
        status, body = result if isinstance(result, tuple) else (200, result)
        return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")

    return handle
