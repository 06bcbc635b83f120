"""One call for a batch: packed, signed, with ids by which Segment knows it when it comes again."""

import base64
import gzip
import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.registry import capabilities
from integrations.adapters.segment.message_ids import LENGTH, MessageIds
from integrations.adapters.segment.writing import MOST_BYTES
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError, ConfigurationError, RateLimitedError, UnknownOutcomeError
from tests.integrations.adapters.segment.conftest import NOW, WRITE_KEY, credentials

PEOPLE = [{"userId": f"u{i}", "email": f"p{i}@example.org"} for i in range(3)]


def ids_of(segment, records=PEOPLE, signed=None, **more):
    one = segment(signed=signed)
    one.upload(records, **more)
    return [message["messageId"] for message in one.messages]


class TestTheCall:
    def test_it_is_packed_and_signed_by_the_write_key_with_an_empty_password(self, segment):
        one = segment()
        one.upload(PEOPLE)
        (request,) = one.requests
        assert (request.method, str(request.url)) == ("POST", "https://api.segment.io/v1/batch")
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["Content-Encoding"] == "gzip"
        assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == f"{WRITE_KEY}:".encode()
        assert len(gzip.decompress(request.content)) > len(request.content)

    def test_it_says_when_it_was_sent_and_by_what_and_holds_no_key(self, segment):
        one = segment()
        one.upload(PEOPLE)
        (body,) = one.bodies
        assert body["sentAt"] == NOW.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert body["context"]["library"]["name"] == "syncpanel" and set(body) == {"batch", "sentAt", "context"}

    @pytest.mark.parametrize(
        ("chosen", "host"),
        [
            ({}, "api.segment.io"),
            ({"region": "us"}, "api.segment.io"),
            ({"region": "eu"}, "events.eu1.segmentapis.com"),
        ],
    )
    def test_it_goes_to_the_region_of_the_workspace(self, segment, chosen, host):
        one = segment(signed=credentials(settings=chosen))
        one.upload(PEOPLE)
        assert one.requests[0].url.host == host

    def test_a_region_there_is_not_is_a_matter_of_configuration(self, segment):
        with pytest.raises(ConfigurationError, match="region"):
            segment(signed=credentials(settings={"region": "mars"}))

    def test_it_takes_one_permit_of_the_group_for_sending(self, segment):
        one = segment()
        one.upload(PEOPLE)
        assert one.permits.calls == ["track"]

    def test_a_person_sees_what_was_in_it(self, segment):
        one = segment()
        (shown,) = one.upload(PEOPLE).exchanges
        assert json.loads(shown.request_body) == one.bodies[0] and shown.status == 200


