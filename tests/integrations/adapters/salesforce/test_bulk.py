"""Bulk API 2.0: the ticket before the data, three files joined on the key, and crashes in between."""

import httpx
import orjson
import pytest

from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, SchemaChangedError

RECORDS = [{"Key__c": f"K{i}", "LastName": "Ann", "Account__r.Company_Key__c": None} for i in range(5)]
TICKET = {"id": "750x"}


class Job:
    """A remote job that remembers what was asked of it."""

    def __init__(self, state="Open", files=None, **facts):
        self.state = state
        self.files = files or {}
        self.facts = facts
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.refuses_data = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        part = request.url.path.partition("/jobs/ingest")[2].partition("750x")[2].strip("/")
        self.asked.append(f"{request.method} {part}".strip())
        self.bodies.append(request.content)
        if request.method == "PUT":
            return httpx.Response(400 if self.refuses_data else 201, json=[] if self.refuses_data else None)
        if request.method == "PATCH":
            self.state = orjson.loads(request.content)["state"]
        if part and part != "batches":
            return httpx.Response(200, text=self.files.get(part, ""))
        return httpx.Response(200, json={"id": "750x", "state": self.state, **self.facts})


def test_the_ticket_comes_before_any_record_leaves(salesforce):
    job = Job()
    ticket = salesforce(job).begin_bulk("Lead", SyncMode.UPSERT, "Key__c")
    assert ticket == TICKET and job.asked == ["POST"]
    assert orjson.loads(job.bodies[0]) == {
        "object": "Lead",
        "operation": "upsert",
        "externalIdFieldName": "Key__c",
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def test_the_records_are_put_in_and_the_job_is_closed(salesforce):
    job = Job()
    salesforce(job).send_bulk(TICKET, "Lead", RECORDS, "Key__c")
    assert job.asked == ["GET", "PUT batches", "PATCH"] and job.state == "UploadComplete"
    assert job.bodies[1].splitlines()[:2] == [b"Key__c,LastName,Account__r.Company_Key__c", b"K0,Ann,#N/A"]


@pytest.mark.parametrize("state", ["UploadComplete", "InProgress", "JobComplete", "Failed"])
def test_sending_again_after_a_crash_sends_nothing(salesforce, state):
    job = Job(state)
    salesforce(job).send_bulk(TICKET, "Lead", RECORDS, "Key__c")
    assert job.asked == ["GET"]


def test_a_crash_between_the_data_and_the_closing_is_made_good(salesforce):
    job = Job()
    job.refuses_data = True
    salesforce(job).send_bulk(TICKET, "Lead", RECORDS, "Key__c")
    assert job.state == "UploadComplete"


@pytest.mark.parametrize("state", ["Open", "UploadComplete", "InProgress"])
def test_a_job_under_way_has_no_outcome_yet(salesforce, state):
    assert salesforce(Job(state)).poll_bulk(TICKET, "Lead", RECORDS, "Key__c") is None


FILES = {
    "successfulResults": '"sf__Id","sf__Created","Key__c"\n"00Q3","false","K3"\n"00Q0","true","k0"\n',
    "failedResults": '"sf__Id","sf__Error","Key__c"\n'
    '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","K1"\n',
    "unprocessedrecords": '"Key__c"\n"K4"\n',
}


@pytest.mark.parametrize("state", ["JobComplete", "Failed", "Aborted"])
def test_the_outcome_is_joined_from_three_files_on_the_key(salesforce, state):
    job = Job(state, FILES, errorMessage="InternalServerError", numberRecordsProcessed=3)
    results = salesforce(job).poll_bulk(TICKET, "Lead", RECORDS, "Key__c").results
    told = [(r.ok, r.id, r.created, r.code, r.field, r.is_transient) for r in results]
    assert told == [
        (True, "00Q0", True, "", "", False),
        (False, "", False, "required_missing", "LastName", False),
        (False, "", False, "no_answer", "", True),
        (True, "00Q3", False, "", "", False),
        (False, "", False, "no_answer", "", True),
    ]


def test_a_column_that_is_gone_stops_the_sync(salesforce):
    job = Job("Failed", errorMessage="InvalidBatch : Field name not found : Gone__c", numberRecordsProcessed=0)
    with pytest.raises(SchemaChangedError, match="Gone__c"):
        salesforce(job).poll_bulk(TICKET, "Lead", RECORDS, "Key__c")


def test_updating_by_another_key_than_the_id_is_refused_before_anything_is_opened(salesforce):
    job = Job()
    with pytest.raises(ConfigurationError):
        salesforce(job).begin_bulk("Lead", SyncMode.UPDATE, "Key__c")
    assert job.asked == []
