"""Salesforce in the contract suite."""

from collections.abc import Mapping
from typing import Any

from integrations.enums import Operator
from integrations.types import Credentials
from tests.integrations.adapters.cases import DATED, PARTLY, PRESENT, SAME, SIZED, TRAITS, Case

_LEAD = {"LastName": "Ann", "Company": "Acme"}
_BUSY = {
    "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    "errorCode": "REQUEST_LIMIT_EXCEEDED",
}


def _sign_in(known: Mapping[str, Any]) -> Credentials:
    settings = {"base_url": known["base_url"], "client_id": known["client_id"], "api_version": known["api_version"]}
    return Credentials("client_credentials", settings, {"client_secret": known["client_secret"]})


def _make_record(i: int) -> dict[str, Any]:
    return {
        "HubSpot_Email__c": f"person{i}@example.org",
        "FirstName": "Ann",
        "LastName": f"O'Brien {i} 🎉",
        "Company": "Acme",
    }


def _give_one_time(sandbox: Any, adapter: Any, count: int) -> None:
    for start in range(0, count, 200):
        records = [_make_record(i) for i in range(start, min(start + 200, count))]
        adapter.upload_batch("Lead", records, "upsert", "HubSpot_Email__c", trace=f"7-{start}")


CASE = Case(
    platform="salesforce",
    object_name="Lead",
    key="HubSpot_Email__c",
    fields=("HubSpot_Email__c", "FirstName", "LastName"),
    make_record=_make_record,
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
    sign_in=_sign_in,
    wrong_secret="client_secret",
    groups=frozenset({"api"}),
    traits=TRAITS,
    token_route="/services/oauth2/token",
    renewing_sign_in=_sign_in,
    required=frozenset({"LastName", "Company"}),
    slow_down={"kind": "status", "status": 403, "body": [_BUSY]},
    give_one_time=_give_one_time,
    fill_first=2_100,
    archive_route="/composite/sobjects",
    varied={
        "FirstName": ("Ann", "ANN", " Ann-Lee ", None, "O'Brien", "100%_Zoë", "back\\slash"),
        "Title": ("50%", "50 percent", " ", ""),
        "Rating": ("Hot", "Cold", None),
        "HasOptedOutOfEmail": (True, False),
        "NumberOfEmployees": (3, 7, 12, None),
        "AnnualRevenue": (6.5, 7.5, 1_000_000, None),
        "Birthdate__c": ("2026-01-02", "2026-02-03", "2026-05-06", None),
        "Last_Campaign__c": ("2026-02-02T23:00:00Z", "2026-02-03T00:00:00Z", None),
        "Interests__c": ("Product", "Product;Pricing", None),
        "Description": ("Hello", "hello", None),
        "Account__c": (),
        "CreatedDate": (),
    },
    counted=frozenset(
        {
            *((name, one) for name in ("FirstName", "Title") for one in PRESENT | SAME | PARTLY),
            *((name, one) for name in ("Rating", "Birthdate__c") for one in PRESENT | SAME),
            *((name, one) for name in ("NumberOfEmployees", "AnnualRevenue") for one in PRESENT | SIZED),
            *((name, one) for name in ("Birthdate__c", "Last_Campaign__c") for one in PRESENT | DATED),
            *(("Interests__c", one) for one in PRESENT),
            *(("HasOptedOutOfEmail", one) for one in SAME),
            ("Account__c", Operator.IS_EMPTY),
            ("CreatedDate", Operator.AFTER),
        }
    ),
)
