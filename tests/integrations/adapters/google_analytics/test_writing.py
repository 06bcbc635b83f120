"""Several calls in one batch: what arrived counts once, what is in doubt is said to be, and nothing is sent twice."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.google_analytics.events import Event
from integrations.adapters.google_analytics.parcels import pack_parcels
from integrations.adapters.testing import Unlimited
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    QuotaWaitError,
    RateLimitedError,
    SignInError,
    TransientError,
    UnknownOutcomeError,
)
from integrations.types import Credentials
from tests.integrations.adapters.google_analytics.conftest import (
    EVENTS_ONLY,
    NOW,
    READS_ONLY,
    SETTINGS,
    make_record,
)


class Google:
    """Takes events; `answers` = {client id: what it says to calls about it}, a status, an answer or an error."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[dict[str, Any]] = []
        self.urls: list[httpx.URL] = []

    def __call__(self, request: httpx.Request) -> Any:
        body = orjson.loads(request.content)
        self.calls.append(body)
        self.urls.append(request.url)
        told = self.answers.get(body["client_id"], 204)
        return httpx.Response(told) if isinstance(told, int) else told

    @property
    def sent(self) -> list[str]:
        """The ids of all events in all calls."""
        return [event["params"]["event_id"] for call in self.calls for event in call["events"]]


def people(count: int) -> list[dict[str, Any]]:
    """One event each of so many people."""
    return [make_record(event_id=f"e{i}", client_id=f"{i}.1") for i in range(count)]


def upload(adapter: Any, records: Sequence[dict[str, Any]]) -> Any:
    return adapter.upload_batch("events", records, "create", "event_id", trace="7-1")


def tell(outcome: Any) -> str:
    """One letter per result: arrived, doubtful, later, refused."""
    return "".join(
        "a" if one.ok else "d" if one.is_in_doubt else "l" if one.is_transient else "r" for one in outcome.results
    )


class TestCalls:
    def test_events_of_one_person_leave_together_and_those_of_others_apart(self, analytics):
        google = Google()
        records = [make_record(event_id=f"e{i}", client_id=f"{i % 3}.1") for i in range(9)]
        outcome = upload(analytics(google), records)
        assert tell(outcome) == "a" * 9 and outcome.problem is None and len(outcome.exchanges) == 3
        assert sorted(len(call["events"]) for call in google.calls) == [3, 3, 3]
        assert sorted(google.sent) == [f"e{i}" for i in range(9)]
        assert [result.id for result in outcome.results] == [f"e{i}" for i in range(9)]

    def test_what_differs_about_the_person_is_another_call(self, analytics):
        google = Google()
        upload(analytics(google), [make_record(), make_record(user_id="7"), make_record(user_id="7", event_id="e-2")])
        assert [len(call["events"]) for call in google.calls] == [1, 2]

    def test_no_call_has_more_than_25_events(self, analytics):
        google = Google()
        upload(analytics(google), [make_record(event_id=f"e{i}") for i in range(60)])
        assert [len(call["events"]) for call in google.calls] == [25, 25, 10]
        assert google.sent == [f"e{i}" for i in range(60)]

    def test_no_call_is_larger_than_130_kb(self, analytics):
        sizes: list[int] = []
        adapter = analytics(lambda request: sizes.append(len(request.content)))
        upload(adapter, [make_record(event_id=f"e{i}", items=[{"a": "x" * 100}] * 200) for i in range(12)])
        assert len(sizes) > 1 and max(sizes) <= 130_000

    def test_the_secret_is_in_the_address_and_nowhere_else(self, analytics):
        google = Google()
        outcome = upload(analytics(google), [make_record()])
        assert google.urls[0].path == "/mp/collect" and google.urls[0].host == "www.google-analytics.com"
        assert dict(google.urls[0].params) == {"measurement_id": "G-ABCD1234", "api_secret": "top-secret-1"}
        assert "top-secret-1" not in repr(outcome)

    def test_events_of_europe_go_to_europe(self, analytics):
        google = Google()
        credentials = Credentials("events", {**SETTINGS, "region": "eu"}, EVENTS_ONLY.secrets)
        upload(analytics(google, credentials=credentials), [make_record()])
        assert google.urls[0].host == "region1.google-analytics.com"

    def test_bad_events_never_leave_and_do_not_stop_good_ones(self, analytics):
        google = Google()
        outcome = upload(analytics(google), [make_record(), make_record(name="no good"), make_record(event_id="e-3")])
        assert tell(outcome) == "ara" and google.sent == ["e-1", "e-3"]
        assert (outcome.results[1].code, outcome.results[1].field) == ("invalid_name", "name")

    def test_a_batch_of_bad_events_makes_no_call(self, analytics):
        google = Google()
        outcome = upload(analytics(google), [make_record(event_id=" "), make_record(name="error")])
        assert tell(outcome) == "rr" and not google.calls and not outcome.exchanges

    def test_several_calls_are_under_way_at_once(self, analytics):
        together = threading.Barrier(4, timeout=5)

        def answer(request: httpx.Request) -> httpx.Response:
            if orjson.loads(request.content)["client_id"] != "0.1":
                together.wait()
            return httpx.Response(204)

        assert tell(upload(analytics(answer), people(5))) == "aaaaa"

    def test_any_2xx_will_do(self, analytics):
        for answer in (200, httpx.Response(202, content=b"GIF89a"), httpx.Response(200, content=b"half {")):
            assert tell(upload(analytics(Google({"0.1": answer})), people(1))) == "a"


