"""Masks values before they leave for the model: their shape stays (`j***@e******.com`, `T***** O'*****`), they do not.

What stays as it is: nothing at all (empty), yes and no, the choices of a picklist (they are in the field list anyway),
and a country in a country's field. Everything else is taken for personal: of each word at most its first letter is
left, of a number nothing. Two letters or digits that are left never stand next to each other, but in the ending of a
domain (`.com`), the scheme of a link and the `+44` of a phone number.
"""

import re
from collections.abc import Mapping
from typing import Any

from integrations.enums import FieldType
from integrations.mappings.prelude.places import country_code
from integrations.types import FieldSchema, FlatRecord

LONGEST = 200
"""Characters that are shown of a long text; its true length is told."""

_SEPARATORS = frozenset(" \t\n.,;:!?@/\\|-_+()[]{}<>#&=%\"'")
_YES_AND_NO = frozenset({"true", "false", "yes", "no", "y", "n", "0", "1", "on", "off"})
_EMAIL = re.compile(r"(\s*)([^\s@]*\w[^\s@]*)@([^\s@]*\w[^\s@]*\.[^\s@]+)(\s*)")
_LINK = re.compile(r"(\s*https?://(?:www\.)?)(\S*\w\S*\.\S+\s*)", re.IGNORECASE)
_PHONE = re.compile(r"\s*\+\s*[0-9][0-9\s().\-/]{5,}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]{2,5})?)?")
_DATE_IN_NUMBERS = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_COUNTRY_FIELD = re.compile(r"country|(?<![a-z])nation(?:ality)?(?![a-z])|(?<![a-z])land(?![a-z])", re.IGNORECASE)
_CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})
_DEEPEST = 4
_MOST_PARTS = 20


def mask_record(record: FlatRecord, fields: Mapping[str, FieldSchema]) -> FlatRecord:
    """The record with every value masked, by what its field holds and by what it looks like."""
    return {name: mask_value(value, fields.get(name)) for name, value in record.items()}


def mask_value(value: Any, field: FieldSchema | None = None, depth: int = 0) -> Any:
    """One value, masked. Numbers become text, for their digits are hidden as well."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [mask_value(part, field, depth + 1) for part in value[:_MOST_PARTS]] if depth < _DEEPEST else []
    if isinstance(value, dict):
        parts = list(value.items())[:_MOST_PARTS] if depth < _DEEPEST else []
        return {_mask_words(str(name)): mask_value(part, field, depth + 1) for name, part in parts}
    text = str(value)
    return text if _is_harmless(text, field) else _mask_text(text, field)


def _is_harmless(text: str, field: FieldSchema | None) -> bool:
    """Nothing that is about one person only."""
    bare = text.strip()
    if not bare:
        return True
    if field is None:
        return False
    if field.type == FieldType.BOOLEAN:
        return bare.lower() in _YES_AND_NO
    if field.choices and field.type in _CHOICES:
        parts = [part.strip() for part in bare.split(";") if part.strip()]
        return set(parts) <= set(field.choices)
    is_country = _COUNTRY_FIELD.search(field.name) or _COUNTRY_FIELD.search(field.label)
    return bool(is_country) and country_code(bare) is not None


def _mask_text(text: str, field: FieldSchema | None) -> str:
    shown, more = text[:LONGEST], len(text) - LONGEST
    return _mask_shown(shown, field) + (f" (and {more} more characters)" if more > 0 else "")


def _mask_shown(text: str, field: FieldSchema | None) -> str:
    if address := _EMAIL.fullmatch(text):
        before, local, domain, after = address.groups()
        return f"{before}{_mask_local(local)}@{_mask_domain(domain)}{after}"
    if link := _LINK.fullmatch(text):
        host, slash, path = link[2].partition("/")
        return f"{link[1]}{_mask_domain(host)}{slash}{_mask_fully(path)}"
    if field is not None and field.type in (FieldType.DATE, FieldType.DATETIME):
        return _mask_date(text)
    if _PHONE.fullmatch(text) or (field is not None and field.type == FieldType.PHONE):
        return _mask_phone(text)
    return _mask_words(text)


def _mask_words(text: str) -> str:
    """The first letter of each word of three or more stays, so that two that stay never touch."""
    return "".join(_mask_word(part) for part in re.split(r"(\s+)", text))


def _mask_word(word: str) -> str:
    return word[0] + _mask_fully(word[1:]) if len(word) > 2 and _is_plain_letter(word[0]) else _mask_fully(word)


def _is_plain_letter(sign: str) -> bool:
    """A letter that says little: in many scripts one sign is half a name."""
    return sign.isalpha() and ord(sign) < 0x0530


def _mask_fully(text: str) -> str:
    return "".join(sign if sign in _SEPARATORS else "*" for sign in text)


def _mask_local(local: str) -> str:
    return local[0] + _mask_fully(local[1:]) if len(local) > 1 and _is_plain_letter(local[0]) else _mask_fully(local)


def _mask_domain(domain: str) -> str:
    """The ending stays when it is one of the usual short ones."""
    *labels, ending = domain.split(".")
    bare = ending.rstrip("/ \t\n")
    if not labels or not (bare.isascii() and bare.isalpha() and 2 <= len(bare) <= 4):
        return ".".join(_mask_word(label) for label in (*labels, ending))
    return ".".join([*(_mask_word(label) for label in labels), ending])


def _mask_phone(text: str) -> str:
    """The start of the country's code stays: one digit of +1 and +7, two of the others."""
    found = re.match(r"\s*\+\s*(?:[17]|[0-9]{2})", text)
    kept = found.end() if found else 0
    return text[:kept] + _mask_fully(text[kept:])


def _mask_date(text: str) -> str:
    """Letters in place of digits tell what stands where; what cannot be told is masked."""
    if _ISO_DATE.fullmatch(text):
        return "YYYY-MM-DD" + "".join(sign if sign in "TZ" else _mask_fully(sign) for sign in text[10:])
    found = _DATE_IN_NUMBERS.fullmatch(text)
    if found is None:
        return _mask_fully(text)
    first, second = int(found[1]), int(found[3])
    signs = "DM" if first > 12 >= second else "MD" if second > 12 >= first else "**"
    return f"{signs[0] * len(found[1])}{found[2]}{signs[1] * len(found[3])}{found[2]}YYYY"
