"""Reads the field lists in fields/: one field per line, "name | label | type | flags | longest | choices".

Flags: required, key, read-only, write-only, and open for a picklist that takes other values too. A choice is
"value=label", or one word when both are the same.
"""

from functools import cache
from pathlib import Path

from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

FOLDER = Path(__file__).parent / "fields"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.fields")))


@cache
def read_object(name: str) -> ObjectSchema:
    """The object of that list."""
    lines = [line for line in (FOLDER / f"{name}.fields").read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    _, object_name, label = (part.strip() for part in lines[0].split("|"))
    return ObjectSchema(object_name, label, tuple(_read_field(line) for line in lines[1:]))


def _read_field(line: str) -> FieldSchema:
    parts = [part.strip() for part in line.split(" |")] + ["", "", ""]
    name, label, kind, flags, longest, choices = parts[:6]
    known = [choice.strip() for choice in choices.split(";") if choice.strip()]
    assert set(flags.split()) <= {"required", "key", "read-only", "write-only", "open"}, line
    return FieldSchema(
        name=name,
        label=label,
        type=FieldType(kind),
        required="required" in flags,
        writable="read-only" not in flags,
        readable="write-only" not in flags,
        max_length=int(longest) if longest else None,
        choices=tuple(choice.partition("=")[0] for choice in known),
        choice_labels=tuple(choice.partition("=")[2] or choice for choice in known),
        restricted="open" not in flags,
        is_key="key" in flags.split(),
    )
