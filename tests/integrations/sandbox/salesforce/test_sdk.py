"""The best-known client, simple-salesforce 1.12, works against the sandbox."""

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest


class PlainSession(requests.Session):
    """The client insists on https."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://", "http://", 1), *args, **kwargs)


@pytest.fixture
def client(sandbox, control, salesforce):
    control.post("/settings", json={"bulk_delay": 0.05})
    token = salesforce.headers["Authorization"].removeprefix("Bearer ")
    return Salesforce(instance_url=sandbox.url, session_id=token, version="62.0", session=PlainSession())


def test_records_are_written_and_queried(client):
    made = client.Lead.create({"LastName": "A", "Company": "B"})
    client.Lead.update(made["id"], {"City": "Cork"})
    assert client.Lead.upsert("HubSpot_ID__c/1", {"LastName": "C", "Company": "D"}) == 201
    assert client.Lead.get(made["id"])["City"] == "Cork"
    assert client.query_all("SELECT Id FROM Lead")["totalSize"] == 2
    client.Lead.delete(made["id"])
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_a_walk_over_all_pages_works(client):
    assert len(list(client.query_all_iter("SELECT Id, Name FROM Account"))) == 2_000


def test_describe_limits_and_usage_are_understood(client):
    assert client.Lead.describe()["name"] == "Lead"
    assert len(client.describe()["sobjects"]) == 4
    assert client.limits()["DailyApiRequests"]["Max"] == 125_000
    assert client.api_usage["api-usage"].total == 125_000


def test_a_refusal_becomes_its_exception(client):
    with pytest.raises(SalesforceMalformedRequest):
        client.query("SELECT Nope FROM Lead")


def test_bulk_upsert_and_bulk_query_work(client):
    rows = [{"HubSpot_Email__c": f"p{i}@x.io", "LastName": "A", "Company": "B"} for i in range(20)]
    rows.append({"HubSpot_Email__c": "bad@x.io", "LastName": "", "Company": "B"})
    result = client.bulk2.Lead.upsert(records=rows, external_id_field="HubSpot_Email__c", wait=0.1)[0]
    assert (result["numberRecordsProcessed"], result["numberRecordsFailed"]) == (21, 1)
    assert "REQUIRED_FIELD_MISSING" in client.bulk2.Lead.get_failed_records(result["job_id"])
    assert client.bulk2.Lead.get_unprocessed_records(result["job_id"]).strip()
    pages = list(client.bulk2.Lead.query("SELECT Id, LastName FROM Lead", wait=0.1))
    assert pages[0].count("\n") == 21
