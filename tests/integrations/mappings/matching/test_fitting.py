"""Which type goes into which, and how."""

import pytest

from integrations.enums import FieldType as T
from integrations.mappings.matching.fitting import find_fit
from integrations.mappings.matching.match import Conversion as C
from tests.integrations.mappings.matching.making import make_field

RANGES = {"choices": ("1-5", "5-25")}
NUMBERS = {"choices": ("1", "2")}
BOTH = {"choices": ("true", "false")}


def fit(source, destination, meaning="", source_more=None, destination_more=None):
    a = make_field("a", kind=source, **(source_more or {}))
    b = make_field("b", kind=destination, **(destination_more or {}))
    return find_fit(a, b, meaning)


@pytest.mark.parametrize(
    ("source", "destination", "meaning", "conversion"),
    [
        (T.STRING, T.STRING, "", C.TEXT),
        (T.STRING, T.STRING, "first name", C.NAME),
        (T.STRING, T.STRING, "phone number", C.PHONE),
        (T.STRING, T.EMAIL, "email address", C.EMAIL),
        (T.NUMBER, T.STRING, "", C.TEXT),
        (T.DATE, T.STRING, "", C.DATE),
        (T.DATETIME, T.STRING, "", C.MOMENT),
        (T.MULTI_CHOICE, T.STRING, "", C.JOINED),
        (T.STRING, T.NUMBER, "", C.NUMBER),
        (T.NUMBER, T.INTEGER, "", C.WHOLE_NUMBER),
        (T.STRING, T.BOOLEAN, "", C.YES_NO),
        (T.STRING, T.DATE, "", C.DATE),
        (T.DATE, T.DATETIME, "", C.MOMENT),
        (T.STRING, T.CHOICE, "", C.CHOICE),
        (T.STRING, T.CHOICE, "country code", C.COUNTRY_CODE),
        (T.CHOICE, T.MULTI_CHOICE, "", C.CHOICES),
        (T.STRING, T.URL, "website", C.TEXT),
        (T.INTEGER, T.PHONE, "phone number", C.PHONE),
    ],
)
def test_a_value_is_converted_by_type_and_meaning(source, destination, meaning, conversion):
    assert fit(source, destination, meaning).conversion is conversion


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        *[(T.REFERENCE, kind) for kind in T],
        *[(T.OTHER, kind) for kind in T],
        *[(kind, T.REFERENCE) for kind in T],
        *[(kind, T.OTHER) for kind in T],
        *[(kind, T.EMAIL) for kind in (T.PHONE, T.URL, T.NUMBER, T.BOOLEAN, T.DATE, T.CHOICE)],
        *[(kind, T.URL) for kind in (T.EMAIL, T.PHONE, T.NUMBER, T.BOOLEAN, T.DATE, T.CHOICE)],
        *[(kind, T.NUMBER) for kind in (T.EMAIL, T.PHONE, T.BOOLEAN, T.DATE, T.DATETIME, T.MULTI_CHOICE)],
        *[(kind, T.DATE) for kind in (T.EMAIL, T.PHONE, T.BOOLEAN, T.NUMBER, T.CHOICE)],
        *[(kind, T.BOOLEAN) for kind in (T.EMAIL, T.PHONE, T.DATE, T.NUMBER, T.MULTI_CHOICE)],
        *[(kind, T.CHOICE) for kind in (T.EMAIL, T.PHONE, T.DATE, T.NUMBER, T.MULTI_CHOICE)],
    ],
)
def test_what_could_never_be_right_does_not_fit(source, destination):
    assert fit(source, destination) is None


def test_choices_are_numbers_only_when_most_of_them_are():
    assert fit(T.CHOICE, T.INTEGER, source_more=NUMBERS).conversion is C.WHOLE_NUMBER
    assert fit(T.CHOICE, T.INTEGER, source_more=RANGES) is None


def test_choices_are_yes_or_no_only_when_they_say_so():
    assert fit(T.CHOICE, T.BOOLEAN, source_more=BOTH).conversion is C.YES_NO
    assert fit(T.CHOICE, T.BOOLEAN, source_more=RANGES) is None
    assert fit(T.BOOLEAN, T.CHOICE, destination_more=BOTH).conversion is C.CHOICE
    assert fit(T.BOOLEAN, T.CHOICE, destination_more=RANGES) is None


def test_a_date_needs_room_in_a_text():
    assert fit(T.DATE, T.STRING, destination_more={"max_length": 5}) is None
    assert fit(T.DATETIME, T.STRING, destination_more={"max_length": 10}).conversion is C.DATE


def test_a_birthday_with_room_for_five_characters_is_a_month_and_a_day():
    short = {"max_length": 5}
    assert fit(T.DATE, T.STRING, "birth date", destination_more=short).conversion is C.MONTH_AND_DAY
    assert fit(T.STRING, T.STRING, "birth date", destination_more=short).conversion is C.MONTH_AND_DAY
    assert fit(T.STRING, T.STRING, "birth date").conversion is C.TEXT


def test_a_text_about_something_else_hardly_fits_a_phone_field():
    assert fit(T.STRING, T.PHONE, "company name").factor < fit(T.STRING, T.PHONE, "mobile phone").factor


def test_picklists_fit_the_better_the_more_choices_they_share():
    all_of_it = fit(T.CHOICE, T.CHOICE, "", BOTH, BOTH)
    some = fit(T.CHOICE, T.CHOICE, "", {"choices": ("a", "b", "c", "d")}, {"choices": ("A", "x", "y", "z")})
    none = fit(T.CHOICE, T.CHOICE, "", BOTH, RANGES)
    assert all_of_it.factor > some.factor > none.factor
