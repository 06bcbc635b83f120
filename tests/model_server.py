"""A language model's endpoint over real HTTP: says what a test scripted, in the ways real endpoints do.

In a test: `with ModelServer() as server: server.script(answer(code)); … server.requests()`. As a process, for browsers:
`python -m tests.model_server --port 9500`, steered by the same `ModelControl` from outside.

A script is a list of steps, one per call; the last one is repeated when the script is used up.
"""

import argparse
import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self

import httpx
from aiohttp import web

Step = dict[str, Any]
ABILITIES = {"schema": True, "json": True, "usage": True, "stream": True, "refuses_stream": False}
"""`schema`, `json`: forms of answers it knows. `stream` off: it answers in one piece whatever is asked."""


def answer(
    code: str = "", rules: dict[str, str] | None = None, questions: dict[str, str] | None = None, **more: Any
) -> Step:
    """An answer as agreed. `more`: usage=[prompt, answer] or None, piece=characters per chunk, pause=seconds between
    them, finish=the reason it gives, hold_after=characters after which it waits for `release`."""
    told = {
        "code": code,
        "rules": [{"field": name, "text": text} for name, text in (rules or {}).items()],
        "questions": [{"field": name, "text": text} for name, text in (questions or {}).items()],
    }
    return {"kind": "answer", "text": json.dumps(told), **more}


def say(text: str, **more: Any) -> Step:
    """An answer in so many words."""
    return {"kind": "answer", "text": text, **more}


