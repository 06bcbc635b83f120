"""Bulk API 2.0: states with delays, one upload, three CSVs in any order, and jobs that fail half-way."""

import csv
import io

import pytest

JOBS = "/jobs/ingest"
NEW = {"object": "Lead", "operation": "upsert", "externalIdFieldName": "HubSpot_Email__c", "lineEnding": "LF"}


@pytest.fixture
def start(salesforce):
    """Creates a job, uploads the text, closes it; returns its id."""

    def run(text, **changes):
        job_id = salesforce.post(JOBS, json={**NEW, **changes}).json()["id"]
        assert salesforce.put(f"{JOBS}/{job_id}/batches", content=text.encode()).status_code == 201
        assert salesforce.patch(f"{JOBS}/{job_id}", json={"state": "UploadComplete"}).status_code == 200
        return job_id

    return run


@pytest.fixture
def finish(control, salesforce):
    """Lets the time pass that a job takes; returns the job."""

    def wait(job_id):
        control.post("/clock", json={"advance_seconds": 30})
        return salesforce.get(f"{JOBS}/{job_id}").json()

    return wait


@pytest.fixture
def read(salesforce):
    def rows(job_id, results):
        return list(csv.DictReader(io.StringIO(salesforce.get(f"{JOBS}/{job_id}/{results}").text)))

    return rows


def make_csv(number, header="HubSpot_Email__c,LastName,Company", line="p{i}@x.io,Smith,Acme"):
    return "\n".join([header, *(line.format(i=i) for i in range(number))]) + "\n"


def test_a_job_goes_through_its_states(start, salesforce, control):
    job_id = start(make_csv(3))
    states = []
    for _ in range(3):
        states.append(salesforce.get(f"{JOBS}/{job_id}").json()["state"])
        control.post("/clock", json={"advance_seconds": 10})
    assert states == ["UploadComplete", "InProgress", "JobComplete"]


