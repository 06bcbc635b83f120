"""What Segment nests, as flat fields: {"address": {"city": "Cork"}} is "address.city"."""

from collections.abc import Iterator, Mapping
from typing import Any

DEEPEST = 4
"""Parts of parts further in stay together, as they came."""


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by their path. A list stays a list."""
    return dict(_walk("", values, 1))


def _walk(path: str, values: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield from _walk(f"{path}{name}.", value, depth + 1)
        else:
            yield f"{path}{name}", value
