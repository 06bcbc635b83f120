"""The way of every request to a platform: count it, spoil it if a fault says so, let the platform answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from integrations.sandbox.platform import Platform
from integrations.sandbox.spoil import NoAnswerError, reset_connection, spoil
from integrations.sandbox.wire import Answer, Call, Route, build_response
from integrations.sandbox.world import World

WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NO_ANSWER = 0
"""Stands for the status of a request that was reset or left hanging."""


class FrontDoor:
    """Looks the platform up on every call, since a reset puts new ones in place."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open_routes(self, app: web.Application) -> None:
        for name, platform in self._world.platforms.items():
            for position, route in enumerate(platform.routes):
                app.router.add_route(route.method, route.path, self._open(name, position))
        for path, name in _unknown_paths(self._world.platforms.values()):
            app.router.add_route("*", path, self._open_unknown(name))

    def _open(self, name: str, position: int) -> WebHandler:
        platforms = self._world.platforms

        async def handle(request: web.Request) -> web.StreamResponse:
            platform = platforms[name]
            return await self._serve(request, platform, platform.routes[position])

        return handle

    def _open_unknown(self, name: str) -> WebHandler:
        platforms = self._world.platforms

        async def handle(request: web.Request) -> web.StreamResponse:
            platform = platforms[name]
            route = Route(request.method, "(no such path)", platform.make_not_found, public=True)
            return await self._serve(request, platform, route)

        return handle

    async def _serve(self, request: web.Request, platform: Platform, route: Route) -> web.StreamResponse:
        call = await read_call(request)
        try:
            with platform.occupy(call) as turned_away:
                answer = turned_away or await self._answer(platform, route, call)
        except asyncio.CancelledError:
            self._count(platform, route, NO_ANSWER)
            raise
        except NoAnswerError:
            self._count(platform, route, NO_ANSWER)
            reset_connection(request.transport)
            return web.Response()
        self._count(platform, route, answer.status)
        return self._respond(answer)

    def _count(self, platform: Platform, route: Route, status: int) -> None:
        self._world.counts[platform.name, route.method, route.path, status] += 1

    async def _answer(self, platform: Platform, route: Route, call: Call) -> Answer:
        if latency := self._world.settings.latency_ms + platform.extra_latency_ms:
            await asyncio.sleep(latency / 1_000)
        if route.look is not None:
            await route.look(call)
        fault = self._world.faults.find(platform.name, call.method, call.path)
        if fault is None:
            return platform.serve(call, route)
        return await spoil(fault, self._world.faults, platform, call, lambda: platform.serve(call, route))

    def _respond(self, answer: Answer) -> web.Response:
        response = build_response(answer)
        if self._world.settings.compress:
            response.enable_compression()
        return response


async def read_call(request: web.Request) -> Call:
    return Call(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        params=request.match_info,
        body=await request.read() if request.can_read_body else b"",
        base_url=f"{request.scheme}://{request.host}",
    )


def _unknown_paths(platforms: Iterable[Platform]) -> list[tuple[str, str]]:
    """(path, platform), the narrowest first: whose words a path gets that nobody serves."""
    found = [(path, platform.name) for platform in platforms for path in platform.unknown_paths]
    return sorted(found, key=lambda one: -len(one[0]))
