"""JSON in and out, fast, and forgiving where platforms are sloppy."""

import json
from typing import Any

import orjson

JSON = "application/json"


class UnreadableError(ValueError):
    """Not JSON. `code` says what it is instead: empty_answer, html_answer or half_answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def load_json(body: bytes) -> Any:
    """Raises UnreadableError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        return _load_leniently(body, exc)


def _load_leniently(body: bytes, problem: Exception) -> Any:
    """Portals hold text cut in the middle of an emoji; such a page must not be unreadable for ever."""
    start = body.lstrip()[:1]
    if not start:
        raise UnreadableError("empty_answer") from problem
    if start == b"<":
        raise UnreadableError("html_answer") from problem
    try:
        value = json.loads(body.decode("utf-8", "replace"))
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as exc:
        raise UnreadableError("half_answer") from exc


def dump_json(value: Any) -> bytes:
    """Falls back to the slow way for what orjson refuses: whole numbers of more than 64 bits, halves of emoji."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, default=str).encode()


def join_choices(values: list[Any] | tuple[Any, ...]) -> str:
    """Several choices in one value, as both families of CRMs write them."""
    return ";".join(map(str, values))