class TestResults:
    def test_each_is_sent_and_nobody_is_said_to_be_new(self, segment):
        results = segment().upload(PEOPLE).results
        assert [(r.ok, r.id, r.created) for r in results] == [(True, f"u{i}", False) for i in range(3)]

    def test_an_event_that_is_only_added_is_new(self, segment):
        event = {"eventId": "d1", "event": "Deal Won", "userId": "u1"}
        (result,) = segment().upload([event], "events", "create", "eventId").results
        assert (result.ok, result.id, result.created) == (True, "d1", True)

    def test_results_have_the_order_of_the_records_with_those_held_in_between(self, segment):
        one = segment()
        records = [PEOPLE[0], {"userId": ""}, PEOPLE[1], {**PEOPLE[2], "email": "no"}, PEOPLE[2]]
        results = one.upload(records).results
        assert [result.code for result in results] == ["", "missing_key", "", "invalid_email", ""]
        assert [message["userId"] for message in one.messages] == ["u0", "u1", "u2"]

    def test_an_id_that_nobody_could_read_is_not_told(self, segment):
        assert segment().upload([{"userId": "u" * 121}]).results[0] == replace(
            segment().upload([{"userId": "u"}]).results[0], id=""
        )

    @pytest.mark.parametrize("body", [{"success": False}, {}, [], "yes", {"success": "true"}], ids=str)
    def test_a_yes_that_is_none_leaves_the_outcome_unknown(self, segment, body):
        with pytest.raises(UnknownOutcomeError) as caught:
            segment(body).upload(PEOPLE)
        assert caught.value.exchanges[0].status == 200

    def test_a_limit_pauses_the_group(self, segment):
        one = segment(httpx.Response(429, headers={"Retry-After": "3"}, json={}))
        with pytest.raises(RateLimitedError):
            one.upload(PEOPLE)
        (pause,) = one.permits.pauses
        assert pause[0] == "track" and 2 < pause[1] <= 3

    def test_what_is_too_large_for_a_call_is_refused_before_it_leaves(self, segment):
        one = segment()
        with pytest.raises(BatchRefusedError) as caught:
            one.upload([{"userId": f"u{i}", "bio": "x" * 30_000} for i in range(MOST_BYTES // 30_000 + 1)])
        assert caught.value.code == "too_large" and not one.requests

    def test_no_batch_of_the_declared_size_is_too_large(self, segment):
        one = segment()
        limits = capabilities("segment").batch_limits
        record = {"userId": "u1", "email": "ann@example.org", "a": 1, "é": "ü", "x": None}
        size = one.adapter.wire_size(record)
        one.upload([record] * min(limits.bytes // size, 10_000))
        assert len(gzip.decompress(one.requests[0].content)) < MOST_BYTES


class TestMessageIds:
    def test_the_same_batch_sent_again_has_the_same_ids(self, segment):
        assert ids_of(segment) == ids_of(segment)

    def test_halves_of_a_batch_have_the_ids_of_the_whole(self, segment):
        whole = ids_of(segment, trace="7-1")
        assert ids_of(segment, PEOPLE[:1], trace="7-8") + ids_of(segment, PEOPLE[1:], trace="7-9-id") == whole

    def test_ids_are_short_and_say_nothing(self, segment):
        for one in ids_of(segment):
            assert len(one) == LENGTH <= 100 and one.isalnum() and "u0" not in one

    def test_another_content_has_another_id(self, segment):
        changed = [{**person, "plan": "pro"} for person in PEOPLE]
        assert not set(ids_of(segment)) & set(ids_of(segment, changed))

    def test_another_job_has_other_ids_so_that_what_comes_back_is_told_again(self, segment):
        assert not set(ids_of(segment, trace="7-1")) & set(ids_of(segment, trace="8-1"))

    def test_another_source_has_other_ids(self, segment):
        other = credentials(write_key="write-key-2")
        assert not set(ids_of(segment)) & set(ids_of(segment, signed=other))

    def test_another_installation_has_other_ids(self, segment, settings):
        here = ids_of(segment)
        settings.SECRET_KEY = "another installation"
        assert not set(here) & set(ids_of(segment))

    def test_an_event_that_is_only_added_is_the_same_in_every_job(self, segment):
        event = [{"eventId": "d1", "event": "Deal Won", "userId": "u1"}]
        added = [
            ids_of(segment, event, object_name="events", mode="create", key="eventId", trace=t) for t in ("7-1", "8-3")
        ]
        told = [
            ids_of(segment, event, object_name="events", mode="upsert", key="eventId", trace=t) for t in ("7-1", "8-3")
        ]
        assert added[0] == added[1] and told[0] != told[1]

    def test_two_events_of_one_content_differ_by_their_key(self, segment):
        events = [{"eventId": f"d{i}", "event": "Deal Won", "userId": "u1"} for i in range(2)]
        assert len(set(ids_of(segment, events, object_name="events", mode="create", key="eventId"))) == 2

    @given(st.tuples(st.text(), st.binary()), st.tuples(st.text(), st.binary()))
    def test_two_things_have_one_id_only_if_they_are_the_same(self, one, other):
        ids = MessageIds("key", "users", SyncMode.UPSERT, "7-1")
        assert (ids.make(*one) == ids.make(*other)) == (one == other)
