"""Segment's ways to say no, and the family each belongs to."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from integrations.adapters.segment.errors import classify
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    PlatformError,
    RateLimitedError,
    RecordRejectedError,
    SignInError,
    SyncpanelError,
    TransientError,
    UnknownOutcomeError,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PERSONAL = "ann@example.org is no good"


def answer(status, body=None, is_write=True, headers=None, content=None):
    request = httpx.Request("POST", "https://api.segment.io/v1/batch", extensions={"is_write": is_write})
    content = orjson.dumps(body) if content is None else content
    return httpx.Response(status, content=content, headers=headers, request=request)


def tracking(message=PERSONAL):
    return {"success": False, "message": message}


def profile(code, message=PERSONAL):
    return {"error": {"code": code, "message": message}}


def public(kind, message=PERSONAL):
    return {"errors": [{"type": kind, "message": message, "field": "x", "status": 422}]}


def grant(error, description="No."):
    return {"error": error, "error_description": description}


WRITES = [
    ("408", 408, None, TransientError, "platform_trouble"),
    ("410 comes again, as the vendor's library does", 410, None, TransientError, "platform_trouble"),
    ("425", 425, None, TransientError, "platform_trouble"),
    ("429", 429, tracking(), RateLimitedError, "rate_limited"),
    ("460", 460, None, TransientError, "platform_trouble"),
    ("500", 500, None, UnknownOutcomeError, "platform_trouble"),
    ("502", 502, None, UnknownOutcomeError, "platform_trouble"),
    ("503", 503, None, TransientError, "platform_trouble"),
    ("599", 599, None, TransientError, "platform_trouble"),
    ("501 never comes right", 501, None, ConfigurationError, "refused_call"),
    ("505 never comes right", 505, None, ConfigurationError, "refused_call"),
    ("too big, without a word", 400, None, BatchRefusedError, "refused"),
    ("too big, with a word", 400, tracking(), BatchRefusedError, "refused"),
    ("413", 413, None, BatchRefusedError, "too_large"),
    ("404", 404, tracking(), ConfigurationError, "not_there"),
    ("405", 405, None, ConfigurationError, "refused_call"),
    ("415", 415, tracking(), ConfigurationError, "refused_call"),
    ("moved", 301, None, ConfigurationError, "moved"),
    ("token dead", 401, tracking(), SignInError, "sign_in"),
    ("token dead, as 403", 403, tracking(), SignInError, "sign_in"),
    ("token dead, as 511", 511, None, SignInError, "sign_in"),
    ("no token given", 401, grant("invalid_client"), SignInError, "sign_in"),
    ("scope missing", 400, grant("invalid_scope"), SignInError, "sign_in"),
]
READS = [
    ("profile: wrong token", 401, profile("authentication_error"), SignInError, "sign_in"),
    ("profile: nobody", 404, profile("not_found"), RecordRejectedError, "not_found"),
    ("profile: busy", 429, profile("rate_limit_error"), RateLimitedError, "rate_limited"),
    ("profile: odd characters", 500, profile("api_error"), TransientError, "platform_trouble"),
    ("public: wrong token", 401, public("unauthorized"), SignInError, "sign_in"),
    ("public: no right", 403, public("forbidden"), PermissionMissingError, "permission"),
    ("public: wrong question", 422, public("validation"), ConfigurationError, "refused_call"),
    ("public: wrong space", 404, public("not-found"), ConfigurationError, "not_there"),
    ("public: busy", 429, public("rate-limit"), RateLimitedError, "rate_limited"),
    ("public: trouble", 500, public("server"), TransientError, "platform_trouble"),
    ("413", 413, None, ConfigurationError, "refused_call"),
]


@pytest.mark.parametrize(("status", "body", "family", "code"), [row[1:] for row in WRITES], ids=[r[0] for r in WRITES])
def test_a_refused_write_belongs_to_its_family(status, body, family, code):
    found = classify(answer(status, body), NOW)
    assert type(found) is family and found.code == code
    assert found.message.endswith(".") and "@" not in found.message + found.technical


@pytest.mark.parametrize(("status", "body", "family", "code"), [row[1:] for row in READS], ids=[r[0] for r in READS])
def test_a_refused_question_belongs_to_its_family(status, body, family, code):
    found = classify(answer(status, body, is_write=False), NOW)
    assert type(found) is family and found.code == code
    assert found.message.endswith(".") and "@" not in found.message + found.technical


@pytest.mark.parametrize("description", ["Token is expired", "Token used before issued"])
def test_a_wrong_clock_is_named(description):
    found = classify(answer(400, grant("invalid_request", description)), NOW)
    assert type(found) is SignInError and "clock" in found.message


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 1),
        ({"Retry-After": "7"}, 7),
        ({"X-RateLimit-Reset": "9"}, 9),
        ({"Retry-After": "7", "X-RateLimit-Reset": "9"}, 7),
        ({"Retry-After": "tomorrow"}, 1),
        ({"X-RateLimit-Reset": "Sun, 22 Nov 2026 12:00:40 +0000"}, 40),
        ({"X-RateLimit-Reset": "Sun, 22 Nov 2026 12:00:40 -0000"}, 40),
        ({"X-RateLimit-Reset": "Sun, 22 Nov 2020 12:00:00 +0000"}, 1),
        ({"X-RateLimit-Reset": "Sun, 22 Nov 2099 12:00:00 +0000"}, 86_400),
        ({"X-RateLimit-Reset": "99999999999"}, 86_400),
        ({"X-RateLimit-Reset": "²"}, 1),
    ],
    ids=str,
)
def test_a_limit_says_until_when(headers, wait):
    response = answer(429, tracking())
    response.headers = httpx.Headers({name: value.encode() for name, value in headers.items()})
    assert classify(response, NOW).retry_at == NOW + timedelta(seconds=wait)


def test_the_request_id_is_kept_for_the_vendors_support():
    found = classify(answer(500, profile("api_error"), is_write=False, headers={"Request-Id": "r-1"}), NOW)
    assert "request id r-1" in found.technical and "api_error" in found.technical


@pytest.mark.parametrize(
    "status", [200, 302, 400, 401, 403, 404, 408, 410, 413, 422, 429, 460, 500, 501, 503, 511, 599]
)
@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"[1]", b'"x"', b"<html>", b'{"message":5}', b'{"errors":[1],"error":[]}', b"\xff\xfe",
     b'{"error":{"code":null}}', b'{"errors":{}}'],
)  # fmt: skip
def test_any_answer_becomes_one_of_our_families(status, content):
    for is_write in (True, False):
        found = classify(answer(status, content=content, is_write=is_write), NOW)
        assert isinstance(found, SyncpanelError) and found.message.endswith(".")


@pytest.mark.parametrize(
    ("problem", "family", "code"),
    [
        (httpx.ConnectError("x"), TransientError, "unreachable"),
        (httpx.ReadTimeout("x"), TransientError, "timeout"),
        (httpx.InvalidURL("x"), ConfigurationError, "address"),
        (RuntimeError("x"), PlatformError, "platform"),
    ],
)
def test_an_exception_becomes_one_of_our_families(problem, family, code):
    found = classify(problem, NOW)
    assert type(found) is family and found.code == code
