"""Small objects for one test each."""

from integrations.enums import FieldType
from integrations.mappings.matching import Match, match_fields
from integrations.types import FieldSchema, FlatRecord, ObjectSchema


def make_field(name: str, label: str = "", kind: FieldType = FieldType.STRING, **more) -> FieldSchema:
    """A field; its label is its name unless given."""
    return FieldSchema(name, label or name, kind, **more)


def make_object(*fields: FieldSchema, name: str = "contacts", label: str = "Contacts") -> ObjectSchema:
    """An object of people with these fields."""
    return ObjectSchema(name, label, fields)


def match_one(source: FieldSchema, destination: FieldSchema, samples: list[FlatRecord] = (), **names) -> Match | None:
    """The match of a single field with a single field."""
    found = match_fields(make_object(source, **names), make_object(destination, **names), samples)
    return found[0] if found else None
