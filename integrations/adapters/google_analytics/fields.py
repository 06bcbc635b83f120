"""The fields of an event, as they are offered to a mapping.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference

Google describes none of this by an interface: the fields of its documentation are here, and what a person uses beyond them
is named in the connection.
"""

from collections.abc import Iterator, Mapping

from integrations.adapters.google_analytics.declaration import EVENTS
from integrations.adapters.google_analytics.names import read_parameters, read_properties
from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

KEY = "event_id"
NAME = "name"
CLIENT = "client_id"
USER = "user_id"
TIME = "timestamp"
ITEMS = "items"

PROPERTY = "user_properties."
PERSON = "user_data."
CONSENT = "consent."
PLACE = "user_location."

LONGEST_VALUE = 100
LONGEST_VALUES: Mapping[str, int] = {"page_title": 300, "page_referrer": 420, "page_location": 1_000}
LONGEST_PROPERTY = 36
LONGEST_USER = 256

ANSWERS = ("GRANTED", "DENIED")
_ANSWER_LABELS = ("Agreed", "Refused")

Line = tuple[str, str, FieldType, str]

_PARAMETERS: tuple[Line, ...] = (
    ("session_id", "Session ID", FieldType.STRING, "The number of the visit it belongs to, from the cookie _ga_…."),
    ("engagement_time_msec", "Engagement in ms", FieldType.INTEGER, "With the session ID we send 1 if it is empty."),
    ("value", "Value", FieldType.NUMBER, "What it is worth. Needs a currency."),
    ("currency", "Currency", FieldType.STRING, "Three letters, such as EUR."),
    ("transaction_id", "Transaction ID", FieldType.STRING, "Of a purchase or a refund."),
    ("coupon", "Coupon", FieldType.STRING, ""),
    ("shipping", "Shipping", FieldType.NUMBER, ""),
    ("tax", "Tax", FieldType.NUMBER, ""),
    ("lead_source", "Lead source", FieldType.STRING, "Of generate_lead and its like."),
    ("method", "Method", FieldType.STRING, "Of sign_up and login."),
    ("page_location", "Page address", FieldType.STRING, ""),
    ("page_title", "Page title", FieldType.STRING, ""),
    ("page_referrer", "Page referrer", FieldType.STRING, ""),
)

_HASHED = "It leaves us as a SHA-256 hash only."
_PERSON: tuple[Line, ...] = (
    ("email", "E-mail address", FieldType.EMAIL, _HASHED),
    ("phone", "Phone number", FieldType.PHONE, f"International, starting with +. {_HASHED}"),
    ("first_name", "First name", FieldType.STRING, _HASHED),
    ("last_name", "Last name", FieldType.STRING, _HASHED),
    ("street", "Street", FieldType.STRING, _HASHED),
    ("city", "City", FieldType.STRING, ""),
    ("region", "State or region", FieldType.STRING, ""),
    ("postal_code", "Postal code", FieldType.STRING, ""),
    ("country", "Country", FieldType.STRING, "Two letters, such as DE."),
)
_PLACE: tuple[Line, ...] = (
    ("city", "City of the visitor", FieldType.STRING, ""),
    ("region_id", "Region of the visitor", FieldType.STRING, "Such as US-CA."),
    ("country_id", "Country of the visitor", FieldType.STRING, "Two letters, such as DE."),
)
_CONSENT: tuple[tuple[str, str], ...] = (
    ("ad_user_data", "Consent: data for advertising"),
    ("ad_personalization", "Consent: personalised advertising"),
)


def describe_events(settings: Mapping[str, str]) -> ObjectSchema:
    """All fields of an event; ConfigurationError when a name in the connection is one that Google does not take."""
    return ObjectSchema(EVENTS, "Events", (*_own_fields(), *_parameters(settings), *_people(settings)))


def _own_fields() -> Iterator[FieldSchema]:
    yield FieldSchema(
        KEY,
        "Event ID",
        FieldType.STRING,
        required=True,
        max_length=LONGEST_VALUE,
        is_key=True,
        description="Ours: it tells one event from another. Google gets it as the parameter event_id, to look it up by.",
    )
    yield FieldSchema(
        NAME,
        "Event name",
        FieldType.STRING,
        required=True,
        max_length=40,
        description="Such as generate_lead. Letters, digits and “_”, starting with a letter.",
    )
    yield FieldSchema(
        CLIENT,
        "Client ID",
        FieldType.STRING,
        required=True,
        max_length=LONGEST_USER,
        description="Of the browser, from the cookie _ga. Any other starts a visitor without a visit.",
    )
    yield FieldSchema(
        USER,
        "User ID",
        FieldType.STRING,
        max_length=LONGEST_USER,
        description="Your own number for the person. Never an e-mail address.",
    )
    yield FieldSchema(
        TIME, "When it happened", FieldType.DATETIME, description="At most 72 hours ago. Empty means now."
    )


def _parameters(settings: Mapping[str, str]) -> Iterator[FieldSchema]:
    given = {name for name, *_ in _PARAMETERS} | {ITEMS, KEY}
    for line in _PARAMETERS:
        yield _field("", line)
    yield FieldSchema(ITEMS, "Items", FieldType.OTHER, description="A list of products, each with its own parameters.")
    for name in read_parameters(settings.get("parameters") or ""):
        if name not in given:
            # Text or a number: which of the two is up to the person.
            yield FieldSchema(name, name, FieldType.OTHER, description="A parameter of your own.")


def _people(settings: Mapping[str, str]) -> Iterator[FieldSchema]:
    for name in read_properties(settings.get("user_properties") or ""):
        yield FieldSchema(f"{PROPERTY}{name}", f"User property {name}", FieldType.OTHER)
    for line in _PERSON:
        yield _field(PERSON, line)
    for line in _PLACE:
        yield _field(PLACE, line)
    for name, label in _CONSENT:
        yield FieldSchema(f"{CONSENT}{name}", label, FieldType.CHOICE, choices=ANSWERS, choice_labels=_ANSWER_LABELS)


def _field(start: str, line: Line) -> FieldSchema:
    name, label, kind, description = line
    longest = LONGEST_VALUES.get(name, LONGEST_VALUE) if kind is FieldType.STRING and not start else None
    return FieldSchema(f"{start}{name}", label, kind, max_length=longest, description=description)
