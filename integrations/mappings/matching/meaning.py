"""What a field is about, read from its name and its label, seen from the object it belongs to."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from integrations.mappings.matching.vocabulary import Words, vocabulary
from integrations.types import FieldSchema, ObjectSchema

Tokens = frozenset[str]

FULL_NAME, JOB_TITLE, COMPANY, STREET = "full name", "job title", "company name", "street"

_PEOPLE, _COMPANIES = {"contact", "lead", "person"}, {COMPANY}
_CUSTOM_ENDING = re.compile(r"__[a-z]{1,3}$")
_PREFIX = re.compile(r"([a-z]{1,4})_")
_LONGEST_PREFIX = 3
_FEWEST_WITH_PREFIX = 5
_SHARE_WITH_PREFIX = 0.15


class Kind(StrEnum):
    """What one record of an object is: the same word means different things on a person and on a company."""

    PERSON = "person"
    COMPANY = "company"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One reading of a field: the words that count, and weak ones ("business" phone) that may be missing elsewhere."""

    core: Tokens
    weak: Tokens = frozenset()

    @property
    def is_known(self) -> bool:
        """True when it is exactly one thing the vocabulary has a name for."""
        return len(self.core) == 1 and self.core <= named_meanings()


@dataclass(frozen=True, slots=True)
class FieldMeaning:
    """A field with its best reading first. `is_torn` when name and label each say clearly something else."""

    field: FieldSchema
    readings: tuple[Meaning, ...]
    is_torn: bool = False

    @property
    def main(self) -> Meaning:
        return self.readings[0]


@cache
def named_meanings() -> Tokens:
    """Everything the vocabulary has a name for."""
    return frozenset(vocabulary().meanings.values())


def find_kind(schema: ObjectSchema) -> Kind:
    """What the object's records are, from its label and name, or from the fields it has."""
    words = vocabulary()
    for text in (schema.label, schema.name):
        tokens = set(words.read(text)) | set(words.plain_words(text))
        if tokens & words.lists["companies"] or COMPANY in tokens:
            return Kind.COMPANY
        if tokens & words.lists["people"]:
            return Kind.PERSON
    readings = {token for field in schema.fields for token in words.read(field.label)}
    return Kind.PERSON if {"first name", "last name"} & readings else Kind.OTHER


def read_fields(schema: ObjectSchema) -> list[FieldMeaning]:
    """Each field with what it is about, in the object's order."""
    kind, prefixes = find_kind(schema), _find_prefixes(schema)
    own = _find_own_words(schema, kind)
    return [_read_field(field, kind, own, prefixes) for field in schema.fields]


def _find_own_words(schema: ObjectSchema, kind: Kind) -> Tokens:
    """What the object calls its own records: "lead status" on a lead is its status."""
    if kind is Kind.OTHER:
        return frozenset()
    words = vocabulary()
    always, possible = (_PEOPLE, "people") if kind is Kind.PERSON else (_COMPANIES, "companies")
    called = set(words.plain_words(f"{schema.name} {schema.label}"))
    return frozenset(always | (called & words.lists[possible]))


def _find_prefixes(schema: ObjectSchema) -> Tokens:
    """Short beginnings that many names share ("hs_", "crm_") say whose field it is, not what it holds."""
    found = [match[1] for field in schema.fields if (match := _PREFIX.match(field.name))]
    enough = max(_FEWEST_WITH_PREFIX, len(schema.fields) * _SHARE_WITH_PREFIX)
    return frozenset(prefix for prefix, count in Counter(found).items() if count >= enough)


def _read_field(field: FieldSchema, kind: Kind, own: Tokens, prefixes: Tokens) -> FieldMeaning:
    name, label = vocabulary().read(_bare_name(field.name, prefixes)), vocabulary().read(field.label)
    by_name, by_label = _understand(name, kind, own), _understand(label, kind, own)
    if _says_what_it_is_of(set(name), set(label), own):
        return FieldMeaning(field, (by_label,))
    if not by_label.core or by_name.core == by_label.core:
        return FieldMeaning(field, (Meaning(by_name.core, by_name.weak | by_label.weak),))
    if not by_name.core:
        return FieldMeaning(field, (by_label,))
    return FieldMeaning(field, *_weigh(by_name, by_label))


def _says_what_it_is_of(name: set[str], label: set[str], own: Tokens) -> bool:
    """True for a "name" whose label tells that it is an event's: on a person's record it is not the person's."""
    lists = vocabulary().lists
    return name < label and name <= lists["says little"] and not label - name <= own | lists["weak"]


def _weigh(by_name: Meaning, by_label: Meaning) -> tuple[tuple[Meaning, ...], bool]:
    """Which of two readings comes first: the more precise one, then the label, which is what people see."""
    lists = vocabulary().lists
    longer, shorter = sorted((by_name, by_label), key=lambda one: (len(one.core), one is by_label), reverse=True)
    if shorter.core < longer.core:
        more = {
            word for word in longer.core - shorter.core if len(word) > _LONGEST_PREFIX or word in vocabulary().known
        }
        if not more:
            return (shorter,), False
        if more & (lists["telling"] | named_meanings()) or shorter.core <= lists["says little"]:
            return (longer,), False
        return (by_label, by_name), False
    if by_name.is_known and not by_label.is_known:
        return (by_name, by_label), False
    return (by_label, by_name), by_name.is_known and by_label.is_known


def _bare_name(name: str, prefixes: Tokens) -> str:
    """The name without its custom ending, its shared beginning, and a container such as "traits." around it."""
    bare = _CUSTOM_ENDING.sub("", name)
    match = _PREFIX.match(bare)
    if match and match[1] in prefixes:
        bare = bare[match.end() :]
    outer, dot, inner = bare.partition(".")
    if dot and vocabulary().lists["containers"].issuperset(vocabulary().plain_words(outer)):
        return inner
    return bare


def _understand(words: Words, kind: Kind, own: Tokens) -> Meaning:
    lists = vocabulary().lists
    tokens = set(words)
    if tokens & (lists["address parts"] - {STREET}):
        tokens.discard(STREET)  # "address: city" is a city
    if kind is Kind.PERSON and tokens - {COMPANY} <= lists["about the company"]:
        own |= {COMPANY}  # a person has no industry; it is the company's anyway
    tokens = tokens - own or tokens
    tokens = {_seen_from(tokens, kind)} if len(tokens) == 1 else tokens
    weak = frozenset(tokens & lists["weak"])
    core = frozenset(tokens) - weak
    return Meaning(core, weak) if core else Meaning(weak)


def _seen_from(tokens: set[str], kind: Kind) -> str:
    """What a single word means on this kind of record."""
    word = next(iter(tokens))
    if kind is Kind.PERSON:
        return {"name": FULL_NAME, "title": JOB_TITLE}.get(word, word)
    return {"name": COMPANY}.get(word, word) if kind is Kind.COMPANY else word
