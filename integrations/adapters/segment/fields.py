"""The fields Segment gives a meaning to. Any other name is a trait or a property of the customer's own.

https://segment.com/docs/connections/spec/identify/#traits, …/spec/group/#traits, …/spec/common/

A dot makes a part of a larger one: "address.city" is the city inside the object "address".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.adapters.segment.names import EVENTS, GROUPS, USERS
from integrations.enums import FieldType
from integrations.exceptions import ConfigurationError
from integrations.types import FieldSchema

USER_ID = "userId"
ANONYMOUS_ID = "anonymousId"
GROUP_ID = "groupId"
EVENT = "event"
EVENT_ID = "eventId"
TIMESTAMP = "timestamp"
EMAIL = "email"
CONTEXT = "context."

_KEY, _NEEDED = "key", "needed"

# name | label | type | flag
_PEOPLE = """
userId | User ID | string | key
anonymousId | Anonymous ID | string | key
"""
_TIME = "timestamp | When it was so | datetime |"
_ADDRESS = """
address.street | Street | string |
address.city | City | string |
address.state | State | string |
address.postalCode | Postal code | string |
address.country | Country | string |
"""
_USER = f"""{_PEOPLE}
email | Email | email | key
firstName | First name | string |
lastName | Last name | string |
name | Full name | string |
phone | Phone | phone |
title | Job title | string |
company.name | Company name | string |
company.id | Company ID | string |
company.industry | Company industry | string |
company.employee_count | Number of employees | number |
company.plan | Company plan | string |
{_ADDRESS}
birthday | Birthday | date |
age | Age | number |
gender | Gender | string |
avatar | Picture | url |
createdAt | Created at | datetime |
description | Description | text |
username | User name | string |
website | Website | url |
{_TIME}
"""
_EVENT = f"""
eventId | Event ID | string | key
event | Event name | string | needed
{_PEOPLE}
email | Email | email |
revenue | Revenue | number |
currency | Currency | string |
value | Value | number |
context.campaign.name | UTM campaign | string |
context.campaign.source | UTM source | string |
context.campaign.medium | UTM medium | string |
context.campaign.term | UTM term | string |
context.campaign.content | UTM content | string |
context.page.url | Page address | url |
context.page.path | Page path | string |
context.page.title | Page title | string |
context.page.referrer | Referrer | url |
{_TIME}
"""
_GROUP = f"""
groupId | Group ID | string | key
{_PEOPLE}
name | Company name | string |
industry | Industry | string |
employees | Number of employees | number |
website | Website | url |
phone | Phone | phone |
email | Email of the company | email |
plan | Plan | string |
description | Description | text |
avatar | Logo | url |
createdAt | Created at | datetime |
{_ADDRESS}
{_TIME}
"""
_WORDS = {
    USER_ID: "Your own lasting ID of the person, the same in all tools. Not the e-mail address, which changes.",
    ANONYMOUS_ID: "For somebody without a user ID. Left empty, it is made of the e-mail address, always the same one.",
    EVENT_ID: "Tells one event from another, for instance the ID of the deal and its stage. It is not sent.",
    EVENT: "What happened, in the past tense: “Deal Won”.",
    GROUP_ID: "Your own lasting ID of the company.",
    TIMESTAMP: "Left empty, it is the moment Segment gets it.",
}
_WORDS_OF_GROUPS = {
    ANONYMOUS_ID: "Segment wants somebody in the company: the user ID, or this. It counts as one more person on Segment's bill.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One object: the kind of message it travels as, where its free fields go, and the fields that stand beside them."""

    name: str
    label: str
    type: str
    inner: str
    own: frozenset[str]
    fields: tuple[FieldSchema, ...]

    @property
    def types(self) -> Mapping[str, FieldType]:
        """By name."""
        return {field.name: field.type for field in self.fields}


def _read_fields(lines: str, words: Mapping[str, str]) -> tuple[FieldSchema, ...]:
    rows = ([part.strip() for part in line.split("|")] for line in lines.splitlines() if line)
    return tuple(
        FieldSchema(
            name,
            label,
            FieldType(kind),
            required=flag == _NEEDED,
            is_key=flag == _KEY,
            description=words.get(name, ""),
        )
        for name, label, kind, flag in rows
    )


_IDS = frozenset({USER_ID, ANONYMOUS_ID, TIMESTAMP})
_KINDS = (
    Kind(USERS, "Users", "identify", "traits", _IDS, _read_fields(_USER, _WORDS)),
    Kind(EVENTS, "Events", "track", "properties", _IDS | {EVENT, EVENT_ID}, _read_fields(_EVENT, _WORDS)),
    Kind(GROUPS, "Groups", "group", "traits", _IDS | {GROUP_ID}, _read_fields(_GROUP, _WORDS | _WORDS_OF_GROUPS)),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


def kind_of(object_name: str) -> Kind:
    """ConfigurationError for an object there is not."""
    if object_name not in KINDS:
        raise ConfigurationError("Segment takes users, events and groups, nothing else.", code="not_there")
    return KINDS[object_name]
