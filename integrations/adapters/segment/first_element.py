"""The bytes of the first event of a call, exactly as they came: what Segment has signed."""

import json

_WINDOW = 65_536
_SPACE = b" \t\r\n"
_decoder = json.JSONDecoder()


def find_first(body: bytes) -> tuple[bytes, bool]:
    """The first element of a JSON array, and whether it is all of it. Anything else is taken whole; no element is nothing."""
    start = _skip_space(body, 0)
    if body[start : start + 1] != b"[":
        return body.strip(_SPACE), True
    start = _skip_space(body, start + 1)
    end = _find_end(body, start)
    after = _skip_space(body, end)
    return body[start:end], body[after : after + 1] == b"]"


def _find_end(body: bytes, start: int) -> int:
    """Where the value that starts there ends; its start when it is none. Most events are small: only their part is read."""
    for length in (_WINDOW, len(body)):
        text = body[start : start + length].decode("utf-8", "replace" if length < len(body) else "surrogateescape")
        try:
            _, end = _decoder.raw_decode(text)
        except (ValueError, RecursionError):
            continue
        return start + len(text[:end].encode("utf-8", "surrogateescape"))
    return start


def _skip_space(body: bytes, at: int) -> int:
    while body[at : at + 1] and body[at : at + 1] in _SPACE:
        at += 1
    return at
