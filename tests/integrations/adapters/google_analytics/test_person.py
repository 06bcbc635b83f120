"""What of a person leaves the house: hashes of values that are written the same everywhere, and no e-mail address."""

import hashlib

import pytest

from integrations.adapters.google_analytics.person import (
    NORMALISERS,
    PersonalValueError,
    hash_email,
    hash_name,
    hash_phone,
    hash_street,
    holds_email,
    simplify_name,
    simplify_postal_code,
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("typed", "hashed"),
    [
        ("ann.lee@example.org", "ann.lee@example.org"),
        ("  Ann.LEE@Example.ORG ", "ann.lee@example.org"),
        ("Ann.Lee@gmail.com", "annlee@gmail.com"),
        ("a.n.n@googlemail.com", "ann@googlemail.com"),
        ("ann+tag@gmail.com", "ann+tag@gmail.com"),
        ("ann.lee@notgmail.com", "ann.lee@notgmail.com"),
    ],
)
def test_an_address_is_hashed_as_google_normalises_it(typed, hashed):
    assert hash_email(typed) == sha(hashed)


def test_the_hash_is_the_one_of_the_documentation():
    # https://developers.google.com/analytics/devguides/collection/ga4/uid-data
    expected = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
    assert hash_email("Test@example.com") == expected


@pytest.mark.parametrize("typed", ["+49 170 1234567", "0049 170 1234567", "+49-170-123-4567", "+49.170.1234567"])
def test_a_phone_number_is_hashed_with_plus_and_digits_only(typed):
    assert hash_phone(typed) == sha("+491701234567")


@pytest.mark.parametrize("typed", ["0170 1234567", "1234", "call me", "+49 CALL ME NOW", "+12", "+1" * 20])
def test_a_phone_number_without_its_country_is_refused(typed):
    with pytest.raises(PersonalValueError) as caught:
        hash_phone(typed)
    assert caught.value.fault[0] == "wrong_type"


def test_names_lose_digits_and_symbols_but_no_letter_and_no_mark():
    assert simplify_name("  O'Brien-Żak 3rd ") == "obrienżak rd"
    assert simplify_name("प्रिया") == "प्रिया"
    assert hash_name("Ann") == sha("ann")
    assert hash_street("12, Rue de l'Église") == sha("12 rue de léglise")
    assert simplify_postal_code(" 10.115~ ") == "10115"


@pytest.mark.parametrize("name", ["email", "phone", "first_name", "last_name", "street"])
def test_what_is_hashed_already_is_left_as_it_is(name):
    _, normalise = NORMALISERS[name]
    assert normalise(f" {sha('x')} ") == sha("x")


@pytest.mark.parametrize("typed", ["ann", "ann@", "@example.org", "ann@example", "a b@example.org"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(PersonalValueError) as caught:
        hash_email(typed)
    assert caught.value.fault[0] == "invalid_email"


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org",
        "mail ann.lee+x@mail.example.co.uk today",
        "https://example.com/thanks?email=ann@example.org&x=1",
        "https://example.com/thanks?email=ann%40example.org",
        "jürgen@müller.de",
    ],
)
def test_an_address_is_found_wherever_it_is_hidden(text):
    assert holds_email(text)


@pytest.mark.parametrize("text", ["", "@ann", "3 @ 4.50", "ann at example.org", "%40", "v@2.0", "100%40"])
def test_other_text_is_no_address(text):
    assert not holds_email(text)
