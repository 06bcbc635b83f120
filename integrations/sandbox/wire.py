"""What passes between the front door and a platform: a call, an answer, a refusal, a route."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from multidict import MultiMapping

JSON = "application/json"
CSV = "text/csv"


@dataclass(slots=True)
class Call:
    """One request, read to the end."""

    method: str
    path: str
    query: MultiMapping[str]
    headers: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes
    base_url: str
    token: Any = None
    """Who calls, once the platform has let them in."""
    revoked: bool = False
    """A fault says that every credential is dead."""
    found: Any = None
    """What the route's look brought."""


@dataclass(slots=True)
class Answer:
    """A response that faults can still spoil; the body is already bytes."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A platform says no, in its own words."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = Answer(status, orjson.dumps(body), headers=dict(headers or {}))


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a platform; `needs` is what the caller must be allowed to do. `look` comes before the handler, and may wait
    for somebody elsewhere."""

    method: str
    path: str
    handler: Handler
    needs: str = ""
    public: bool = False
    search: bool = False
    look: Callable[[Call], Awaitable[None]] | None = None


def answer_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(body), headers=headers or {})


def build_response(answer: Answer) -> web.Response:
    charset = "utf-8" if answer.body and answer.content_type != JSON else None
    return web.Response(
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        charset=charset,
        headers=answer.headers,
    )