def test_a_complete_job_may_have_failed_rows(start, finish, read, salesforce):
    text = "HubSpot_Email__c,LastName,Company\na@x.io,Smith,Acme\nb@x.io,,Acme\n"
    salesforce.patch(
        "/sobjects/Lead/HubSpot_Email__c/a@x.io", json={"LastName": "Old", "Company": "Acme", "City": "Cork"}
    )
    job_id = start(text)
    job = finish(job_id)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    good, bad = read(job_id, "successfulResults/"), read(job_id, "failedResults")
    assert (good[0]["sf__Created"], good[0]["HubSpot_Email__c"], good[0]["sf__Id"][:3]) == ("false", "a@x.io", "00Q")
    assert bad[0]["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert read(job_id, "unprocessedrecords/") == read(job_id, "unprocessedRecords") == []
    assert salesforce.get("/sobjects/Lead/HubSpot_Email__c/a@x.io").json()["City"] == "Cork"


def test_results_come_in_another_order(start, finish, read):
    job_id = start(make_csv(100))
    finish(job_id)
    emails = [row["HubSpot_Email__c"] for row in read(job_id, "successfulResults")]
    assert emails != [f"p{i}@x.io" for i in range(100)]
    assert len(set(emails)) == 100


def test_cells_are_typed_cleared_and_left_alone(start, finish, salesforce):
    account = salesforce.get("/query", params={"q": "SELECT Id, Company_Key__c FROM Account LIMIT 1"}).json()[
        "records"
    ][0]
    path = "/sobjects/Lead/HubSpot_Email__c/a@x.io"
    salesforce.patch(path, json={"LastName": "A", "Company": "B", "City": "Cork", "Phone": "1"})
    header = "HubSpot_Email__c,City,Phone,NumberOfEmployees,HasOptedOutOfEmail,Account__r.Company_Key__c"
    finish(start(f'{header}\na@x.io,#N/A,,12,true,"{account["Company_Key__c"]}"\n'))
    stored = salesforce.get(path).json()
    assert (stored["City"], stored["Phone"], stored["NumberOfEmployees"]) == (None, "1", 12)
    assert (stored["HasOptedOutOfEmail"], stored["Account__c"]) == (True, account["Id"])


def test_a_cell_of_the_wrong_type_fails_its_row_only(start, finish, read):
    header, line = "HubSpot_Email__c,LastName,Company,NumberOfEmployees", "p{i}@x.io,Smith,Acme,{i}x"
    job_id = start(make_csv(1, header, line))
    assert finish(job_id)["state"] == "JobComplete"
    assert read(job_id, "failedResults")[0]["sf__Error"].startswith("INVALID_TYPE_ON_FIELD_IN_RECORD:")


def test_an_unknown_column_fails_the_job(start, finish, read):
    job_id = start(make_csv(2, "HubSpot_Email__c,LastName,Company,Nope", "p{i}@x.io,Smith,Acme,x"))
    job = finish(job_id)
    assert (job["state"], job["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Nope")
    assert len(read(job_id, "unprocessedrecords")) == 2


def test_a_failed_job_may_have_written_a_part(start, finish, read, control):
    control.post("/settings", json={"bulk_fail_after": 250})
    job_id = start(make_csv(400))
    assert finish(job_id)["state"] == "Failed"
    assert len(read(job_id, "successfulResults")) == 250
    assert len(read(job_id, "unprocessedrecords")) == 150
    assert control.get("/salesforce/Lead/summary").json()["stored"] == 250


def test_a_second_upload_is_refused(salesforce):
    job_id = salesforce.post(JOBS, json=NEW).json()["id"]
    path = f"{JOBS}/{job_id}/batches"
    assert salesforce.put(path, content=b"x").status_code == 201
    assert salesforce.put(path, content=b"x").status_code == 400


def test_the_content_url_is_where_the_upload_goes(salesforce, sandbox):
    job = salesforce.post(JOBS, json=NEW).json()
    assert job["state"] == "Open"
    assert salesforce.put(f"{sandbox.url}/{job['contentUrl']}", content=b"x").status_code == 201


def test_an_aborted_job_writes_nothing(salesforce, finish, control):
    job_id = salesforce.post(JOBS, json=NEW).json()["id"]
    salesforce.put(f"{JOBS}/{job_id}/batches", content=make_csv(2).encode())
    assert salesforce.patch(f"{JOBS}/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert finish(job_id)["state"] == "Aborted"
    assert control.get("/salesforce/Lead/summary").json()["stored"] == 0


def test_only_an_ended_job_can_be_deleted_and_has_results(start, finish, salesforce):
    job_id = start(make_csv(1))
    assert salesforce.get(f"{JOBS}/{job_id}/successfulResults").status_code == 400
    assert salesforce.delete(f"{JOBS}/{job_id}").status_code == 400
    finish(job_id)
    assert salesforce.delete(f"{JOBS}/{job_id}").status_code == 204
    assert salesforce.get(f"{JOBS}/{job_id}").status_code == 404


def test_records_are_deleted_in_bulk(start, finish, read, salesforce):
    record_id = salesforce.post("/sobjects/Lead", json={"LastName": "A", "Company": "B"}).json()["id"]
    job_id = start(f"Id\n{record_id}\n{record_id}\n", operation="delete", externalIdFieldName=None)
    finish(job_id)
    assert (len(read(job_id, "successfulResults")), len(read(job_id, "failedResults"))) == (1, 1)


def test_another_delimiter_works(start, finish, read):
    job_id = start("HubSpot_Email__c;LastName;Company\na@x.io;A;B\n", columnDelimiter="SEMICOLON")
    assert finish(job_id)["numberRecordsFailed"] == 0


@pytest.mark.parametrize(
    "change",
    [{"operation": "paint"}, {"contentType": "XML"}, {"externalIdFieldName": "City"}, {"columnDelimiter": "DOT"}],
    ids=str,
)
def test_a_job_that_cannot_be_is_refused(salesforce, change):
    assert salesforce.post(JOBS, json={**NEW, **change}).status_code == 400


def test_jobs_are_listed(salesforce):
    job_id = salesforce.post(JOBS, json=NEW).json()["id"]
    assert [job["id"] for job in salesforce.get(JOBS).json()["records"]] == [job_id]


def test_a_query_job_is_fetched_in_pages(salesforce, control):
    body = {"operation": "query", "query": "SELECT Id, Name, NumberOfEmployees FROM Account"}
    job = salesforce.post("/jobs/query", json=body).json()
    path = f"/jobs/query/{job['id']}"
    assert salesforce.get(f"{path}/results").status_code == 400
    control.post("/clock", json={"advance_seconds": 30})
    assert salesforce.get(path).json()["numberRecordsProcessed"] == 2_000
    rows, locator = [], ""
    while locator != "null":
        page = salesforce.get(
            f"{path}/results", params={"maxRecords": 900, **({"locator": locator} if locator else {})}
        )
        rows += list(csv.DictReader(io.StringIO(page.text)))
        locator = page.headers["Sforce-Locator"]
    assert (len(rows), page.headers["Sforce-NumberOfRecords"]) == (2_000, "200")
    assert salesforce.delete(path).status_code == 204


def test_a_query_job_can_be_aborted(salesforce):
    job = salesforce.post("/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Lead"}).json()
    path = f"/jobs/query/{job['id']}"
    assert salesforce.patch(path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert salesforce.get(path).json()["state"] == "Aborted"
