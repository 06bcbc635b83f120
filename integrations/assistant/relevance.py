"""Puts the fields first that this mapping is about: an object may have 900 of them, and the model cannot read them all."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from integrations.assistant.material import Material
from integrations.mappings.checks import source_fields
from integrations.mappings.matching import Match, match_fields
from integrations.types import FieldSchema, ObjectSchema

_WORD = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|[^\W\d_A-Za-zÀ-ÿ]+")
_SAYS_LITTLE = frozenset(
    {
        *("the", "of", "and", "for", "from", "with", "are", "was", "not", "this", "that"),
        *("field", "value", "name", "number", "address", "record", "id", "code"),
    }
)
_QUOTED = re.compile(r"""["']([^"'\n]{1,120})["']""")


def match_both(material: Material) -> list[Match]:
    """What the matcher, which needs no model, would pair. By names alone: that is enough for an order, and quick."""
    source, destination = (_without_choices(end.schema) for end in (material.source, material.destination))
    return list(match_fields(source, destination))


def order_source(material: Material, matches: Sequence[Match]) -> list[FieldSchema]:
    """The source's readable fields, those that matter most first."""
    fields = [field for field in material.source.schema.fields if field.readable]
    used = source_fields(material.code) or _quoted(material.code)
    return _order(fields, material, used, {match.source_field: match.confidence for match in matches})


def order_destination(material: Material, matches: Sequence[Match]) -> list[FieldSchema]:
    """The destination's writable fields, and its key, those that matter most first."""
    fields = [field for field in material.destination.schema.fields if field.writable or field.name == material.key]
    matched = {match.destination_field: match.confidence for match in matches}
    return _order(fields, material, _quoted(material.code), matched)


def words(text: str) -> frozenset[str]:
    """The words of a text or a name, in lower case: "firstName_c" has "first" and "name"."""
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) > 1)


def wishes(material: Material) -> str:
    """Everything a person said, as one text."""
    said = [material.instructions, material.change, *(text for pair in material.answers for text in pair)]
    return "\n".join([*said, *(failure.field for failure in material.failures)])


def _order(
    fields: Sequence[FieldSchema], material: Material, used: Collection[str], matched: Mapping[str, float]
) -> list[FieldSchema]:
    said = wishes(material)
    asked, said_words = said.casefold(), words(said) - _SAYS_LITTLE

    def weight(field: FieldSchema) -> float:
        own = _own_words(field)
        return sum(
            (
                16 * (field.name == material.key),
                8 * field.required,
                8 * (field.name in used),
                6 * _is_named(field, asked),
                3 * len(own & said_words) / (len(own) or 1),
                5 * matched.get(field.name, 0.0),
            )
        )

    return sorted(fields, key=lambda field: -weight(field))


def _is_named(field: FieldSchema, asked: str) -> bool:
    return any(len(name) > 2 and name.casefold() in asked for name in (field.name, field.label))


def _own_words(field: FieldSchema) -> frozenset[str]:
    own = words(field.label)
    return own - _SAYS_LITTLE or own


def _without_choices(schema: ObjectSchema) -> ObjectSchema:
    return replace(schema, fields=tuple(replace(field, choices=(), choice_labels=()) for field in schema.fields))


def _quoted(code: str) -> frozenset[str]:
    """Every quoted text of the code: the names of fields are among them."""
    return frozenset(_QUOTED.findall(code))