LOST = httpx.ReadError("reset")
AWAY = httpx.ConnectError("away")


class TestTrouble:
    def test_the_first_call_goes_alone_and_its_doubt_concerns_only_its_own_events(self, analytics):
        google = Google({"0.1": LOST})
        outcome = upload(analytics(google), [*people(5), make_record(event_id="e5", client_id="0.1")])
        assert tell(outcome) == "dlllld" and google.sent == ["e0", "e5"]
        assert isinstance(outcome.problem, UnknownOutcomeError) and outcome.problem.exchanges

    def test_a_later_call_in_doubt_takes_nothing_back_from_those_before(self, analytics):
        google = Google({"3.1": LOST})
        outcome = upload(analytics(google), people(25))
        told = tell(outcome)
        assert told[0] == "a" and told[3] == "d" and told.count("d") == 1 and "r" not in told
        assert {f"e{i}" for i, letter in enumerate(told) if letter in "ad"} == set(google.sent)
        assert len(google.sent) == len(set(google.sent))
        assert isinstance(outcome.problem, UnknownOutcomeError)

    def test_a_batch_that_is_one_call_in_doubt_is_in_doubt_as_a_whole(self, analytics):
        with pytest.raises(UnknownOutcomeError) as caught:
            upload(analytics(Google({"181234.1767225600": LOST})), [make_record(), make_record(event_id="e-2")])
        assert len(caught.value.exchanges) == 1

    @pytest.mark.parametrize("answer", [500, 502, 504, httpx.ReadTimeout("slow"), httpx.Response(200, html="<p>Hi")])
    def test_whatever_may_have_been_carried_out_is_in_doubt(self, analytics, answer):
        assert tell(upload(analytics(Google({"1.1": answer})), people(2))) == "ad"

    def test_where_nothing_left_nothing_is_in_doubt_and_the_batch_is_as_it_was(self, analytics):
        google = Google({"0.1": AWAY})
        with pytest.raises(TransientError) as caught:
            upload(analytics(google), people(5))
        assert not isinstance(caught.value, UnknownOutcomeError) and len(google.calls) == 1

    @pytest.mark.parametrize(
        ("answer", "family"),
        [(AWAY, TransientError), (503, TransientError), (429, RateLimitedError), (403, PermissionMissingError)],
    )
    def test_what_was_not_sent_for_trouble_in_the_middle_goes_out_later(self, analytics, answer, family):
        outcome = upload(analytics(Google({"1.1": answer})), people(2))
        assert tell(outcome) == "al" and isinstance(outcome.problem, family)

    @pytest.mark.parametrize("status", [400, 413])
    def test_a_call_that_is_refused_comes_again_without_the_others(self, analytics, status):
        outcome = upload(analytics(Google({"1.1": status})), people(2))
        assert tell(outcome) == "al" and outcome.problem is None
        with pytest.raises(BatchRefusedError):
            upload(analytics(Google({"1.1": status})), people(2)[1:])

    def test_after_the_first_failure_no_further_call_is_begun(self, analytics):
        google = Google()

        def answer(request: httpx.Request) -> Any:
            client = orjson.loads(request.content)["client_id"]
            if client == "1.1":
                google(request)
                return AWAY
            time.sleep(0.05)
            return google(request)

        outcome = upload(analytics(answer), people(25))
        assert len(google.calls) <= 1 + 12 and tell(outcome).count("l") >= 25 - 13

    def test_our_own_limiter_in_the_middle_is_treated_alike(self, analytics):
        class Two(Unlimited):
            def permit(self, group: str, cost: int = 1) -> Any:
                if len(self.calls) >= 2:
                    raise QuotaWaitError("The limit is used up.", retry_at=NOW)
                return super().permit(group, cost)

        outcome = upload(analytics(Google(), permits=Two()), people(3))
        assert sorted(tell(outcome)) == ["a", "a", "l"] and isinstance(outcome.problem, QuotaWaitError)

    def test_no_error_tells_the_secret(self, analytics):
        for answer in (LOST, 400, 403, 500, 302):
            with pytest.raises(Exception) as caught:
                upload(analytics(Google({"0.1": answer})), people(1))
            shown = f"{caught.value!r} {caught.value.technical} {caught.value.exchanges!r}"
            assert "top-secret-1" not in shown and "?" not in caught.value.exchanges[0].url


