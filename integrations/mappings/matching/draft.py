"""Drafts mapping code from pairs of fields: plain, in the style of hand-written mappings, with the prelude's help."""

from collections.abc import Sequence

from integrations.enums import FieldType
from integrations.mappings.matching.conversions import write_value
from integrations.mappings.matching.literals import quote
from integrations.mappings.matching.match import Level, Match
from integrations.mappings.matching.meaning import read_fields
from integrations.mappings.matching.tables import Tables
from integrations.types import FieldSchema, ObjectSchema

_MOST_CHARACTERS = 90_000
_LONGEST_COMMENT = 200
_COUNTRY_TYPES = (FieldType.STRING, FieldType.TEXT, FieldType.CHOICE)
_COUNTRY_MEANINGS = ("country", "country code")


def draft_code(matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema) -> str:
    """Mapping code that passes the checks: sure and fairly sure pairs are mapped, required fields without one are None.

    Pairs that name a field one of the objects does not have, or that are only suggestions, are left out; so are those
    beyond what one mapping may hold.
    """
    tables, lines = Tables(), list(_missing_lines(matches, source, destination))
    room = _MOST_CHARACTERS - sum(map(len, lines))
    country = _find_country(source)
    for match in drafted(matches, source, destination):
        a, b = source.field(match.source_field), destination.field(match.destination_field)
        assert a is not None and b is not None
        entry = _write_entry(match, a, b, country, tables)
        room -= sum(map(len, entry)) + tables.take_growth()
        if room < 0:
            break
        lines += entry
    return _put_together(tables, lines, source, destination)


def drafted(matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema) -> list[Match]:
    """The pairs that go into the code: both fields exist, and it is more than a suggestion."""
    sources = {field.name for field in source.fields if field.readable}
    destinations = {field.name for field in destination.fields if field.writable}
    return [
        match
        for match in matches
        if match.level is not Level.LOW and match.source_field in sources and match.destination_field in destinations
    ]


def missing_fields(matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema) -> list[FieldSchema]:
    """The required fields of the destination that nothing is drafted for."""
    filled = {match.destination_field for match in drafted(matches, source, destination)}
    return [field for field in destination.fields if field.required and field.writable and field.name not in filled]


def _missing_lines(matches: Sequence[Match], source: ObjectSchema, destination: ObjectSchema) -> list[str]:
    lines: list[str] = []
    for field in missing_fields(matches, source, destination):
        lines += [
            f"        # {_plain(destination.label)} needs {_plain(field.label)}: which field of {_plain(source.label)} holds it?",
            f"        {quote(field.name)}: None,",
        ]
    return lines


def _write_entry(
    match: Match, source: FieldSchema, destination: FieldSchema, country: str, tables: Tables
) -> list[str]:
    value = write_value(match.conversion, source, destination, country, tables)
    comment = [f"        # Not sure: {_plain(match.why)}"] if match.level is Level.MEDIUM else []
    return [*comment, f"        {quote(destination.name)}: {value},"]


def _put_together(tables: Tables, lines: list[str], source: ObjectSchema, destination: ObjectSchema) -> str:
    about = f"{_plain(source.label)} become {_plain(destination.label)}. Suggested by matching; look it over."
    body = ["    return {", *lines, "    }"] if lines else ["    return {}"]
    entry = ["def map_record(record):", f'    """{about}"""', *body, ""]
    return "\n".join([*tables.lines(), *entry])


def _find_country(source: ObjectSchema) -> str:
    """What says which country a record's phone number belongs to, as code; empty when no field does."""
    readable = [one for one in read_fields(source) if one.field.readable and one.field.type in _COUNTRY_TYPES]
    for meaning in _COUNTRY_MEANINGS:
        found = [one for one in readable if one.main.core == {meaning}]
        if found:
            best = min(found, key=lambda one: (len(one.main.weak), one.field.name))
            return f"record.get({quote(best.field.name)})"
    return ""


def _plain(text: str) -> str:
    """Text that can stand in a comment or docstring, whatever an admin wrote into a label."""
    kept = "".join(sign for sign in " ".join(text.split()) if sign.isprintable() and sign not in '"\\')
    return kept[:_LONGEST_COMMENT] or "it"
