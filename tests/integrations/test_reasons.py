"""Every reason reads as a sentence, whatever is known about the case."""

import pytest

from integrations.reasons import TITLES, sentence, title


@pytest.mark.parametrize("code", sorted(TITLES))
@pytest.mark.parametrize("known", [("", "", ""), ("Company", "Salesforce", "at most 40 characters")])
def test_every_code_has_a_title_and_a_sentence_without_blanks_left_open(code, known):
    field, platform, detail = known
    words = [title(code, field, platform), sentence(code, field, platform, detail)]
    for text in words:
        assert "{" not in text and "  " not in text and text[0].isupper()
    assert words[1].endswith((".", "?")) and not words[0].endswith(".")
    assert len(words[0]) <= 120 and len(words[1]) <= 300


@pytest.mark.parametrize(
    ("code", "field", "expected"),
    [
        ("required_missing", "Company", "Company is missing"),
        ("invalid_email", "E-mail", "E-mail address is not valid"),
        ("invalid_email", "Email Address", "Email Address is not valid"),
        ("too_long", "Phone", "Phone is too long"),
        ("not_in_list", "Lead source", "Lead source is not in Salesforce's list"),
    ],
)
def test_titles_read_as_people_say_it(code, field, expected):
    assert title(code, field, "Salesforce") == expected


def test_a_sentence_ends_with_the_detail_when_there_is_one():
    assert sentence("too_long", "Phone", "Salesforce") == "Phone is longer than Salesforce accepts."
    assert sentence("too_long", "Phone", "Salesforce", "at most 40 characters").endswith(": at most 40 characters.")


def test_a_code_nobody_knows_is_worded_as_refused():
    assert title("brand_new_code", "Phone", "Salesforce") == "Salesforce refuses it"


def test_curly_braces_in_a_label_do_no_harm():
    assert title("required_missing", "{x}", "{0}") == "{x} is missing"
