"""Shapes of values that more than one platform checks."""

import re

EMAIL = re.compile(r"[^\s@,;:()<>\"]+@(?:[^\s@,;:()<>\".]+\.)+[^\s@,;:()<>\".]{2,}")
"""A name, one @, a domain with a dot; nothing that only the standard's oddest corners allow."""


def is_email(text: str) -> bool:
    return EMAIL.fullmatch(text) is not None
