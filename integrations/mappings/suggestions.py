"""Suggested fixes for records that were held or refused: offered with their reason, applied only by a person.

A suggestion is for the record, not for one field: with all its values the record would be accepted, or there is none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.enums import FieldType
from integrations.mappings import mending
from integrations.mappings.mending import Mended
from integrations.mappings.prelude.places import country_name
from integrations.mappings.validation import Validator
from integrations.types import FieldSchema, FlatRecord, ObjectSchema

MOST_CHOICES = 500
MOST_COMPARED = 2_000
LONGEST_VALUE = 4_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Field → value it should have; `why` is a clause about the first of them that follows "because"."""

    values: dict[str, Any]
    why: str


Maker = Callable[["Suggester", FieldSchema, Any, FlatRecord], Mended | None]


class Suggester:
    """Makes suggestions for records of one object. Keeps what it found, because the same slip comes often; stops comparing
    spellings after `most_compared`, because a job may hold a hundred thousand records."""

    def __init__(
        self, schema: ObjectSchema, key: str, validate: Validator, *, most_compared: int = MOST_COMPARED
    ) -> None:
        self.schema = schema
        self._key = key
        self._validate = validate
        self._choices: dict[tuple[str, str], Mended | None] = {}
        self._left = most_compared

    def suggest(self, code: str, name: str, mapped: FlatRecord) -> Suggestion | None:
        """What would mend a mapped record that failed for this reason at this field, and whatever else is wrong with it;
        None when one of it cannot be mended, or not surely."""
        problems = {name: code} | {problem.field: problem.code for problem in self._validate(mapped)}
        found = {field: self._mend(problem, field, mapped) for field, problem in problems.items()}
        if None in found.values():
            return None
        mended = {field: one for field, one in found.items() if one is not None}
        values = {field: one.value for field, one in mended.items()}
        if self._validate({**mapped, **values}):
            return None
        return Suggestion(values, next(iter(mended.values())).why)

    def _mend(self, code: str, name: str, mapped: FlatRecord) -> Mended | None:
        field, make = self.schema.field(name), MAKERS.get(code)
        if field is None or make is None:
            return None
        value = mapped.get(name)
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            return None
        return make(self, field, value, mapped)

    def find_choice(self, field: FieldSchema, text: str) -> Mended | None:
        """The choice of a list that this text means."""
        known = (field.name, text)
        if known not in self._choices:
            self._choices[known] = self._look_up(field, text)
        return self._choices[known]

    def _look_up(self, field: FieldSchema, text: str) -> Mended | None:
        choices = dict(zip(field.choices, field.choice_labels or field.choices, strict=False))
        sure = mending.same_choice(text, choices) or mending.country_choice(text, choices)
        if sure or len(choices) > MOST_CHOICES or not self._left:
            return sure
        self._left -= 1
        return mending.near_choice(text, choices)

    def is_key(self, field: FieldSchema) -> bool:
        """True for what tells who the record is: nothing of it is ever cut off."""
        return field.is_key or field.name == self._key


def _email(_suggester: Suggester, _field: FieldSchema, value: Any, _mapped: FlatRecord) -> Mended | None:
    return mending.mend_email(value) if isinstance(value, str) else None


def _too_long(suggester: Suggester, field: FieldSchema, value: Any, mapped: FlatRecord) -> Mended | None:
    if not isinstance(value, str) or suggester.is_key(field) or not field.max_length:
        return None
    if field.type == FieldType.PHONE:
        return mending.mend_phone(value, _first(mapped, "country"), field.max_length)
    return mending.shorten(value, field.max_length) if field.type in {FieldType.STRING, FieldType.TEXT} else None


def _not_in_list(suggester: Suggester, field: FieldSchema, value: Any, _mapped: FlatRecord) -> Mended | None:
    if not isinstance(value, str) or not field.choices:
        return None
    if field.type != FieldType.MULTI_CHOICE:
        return suggester.find_choice(field, value)
    parts = [part.strip() for part in value.split(";") if part.strip()]
    found = [Mended(part, "") if part in field.choices else suggester.find_choice(field, part) for part in parts]
    known = [one for one in found if one is not None]
    why = next((one.why for one in known if one.why), "")
    return Mended(";".join(str(one.value) for one in known), why) if len(known) == len(parts) else None


def _missing(suggester: Suggester, field: FieldSchema, _value: Any, mapped: FlatRecord) -> Mended | None:
    name = mending.plain(field.name)
    if "country" in name:
        return _missing_country(suggester, field, mapped)
    if name.startswith("lastname"):
        return mending.last_name_in(_first(mapped, "email"), _first(mapped, "firstname"))
    return None


def _missing_country(suggester: Suggester, field: FieldSchema, mapped: FlatRecord) -> Mended | None:
    told = mending.country_of_phone(_first(mapped, "phone") or _first(mapped, "mobile"))
    told = told or mending.country_of_email(_first(mapped, "email"))
    if told is None:
        return None
    code, why = told
    if field.choices:
        found = suggester.find_choice(field, code)
        return Mended(found.value, why) if found else None
    return Mended(code if "code" in mending.plain(field.name) else country_name(code), why)


def _number(_suggester: Suggester, field: FieldSchema, value: Any, _mapped: FlatRecord) -> Mended | None:
    whole = field.type == FieldType.INTEGER
    return mending.read_number(value, is_whole=whole) if isinstance(value, str) else None


def _date(_suggester: Suggester, field: FieldSchema, value: Any, _mapped: FlatRecord) -> Mended | None:
    with_time = field.type == FieldType.DATETIME
    return mending.read_date(value, with_time=with_time) if isinstance(value, str) else None


def _no_match(_suggester: Suggester, field: FieldSchema, value: Any, _mapped: FlatRecord) -> Mended | None:
    """A link to something that is not there: the record can go without it."""
    return None if field.required or value in (None, "") else Mended(None, "nothing there matches it")


def _first(mapped: FlatRecord, word: str) -> str:
    """The first filled text whose field's name holds the word."""
    return next((v for name, v in mapped.items() if isinstance(v, str) and v and word in mending.plain(name)), "")


MAKERS: dict[str, Maker] = {
    "invalid_email": _email,
    "too_long": _too_long,
    "not_in_list": _not_in_list,
    "required_missing": _missing,
    "invalid_number": _number,
    "invalid_date": _date,
    "lookup_not_found": _no_match,
}
"""Reason → who makes a suggestion for it. Reasons that are not here are for a person alone."""
