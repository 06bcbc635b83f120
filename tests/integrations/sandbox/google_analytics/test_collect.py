"""Events: the same answer to everything, and two lists of what counts and what is lost."""

import time

import httpx
import pytest

from tests.integrations.sandbox.google_analytics.conftest import lead


def records(control, which: str):
    return control.get(f"/google_analytics/{which}/records").json()["records"]


def reasons(control):
    return [record["reason"] for record in records(control, "lost")]


def test_good_events_count_and_nothing_is_said(collect, control):
    answer = collect(lead(1), lead(2))
    assert (answer.status_code, answer.content) == (204, b"")
    assert [record["id"] for record in records(control, "events")] == ["e1", "e2"]
    assert records(control, "lost") == []


def test_an_event_that_comes_twice_counts_twice(collect, control):
    collect(lead(1))
    collect(lead(1))
    summary = control.get("/google_analytics/events/summary").json()
    assert summary == {"stored": 2, "writes": 2, "keys_written_once": 0, "keys_written_more": 1, "rejected": 0}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"secret": "of another stream"}, "wrong api_secret"),
        ({"stream": "G-OTHER"}, "unknown measurement_id"),
        ({"client_id": None}, "requires a client_id"),
        ({"client_id": ""}, "requires a client_id"),
        ({"nonsense": 1}, "Cannot find field"),
    ],
)
def test_a_call_that_does_not_count_is_answered_alike(collect, control, how, reason):
    assert collect(lead(1), lead(2), **how).status_code == 204
    assert len(reasons(control)) == 2 and all(reason in one for one in reasons(control))
    assert records(control, "events") == []


def test_more_than_25_events_are_lost_together(collect, control):
    assert collect(*[lead(i) for i in range(26)]).status_code == 204
    assert len(reasons(control)) == 26


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("_bad", "alphabetic character"),
        ("9bad", "alphabetic character"),
        ("bad name", "Only alphanumeric"),
        ("session_start", "reserved"),
        ("ga_thing", "reserved"),
        ("x" * 41, "40"),
        ("", "alphabetic"),
    ],
)
def test_a_bad_name_loses_its_event_only(collect, control, name, reason):
    collect(lead(1, name=name), lead(2))
    assert [record["id"] for record in records(control, "events")] == ["e2"]
    assert reason in reasons(control)[0]


def test_too_old_is_set_to_three_days_ago_unless_one_is_strict(collect, control):
    old = int((time.time() - 5 * 86_400) * 1_000_000)
    collect(lead(1, timestamp_micros=old))
    assert records(control, "events")[0]["timestamp"] == pytest.approx(time.time() - 72 * 3600, abs=60)
    collect(lead(2, timestamp_micros=old), validation_behavior="ENFORCE_RECOMMENDATIONS")
    assert "72 hours" in reasons(control)[0]


def test_parameters_that_are_too_many_or_no_values_are_dropped(collect, control):
    params = {f"p{i}": i for i in range(30)} | {"event_id": "e1"}
    collect({"name": "a", "params": params})
    collect({"name": "b", "params": {"event_id": "e2", "list": [1], "none": None, "items": [{}], "flag": True}})
    many, odd = records(control, "events")
    assert len(many["params"]) == 25 and "event_id" not in many["params"]
    assert set(odd["params"]) == {"event_id", "items", "flag"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7"])
def test_what_is_no_json_is_answered_alike(sandbox, body):
    assert httpx.post(f"{sandbox.url}/mp/collect", content=body).status_code == 204


class TestValidation:
    def tell(self, answer):
        assert answer.status_code == 200
        return [(one["validationCode"], one.get("fieldPath", "")) for one in answer.json()["validationMessages"]]

    def test_good_events_have_no_messages_and_are_not_recorded(self, collect, control):
        assert self.tell(collect(lead(1), debug=True)) == []
        assert records(control, "events") == []

    def test_neither_the_secret_nor_the_stream_is_looked_at(self, collect):
        assert self.tell(collect(lead(1), debug=True, secret="x", stream="y")) == []

    def test_the_words_are_those_of_the_documentation(self, collect):
        answer = collect(lead(1, name="campaign@details"), debug=True)
        assert answer.json()["validationMessages"] == [
            {
                "fieldPath": "events",
                "description": "Event at index: [0] has invalid name [campaign@details]. Only alphanumeric characters and "
                "underscores are allowed.",
                "validationCode": "NAME_INVALID",
            }
        ]

    @pytest.mark.parametrize(
        ("events", "how", "told"),
        [
            ([lead()], {"client_id": None}, [("VALUE_REQUIRED", "client_id")]),
            ([lead(name="ad_click")], {}, [("NAME_RESERVED", "events")]),
            ([lead(i) for i in range(26)], {}, [("EXCEEDED_MAX_ENTITIES", "events")]),
            ([], {}, [("VALUE_REQUIRED", "events")]),
            ([lead()], {"foo": 1}, [("VALUE_INVALID", "")]),
            (["odd"], {}, [("VALUE_INVALID", "")]),
            ([lead(params={f"p{i}": 1 for i in range(26)})], {}, [("EXCEEDED_MAX_ENTITIES", "events")]),
            ([lead(params={"ga_x": 1})], {}, [("NAME_RESERVED", "events[0].params")]),
        ],
    )
    def test_every_rule_has_its_code(self, collect, events, how, told):
        assert self.tell(collect(*events, debug=True, **how)) == told

    @pytest.mark.parametrize(
        ("events", "how", "code"),
        [
            ([lead()], {"client_id": "abc"}, "VALUE_INVALID"),
            ([lead(params={"a": "x" * 101})], {}, "VALUE_OUT_OF_BOUNDS"),
            ([lead(params={"a": [1]})], {}, "VALUE_INVALID"),
            ([lead(timestamp_micros=1)], {}, "VALUE_OUT_OF_BOUNDS"),
            ([lead()], {"user_properties": {"plan": {"value": "x" * 37}}}, "VALUE_INVALID"),
            ([lead()], {"user_properties": {f"p{i}": {"value": 1} for i in range(26)}}, "EXCEEDED_MAX_ENTITIES"),
        ],
    )
    def test_some_are_told_only_to_those_who_want_to_be_strict(self, collect, events, how, code):
        assert self.tell(collect(*events, debug=True, **how)) == []
        strict = collect(*events, debug=True, validation_behavior="ENFORCE_RECOMMENDATIONS", **how)
        assert [one for one, _ in self.tell(strict)] == [code]

    def test_only_the_first_problem_of_a_kind_is_told(self, collect):
        assert len(self.tell(collect(lead(name="no good"), lead(name="no better"), debug=True))) == 1

    def test_what_is_no_json_is_told(self, sandbox):
        answer = httpx.post(f"{sandbox.url}/debug/mp/collect", content=b"{")
        assert self.tell(answer) == [("VALUE_INVALID", "")]
