"""What a value most likely should be: only what can be read in one way is put right."""

import pytest

from integrations.mappings import mending
from integrations.mappings.prelude.people import is_email

SOURCES = {"Web": "Web", "Trade show": "Trade Show", "Other": "Other", "Organic Search": "Organic Search"}
COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "NE": "Niger", "NG": "Nigeria", "FR": "France"}


@pytest.mark.parametrize(
    ("text", "mended", "why"),
    [
        ("jane@@kestrel.example", "jane@kestrel.example", "there was one @ too many"),
        ("jane@kestrel..example", "jane@kestrel.example", "there was one dot too many"),
        ("jane(at)kestrel.example", "jane@kestrel.example", "“(at)” stands for @"),
        ("jane [at] kestrel (dot) example", "jane@kestrel.example", "“(at)” stands for @ and “(dot)” stands for a dot"),
        ("jane@kestrel.example,", "jane@kestrel.example", "a stray character stood at its edge"),
        ("jane@kestrel.example.", "jane@kestrel.example", "a stray character stood at its edge"),
        ("jane@ kestrel.example", "jane@kestrel.example", "there was a space beside the @"),
        ("jane@kestrel,com", "jane@kestrel.com", "a comma stood where a dot belongs"),
        ("mailto:jane@kestrel.example", "jane@kestrel.example", "“mailto:” does not belong to it"),
        ("Jane Mori <jane@kestrel.example>", "jane@kestrel.example", "the address stood between brackets"),
        ("jane.@kestrel.example", "jane@kestrel.example", "a stray dot stood before the @"),
    ],
)
def test_a_slip_in_an_address_that_means_one_thing_is_put_right(text, mended, why):
    assert mending.mend_email(text) == (mended, why)
    assert is_email(mended)


@pytest.mark.parametrize(
    "text",
    [
        "jane@kestrel",
        "@kestrel.example",
        "jane",
        "jane mori@kestrel.example",
        "jane@kestrel.example; jim@kestrel.example",
        "jane@kestrel.example jim@kestrel.example",
        "a@b@kestrel.example",
        "",
        "jane@kestrel.example",
        "@" * 4_000,
        "jane@" + "k." * 2_000,
    ],
)
def test_an_address_that_could_be_more_than_one_is_left_alone(text):
    assert mending.mend_email(text) is None


@pytest.mark.parametrize(
    ("text", "country", "mended"),
    [
        ("+44 20 7946 0812 (office), after 5 pm +44 20 7946 0813", "", "+442079460812"),
        ("020 7946 0812 ext. 4711 / please call the front desk", "United Kingdom", "+442079460812"),
        ("+44 20 7946 0812; +44 20 7946 0812", "", "+442079460812"),
        ("020 7946 0812 ext. 4711", "", None),
        ("call the front desk", "GB", None),
        ("+442079460812", "GB", None),
    ],
)
def test_the_first_number_of_a_text_is_taken_when_its_country_is_known(text, country, mended):
    found = mending.mend_phone(text, country, 40)
    assert (found.value if found else None) == mended


def test_no_number_is_suggested_that_would_not_fit_either():
    assert mending.mend_phone("+44 20 7946 0812 or so", "", 10) is None


def test_text_is_cut_at_a_word():
    assert mending.shorten("Head of Brewing and Barley", 18) == (
        "Head of Brewing",
        "it is cut to the 18 characters that fit",
    )


@pytest.mark.parametrize(
    ("text", "is_whole", "number"),
    [
        ("1,200", True, 1200),
        ("12.5", False, 12.5),
        ("12.5", True, None),
        ("about 12", False, None),
        ("1e400", False, None),
    ],
)
def test_a_number_written_for_people_is_read(text, is_whole, number):
    found = mending.read_number(text, is_whole=is_whole)
    assert (found.value if found else None) == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("3 Nov 2026", "2026-11-03"),
        ("31/12/2026", "2026-12-31"),
        ("11.11.2026", "2026-11-11"),
        ("03/11/2026", None),
        ("soon", None),
    ],
)
def test_a_date_is_read_unless_day_and_month_could_be_either(text, date):
    found = mending.read_date(text, with_time=False)
    assert (found.value if found else None) == date


@pytest.mark.parametrize(
    ("text", "choices", "value"),
    [
        ("trade-show", SOURCES, "Trade show"),
        (" WEB ", SOURCES, "Web"),
        ("webb", SOURCES, None),
        ("!!", SOURCES, None),
        ("united kingdom", COUNTRIES, "GB"),
        ("x", {"X": "x", "x ": "X"}, None),
    ],
)
def test_a_choice_written_differently_is_found_when_there_is_one(text, choices, value):
    found = mending.same_choice(text, choices)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("text", "value"), [("Deutschland", "DE"), ("UK", "GB"), ("gbr", "GB"), ("Atlantis", None), ("", None)]
)
def test_a_country_is_found_by_any_of_its_names(text, value):
    found = mending.country_choice(text, COUNTRIES)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("text", "choices", "value"),
    [
        ("Organic Serach", SOURCES, "Organic Search"),
        ("Trade shows", SOURCES, "Trade show"),
        ("Nigeri", COUNTRIES, None),
        ("Web", SOURCES, None),
        ("Something else", SOURCES, None),
        ("x" * 90, SOURCES, None),
    ],
    ids=["a slip", "plural", "two are near", "too short to tell", "far", "too long"],
)
def test_a_choice_is_guessed_only_when_it_is_clearly_the_nearest(text, choices, value):
    found = mending.near_choice(text, choices)
    assert (found.value if found else None) == value


def test_a_country_is_told_by_phone_and_address_but_not_by_endings_people_use_as_words():
    assert mending.country_of_phone("+46 8 123 456 78") == ("SE", "the phone number is from Sweden")
    assert mending.country_of_phone("08 123 456 78") is None
    assert mending.country_of_email("l.brandt@kestrel.de") == ("DE", "the e-mail address ends in .de")
    assert mending.country_of_email("l.brandt@kestrel.io") is None
    assert mending.country_of_email("l.brandt@kestrel.example") is None


@pytest.mark.parametrize(
    ("email", "first", "name"),
    [
        ("tomasz.okafor@kestrel.example", "Tomasz", "Okafor"),
        ("t.okafor@kestrel.example", "Tomasz", "Okafor"),
        ("joaquin_weber@kestrel.example", "Joaquín", "Weber"),
        ("info.sales@kestrel.example", "Tomasz", None),
        ("tomasz@kestrel.example", "Tomasz", None),
        ("tomasz.o@kestrel.example", "Tomasz", None),
        ("tomasz.okafor1@kestrel.example", "Tomasz", None),
        ("tomasz.okafor", "Tomasz", None),
        ("tomasz.okafor@kestrel.example", "", None),
    ],
)
def test_a_last_name_is_read_from_an_address_made_of_both_names(email, first, name):
    found = mending.last_name_in(email, first)
    assert (found.value if found else None) == name
