"""JSON in and out, fast, and forgiving where platforms are sloppy."""

import json
import re
from typing import Any

import orjson

JSON = "application/json"


SMALL = 1_000_000
MOST_GROUPS = 500_000
MOST_VALUES = 3_000_000
"""A list of two bytes takes sixty in memory, and a value in it eight more: an answer of bearable size must not burst."""

# A text that never ends reaches to the end of the body, and nothing is tried twice: else it would be looked through anew
# from each of its quotes.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


class UnreadableError(ValueError):
    """Not JSON, or more than can be held. `code` says what it is instead: empty_answer, html_answer, half_answer or
    bursting_answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def load_json(body: bytes) -> Any:
    """Raises UnreadableError. Takes memory of a few times the body's size at most."""
    if is_bursting(body):
        raise UnreadableError("bursting_answer")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        return _load_leniently(body, exc)


def is_bursting(body: bytes) -> bool:
    """True for more lists, objects and values than any page of records has. Counted before anything is built; the text
    in records may hold as many brackets and commas as it likes."""
    if len(body) <= SMALL or not _has_many(body):
        return False
    return _has_many(_STRING.sub(b"", body))


def _has_many(body: bytes) -> bool:
    return body.count(b"[") + body.count(b"{") > MOST_GROUPS or body.count(b",") > MOST_VALUES


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
