"""JSON as people read it: indented, and no longer than what is shown.

Strangers write it, and a few levels of nesting make a small body a hundred times as long.
"""

import json
from collections.abc import Iterable
from typing import Any

import orjson

MOST_DEEP = 50
"""Levels; the lines of what is nested deeper would be empty for the most part."""


def indent_json(body: bytes | str, most: int) -> str:
    """Its beginning: `most` characters, and at least one more when there are more. ValueError for what is no JSON, or
    nested more deeply than can be read."""
    value = orjson.loads(body)
    if _is_deep(value):
        raise ValueError("nested too deeply")
    return _beginning(json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value), most)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEEP):
        groups = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for group in groups for one in group]
    return bool(level)


def _beginning(pieces: Iterable[str], most: int) -> str:
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size > most:
            break
    return "".join(taken)
