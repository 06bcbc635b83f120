"""Names and labels come apart into the same words, however they are written."""

import pytest

from integrations.mappings.matching.vocabulary import vocabulary
from integrations.mappings.matching.words import singular, split_joined, split_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MailingPostalCode", ["mailing", "postal", "code"]),
        ("mailing_postal_code", ["mailing", "postal", "code"]),
        ("Mailing postal-code", ["mailing", "postal", "code"]),
        ("PhotoURL", ["photo", "url"]),
        ("TShirtSize", ["t", "shirt", "size"]),
        ("address1_line2", ["address", "1", "line", "2"]),
        ("Assistant's Name", ["assistant", "name"]),
        ("Straße", ["strasse"]),
        ("Prénom", ["prenom"]),
        ("Größe ÜberAlles", ["große".replace("ß", "ss"), "uber", "alles"]),
        ("", []),
        ("___", []),
    ],
)
def test_a_name_comes_apart_into_words(text, words):
    assert split_text(text) == words


@pytest.mark.parametrize(
    ("word", "one"),
    [("topics", "topic"), ("companies", "company"), ("address", "address"), ("status", "status"), ("is", "is")],
)
def test_a_plural_becomes_a_singular(word, one):
    assert singular(word) == one


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("jobtitle", ["job", "title"]),
        ("website", ["website"]),
        ("unheard", ["unheard"]),
        ("jobtitlex", ["jobtitlex"]),
        ("job", ["job"]),
    ],
)
def test_a_joined_word_comes_apart_only_into_words_that_are_known(word, parts):
    assert split_joined(word, frozenset({"job", "title", "web", "site", "website"})) == parts


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (["Email", "E-mail", "email_address", "EmailAddress", "e-Mail-Adresse"], "email address"),
        (["firstname", "FNAME", "First Name", "given_name", "Vorname", "Prénom"], "first name"),
        (["numemployees", "NumberOfEmployees", "No. of Employees", "employee_count"], "employees"),
        (["zip", "PostalCode", "Zip/Postal Code", "PLZ", "postcode"], "postal code"),
        (["HasOptedOutOfEmail", "hs_email_optout"[3:], "Unsubscribed from all email"], "opt-out of e-mail"),
        (["Organization", "organisation", "Account Name", "Company: Name", "Firma"], "company name"),
        (["birthdate", "Birthday", "Date of birth", "dob", "DateOfBirth"], "birth date"),
    ],
)
def test_what_tools_call_the_same_thing_is_read_as_one(texts, meaning):
    assert {text: vocabulary().read(text) for text in texts} == dict.fromkeys(texts, (meaning,))


def test_no_phrase_of_the_vocabulary_means_two_things():
    seen: dict[tuple[str, ...], str] = {}
    for phrase, meaning in vocabulary().meanings.items():
        assert seen.setdefault(phrase, meaning) == meaning
    named = set(vocabulary().meanings.values())
    assert vocabulary().lists["address parts"] <= named
    assert vocabulary().lists["about the company"] <= named
