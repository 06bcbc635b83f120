"""Salesforce's pages when they are not as they should be, and its description as our schema."""

from datetime import UTC, datetime

import httpx
import pytest

from integrations.enums import FieldType
from integrations.exceptions import ConfigurationError, RateLimitedError, SignInError, TransientError
from integrations.types import Window

EVERYTHING = Window(None, datetime(2026, 11, 22, tzinfo=UTC))
CHANGED = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))


def row(number, **values):
    stamp = "2026-01-02T03:04:05.000+0000"
    return {"attributes": {"type": "Lead"}, "Id": f"00Q{number:015}", "Email": "a", "SystemModstamp": stamp, **values}


def answer(rows, done=True):
    return {"totalSize": len(rows), "done": done, "records": rows}


def fetch(adapter, cursor=None, window=CHANGED, fields=("Email",)):
    return adapter.fetch_records("Lead", cursor or {}, window, list(fields))


def test_a_full_page_goes_on_from_its_last_row(salesforce):
    found = fetch(salesforce(answer([row(n) for n in range(2000)])))
    assert found.next_cursor["id"] == "00Q000000000001999" and found.next_cursor["stamp"] == "2026-01-02T03:04:05.000Z"


def test_a_shorter_page_with_more_to_come_goes_on_too(salesforce):
    assert fetch(salesforce(answer([row(1)], done=False))).next_cursor["id"] == row(1)["Id"]


@pytest.mark.parametrize("window", [EVERYTHING, CHANGED], ids=["everything", "changed"])
def test_an_answer_that_ignores_where_we_are_is_an_error_and_not_a_loop(salesforce, window):
    adapter = salesforce(answer([row(n) for n in range(2000)]))
    first = fetch(adapter, window=window)
    with pytest.raises(TransientError) as caught:
        fetch(adapter, first.next_cursor, window)
    assert caught.value.code == "cursor_stuck"


@pytest.mark.parametrize("odd", [None, "x", [1], {"Email": "a"}, {"Id": "", "Email": "a"}])
def test_what_is_not_a_record_is_held_and_the_rest_is_read(salesforce, odd):
    found = fetch(salesforce(answer([row(1), odd, row(2)])))
    assert len(found.records) == 2 and [bad.code for bad in found.malformed] == ["malformed_record"]


def test_a_record_of_five_megabytes_is_held(salesforce):
    found = fetch(salesforce(answer([row(1), row(2, Description="x" * 5_000_000)])))
    assert len(found.records) == 1 and found.malformed[0].id == row(2)["Id"]


def test_a_value_of_a_related_record_is_found_by_its_dotted_name(salesforce):
    rows = [row(1, Account__r={"attributes": {}, "Key__c": "Acme"}), row(2, Account__r=None)]
    found = fetch(salesforce(answer(rows)), fields=("Email", "Account__r.Key__c"))
    assert [record["Account__r.Key__c"] for record in found.records] == ["Acme", None]


def field(name, kind="string", **more):
    return {"name": name, "label": name, "type": kind, "nillable": True, "createable": True, "updateable": True, **more}


DESCRIBED = {
    "Lead": [
        field("LastName", nillable=False, length=80),
        field("Status", "picklist", nillable=False, defaultedOnCreate=True, restrictedPicklist=True,
              picklistValues=[{"value": "New", "label": "new", "active": True}, {"value": "Old", "active": False}]),
        field("Name", createable=False, updateable=False, nillable=False),
        field("Key__c", externalId=True),
        field("Account__c", "reference", custom=True, referenceTo=["Account"], relationshipName="Account__r", label="Company"),
        field("Parent__c", "reference", custom=True, referenceTo=["Secret__c"], relationshipName="Parent__r"),
        field("OwnerId", "reference", referenceTo=["User"], relationshipName="Owner"),
        field("Who__c", "reference", custom=True, referenceTo=["A", "B"], relationshipName="Who__r"),
        field("Amount", "currency"),
        field("Place", "address"),
    ],
    "Account": [field("Name"), field("Company_Key__c", externalId=True, label="Company Key", length=255)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "INVALID_AUTH_HEADER", SignInError),
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimitedError),
        (400, "UNKNOWN_EXCEPTION", ConfigurationError),
        (503, "SERVER_UNAVAILABLE", TransientError),
    ],
)
def test_trouble_on_the_way_is_not_taken_for_an_object_nobody_may_see(salesforce, status, code, error):
    def describe(request: httpx.Request):
        name = request.url.path.split("/")[-2]
        if name == "Account":
            return httpx.Response(status, json=[{"errorCode": code, "message": "m"}])
        return {"name": name, "label": name, "fields": DESCRIBED.get(name, [])}

    with pytest.raises(error):
        salesforce(describe).describe("Lead")


def test_the_description_becomes_our_schema(salesforce):
    asked = []

    def describe(request: httpx.Request):
        name = request.url.path.split("/")[-2]
        asked.append(name)
        if name not in DESCRIBED:
            return httpx.Response(404, json=[{"errorCode": "NOT_FOUND", "message": "m"}])
        return {"name": name, "label": name, "fields": DESCRIBED[name]}

    schema = salesforce(describe).describe("Lead")
    assert asked == ["Lead", "Account", "Secret__c"]
    assert [f.name for f in schema.fields if f.required] == ["LastName"]
    assert [f.name for f in schema.fields if not f.writable] == ["Name"]
    assert [f.name for f in schema.fields if f.is_key] == ["Key__c"]
    assert schema.field("Status").choices == ("New",) and schema.field("Status").restricted
    assert schema.field("Amount").type is FieldType.NUMBER and schema.field("Place").type is FieldType.OTHER
    assert schema.field("LastName").max_length == 80 and schema.field("Amount").max_length is None
    lookup = schema.field("Account__r.Company_Key__c")
    assert lookup.label == "Company: Company Key" and lookup.writable and lookup.max_length == 255
