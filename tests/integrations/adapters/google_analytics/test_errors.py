"""Google's ways to say no, the family each belongs to, and how long each quota makes us wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from integrations.adapters.google_analytics.errors import classify
from integrations.adapters.google_analytics.quotas import next_midnight, read_quotas
from integrations.adapters.testing import Unlimited
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    RateLimitedError,
    SchemaChangedError,
    SignInError,
    SyncpanelError,
    TransientError,
    UnknownOutcomeError,
)
from integrations.types import Window
from tests.integrations.adapters.google_analytics.conftest import NOW

DISABLED = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
SCOPES = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
DAY = "Exhausted property tokens per day. These quota tokens will return in under 24 hours."
UNKNOWN_DIMENSION = "Field foo is not a valid dimension. For a list of valid dimensions and metrics, see https://x.io"
UNKNOWN_METRIC = "Field customEvent:bar is not a valid metric.  For a list of valid dimensions and metrics, see "
APART = (
    "Please remove itemViewEvents to make the request compatible. The request's dimensions & metrics are incompatible."
)
LACKING = "Please add sessionCampaignName to make the request compatible."


def answer(status: int, body: Any = None, *, is_write: bool = False, content: bytes | None = None) -> httpx.Response:
    request = httpx.Request("POST", "https://analyticsdata.googleapis.com/v1beta/x", extensions={"is_write": is_write})
    content = orjson.dumps(body) if content is None else content
    return httpx.Response(status, content=content, request=request)


def google(status: int, message: str, word: str = "", details: Any = None) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": word, "details": details}}


@pytest.mark.parametrize(
    ("status", "message", "details", "family", "code", "words"),
    [
        (500, "Internal error encountered.", None, TransientError, "platform_trouble", "trouble of its own"),
        (503, "The service is currently unavailable.", None, TransientError, "platform_trouble", "trouble of its own"),
        (504, "Deadline expired.", None, TransientError, "platform_trouble", "trouble of its own"),
        (429, "Exhausted concurrent requests quota. Please", None, RateLimitedError, "rate_limited", "at once"),
        (429, DAY, None, RateLimitedError, "rate_limited", "today is used up"),
        (400, UNKNOWN_DIMENSION, None, SchemaChangedError, "schema_changed", "foo does not exist"),
        (400, UNKNOWN_METRIC, None, SchemaChangedError, "schema_changed", "customEvent:bar does not exist"),
        (400, APART, None, SchemaChangedError, "schema_changed", "itemViewEvents does not go with"),
        (400, LACKING, None, SchemaChangedError, "schema_changed", "sessionCampaignName does not go with"),
        (400, "Requests are limited to 9 dimensions", None, ConfigurationError, "refused_call", "refused"),
        (401, "Request had invalid authentication", None, SignInError, "sign_in", "Connect it again"),
        (403, "User does not have sufficient", None, PermissionMissingError, "permission", "as a Viewer"),
        (403, "has not been used in project", DISABLED, PermissionMissingError, "permission", "not switched on"),
        (403, "insufficient scopes", SCOPES, PermissionMissingError, "permission", "analytics.readonly"),
        (404, "Requested entity was not found.", None, ConfigurationError, "not_there", "does not have"),
    ],
)
def test_every_answer_of_the_reading_side_has_its_family(status, message, details, family, code, words):
    error = classify(answer(status, google(status, message, "", details)), NOW)
    assert isinstance(error, family) and not isinstance(error, UnknownOutcomeError)
    assert error.code == code and words in error.message and error.message.endswith(".")


@pytest.mark.parametrize(
    ("message", "wait", "is_long"),
    [
        (DAY, next_midnight(NOW) - NOW, True),
        ("Exhausted property tokens per hour. These quota", timedelta(hours=1), True),
        ("Exhausted property tokens for a project per hour. These", timedelta(hours=1), True),
        ("Exhausted concurrent requests quota. Please send", timedelta(seconds=30), False),
        ("Exhausted server errors per project per hour", timedelta(hours=1), True),
        ("Exhausted potentially thresholded requests quota.", timedelta(hours=1), True),
        ("Quota exceeded for quota metric 'Requests'", timedelta(seconds=60), False),
        ("", timedelta(seconds=60), False),
    ],
)
def test_each_quota_has_its_own_wait(message, wait, is_long):
    error = classify(answer(429, google(429, message)), NOW)
    assert isinstance(error, RateLimitedError)
    assert error.retry_at - NOW == wait and error.is_long is is_long


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 23, 8, 1, tzinfo=UTC)),
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), datetime(2026, 11, 23, 8, 1, tzinfo=UTC)),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 7, 1, 7, 1, tzinfo=UTC)),
        (datetime(2026, 3, 8, 9, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 1, tzinfo=UTC)),
    ],
    ids=["winter", "a minute before", "summer", "the clocks change"],
)
def test_the_day_of_the_quota_ends_at_midnight_in_california(now, midnight):
    assert next_midnight(now) == midnight


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, "new refresh token"),
        ({"error": "invalid_grant", "error_description": "Invalid JWT: … check your iat and exp values"}, "clock"),
        ({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "key of the service account"),
        ({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, "service account"),
        ({"error": "invalid_grant"}, "Connect it again"),
        ({"error": "invalid_client", "error_description": "Unauthorized"}, "client ID and secret"),
        ({"error": "unauthorized_client"}, "this way"),
        ({"error": "invalid_scope"}, "analytics.readonly"),
        ({"error": "deleted_client"}, "deleted"),
        ({"error": "something_new"}, "Connect it again"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(body, words):
    error = classify(answer(400, body), NOW)
    assert isinstance(error, SignInError) and words in error.message and error.message.endswith(".")


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (302, ConfigurationError),
        (400, BatchRefusedError),
        (401, SignInError),
        (403, PermissionMissingError),
        (404, ConfigurationError),
        (408, TransientError),
        (413, BatchRefusedError),
        (429, RateLimitedError),
        (500, UnknownOutcomeError),
        (502, UnknownOutcomeError),
        (503, TransientError),
        (504, UnknownOutcomeError),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<p>no", b'{"error": {"message": "Field a is not a valid dimension."}}'])
def test_where_events_go_the_status_is_all_there_is(status, family, content):
    assert type(classify(answer(status, is_write=True, content=content), NOW)) is family


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"error": 7}', b'{"error": {"message": null}}', b"{", b"null"]
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("is_write", [True, False])
def test_whatever_the_body_it_is_one_of_our_families(content, status, is_write):
    error = classify(answer(status, content=content, is_write=is_write), NOW)
    assert isinstance(error, SyncpanelError) and error.message.endswith(".")


def test_an_error_quotes_no_address():
    error = classify(answer(403, google(403, "ann@example.org may not", "PERMISSION_DENIED")), NOW)
    assert "ann@example.org" not in f"{error.message} {error.technical}" and "PERMISSION_DENIED" in error.technical


def test_trouble_of_its_own_is_left_alone_for_a_minute(analytics):
    """Google counts its errors against us."""
    permits = Unlimited()
    adapter = analytics({"error": {"code": 500, "message": "x"}}, 500, permits=permits, now=datetime.now(UTC))
    with pytest.raises(TransientError):
        adapter.count("report:traffic", Window(None, NOW))
    assert [(group, 50 < seconds <= 60) for group, seconds, _ in permits.pauses] == [("reports", True)]


class TestQuotasOfAnAnswer:
    TOLD = {"propertyQuota": {"tokensPerDay": {"consumed": 5, "remaining": 199_995}, "tokensPerHour": {"consumed": 5}}}

    def test_they_are_read_as_the_headers_that_the_policy_names(self):
        assert read_quotas(self.TOLD) == {
            "tokens-per-day-limit": "200000",
            "tokens-per-day-remaining": "199995",
            "tokens-per-hour-limit": "40000",
            "tokens-per-hour-remaining": "0",
        }

    def test_more_than_a_standard_property_has_is_one_of_analytics_360(self):
        told = read_quotas({"propertyQuota": {"tokensPerDay": {"remaining": 1_900_000}}})
        assert told["tokens-per-day-limit"] == "2000000"

    @pytest.mark.parametrize("told", [None, [], "x", {"tokensPerDay": None}, {"tokensPerDay": {"remaining": "x"}}])
    def test_nonsense_is_passed_over(self, told):
        assert read_quotas({"propertyQuota": told}) == {}
