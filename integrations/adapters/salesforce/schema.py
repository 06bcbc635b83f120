"""Salesforce's fields as ours.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from integrations.enums import FieldType
from integrations.exceptions import ConfigurationError, PermissionMissingError
from integrations.types import FieldSchema, ObjectSchema

TYPES: Mapping[str, FieldType] = {
    "id": FieldType.STRING,
    "string": FieldType.STRING,
    "encryptedstring": FieldType.STRING,
    "textarea": FieldType.TEXT,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "boolean": FieldType.BOOLEAN,
    "int": FieldType.INTEGER,
    "long": FieldType.INTEGER,
    "double": FieldType.NUMBER,
    "currency": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "picklist": FieldType.CHOICE,
    "combobox": FieldType.CHOICE,
    "multipicklist": FieldType.MULTI_CHOICE,
    "reference": FieldType.REFERENCE,
}

_WITH_LENGTH = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL})
_CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})

STANDARD_LOOKUPS = frozenset({"Account", "Contact"})
"""Custom lookups are offered by the external ids of their target; of the standard ones only those to these objects:
most of the others lead to users and record types, and each target costs a call."""

UNSEEN = frozenset({ConfigurationError.code, PermissionMissingError.code, "not_there"})
"""What a call is told about an object that is not there or may not be seen. Not: a sign-in that is no longer accepted."""

Describe = Callable[[str], Mapping[str, Any]]


def build_schema(object_name: str, found: Mapping[str, Any], describe: Describe) -> ObjectSchema:
    """The object's fields, then the external ids of the objects it refers to. `describe` asks for another object."""
    raw = [one for one in found.get("fields", []) if isinstance(one, dict) and one.get("name")]
    fields = [build_field(one) for one in raw]
    fields.extend(_lookup_fields(raw, describe))
    return ObjectSchema(object_name, str(found.get("label") or found["name"]), tuple(fields))


def build_field(found: Mapping[str, Any]) -> FieldSchema:
    """One entry of `fields`."""
    kind = TYPES.get(str(found.get("type")), FieldType.OTHER)
    values = [v for v in found.get("picklistValues") or [] if v.get("active", True) and kind in _CHOICES]
    return FieldSchema(
        name=str(found["name"]),
        label=str(found.get("label") or found["name"]),
        type=kind,
        required=_is_required(found),
        writable=bool(found.get("createable") or found.get("updateable")),
        max_length=(found.get("length") or None) if kind in _WITH_LENGTH else None,
        choices=tuple(str(value["value"]) for value in values),
        choice_labels=tuple(str(value.get("label") or value["value"]) for value in values),
        restricted=bool(found.get("restrictedPicklist")),
        is_key=bool(found.get("externalId") or found.get("idLookup")),
        description=str(found.get("inlineHelpText") or ""),
    )


def _is_required(found: Mapping[str, Any]) -> bool:
    return not found.get("nillable") and not found.get("defaultedOnCreate") and bool(found.get("createable"))


def _lookup_fields(raw: Sequence[Mapping[str, Any]], describe: Describe) -> Iterator[FieldSchema]:
    keys: dict[str, list[FieldSchema]] = {}
    for reference in filter(_is_followed, raw):
        target = str(reference["referenceTo"][0])
        if target not in keys:
            keys[target] = _external_ids(target, describe)
        for key in keys[target]:
            yield _build_lookup(reference, key)


def _is_followed(found: Mapping[str, Any]) -> bool:
    targets = found.get("referenceTo") or []
    if len(targets) != 1 or not found.get("relationshipName"):
        return False
    writable = found.get("createable") or found.get("updateable")
    return bool(writable and (found.get("custom") or targets[0] in STANDARD_LOOKUPS))


def _external_ids(target: str, describe: Describe) -> list[FieldSchema]:
    """None for an object our sign-in may not see: then there is nothing to offer. Any other trouble is raised: taken for
    that, it would hide a field that records fill."""
    try:
        found = describe(target).get("fields", [])
    except ConfigurationError as problem:
        if problem.code in UNSEEN:
            return []
        raise
    return [build_field(one) for one in found if isinstance(one, dict) and one.get("externalId")]


def _build_lookup(reference: Mapping[str, Any], key: FieldSchema) -> FieldSchema:
    """Finds the other record by its external id instead of its Salesforce id."""
    return FieldSchema(
        name=f"{reference['relationshipName']}.{key.name}",
        label=f"{reference.get('label') or reference['name']}: {key.label}",
        type=key.type,
        writable=True,
        max_length=key.max_length,
        description=f"Finds the {reference['referenceTo'][0]} by its {key.label}.",
    )
