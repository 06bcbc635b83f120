"""Puts the fields first that this mapping is about: an object may have 900 of them, and the model cannot read them all."""

import re
from collections.abc import Collection, Sequence

from integrations.assistant.material import Material
from integrations.mappings.checks import source_fields
from integrations.types import FieldSchema

_WORD = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|[^\W\d_A-Za-zÀ-ÿ]+")
_SAYS_LITTLE = frozenset(
    {
        *("the", "of", "and", "for", "from", "with", "are", "was", "not", "this", "that"),
        *("field", "value", "name", "number", "address", "record", "id", "code"),
    }
)
_QUOTED = re.compile(r"""["']([^"'\n]{1,120})["']""")


def order_source(material: Material) -> list[FieldSchema]:
    """The source's readable fields, those that matter most first."""
    fields = [field for field in material.source.schema.fields if field.readable]
    used = source_fields(material.code) or _quoted(material.code)
    return _order(fields, material, used, _words_of(material.destination.schema.fields))


def order_destination(material: Material) -> list[FieldSchema]:
    """The destination's writable fields, and its key, those that matter most first."""
    fields = [field for field in material.destination.schema.fields if field.writable or field.name == material.key]
    return _order(fields, material, _quoted(material.code), _words_of(material.source.schema.fields))


def words(text: str) -> frozenset[str]:
    """The words of a text or a name, in lower case: "firstName_c" has "first" and "name"."""
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) > 1)


def wishes(material: Material) -> str:
    """Everything a person said, as one text."""
    said = [material.instructions, material.change, *(text for pair in material.answers for text in pair)]
    return "\n".join([*said, *(failure.field for failure in material.failures)])


def _order(
    fields: Sequence[FieldSchema], material: Material, used: Collection[str], other_side: frozenset[frozenset[str]]
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
                4 * (own in other_side),
            )
        )

    return sorted(fields, key=lambda field: -weight(field))


def _is_named(field: FieldSchema, asked: str) -> bool:
    return any(len(name) > 2 and name.casefold() in asked for name in (field.name, field.label))


def _words_of(fields: Sequence[FieldSchema]) -> frozenset[frozenset[str]]:
    return frozenset(own for field in fields if (own := _own_words(field)))


def _own_words(field: FieldSchema) -> frozenset[str]:
    own = words(field.label)
    return own - _SAYS_LITTLE or own


def _quoted(code: str) -> frozenset[str]:
    """Every quoted text of the code: the names of fields are among them."""
    return frozenset(_QUOTED.findall(code))
