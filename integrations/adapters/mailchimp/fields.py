"""The fields every member has, with where Mailchimp keeps each, and how the fields of one audience are named.

A merge field is called by its tag (FNAME); a part of an address by tag and part (ADDRESS:city); a group of choices and a
marketing permission by their ids (group:1a2b, permission:3c4d).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.adapters.mailchimp.declaration import ADDRESS, CONTACT_ID, HASH
from integrations.enums import FieldType
from integrations.types import FieldSchema

GROUP, PERMISSION = "group", "permission"
STATUSES = ("subscribed", "unsubscribed", "pending", "cleaned", "transactional")
STATUS_LABELS = ("Subscribed", "Unsubscribed", "Asked to confirm", "Address does not work", "Not subscribed")
NEW_STATUSES = ("subscribed", "pending", "transactional", "unsubscribed")
LANGUAGES = (
    *("en", "ar", "af", "be", "bg", "ca", "zh", "hr", "cs", "da", "nl", "et", "fa", "fi", "fr", "fr_CA", "de", "el"),
    *("he", "hi", "hu", "is", "id", "ga", "it", "ja", "km", "ko", "lv", "lt", "mt", "ms", "mk", "no", "pl", "pt"),
    *("pt_PT", "ro", "ru", "sr", "sk", "sl", "es", "es_ES", "sw", "sv", "ta", "th", "tr", "uk", "vi"),
)
STATUS_NOTE = (
    "Writing it changes what people agreed to: leave it out to sync profiles only. Who unsubscribed cannot be subscribed "
    "again by a sync."
)
NEW_STATUS_NOTE = "Counts only for people who are not in the audience yet. Without it, the connection decides."


def _read(name: str, label: str, kind: FieldType, note: str = "") -> FieldSchema:
    return FieldSchema(name, label, kind, writable=False, description=note)


def _choose(name: str, label: str, choices: tuple[str, ...], labels: tuple[str, ...], **more: Any) -> FieldSchema:
    return FieldSchema(name, label, FieldType.CHOICE, choices=choices, choice_labels=labels, **more)


_TAGS = FieldSchema("tags", "Tags", FieldType.MULTI_CHOICE, restricted=False)

STANDARD: tuple[FieldSchema, ...] = (
    FieldSchema(ADDRESS, "Email address", FieldType.EMAIL, is_key=True),
    _choose("status", "Status", STATUSES, STATUS_LABELS, description=STATUS_NOTE),
    _choose(
        "status_if_new",
        "Status of new people",
        NEW_STATUSES,
        ("Subscribed", "Asked to confirm", "Not subscribed", "Unsubscribed"),
        readable=False,
        description=NEW_STATUS_NOTE,
    ),
    replace(_TAGS, description="Adds these tags. Tags that are not named stay."),
    replace(_TAGS, name="tags_to_remove", label="Tags to remove", readable=False, description="Takes these tags away."),
    _choose("language", "Language", LANGUAGES, LANGUAGES),
    FieldSchema("vip", "VIP", FieldType.BOOLEAN),
    _choose("email_type", "Kind of mail", ("html", "text"), ("HTML", "Plain text")),
    FieldSchema("latitude", "Latitude", FieldType.NUMBER),
    FieldSchema("longitude", "Longitude", FieldType.NUMBER),
    FieldSchema("ip_signup", "Signed up from (IP)", FieldType.STRING),
    FieldSchema("timestamp_signup", "Signed up", FieldType.DATETIME),
    FieldSchema("ip_opt", "Opted in from (IP)", FieldType.STRING),
    FieldSchema("timestamp_opt", "Opted in", FieldType.DATETIME),
    _read(CONTACT_ID, "Contact id", FieldType.STRING, "Stays the same when the address changes."),
    _read(HASH, "Hash of the address", FieldType.STRING, "Changes with the address; webhooks call people by it."),
    _read("unique_email_id", "Id of the address", FieldType.STRING),
    _read("web_id", "Number in Mailchimp's pages", FieldType.INTEGER),
    _read("full_name", "Full name", FieldType.STRING),
    _read("unsubscribe_reason", "Reason for unsubscribing", FieldType.STRING),
    _read("consents_to_one_to_one_messaging", "Agrees to personal messages", FieldType.BOOLEAN),
    _read("last_changed", "Last changed", FieldType.DATETIME),
    _read("member_rating", "Stars", FieldType.INTEGER),
    _read("avg_open_rate", "Open rate", FieldType.NUMBER),
    _read("avg_click_rate", "Click rate", FieldType.NUMBER),
    _read("country_code", "Country code", FieldType.STRING),
    _read("time_zone", "Time zone", FieldType.STRING),
    _read("source", "Source", FieldType.STRING),
    _read("email_client", "Mail program", FieldType.STRING),
)

PATHS: Mapping[str, tuple[str, ...]] = {
    **{field.name: (field.name,) for field in STANDARD if field.readable},
    HASH: ("id",),
    "latitude": ("location", "latitude"),
    "longitude": ("location", "longitude"),
    "country_code": ("location", "country_code"),
    "time_zone": ("location", "timezone"),
    "avg_open_rate": ("stats", "avg_open_rate"),
    "avg_click_rate": ("stats", "avg_click_rate"),
}
"""Where in a member a field is found."""

WRITABLE = frozenset(field.name for field in STANDARD if field.writable)

ADDRESS_PARTS: Mapping[str, str] = {
    "addr1": "street",
    "addr2": "second line",
    "city": "city",
    "state": "state or region",
    "zip": "postal code",
    "country": "country",
}
NEEDED_PARTS = ("addr1", "city", "state", "zip")
"""An address that lacks one of these is refused as a whole."""


def split_name(name: str) -> tuple[str, str]:
    """The two halves of "group:1a2b"; the second is empty for a plain name."""
    first, _, second = name.partition(":")
    return first, second


def is_merge_field(name: str) -> bool:
    """True for a tag, or a part of an address: tags are in upper case, and nothing else is."""
    tag = split_name(name)[0]
    return bool(tag) and tag == tag.upper() and tag.replace("_", "").isalnum()
