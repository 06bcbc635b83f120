"""Which result belongs to which record, however HubSpot answers."""

import orjson
import pytest

from integrations.enums import SyncMode
from integrations.exceptions import SchemaChangedError, UnknownOutcomeError

RECORDS = [{"email": f"p{i}@example.org", "firstname": "Ann"} for i in range(3)]


def upload(adapter, records=RECORDS, mode=SyncMode.UPSERT, key="email"):
    return adapter.upload_batch("contacts", records, mode, key, trace="7-1").results


def done(i, trace=True, **more):
    traced = {"objectWriteTraceId": f"7-1-{i}"} if trace else {}
    return {"id": str(100 + i), "properties": {"email": f"P{i}@Example.org"}, "new": True, **traced, **more}


def failed(message="No.", category="VALIDATION_ERROR", **context):
    return {"status": "error", "category": category, "message": message, "context": context}


def test_results_are_matched_by_trace_id(hubspot):
    results = upload(hubspot({"results": [done(2), done(0), done(1)]}))
    assert [result.id for result in results] == ["100", "101", "102"]


def test_without_trace_ids_they_are_matched_by_the_key_in_any_case(hubspot):
    results = upload(hubspot({"results": [done(2, False), done(0, False), done(1, False)]}))
    assert [result.id for result in results] == ["100", "101", "102"]


def test_without_new_the_times_tell_who_was_created(hubspot):
    times = [("a", "a"), ("a", "b")]
    rows = [{**done(i), "new": None, "createdAt": c, "updatedAt": u} for i, (c, u) in enumerate(times)]
    assert [result.created for result in upload(hubspot({"results": rows}), RECORDS[:2])] == [True, False]


def test_an_answer_without_results_counts_as_not_sent(hubspot):
    results = upload(hubspot({"status": "COMPLETE", "results": []}))
    assert [(result.ok, result.code) for result in results] == [(False, "no_answer")] * 3


@pytest.mark.parametrize(
    "error",
    [
        failed(objectWriteTraceId=["7-1-1"]),
        failed(ids=["P1@example.org"]),
        failed(),
        {"status": "error", "category": "VALIDATION_ERROR", "message": "No."},
    ],
    ids=["by-trace-id", "by-key", "the-only-one-left", "without-context"],
)
def test_an_error_finds_its_record(hubspot, error):
    results = upload(hubspot({"results": [done(0), done(2)], "errors": [error], "numErrors": 1}, status=207))
    assert [(result.ok, result.code) for result in results] == [(True, ""), (False, "invalid_value"), (True, "")]


def test_errors_that_name_nobody_are_not_guessed_at(hubspot):
    results = upload(hubspot({"results": [done(0)], "errors": [failed(), failed()], "numErrors": 2}, status=207))
    assert [result.code for result in results] == ["", "no_answer", "no_answer"]


def test_a_property_that_is_gone_stops_the_sync_even_in_a_207(hubspot):
    problems = orjson.dumps([{"error": "PROPERTY_DOESNT_EXIST", "name": "gone"}]).decode()
    error = failed(f"Property values were not valid: {problems}", objectWriteTraceId=["7-1-1"])
    with pytest.raises(SchemaChangedError, match="gone"):
        upload(hubspot({"results": [done(0), done(2)], "errors": [error]}, status=207))


@pytest.mark.parametrize("body", [[], "x", {"results": {}}, {"results": [], "errors": "x"}])
def test_an_answer_of_another_shape_leaves_the_outcome_unknown(hubspot, body):
    with pytest.raises(UnknownOutcomeError):
        upload(hubspot(body))


@pytest.mark.parametrize("odd", [None, 5, {"id": ""}, {"id": "9", "objectWriteTraceId": "someone-else"}])
def test_results_that_belong_to_nobody_are_passed_over(hubspot, odd):
    results = upload(hubspot({"results": [odd, done(0), done(1)]}))
    assert [result.code for result in results] == ["", "", "no_answer"]


def test_values_travel_as_text_and_the_key_twice(hubspot):
    sent = []
    record = {"email": "a@example.org", "n": 3, "f": 2.0, "g": 2.5, "b": True, "none": None, "many": ["x", "y"]}
    upload(hubspot(lambda request: sent.append(orjson.loads(request.content)) or {"results": []}), [record])
    assert sent[0]["inputs"] == [
        {
            "id": "a@example.org",
            "idProperty": "email",
            "objectWriteTraceId": "7-1-0",
            "properties": {
                "email": "a@example.org",
                "n": "3",
                "f": "2",
                "g": "2.5",
                "b": "true",
                "none": "",
                "many": "x;y",
            },
        }
    ]


def test_the_record_id_as_key_is_named_by_nothing(hubspot):
    sent = []
    adapter = hubspot(lambda request: sent.append(orjson.loads(request.content)) or {"results": []})
    upload(adapter, [{"hs_object_id": "5", "firstname": "Ann"}], SyncMode.UPDATE, "hs_object_id")
    assert sent[0]["inputs"] == [{"id": "5", "objectWriteTraceId": "7-1-0", "properties": {"firstname": "Ann"}}]