class TestSides:
    def test_a_connection_that_only_reads_sends_nothing(self, analytics):
        google = Google()
        with pytest.raises(SignInError, match="API secret is missing"):
            upload(analytics(google, credentials=READS_ONLY), [make_record()])
        assert not google.calls

    @pytest.mark.parametrize("typed", ["", "UA-1234-1", "G-abc", "1:234:web:56", "g-ABCD1234"])
    def test_a_measurement_id_of_another_shape_is_a_matter_of_the_connection(self, analytics, typed):
        credentials = Credentials("events", {"measurement_id": typed}, EVENTS_ONLY.secrets)
        with pytest.raises(ConfigurationError, match="measurement ID"):
            upload(analytics(Google(), credentials=credentials), [make_record()])


def test_one_event_can_be_shown_as_it_would_be_sent(analytics):
    shown = analytics().map_fields("events", make_record(user_id="7"))
    assert shown["client_id"] == "181234.1767225600" and shown["events"][0]["name"] == "generate_lead"


def test_the_wire_size_is_about_what_travels(analytics):
    adapter = analytics()
    outcome = upload(adapter, people(50))
    sent = sum(len(call.request_body) for call in outcome.exchanges)
    assert 0.7 < sum(map(adapter.wire_size, people(50))) / sent < 1.5


EVENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60_000)), max_size=80)


@given(EVENTS)
def test_parcels_hold_every_event_once_in_order_and_keep_to_the_limits(drawn):
    events = [
        (i, Event(str(i), b'{"client_id":"%d"}' % who, b'"%s"' % (b"x" * size))) for i, (who, size) in enumerate(drawn)
    ]
    parcels = pack_parcels(events)
    places = [place for parcel in parcels for place in parcel.places]
    assert sorted(places) == list(range(len(events)))
    for who in range(4):
        mine = [place for parcel in parcels if parcel.who == b'{"client_id":"%d"}' % who for place in parcel.places]
        assert mine == sorted(mine)
    for parcel in parcels:
        assert 1 <= len(parcel.bodies) <= 25 and len(parcel.body) <= 130_000 and orjson.loads(parcel.body)["events"]
