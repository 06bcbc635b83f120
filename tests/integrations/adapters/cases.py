"""What the contract suite needs to know about each platform: an object, how to sign in, records that are good and bad."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.types import Credentials, FlatRecord


@dataclass(frozen=True)
class Case:
    """One platform in the contract suite."""

    platform: str
    object_name: str
    key: str
    fields: tuple[str, ...]
    make_record: Callable[[int], FlatRecord]
    bad_records: tuple[tuple[FlatRecord, str, str], ...]
    """A record, and the code and the field it must be refused with."""
    read_route: str
    write_route: str
    token_route: str
    sign_in: Callable[[Mapping[str, Any]], Credentials]
    renewing_sign_in: Callable[[Mapping[str, Any]], Credentials]
    wrong_secret: str
    required: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.platform


def _hubspot_token(known: Mapping[str, Any]) -> Credentials:
    return Credentials("token", {"base_url": known["base_url"]}, {"access_token": known["access_token"]})


def _hubspot_oauth(known: Mapping[str, Any]) -> Credentials:
    oauth = known["oauth"]
    secrets = {"client_secret": oauth["client_secret"], "refresh_token": oauth["refresh_token"]}
    return Credentials("oauth", {"base_url": known["base_url"], "client_id": oauth["client_id"]}, secrets)


def _salesforce(known: Mapping[str, Any]) -> Credentials:
    settings = {"base_url": known["base_url"], "client_id": known["client_id"], "api_version": known["api_version"]}
    return Credentials("client_credentials", settings, {"client_secret": known["client_secret"]})


HUBSPOT = Case(
    platform="hubspot",
    object_name="contacts",
    key="email",
    fields=("email", "firstname", "lastname"),
    make_record=lambda i: {"email": f"person{i}@example.org", "firstname": "Ann", "lastname": f"O'Brien {i} 🎉"},
    bad_records=(
        ({"email": "no-address", "firstname": "Ann"}, "invalid_email", "email"),
        ({"email": "stage@example.org", "lifecyclestage": "emperor"}, "not_in_list", "lifecyclestage"),
        ({"email": "", "firstname": "Ann"}, "missing_key", "email"),
    ),
    read_route="/crm/v3/objects/contacts",
    write_route="/crm/v3/objects/contacts/batch/upsert",
    token_route="/oauth/v1/token",
    sign_in=_hubspot_token,
    renewing_sign_in=_hubspot_oauth,
    wrong_secret="access_token",
)

_LEAD = {"LastName": "Ann", "Company": "Acme"}
SALESFORCE = Case(
    platform="salesforce",
    object_name="Lead",
    key="HubSpot_Email__c",
    fields=("HubSpot_Email__c", "FirstName", "LastName"),
    make_record=lambda i: {
        "HubSpot_Email__c": f"person{i}@example.org",
        "FirstName": "Ann",
        "LastName": f"O'Brien {i} 🎉",
        "Company": "Acme",
    },
    bad_records=(
        ({"HubSpot_Email__c": "no@example.org", "Company": "Acme"}, "required_missing", "LastName"),
        ({"HubSpot_Email__c": "long@example.org", **_LEAD, "Phone": "1" * 41}, "too_long", "Phone"),
        ({"HubSpot_Email__c": "list@example.org", **_LEAD, "LeadSource": "Moon"}, "not_in_list", "LeadSource"),
        ({"HubSpot_Email__c": "mail@example.org", **_LEAD, "Email": "no-address"}, "invalid_email", "Email"),
        (
            {"HubSpot_Email__c": "lost@example.org", **_LEAD, "Account__r.Company_Key__c": "nobody there"},
            "lookup_not_found",
            "Account__r.Company_Key__c",
        ),
        ({"HubSpot_Email__c": None, **_LEAD}, "missing_key", "HubSpot_Email__c"),
    ),
    read_route="/query",
    write_route="/composite/sobjects",
    token_route="/services/oauth2/token",
    sign_in=_salesforce,
    renewing_sign_in=_salesforce,
    wrong_secret="client_secret",
    required=frozenset({"LastName", "Company"}),
)

CASES = (HUBSPOT, SALESFORCE)
