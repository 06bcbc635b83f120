"""An audience's fields as ours. https://mailchimp.com/developer/marketing/api/list-merges/"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.adapters.mailchimp.audiences import Audience, Audiences, Group, Row
from integrations.adapters.mailchimp.fields import ADDRESS_PARTS, GROUP, PERMISSION, STANDARD
from integrations.adapters.mailchimp.paths import name_object
from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

MOST_BYTES = 255
"""Of a text in a merge field: what is longer is cut off without a word."""

_TYPES: Mapping[str, FieldType] = {
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "imageurl": FieldType.URL,
    "radio": FieldType.CHOICE,
    "dropdown": FieldType.CHOICE,
}
_BIRTHDAY = "Month and day, such as 03/28."


def describe(audiences: Audiences, audience: Audience) -> ObjectSchema:
    """All fields of the audience's members."""
    fields = (
        *_standard(audiences.tags(audience.id)),
        *_merge_fields(audiences.merge_fields(audience.id)),
        *(_group_field(group) for group in audiences.groups(audience.id)),
        *(_permission_field(one) for one in audiences.permissions(audience.id)),
    )
    return ObjectSchema(name_object(audience.id), audience.name, fields)


def _standard(tags: Sequence[str]) -> Iterator[FieldSchema]:
    known = tuple(name for name in tags if ";" not in name)
    for field in STANDARD:
        is_tags = field.type is FieldType.MULTI_CHOICE
        yield replace(field, choices=known, choice_labels=known) if is_tags else field


def _merge_fields(rows: Iterable[Row]) -> Iterator[FieldSchema]:
    for row in rows:
        tag = str(row.get("tag") or "")
        if tag and row.get("type") == "address":
            yield from _address_fields(row, tag)
        elif tag:
            yield _merge_field(row, tag)


def _merge_field(row: Row, tag: str) -> FieldSchema:
    given = row.get("options")
    options: Mapping[str, Any] = given if isinstance(given, dict) else {}
    kind = _TYPES.get(str(row.get("type")), FieldType.STRING)
    is_text = kind in (FieldType.STRING, FieldType.PHONE, FieldType.URL)
    choices = tuple(map(str, options.get("choices") or ())) if kind is FieldType.CHOICE else ()
    note = str(row.get("help_text") or "")
    return FieldSchema(
        tag,
        str(row.get("name") or tag),
        kind,
        max_length=5 if row.get("type") == "birthday" else MOST_BYTES if is_text else None,
        max_bytes=MOST_BYTES if is_text else None,
        choices=choices,
        choice_labels=choices,
        description=_BIRTHDAY if row.get("type") == "birthday" else note,
    )


def _address_fields(row: Row, tag: str) -> Iterator[FieldSchema]:
    label = str(row.get("name") or tag)
    for part, words in ADDRESS_PARTS.items():
        yield FieldSchema(
            f"{tag}:{part}", f"{label}, {words}", FieldType.STRING, max_length=MOST_BYTES, max_bytes=MOST_BYTES
        )


def _group_field(group: Group) -> FieldSchema:
    kind = FieldType.CHOICE if group.is_single else FieldType.MULTI_CHOICE
    choices = tuple(group.choices)
    note = "The choices named are set, all others of this group are taken away."
    return FieldSchema(
        f"{GROUP}:{group.id}", group.title, kind, choices=choices, choice_labels=choices, description=note
    )


def _permission_field(row: Row) -> FieldSchema:
    name = f"{PERMISSION}:{row['marketing_permission_id']}"
    return FieldSchema(name, str(row.get("text") or name), FieldType.BOOLEAN)
