"""The test of a connection: each side by itself, and what nobody can know is said to be unknown."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from integrations.adapters.google_analytics import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.types import Credentials
from tests.integrations.adapters.google_analytics.case import sign_in
from tests.integrations.adapters.google_analytics.conftest import BOTH, EVENTS_ONLY, READS_ONLY

READING = ["Reach Google Analytics", "Sign in", "Read the property"]
SENDING = ["Measurement ID and secret", "Google understands our events", "Events arrive"]


def change(credentials: Credentials, secrets: dict[str, str] | None = None, **settings: str) -> Credentials:
    return replace(
        credentials,
        settings={**credentials.settings, **settings},
        secrets={**credentials.secrets, **(secrets or {})},
    )


class Google:
    """Answers everything well; keeps the events that were really sent."""

    def __init__(self, seen: int = 0, messages: Any = ()) -> None:
        self.seen, self.messages = seen, list(messages)
        self.sent: list[dict[str, Any]] = []
        self.validated: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> Any:
        if request.url.path == "/mp/collect":
            self.sent.append(orjson.loads(request.content))
            return None
        if request.url.path == "/debug/mp/collect":
            self.validated.append(orjson.loads(request.content))
            return {"validationMessages": self.messages}
        if request.url.path.endswith(":runRealtimeReport"):
            row = {"dimensionValues": [{"value": "syncpanel_test"}], "metricValues": [{"value": str(self.seen)}]}
            return {"rows": [row]} if self.seen else {"kind": "analyticsData#runRealtimeReport"}
        if request.url.path == "/token":
            return {"access_token": "ya29.new", "expires_in": 3599}
        return {"name": "properties/1234/metadata"}


def lines_of(adapter: Any) -> list[Any]:
    return list(adapter.check().lines)


class TestSides:
    def test_both_sides_are_tested_and_no_event_is_sent(self, analytics):
        google = Google()
        lines = lines_of(analytics(google))
        assert [line.label for line in lines] == READING + SENDING and all(line.ok for line in lines)
        assert not google.sent and len(google.validated) == 1
        assert google.validated[0]["validation_behavior"] == "ENFORCE_RECOMMENDATIONS"

    def test_a_connection_that_only_sends_is_asked_for_nothing_else(self, analytics):
        found = analytics(Google(), credentials=EVENTS_ONLY).check()
        assert [line.label for line in found.lines] == [READING[0], *SENDING] and found.ok
        assert (found.account, found.account_id) == ("Stream G-ABCD1234", "G-ABCD1234")

    def test_a_connection_that_only_reads_is_asked_for_nothing_else(self, analytics):
        found = analytics(Google(), credentials=READS_ONLY).check()
        assert (
            [line.label for line in found.lines] == READING and found.ok and all(line.is_sure for line in found.lines)
        )
        assert (found.account, found.account_id) == ("Property 1234", "1234")

    def test_the_quotas_of_all_properties_begin_anew_in_california(self, analytics):
        assert analytics(Google()).check().facts == {"time_zone": "America/Los_Angeles"}


class TestArriving:
    def test_without_a_real_event_nobody_can_know_and_that_is_said(self, analytics):
        for credentials in (BOTH, EVENTS_ONLY):
            line = lines_of(analytics(Google(), credentials=credentials))[-1]
            assert line.ok and not line.is_sure
            assert "Google does not tell us whether it arrived" in line.fix and "DebugView" in line.fix
            assert "wrong secret" in line.fix

    def test_a_real_event_is_sent_only_where_the_person_wants_it_and_has_its_name(self, analytics):
        google = Google()
        line = lines_of(analytics(google, credentials=change(EVENTS_ONLY, test_event="yes")))[-1]
        assert [event["name"] for call in google.sent for event in call["events"]] == ["syncpanel_test"]
        assert line.ok and not line.is_sure and "DebugView" in line.fix

    def test_a_real_event_that_is_seen_again_proves_that_events_arrive(self, analytics):
        line = lines_of(analytics(Google(seen=2), credentials=change(BOTH, test_event="yes")))[-1]
        assert line.ok and line.is_sure and not line.fix

    def test_one_that_is_not_seen_yet_may_come_or_the_secret_is_wrong(self, analytics):
        line = lines_of(analytics(Google(), credentials=change(BOTH, test_event="yes")))[-1]
        assert line.ok and not line.is_sure and "Test again in a minute" in line.fix and "secret" in line.fix

    def test_trouble_while_looking_is_trouble(self, analytics):
        google = Google()

        def answer(request: httpx.Request) -> Any:
            return httpx.ReadError("x") if "Realtime" in request.url.path else google(request)

        line = lines_of(analytics(answer, credentials=change(BOTH, test_event="yes")))[-1]
        assert not line.ok and "Try again" in line.fix


class TestWhatIsMissing:
    @pytest.mark.parametrize(
        ("credentials", "label", "words"),
        [
            (change(BOTH, {"service_account": ""}), "Sign in", "key of the service account is missing"),
            (change(BOTH, {"service_account": "{}"}), "Sign in", "not the JSON file"),
            (change(BOTH, property_id=""), "Read the property", "property ID is missing"),
            (change(BOTH, property_id="G-ABCD1234"), "Read the property", "not a number"),
            (change(BOTH, {"api_secret": ""}), "Measurement ID and secret", "API secret is missing"),
            (change(EVENTS_ONLY, measurement_id=""), "Measurement ID and secret", "measurement ID is missing"),
            (change(EVENTS_ONLY, measurement_id="UA-1-1"), "Measurement ID and secret", "starts with G-"),
        ],
    )
    def test_the_line_says_what_it_is_and_the_rest_is_not_tried(self, analytics, credentials, label, words):
        lines = lines_of(analytics(Google(), credentials=credentials, tokens=MemoryTokens()))
        failed = [line for line in lines if not line.ok and line.is_tried]
        assert [line.label for line in failed] == [label] and words in failed[0].fix
        assert not lines[-1].is_tried or lines[-1] is failed[0] or lines[-1].ok

    def test_whom_to_give_the_right_to_is_said(self, analytics):
        def answer(request: httpx.Request) -> Any:
            if "properties/1234" in request.url.path:
                return httpx.Response(
                    403, json={"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}
                )
            return Google()(request)

        line = lines_of(analytics(answer))[2]
        assert "Viewer" in line.fix and "reader@sandbox-project.iam.gserviceaccount.com" in line.fix

    def test_what_the_validation_server_does_not_like_fails_its_line(self, analytics):
        message = {"description": "client_id has invalid format.", "validationCode": "VALUE_INVALID"}
        lines = lines_of(analytics(Google(messages=[message])))
        assert not lines[4].ok and "invalid format" in lines[4].technical and not lines[5].is_tried

    @pytest.mark.parametrize("messages", ["x", {"a": 1}, [7], [{}]])
    def test_odd_answers_of_the_validation_server_break_nothing(self, analytics, messages):
        google = Google()
        google.messages = messages
        assert len(lines_of(analytics(google))) == 6


class TestAgainstTheSandbox:
    """The validation server, the realtime report, and a secret that is wrong without anybody noticing."""

    @pytest.fixture
    def check(self, sandbox):
        def run(**secrets: str) -> Any:
            credentials = change(sign_in(sandbox.server.credentials()["google_analytics"]), secrets, test_event="yes")
            adapter = ADAPTER(credentials, MemoryTokens(), Unlimited(), timeout=30)
            try:
                return adapter.check()
            finally:
                adapter.close()

        return run

    def test_a_good_connection_proves_that_events_arrive(self, check):
        found = check()
        assert found.ok and all(line.is_sure for line in found.lines)

    def test_a_wrong_secret_fails_nothing_but_leaves_us_unsure(self, check):
        found = check(api_secret="of another stream")
        assert found.ok and not found.lines[-1].is_sure
