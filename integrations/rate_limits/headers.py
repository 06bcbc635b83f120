"""What an answer's headers say about a limit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations.rate_limits.registry import Headers


@dataclass(frozen=True, slots=True)
class Told:
    """A limit as the platform counts it, read at `at` (seconds since 1970)."""

    limit: int
    used: int
    at: float


def read_headers(headers: Mapping[str, str], rule: Headers, at: float) -> Told | None:
    """None when the answer does not say, or says nonsense."""
    if rule.usage:
        return _from_list(headers.get(rule.usage) or headers.get(rule.usage.lower()), rule.part, at)
    limit = _count(headers.get(rule.limit) or headers.get(rule.limit.lower()))
    remaining = _count(headers.get(rule.remaining) or headers.get(rule.remaining.lower()))
    if not limit or remaining is None:
        return None
    return Told(limit, max(0, limit - remaining), at)


def _from_list(text: str | None, part: str, at: float) -> Told | None:
    """`api-usage=18/5000; per-app-api-usage=17/250(appName=x)`: parts come in any number and order."""
    for item in re.split(r"[;,]", text or ""):
        found = re.match(rf"\s*{re.escape(part)}\s*=\s*(\d{{1,15}})\s*/\s*(\d{{1,15}})", item)
        if found and int(found[2]) > 0:
            return Told(int(found[2]), int(found[1]), at)
    return None


def _count(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,15}", text.strip()) else None
