"""Batches: shuffled results, trace ids, partial success, and what refuses a whole batch."""

import pytest

BATCH = "/crm/v3/objects/contacts/batch"


def contacts(number):
    return [{"email": f"p{i}@x.io", "firstname": f"P{i}"} for i in range(number)]


def test_an_upsert_creates_and_then_updates(upsert):
    first, second = upsert(*contacts(3)), upsert(*contacts(3))
    assert (first.status_code, second.status_code) == (200, 200)
    assert {record["new"] for record in first.json()["results"]} == {True}
    assert {record["new"] for record in second.json()["results"]} == {False}


def test_results_come_in_another_order_and_trace_ids_put_them_right(upsert):
    results = upsert(*contacts(50)).json()["results"]
    emails = [record["properties"]["email"] for record in results]
    assert emails != [f"p{i}@x.io" for i in range(50)]
    assert all(record["objectWriteTraceId"] == f"row-{record['properties']['email'][1:-5]}" for record in results)


def test_with_trace_ids_good_rows_are_written_and_bad_ones_reported(upsert, control):
    answer = upsert({"email": "ann@x.io"}, {"email": "nope"}, {"email": "bob@x.io", "missing": "x"})
    body = answer.json()
    assert (answer.status_code, len(body["results"]), body["numErrors"]) == (207, 1, 2)
    assert [error["context"]["objectWriteTraceId"] for error in body["errors"]] == [["row-1"], ["row-2"]]
    assert control.get("/hubspot/contacts/summary").json()["rejected"] == 2


def test_without_trace_ids_one_bad_row_refuses_the_batch(upsert, hubspot):
    answer = upsert({"email": "ann@x.io"}, {"email": "nope"}, traced=False)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    found = hubspot.get("/crm/v3/objects/contacts/ann@x.io", params={"idProperty": "email"})
    assert found.status_code == 404


def test_the_same_address_twice_refuses_the_batch(upsert):
    answer = upsert({"email": "ann@x.io"}, {"email": "ANN@x.io"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Duplicate IDs found in batch input: [ANN@x.io]. IDs must be unique"
    assert answer.json()["context"]["ids"] == ["ANN@x.io"]


def test_a_batch_holds_at_most_a_hundred(upsert):
    assert upsert(*contacts(100)).status_code == 200
    assert upsert(*contacts(101)).status_code == 400


def test_an_upsert_needs_a_unique_property(hubspot):
    inputs = [{"id": "Ann", "idProperty": "firstname", "properties": {}}]
    answer = hubspot.post(f"{BATCH}/upsert", json={"inputs": inputs})
    assert answer.status_code == 400
    assert "non-unique 0-1 property" in answer.json()["message"]


def test_a_custom_property_with_unique_values_can_be_the_key(hubspot):
    made = {"name": "crm_id", "label": "CRM", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    hubspot.post("/crm/v3/properties/contacts", json={**made, "hasUniqueValue": True})
    inputs = [{"id": "C1", "idProperty": "crm_id", "properties": {"firstname": "Ann"}}]
    first = hubspot.post(f"{BATCH}/upsert", json={"inputs": inputs}).json()["results"][0]
    second = hubspot.post(f"{BATCH}/upsert", json={"inputs": inputs}).json()["results"][0]
    assert (first["new"], second["new"], second["id"]) == (True, False, first["id"])


def test_trace_ids_and_new_can_be_left_out(upsert, control):
    control.post("/settings", json={"omit_trace_ids": True})
    record = upsert({"email": "ann@x.io"}).json()["results"][0]
    assert "new" not in record
    assert "objectWriteTraceId" not in record


def test_shuffling_can_be_switched_off(upsert, control):
    control.post("/settings", json={"shuffle": False})
    results = upsert(*contacts(30)).json()["results"]
    assert [record["objectWriteTraceId"] for record in results] == [f"row-{i}" for i in range(30)]


def test_batch_create_reports_the_conflict(hubspot):
    inputs = [{"properties": {"email": "ann@x.io"}, "objectWriteTraceId": str(i)} for i in range(2)]
    answer = hubspot.post(f"{BATCH}/create", json={"inputs": inputs})
    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "CONFLICT")
    assert hubspot.post(f"{BATCH}/create", json={"inputs": [{"properties": {"email": "ann@x.io"}}]}).status_code == 409


def test_batch_update_needs_records_that_exist(hubspot):
    inputs = [{"id": "1000101", "properties": {"city": "Cork"}, "objectWriteTraceId": "a"}]
    missing = [{"id": "1", "properties": {"city": "Cork"}, "objectWriteTraceId": "b"}]
    assert hubspot.post(f"{BATCH}/update", json={"inputs": inputs}).status_code == 200
    answer = hubspot.post(f"{BATCH}/update", json={"inputs": inputs + missing})
    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")


def test_batch_read_lists_what_is_missing(hubspot):
    body = {"inputs": [{"id": "1000101"}, {"id": "7"}], "properties": ["company"]}
    answer = hubspot.post(f"{BATCH}/read", json=body)
    assert (answer.status_code, len(answer.json()["results"])) == (207, 1)
    assert answer.json()["errors"][0]["context"]["ids"] == ["7"]


def test_batch_archive_ignores_unknown_ids(hubspot, control):
    answer = hubspot.post(f"{BATCH}/archive", json={"inputs": [{"id": "1000101"}, {"id": "7"}]})
    assert answer.status_code == 204
    assert control.get("/hubspot/contacts/summary").json()["stored"] == 999


def test_a_value_that_belongs_to_another_contact_is_a_conflict(upsert, hubspot):
    upsert({"email": "ann@x.io"}, {"email": "bob@x.io"})
    inputs = [{"id": "ann@x.io", "idProperty": "email", "properties": {"email": "bob@x.io"}, "objectWriteTraceId": "1"}]
    answer = hubspot.post(f"{BATCH}/upsert", json={"inputs": inputs})
    assert answer.json()["errors"][0]["category"] == "CONFLICT"


@pytest.mark.parametrize("body", [{}, {"inputs": []}, {"inputs": ["x"]}])
def test_a_batch_without_inputs_is_refused(hubspot, body):
    assert hubspot.post(f"{BATCH}/upsert", json=body).status_code == 400
