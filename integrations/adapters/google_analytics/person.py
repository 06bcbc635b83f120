"""What Google may know of a person: hashed here, so that nothing readable leaves the house.

https://developers.google.com/analytics/devguides/collection/ga4/uid-data
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from integrations.adapters.google_analytics.names import Fault

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@.]{2,}")
_EMAIL_INSIDE = re.compile(r"[^\s@/?&=:;,]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,}")
_HASH = re.compile(r"[0-9a-f]{64}")
_PHONE = re.compile(r"(?:\+|00)[\d\s()./-]{7,30}")
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})


class PersonalValueError(ValueError):
    """A value cannot be normalised; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault[0])
        self.fault = fault


def holds_email(text: str) -> bool:
    """Is there an e-mail address in it, plain or as an address line of a browser writes it?"""
    return ("@" in text and bool(_EMAIL_INSIDE.search(text))) or ("%40" in text and holds_email(unquote(text)))


def hash_email(text: str) -> str:
    """Trimmed, in lower case, and without the dots that Gmail takes no notice of."""
    if _is_hash(text):
        return text.strip()
    plain = text.strip().lower()
    if not _EMAIL.fullmatch(plain):
        raise PersonalValueError(("invalid_email", ""))
    name, _, host = plain.rpartition("@")
    return _hash(f"{name.replace('.', '')}@{host}" if host in _WITHOUT_DOTS else plain)


def hash_phone(text: str) -> str:
    """As +441234567890: a number without its country cannot be told from one of another country."""
    if _is_hash(text):
        return text.strip()
    plain = text.strip()
    if not _PHONE.fullmatch(plain):
        raise PersonalValueError(("wrong_type", "an international phone number, starting with +"))
    digits = re.sub(r"\D", "", plain)
    return _hash(f"+{digits.removeprefix('00')}")


def hash_name(text: str) -> str:
    """In lower case, without digits and symbols."""
    return text.strip() if _is_hash(text) else _hash(simplify_name(text))


def hash_street(text: str) -> str:
    """In lower case, without symbols; the number of the house stays."""
    return text.strip() if _is_hash(text) else _hash(_keep(text, "LMN"))


def simplify_name(text: str) -> str:
    """Letters, in whatever script, and single spaces."""
    return _keep(text, "LM")


def simplify_postal_code(text: str) -> str:
    """Google wants it without dots and tildes."""
    return text.replace(".", "").replace("~", "").strip()


NORMALISERS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "email": ("sha256_email_address", hash_email),
    "phone": ("sha256_phone_number", hash_phone),
    "first_name": ("sha256_first_name", hash_name),
    "last_name": ("sha256_last_name", hash_name),
    "street": ("sha256_street", hash_street),
    "city": ("city", simplify_name),
    "region": ("region", simplify_name),
    "postal_code": ("postal_code", simplify_postal_code),
    "country": ("country", str.strip),
}
"""Our name → Google's, and how the value gets there."""

AT_TOP = frozenset({"email", "phone"})
"""Lists of their own; everything else is part of the address."""


def _is_hash(text: str) -> bool:
    return bool(_HASH.fullmatch(text.strip()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(text: str, kinds: str) -> str:
    """Letters (L) with their marks (M), which are no symbols, numbers (N) if wanted, and single spaces."""
    kept = "".join(sign if unicodedata.category(sign)[0] in kinds else " " * sign.isspace() for sign in text.lower())
    return " ".join(kept.split())
