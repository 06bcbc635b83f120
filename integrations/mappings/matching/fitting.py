"""Can a value of this field go into that one, and what has to be done with it on the way?"""

from collections.abc import Callable
from dataclasses import dataclass

from integrations.enums import FieldType as T
from integrations.mappings.matching.choices import is_yes_or_no, share_of_numbers, share_paired
from integrations.mappings.matching.match import Conversion as C
from integrations.types import FieldSchema

_TEXTS = frozenset({T.STRING, T.TEXT})
_NUMBERS = frozenset({T.INTEGER, T.NUMBER})
_DATES = frozenset({T.DATE, T.DATETIME})
_PICKED = frozenset({T.CHOICE, T.MULTI_CHOICE})
_ODD = 0.6
_BIRTHDAY_LENGTH = len("MM/DD")
_DATE_LENGTH, _MOMENT_LENGTH = 10, 20

_BY_MEANING = {
    "email address": C.EMAIL,
    "phone number": C.PHONE,
    "mobile phone": C.PHONE,
    "fax number": C.PHONE,
    "home phone": C.PHONE,
    "assistant phone": C.PHONE,
    "first name": C.NAME,
    "last name": C.NAME,
    "middle name": C.NAME,
    "full name": C.NAME,
    "country code": C.COUNTRY_CODE,
}
"""What a text destination wants is told by what it is about."""


@dataclass(frozen=True, slots=True)
class Fit:
    """`factor` (0 to 1) is how well the types go together; `how` is a sentence about the conversion, or empty."""

    conversion: C
    factor: float = 1.0
    how: str = ""


def find_fit(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    """None when no value of the source could be right. `meaning` is what the pair is about, if that has a name."""
    if source.type in (T.REFERENCE, T.OTHER):
        return None
    find = _FINDERS.get(destination.type)
    return find(source, destination, meaning) if find else None


def _fit_text(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    room = destination.max_length or _MOMENT_LENGTH
    if meaning == "birth date" and destination.max_length == _BIRTHDAY_LENGTH and source.type in _DATES | _TEXTS:
        return Fit(C.MONTH_AND_DAY, 0.97, "There is room for month and day only, so the year is left out.")
    if source.type in _DATES:
        if room < _DATE_LENGTH:
            return None
        is_moment = source.type == T.DATETIME and room >= _MOMENT_LENGTH
        return Fit(C.MOMENT if is_moment else C.DATE, 0.97, "It is written as text.")
    if source.type == T.MULTI_CHOICE:
        return Fit(C.JOINED, 0.8, "Several choices become one text with “;” between them.")
    if source.type == T.BOOLEAN:
        return Fit(C.TEXT, 0.85, "Yes and no become text.")
    return Fit(_BY_MEANING.get(meaning, C.TEXT))


def _fit_email(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    if source.type != T.EMAIL and source.type not in _TEXTS:
        return None
    return Fit(C.EMAIL, 1.0 if source.type == T.EMAIL or meaning in ("email address", "") else _ODD)


def _fit_phone(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    if source.type == T.PHONE:
        return Fit(C.PHONE)
    if source.type in _TEXTS:
        return Fit(C.PHONE, 1.0 if meaning == "" or _BY_MEANING.get(meaning) is C.PHONE else _ODD)
    return Fit(C.PHONE, 0.9) if source.type in _NUMBERS else None


def _fit_url(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    return Fit(C.TEXT) if source.type == T.URL or source.type in _TEXTS else None


def _fit_number(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    conversion = C.WHOLE_NUMBER if destination.type == T.INTEGER else C.NUMBER
    if source.type in _NUMBERS:
        return Fit(conversion)
    if source.type in _TEXTS:
        return Fit(conversion, 0.97, "Its text is read as a number.")
    return Fit(conversion, 0.9) if source.type == T.CHOICE and share_of_numbers(source) > 0.5 else None


def _fit_yes_no(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    if source.type == T.BOOLEAN or (source.type == T.CHOICE and is_yes_or_no(source)):
        return Fit(C.YES_NO)
    return Fit(C.YES_NO, 0.85, "Its text is read as yes or no.") if source.type in _TEXTS else None


def _fit_date(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    conversion = C.MOMENT if destination.type == T.DATETIME else C.DATE
    if source.type in _DATES:
        how = "The time of day is left out." if (source.type, destination.type) == (T.DATETIME, T.DATE) else ""
        return Fit(conversion, 1.0, how)
    return Fit(conversion, 0.95, "Its text is read as a date.") if source.type in _TEXTS else None


def _fit_choice(source: FieldSchema, destination: FieldSchema, meaning: str) -> Fit | None:
    conversion = C.CHOICES if destination.type == T.MULTI_CHOICE else C.CHOICE
    if meaning == "country code" and source.type in _TEXTS:
        return Fit(C.COUNTRY_CODE)
    if source.type in (T.CHOICE, destination.type):
        return _fit_picklists(source, destination, conversion)
    if source.type in _TEXTS:
        return Fit(conversion, 0.95, "Its text must be one of the choices.")
    return Fit(conversion, 0.9) if source.type == T.BOOLEAN and is_yes_or_no(destination) else None


def _fit_picklists(source: FieldSchema, destination: FieldSchema, conversion: C) -> Fit:
    if not (source.choices and destination.choices):
        return Fit(conversion, 0.9)
    share = share_paired(source, destination)
    if share == 0:
        return Fit(conversion, 0.4, "But none of their choices is called the same.")
    factor = 1.0 if share >= 0.3 else 0.7
    return Fit(conversion, factor, "Choices that are called the same are paired.")


_FINDERS: dict[T, Callable[[FieldSchema, FieldSchema, str], Fit | None]] = {
    T.STRING: _fit_text,
    T.TEXT: _fit_text,
    T.EMAIL: _fit_email,
    T.PHONE: _fit_phone,
    T.URL: _fit_url,
    T.INTEGER: _fit_number,
    T.NUMBER: _fit_number,
    T.BOOLEAN: _fit_yes_no,
    T.DATE: _fit_date,
    T.DATETIME: _fit_date,
    T.CHOICE: _fit_choice,
    T.MULTI_CHOICE: _fit_choice,
}
"""Types that are not here (a reference, a compound) cannot be written by a suggestion."""
