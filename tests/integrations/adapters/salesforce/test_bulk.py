"""Bulk API 2.0: the ticket before the data, three files joined on the key, and crashes in between."""

from datetime import UTC, datetime

import httpx
import orjson
import pytest

from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, SchemaChangedError, TransientError, UnknownOutcomeError
from integrations.types import Window
from tests.integrations.adapters.salesforce.case import CASE

RECORDS = [{"Key__c": f"K{i}", "LastName": "Ann", "Account__r.Company_Key__c": None} for i in range(5)]
TICKET = {"id": "750x"}
EVERYTHING = Window(None, datetime(2026, 11, 22, tzinfo=UTC))


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


class TestAgainstTheSandbox:
    """The same with a Salesforce that behaves like one."""

    KEY = CASE.key

    def load(self, adapter, records, polls=5):
        ticket = adapter.begin_bulk("Lead", SyncMode.UPSERT, self.KEY)
        adapter.send_bulk(ticket, "Lead", records, self.KEY)
        outcomes = (adapter.poll_bulk(ticket, "Lead", records, self.KEY) for _ in range(polls))
        return next(outcome for outcome in outcomes if outcome is not None).results

    def test_good_and_bad_rows_come_back_in_order(self, connect):
        adapter = connect(CASE)
        bad = [record for record, code, _ in CASE.bad_records if code != "missing_key"]
        records = [*(CASE.make_record(i) for i in range(50)), *bad]
        results = self.load(adapter, records)
        assert [(r.ok, r.created) for r in results[:50]] == [(True, True)] * 50
        told = [(code, field) for _, code, field in CASE.bad_records if code != "missing_key"]
        assert [(r.code, r.field) for r in results[50:]] == told
        found = adapter.read_records("Lead", [r.id for r in results[:50]], [self.KEY, "LastName"])
        assert {record["LastName"] for record in found} == {f"O'Brien {i} 🎉" for i in range(50)}

    def test_a_second_load_updates_and_creates_nothing(self, connect, sandbox):
        adapter = connect(CASE)
        records = [CASE.make_record(i) for i in range(20)]
        first, second = self.load(adapter, records), self.load(adapter, records)
        assert [r.id for r in first] == [r.id for r in second] and not any(r.created for r in second)
        assert sandbox.ask("GET", "/salesforce/Lead/summary")["stored"] == 20

    def test_none_clears_and_a_lookup_is_found(self, connect):
        adapter = connect(CASE)
        key = adapter.fetch_records("Account", {}, EVERYTHING, ["Company_Key__c"]).records[0]["Company_Key__c"]
        record = {**CASE.make_record(1), "Account__r.Company_Key__c": key}
        self.load(adapter, [record])
        found = self.load(adapter, [{**record, "FirstName": None}])[0]
        kept = adapter.read_records("Lead", [found.id], ["FirstName", "Account__r.Company_Key__c"])[0]
        assert kept == {"id": found.id, "FirstName": None, "Account__r.Company_Key__c": key}

    def test_sending_twice_loads_once(self, connect, sandbox):
        adapter = connect(CASE)
        records = [CASE.make_record(1)]
        ticket = adapter.begin_bulk("Lead", SyncMode.UPSERT, self.KEY)
        for _ in range(2):
            adapter.send_bulk(ticket, "Lead", records, self.KEY)
        assert adapter.poll_bulk(ticket, "Lead", records, self.KEY).results[0].created

    def test_a_crash_before_the_closing_is_made_good(self, connect, sandbox):
        adapter = connect(CASE)
        records = [CASE.make_record(1)]
        ticket = adapter.begin_bulk("Lead", SyncMode.UPSERT, self.KEY)
        sandbox.fault(platform="salesforce", route="/jobs/ingest", method="PATCH", kind="reset", times=1)
        with pytest.raises(UnknownOutcomeError):
            adapter.send_bulk(ticket, "Lead", records, self.KEY)
        adapter.send_bulk(ticket, "Lead", records, self.KEY)
        assert adapter.poll_bulk(ticket, "Lead", records, self.KEY).results[0].ok

    def test_a_job_that_fails_half_way_says_what_was_written_and_what_to_send_again(self, connect, sandbox):
        sandbox.ask("POST", "/settings", {"bulk_fail_after": 30})
        try:
            results = self.load(connect(CASE), [CASE.make_record(i) for i in range(50)])
        finally:
            sandbox.ask("POST", "/settings", {"bulk_fail_after": None})
        assert sum(r.ok for r in results) == 30 and sum(r.is_transient for r in results) == 20

    def test_a_column_that_is_not_there_stops_the_sync(self, connect):
        with pytest.raises(SchemaChangedError, match="Gone__c"):
            self.load(connect(CASE), [{**CASE.make_record(1), "Gone__c": "x"}])

    def test_a_key_that_is_none_stops_the_sync(self, connect):
        with pytest.raises(ConfigurationError):
            connect(CASE).begin_bulk("Lead", SyncMode.UPSERT, "FirstName")


def test_a_file_of_results_that_would_burst_in_memory_is_one_of_our_errors(salesforce):
    job = Job("JobComplete", {"failedResults": "A\n" + "," * 11_000_000})
    with pytest.raises(TransientError) as caught:
        salesforce(job).poll_bulk(TICKET, "Lead", RECORDS, "Key__c")
    assert caught.value.code == "bursting_answer"
