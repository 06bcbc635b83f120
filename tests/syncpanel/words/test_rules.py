"""The rules of a mapping as cards: their words, where they come from, and what is marked."""

import pytest

from integrations.enums import FieldType
from integrations.models import MappingDraft, MappingVersion
from integrations.orchestrator.drafts import mark_edited, sign_rules
from integrations.types import FieldSchema, ObjectSchema
from syncpanel.words.rules import RuleCard, rule_cards

SOURCE = ObjectSchema("contacts", "Contact", (FieldSchema("email", "E-mail", FieldType.EMAIL),))
LEAD = ObjectSchema("Lead", "Lead", (FieldSchema("Email", "Email address", FieldType.EMAIL),))
OLD = 'def map_record(record):\n    return {"Email": clean_email(record.get("email")), "Title": record.get("title")}\n'
RULES = [
    {"field": "Email", "text": "In lower case.", "by": "model"},
    {"field": "Title", "text": "As it is.", "by": "model"},
]


def body(text: str) -> str:
    return f"def map_record(record):\n    return {{{text}}}\n"


def cards(code: str, *, rules: list[dict[str, str]] | None = None, published: str = OLD) -> dict[str, RuleCard]:
    """The cards of code typed by hand in place of what is published, by field."""
    own = sign_rules(RULES if rules is None else rules, OLD)
    version = MappingVersion(number=1, code=published, rules=own)
    found = rule_cards(MappingDraft(code=code, rules=mark_edited(own, code)), version, SOURCE, LEAD)
    return {card.field: card for card in found}


def marks(code: str) -> dict[str, str]:
    return {field: card.mark for field, card in cards(code).items() if card.mark}


def test_a_rule_knows_its_lines_and_what_it_uses() -> None:
    card = cards(OLD)["Email"]
    assert (card.label, card.uses, card.line_numbers, card.mark) == ("Email address", "E-mail", "2", "")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (OLD, {}),
        (f"# Nothing else.\n{OLD}", {}),
        (OLD.replace('clean_email(record.get("email"))', '"x"'), {"Email": "Edited by hand"}),
        (OLD.replace("}", ', "City": record["city"]}'), {"City": "New"}),
        (body('"Email": clean_email(record.get("email"))'), {"Title": "No longer sent"}),
        (
            OLD.replace("    return", '    if not record.get("email"):\n        skip("no address")\n    return'),
            {"": "Changed"},
        ),
        ("def map_record(", {}),
    ],
    ids=["same", "comment", "changed", "new", "gone", "left out", "not valid"],
)
def test_only_what_differs_from_the_published_version_is_marked(code: str, expected: dict[str, str]) -> None:
    assert marks(code) == expected


def test_words_older_than_their_code_are_said_to_be() -> None:
    assert cards(OLD.replace("clean_email", "clean_text"))["Email"].is_outdated
    assert not cards(OLD)["Email"].is_outdated


def test_what_the_model_changed_is_marked_as_changed() -> None:
    code = OLD.replace("clean_email", "clean_text")
    draft = MappingDraft(code=code, rules=sign_rules(RULES, code))
    version = MappingVersion(number=1, code=OLD, rules=sign_rules(RULES, OLD))
    found = rule_cards(draft, version, SOURCE, LEAD)
    assert [(card.field, card.mark, card.is_outdated) for card in found if card.mark] == [("Email", "Changed", False)]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('record.get("email")', "E-mail, as it is."),
        ('record["email"]', "E-mail, as it is."),
        ('clean_email(record.get("email"))', "E-mail, in lower case, without spaces."),
        ('clean_phone(record.get("email")) or record["email"]', None),
        ('record.get("email") or "Web"', "E-mail, as it is; if there is none, “Web”."),
        ('"Web"', "Always “Web”."),
        ("True", "Always “Yes”."),
        ('"x" * 3', "Worked out in the code."),
        ('record["a"] + record["email"]', "Worked out in the code from a, E-mail."),
        ("None", "Always empty."),
    ],
)
def test_a_field_without_a_rule_is_told_from_the_code(value: str, words: str | None) -> None:
    card = cards(body(f'"Status": {value}'), rules=[])["Status"]
    assert card.is_derived
    assert card.text == (words or "E-mail, in international form; if there is none, E-mail, as it is.")