def refuse(status: int, message: str = "No.", code: str | None = None, **headers: str) -> Step:
    """An error as OpenAI words it."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return {"kind": "refuse", "status": status, "body": json.dumps(body), "headers": headers}


def decline(text: str = "I cannot help with that.") -> Step:
    """The model itself refuses."""
    return {"kind": "answer", "refusal": text, "text": ""}


def reset(after: int = 20, text: str = "x" * 400) -> Step:
    """The connection is reset after so many characters."""
    return {"kind": "answer", "text": text, "reset_after": after, "piece": 10}


def end_early(after: int = 20, text: str = "x" * 400) -> Step:
    """The stream ends politely, in the middle and without a reason."""
    return {"kind": "answer", "text": text[:after], "finish": None, "done": False}


def hang() -> Step:
    """Takes the call and says nothing at all, until released."""
    return {"kind": "hang"}


def garbage(text: str = "data: {not json\n\n", content_type: str = "text/event-stream", status: int = 200) -> Step:
    """Something else instead of an answer."""
    return {"kind": "garbage", "text": text, "content_type": content_type, "status": status}


def trouble_inside(message: str, code: str | None = None) -> Step:
    """An error in the middle of the stream."""
    return {"kind": "trouble", "message": message, "code": code}


class Model:
    """What the server knows and does."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As new."""
        self.steps: list[Step] = []
        self.at = 0
        self.abilities = dict(ABILITIES)
        self.key = self.name = ""
        self.asked: list[dict[str, Any]] = []
        self.hung_up = 0
        self.released = asyncio.Event()

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """`POST …/chat/completions`, at any address an OpenAI client may use."""
        body = await request.json()
        self.asked.append({"path": request.path_qs, "headers": dict(request.headers), "body": body})
        objection = self._object(request, body)
        if objection is not None:
            return objection
        step = self.steps[min(self.at, len(self.steps) - 1)] if self.steps else refuse(500, "Nothing is scripted.")
        self.at += 1
        try:
            return await self._play(request, body, step)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up += 1
            raise

    def _object(self, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        sent = request.headers.get("api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        form = body.get("response_format", {}).get("type", "")
        if self.key and sent != self.key:
            return _error(refuse(401, f"Incorrect API key provided: {sent}.", "invalid_api_key"))
        if self.name and body["model"] != self.name:
            return _error(refuse(404, f"The model `{body['model']}` does not exist.", "model_not_found"))
        if form == "json_schema" and not self.abilities["schema"]:
            return _error(refuse(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported."))
        if form == "json_object" and not self.abilities["json"]:
            return _error(refuse(400, "Unknown parameter: 'response_format'."))
        if "stream_options" in body and not self.abilities["usage"]:
            return _error(refuse(422, "stream_options: extra fields not permitted"))
        if body.get("stream") and self.abilities["refuses_stream"]:
            return _error(refuse(400, "'stream' does not support true with this model."))
        return None

    async def _play(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        if step["kind"] == "refuse":
            return _error(step)
        if step["kind"] == "hang":
            await self.released.wait()
            return _error(refuse(500, "Released."))
        if step["kind"] == "garbage":
            return web.Response(text=step["text"], content_type=step["content_type"], status=step["status"])
        if not body.get("stream") or not self.abilities["stream"]:
            return web.json_response(_whole(step))
        return await self._stream(request, body, step)

    async def _stream(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)

        async def send(told: dict[str, Any]) -> None:
            await response.write(f"data: {json.dumps(told)}\n\n".encode())

        if step["kind"] == "trouble":
            await send(_chunk({"content": "Well"}))
            await send({"error": {"message": step["message"], "type": "server_error", "code": step["code"]}})
            return response
        await send({**_chunk({}), "choices": []})
        await send(_chunk({"role": "assistant", "content": ""}))
        if step.get("refusal"):
            await send(_chunk({"refusal": step["refusal"]}))
        if not await self._send_text(request, step, send):
            return response
        if "finish" not in step or step["finish"]:
            await send(_chunk({}, step.get("finish", "stop")))
        if body.get("stream_options", {}).get("include_usage") and step.get("usage", True) is not None:
            await send({**_chunk({}), "choices": [], "usage": _usage(step)})
        if step.get("done", True):
            await response.write(b"data: [DONE]\n\n")
        return response

    async def _send_text(
        self, request: web.Request, step: Step, send: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
    ) -> bool:
        text, piece, sent = step["text"], step.get("piece", 200), 0
        while sent < len(text):
            await send(_chunk({"content": text[sent : sent + piece]}))
            sent += piece
            if sent >= step.get("reset_after", len(text) + piece):
                assert request.transport is not None
                request.transport.abort()
                return False
            if sent >= step.get("hold_after", len(text) + piece):
                await self.released.wait()
            if step.get("pause"):
                await asyncio.sleep(step["pause"])
        return True

    async def control(self, request: web.Request) -> web.Response:
        """`POST /_control/<verb>` with JSON; `GET /_control/state`."""
        verb = request.match_info["verb"]
        told = await request.json() if request.can_read_body else {}
        if verb == "script":
            self.steps, self.at = told["steps"], 0
        elif verb == "set":
            self.key, self.name = told.pop("key", self.key), told.pop("name", self.name)
            self.abilities |= told
        elif verb == "release":
            self.released.set()
        elif verb == "forget":
            self.forget()
        return web.json_response({"asked": self.asked, "hung_up": self.hung_up, "left": len(self.steps) - self.at})

    def app(self) -> web.Application:
        """The routes; a path before `/chat` may be anything, as endpoints differ."""
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/_control/{verb}", self.control)
        app.router.add_post("/{before:.*}chat/completions", self.complete)
        return app


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}


def _usage(step: Step) -> dict[str, int]:
    prompt, told = step.get("usage") or [1_000, len(step["text"]) // 4]
    return {"prompt_tokens": prompt, "completion_tokens": told, "total_tokens": prompt + told}


def _whole(step: Step) -> dict[str, Any]:
    message = {"role": "assistant", "content": step.get("text") or None, "refusal": step.get("refusal")}
    choice = {"index": 0, "message": message, "finish_reason": step.get("finish", "stop")}
    told = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return told if step.get("usage", True) is None else {**told, "usage": _usage(step)}


def _error(step: Step) -> web.Response:
    headers = {name.replace("_", "-"): value for name, value in step["headers"].items()}
    return web.Response(text=step["body"], status=step["status"], content_type="application/json", headers=headers)


async def start(model: Model, port: int) -> tuple[web.AppRunner, int]:
    """Listen on 127.0.0.1; port 0 takes a free one."""
    runner = web.AppRunner(model.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, runner.addresses[0][1]


class ModelControl:
    """Steers a server by its address, wherever it runs."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.base_url = f"{address}/v1"
        self._http = httpx.Client(base_url=f"{address}/_control", timeout=10, trust_env=False)

    def script(self, *steps: Step) -> None:
        """What it says from now on, call by call."""
        self._post("script", {"steps": list(steps)})

    def set(self, **told: Any) -> None:
        """Change an ability, the key it wants (`key=`), or the only model it has (`name=`)."""
        self._post("set", told)

    def release(self) -> None:
        """Let go on whatever waits."""
        self._post("release")

    def forget(self) -> None:
        """As new."""
        self._post("forget")

    def requests(self) -> list[dict[str, Any]]:
        """Every call so far: path, headers, body."""
        asked: list[dict[str, Any]] = self._post("state")["asked"]
        return asked

    def hung_up(self) -> int:
        """How many callers left before the end."""
        return int(self._post("state")["hung_up"])

    def left(self) -> int:
        """How many calls of the script are still to come."""
        return int(self._post("state")["left"])

    def close(self) -> None:
        self._http.close()

    def _post(self, verb: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        answered: dict[str, Any] = self._http.post(f"/{verb}", json=told or {}).raise_for_status().json()
        return answered


class ModelServer(ModelControl):
    """A server in a background thread, for the length of a `with` block."""

    def __init__(self) -> None:
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="model", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        super().__init__(f"http://127.0.0.1:{self.port}")
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(timeout=5)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        runner, self.port = await start(Model(), 0)
        self._started.set()
        await self._stopped.wait()
        await runner.cleanup()


async def _serve_for_ever(port: int) -> None:
    _, port = await start(Model(), port)
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(_serve_for_ever(parser.parse_args().port))
