"""HubSpot's properties as our fields. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

MOST_CHARACTERS = 65_536

TYPES: Mapping[str, FieldType] = {
    "string": FieldType.STRING,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "enumeration": FieldType.CHOICE,
    "bool": FieldType.BOOLEAN,
    "phone_number": FieldType.PHONE,
    "json": FieldType.OTHER,
    "object_coordinates": FieldType.OTHER,
}

# (type, fieldType) that say more than the type alone
FINER_TYPES: Mapping[tuple[str, str], FieldType] = {
    ("string", "textarea"): FieldType.TEXT,
    ("string", "html"): FieldType.TEXT,
    ("string", "phonenumber"): FieldType.PHONE,
    ("enumeration", "checkbox"): FieldType.MULTI_CHOICE,
}


def build_schema(
    object_name: str, label: str, properties: Sequence[Mapping[str, Any]], required: Collection[str] = ()
) -> ObjectSchema:
    """The object with all its properties that are not archived. `required`: those of a custom object that must be given."""
    fields = [_build_field(object_name, p, str(p["name"]) in required) for p in properties if not p.get("archived")]
    return ObjectSchema(object_name, label, tuple(fields))


def _build_field(object_name: str, found: Mapping[str, Any], is_required: bool) -> FieldSchema:
    name = str(found["name"])
    kind = _field_type(name, found)
    options = [o for o in found.get("options") or [] if kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE)]
    return FieldSchema(
        name=name,
        label=str(found.get("label") or name),
        type=kind,
        required=is_required,
        writable=_is_writable(found),
        max_length=MOST_CHARACTERS if found.get("type") == "string" else None,
        choices=tuple(str(option.get("value", "")) for option in options),
        choice_labels=tuple(str(option.get("label", "")) for option in options),
        restricted=not found.get("externalOptions"),
        is_key=bool(found.get("hasUniqueValue")) or is_email_key(object_name, name),
        description=str(found.get("description") or ""),
    )


def _field_type(name: str, found: Mapping[str, Any]) -> FieldType:
    kind = str(found.get("type", ""))
    if name == "email" and kind == "string":
        return FieldType.EMAIL
    return FINER_TYPES.get((kind, str(found.get("fieldType", ""))), TYPES.get(kind, FieldType.OTHER))


def _is_writable(found: Mapping[str, Any]) -> bool:
    read_only = (found.get("modificationMetadata") or {}).get("readOnlyValue")
    return not read_only and not found.get("calculated")


def is_email_key(object_name: str, name: str) -> bool:
    """Contacts are told apart by e-mail although the property does not say that it is unique."""
    return name == "email" and object_name in ("contacts", "0-1")
