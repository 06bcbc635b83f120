"""Shapes of values that more than one platform checks."""

import re
from collections.abc import Iterable

EMAIL = re.compile(r"[^@\s,;:()<>\"]++@[^\s@,;:()<>\".]++(?:\.[^\s@,;:()<>\".]++)++(?<=[^.][^.])")
"""A name, one @, a domain with a dot; nothing that only the standard's oddest corners allow."""


def are_emails(texts: Iterable[str]) -> bool:
    return all(map(EMAIL.fullmatch, texts))


def is_email(text: str) -> bool:
    return EMAIL.fullmatch(text) is not None
