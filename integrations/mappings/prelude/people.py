"""Runs in the sandbox: text, names and e-mail addresses."""

import re
from typing import Any

_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060\ufeff]")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]")
_EMAIL = re.compile(r"""^[^\s@,;:()<>"]+@(?:[^\s@,;:()<>".]+\.)+[^\s@,;:()<>".]{2,}$""")


def clean_text(value: Any) -> str | None:
    """Text without spaces around it, double spaces or invisible signs; None when nothing is left."""
    if value is None:
        return None
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = " ".join(_UNSEEN.sub("", text).split())
    return text or None


def clean_name(value: Any, keep_emoji: bool = True) -> str | None:
    """A person's name as it is written (O'Brien, José, van der Berg), only tidied; keep_emoji=False drops emoji."""
    text = clean_text(value)
    if text and not keep_emoji:
        return clean_text(_EMOJI.sub("", text))
    return text


def clean_email(value: Any) -> str | None:
    """The address in lower case without spaces around it; one that is not valid stays as it is. None when empty."""
    if value is None:
        return None
    return str(value).strip().lower() or None


def is_email(value: Any) -> bool:
    """Does it look like an e-mail address?"""
    return value is not None and _EMAIL.match(str(value)) is not None
