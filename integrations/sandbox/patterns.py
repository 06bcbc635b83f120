"""Shapes of values that more than one platform checks."""

import re
from functools import lru_cache

EMAIL = re.compile(r"[^@\s,;:()<>\"]++@[^\s@,;:()<>\".]++(?:\.[^\s@,;:()<>\".]++)++(?<=[^.][^.])")
"""A name, one @, a domain with a dot; nothing that only the standard's oddest corners allow."""


@lru_cache(maxsize=4)
def are_emails(texts: tuple[str, ...]) -> bool:
    """Remembered, since the same addresses often stand in two columns."""
    return all(map(EMAIL.fullmatch, texts))


def is_email(text: str) -> bool:
    return EMAIL.fullmatch(text) is not None
