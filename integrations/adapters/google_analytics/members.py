"""Who is in an audience, as flat records: people by the User-ID that the website gives them."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.google_analytics.declaration import AUDIENCE, LABEL
from integrations.adapters.wire import dump_json
from integrations.enums import FieldType
from integrations.exceptions import ConfigurationError
from integrations.types import FieldSchema, FlatRecord, MalformedRecord, ObjectSchema

USER = "userId"
NOT_SET = frozenset({"", "(not set)"})
_MOST_TEXT = 20_000

_DIMENSIONS = (
    (USER, "User ID", FieldType.STRING, "As your website gives it to Analytics. People without one are left out."),
    ("deviceId", "Client ID", FieldType.STRING, "Of the browser. Somebody who uses several is there several times."),
    ("isAdsPersonalizationAllowed", "Agrees to personalised ads", FieldType.BOOLEAN, ""),
    ("isLimitedAdTracking", "Limits ad tracking", FieldType.BOOLEAN, ""),
)
_ADDED = (
    ("audienceId", "Number of the audience", FieldType.STRING, ""),
    ("audienceName", "Name of the audience", FieldType.STRING, ""),
)
_TRUTHS = {"true": True, "false": False}


def read_number(object_name: str) -> str:
    """The number of the audience ("audience:77"); ConfigurationError if it has none."""
    number = object_name.partition(":")[2]
    if object_name.startswith(f"{AUDIENCE}:") and number.isascii() and number.isdigit():
        return number
    raise ConfigurationError(f"There is no audience “{number}”. Choose one of the list.", code="not_there")


def build_schema(object_name: str) -> ObjectSchema:
    """The same fields for all audiences."""
    fields = tuple(
        FieldSchema(name, label, kind, writable=False, description=description)
        for name, label, kind, description in (*_DIMENSIONS, *_ADDED)
    )
    return ObjectSchema(object_name, f"Audience {read_number(object_name)}", fields)


def choose_dimensions(fields: Sequence[str]) -> tuple[str, ...]:
    """Who it is, and what else a mapping reads: each dimension may make more rows of one person."""
    return tuple(name for name, *_ in _DIMENSIONS if name == USER or name in fields)


def flatten_members(
    rows: Sequence[Any], export: Mapping[str, Any], fields: Sequence[str]
) -> tuple[list[FlatRecord], list[MalformedRecord]]:
    """The people of these rows, and what is not a usable row. Who has no User-ID is a browser, and nobody we could know."""
    names = [str(one.get("dimensionName")) for one in export.get("dimensions") or []]
    audience = str(export.get("audience") or "").rpartition("/")[2]
    added = {"audienceId": audience, "audienceName": str(export.get("audienceDisplayName") or "")}
    records: list[FlatRecord] = []
    malformed: list[MalformedRecord] = []
    for row in rows:
        try:
            values = dict(zip(names, [str(one["value"]) for one in row["dimensionValues"]], strict=True))
            user = values[USER]
        except (KeyError, TypeError, ValueError):
            malformed.append(_describe_malformed(row))
            continue
        if user not in NOT_SET:
            whole: FlatRecord = {name: _TRUTHS.get(value, value) for name, value in values.items()} | added
            records.append({"id": user, **(whole if not fields else {name: whole.get(name) for name in fields})})
    return records, malformed


def _describe_malformed(row: object) -> MalformedRecord:
    words = f"{LABEL} sent something that is not a member of the audience."
    return MalformedRecord("", "malformed_record", words, dump_json(row).decode("utf-8", "replace")[:_MOST_TEXT])
