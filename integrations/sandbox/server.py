"""Runs the sandbox: in the foreground for the command line, in a thread for tests."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from integrations.sandbox.control import Control
from integrations.sandbox.credentials import tell_credentials
from integrations.sandbox.front_door import FrontDoor
from integrations.sandbox.life import Life
from integrations.sandbox.settings import Settings, change_settings
from integrations.sandbox.world import World

LARGEST_BODY = 160 * 1024 * 1024


def build_app(world: World) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY)
    Control(world).open_routes(app)
    FrontDoor(world).open_routes(app)
    app.on_cleanup.append(lambda _: world.sender.close())
    app.cleanup_ctx.append(lambda _: _live(world))
    return app


async def _live(world: World) -> AsyncIterator[None]:
    """People do things for as long as the server runs."""
    task = asyncio.create_task(Life(world).run(), name="life")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def start(world: World, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Returns the runner and the port it listens on; port 0 takes a free one."""
    runner = web.AppRunner(build_app(world), access_log=None, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1_024)
    await site.start()
    return runner, runner.addresses[0][1]


def run_forever(settings: Settings, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT, which end it at once, whatever hangs."""
    asyncio.run(_run_until_signal(World(settings), host, port))


async def _run_until_signal(world: World, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner, _ = await start(world, host, port)
    await stopped.wait()
    world.faults.delete()
    await runner.cleanup()


class SandboxServer:
    """A sandbox in a background thread, on a free port, for the length of a `with` block."""

    def __init__(
        self,
        contacts: int = 1_000,
        seed: int = 7,
        limits: bool = True,
        latency_ms: float = 0,
        **more: Any,
    ) -> None:
        """`more` are other settings, also of single platforms."""
        self.settings = Settings(contacts=contacts, seed=seed, limits=limits, latency_ms=latency_ms)
        change_settings(self.settings, more)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def credentials(self) -> dict[str, Any]:
        return tell_credentials(self.url)

    def start(self) -> Self:
        self.world = World(self.settings)
        self._thread.start()
        self._started.wait()
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._started.set()
            self._loop.close()

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        runner, self.port = await start(self.world, "127.0.0.1", 0)
        self._started.set()
        await self._stopped.wait()
        self.world.faults.delete()
        await runner.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
