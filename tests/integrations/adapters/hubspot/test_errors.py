"""HubSpot's ways to say no, and the family each belongs to."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from integrations.adapters.hubspot.errors import classify
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    PlatformError,
    RateLimitedError,
    SchemaChangedError,
    SignInError,
    SyncpanelError,
    TransientError,
    UnknownOutcomeError,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def answer(status, body=None, is_write=True, headers=None, content=None):
    request = httpx.Request("POST", "https://api.hubapi.com/x", extensions={"is_write": is_write})
    content = orjson.dumps(body) if content is None else content
    return httpx.Response(status, content=content, headers=headers, request=request)


def invalid(word, name="email"):
    problems = [{"isValid": False, "message": "ann@example.org is bad", "error": word, "name": name}]
    message = f"Property values were not valid: {orjson.dumps(problems).decode()}"
    return {"status": "error", "message": message, "correlationId": "c-1", "category": "VALIDATION_ERROR"}


def error(category="", message="No.", **more):
    return {"status": "error", "message": message, "correlationId": "c-1", "category": category, **more}


SCOPES = [{"message": "m", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}]
DUPLICATE = "Duplicate IDs found in batch input: [ann@example.org]. IDs must be unique"

WRITES = [
    ("expired", 401, error("EXPIRED_AUTHENTICATION"), SignInError, "sign_in"),
    ("unknown token", 401, error("INVALID_AUTHENTICATION"), SignInError, "sign_in"),
    ("401 of another kind", 401, {}, SignInError, "sign_in"),
    ("dead refresh token", 400, {"status": "BAD_REFRESH_TOKEN", "message": "m"}, SignInError, "sign_in"),
    ("dead grant", 400, {"error": "invalid_grant"}, SignInError, "sign_in"),
    ("wrong client", 400, {"status": "BAD_CLIENT_SECRET"}, SignInError, "sign_in"),
    ("scope", 403, error("MISSING_SCOPES", errors=SCOPES), PermissionMissingError, "permission"),
    ("forbidden", 403, error(), PermissionMissingError, "permission"),
    ("ten seconds", 429, error("RATE_LIMITS", policyName="TEN_SECONDLY_ROLLING"), RateLimitedError, "rate_limited"),
    ("locked", 423, error(), RateLimitedError, "locked"),
    ("moving", 477, error(), RateLimitedError, "migrating"),
    ("500", 500, error(), UnknownOutcomeError, "platform_trouble"),
    ("502", 502, None, UnknownOutcomeError, "platform_trouble"),
    ("503", 503, None, TransientError, "platform_trouble"),
    ("521", 521, None, UnknownOutcomeError, "platform_trouble"),
    ("524", 524, None, UnknownOutcomeError, "platform_trouble"),
    ("property gone", 400, invalid("PROPERTY_DOESNT_EXIST", "gone"), SchemaChangedError, "schema_changed"),
    ("property read-only", 400, invalid("READ_ONLY_VALUE", "hs_x"), SchemaChangedError, "schema_changed"),
    ("bad e-mail", 400, invalid("INVALID_EMAIL"), BatchRefusedError, "invalid_email"),
    ("word nobody knows", 400, invalid("BRAND_NEW"), BatchRefusedError, "invalid_value"),
    (
        "key not unique",
        400,
        error("VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-1 property"),
        ConfigurationError,
        "key_not_unique",
    ),
    ("duplicate ids", 400, error("VALIDATION_ERROR", DUPLICATE), BatchRefusedError, "invalid_value"),
    ("malformed JSON", 400, {"status": "error", "message": "Invalid input JSON"}, BatchRefusedError, "refused"),
    ("conflict", 409, error("CONFLICT"), BatchRefusedError, "duplicate_value"),
    ("gone", 404, error("OBJECT_NOT_FOUND"), BatchRefusedError, "not_found"),
    ("no such path", 404, {"status": "error", "message": "m"}, ConfigurationError, "not_there"),
    ("too large", 413, None, BatchRefusedError, "refused"),
    ("identities", 414, {"message": "Cannot have more than 250 identities"}, BatchRefusedError, "refused"),
    ("moved", 301, None, ConfigurationError, "moved"),
    ("new status", 418, None, ConfigurationError, "refused_call"),
]


@pytest.mark.parametrize(("status", "body", "family", "code"), [row[1:] for row in WRITES], ids=[r[0] for r in WRITES])
def test_a_refused_write_belongs_to_its_family(status, body, family, code):
    found = classify(answer(status, body), NOW)
    assert type(found) is family and found.code == code
    assert found.message.endswith(".") and "@" not in found.message + found.technical


@pytest.mark.parametrize("status", [500, 502, 504, 524])
def test_a_failed_read_is_never_in_doubt(status):
    found = classify(answer(status, error(), is_write=False), NOW)
    assert type(found) is TransientError


def test_a_refused_read_is_a_matter_of_configuration():
    found = classify(answer(400, error("VALIDATION_ERROR"), is_write=False), NOW)
    assert type(found) is ConfigurationError


@pytest.mark.parametrize(
    ("status", "policy", "headers", "wait", "is_long"),
    [
        (429, "TEN_SECONDLY_ROLLING", {}, 10, False),
        (429, "SECONDLY", {}, 1, False),
        (429, "DAILY", {}, 3600, True),
        (429, "BRAND_NEW", {}, 10, False),
        (429, "SECONDLY", {"Retry-After": "4"}, 4, False),
        (429, "SECONDLY", {"Retry-After": "tomorrow"}, 1, False),
        (477, "", {"Retry-After": "7200"}, 7200, True),
        (477, "", {}, 3600, True),
        (423, "", {}, 2, False),
    ],
)
def test_a_limit_says_until_when(status, policy, headers, wait, is_long):
    found = classify(answer(status, error("RATE_LIMITS", policyName=policy), headers=headers), NOW)
    assert found.retry_at == NOW + timedelta(seconds=wait) and found.is_long is is_long


def test_the_missing_scope_is_named():
    found = classify(answer(403, error("MISSING_SCOPES", errors=SCOPES)), NOW)
    assert "crm.objects.contacts.write" in found.message


def test_the_correlation_id_is_kept_for_the_vendors_support():
    assert "c-1" in classify(answer(400, invalid("INVALID_EMAIL")), NOW).technical


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 423, 429, 477, 500, 503, 599])
@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"[1]", b'"x"', b"<html>", b'{"message":5}', b'{"errors":[1],"context":[]}', b"\xff\xfe",
     b'{"message":"Property values were not valid: [1,{}"}', b'{"errors":[{"context":{"a":[1]}}]}'],
)  # fmt: skip
def test_any_answer_becomes_one_of_our_families(status, content):
    for is_write in (True, False):
        found = classify(answer(status, content=content, is_write=is_write), NOW)
        assert isinstance(found, SyncpanelError) and found.message.endswith(".")


@pytest.mark.parametrize(
    ("problem", "family", "code"),
    [
        (httpx.ConnectError("x"), TransientError, "unreachable"),
        (httpx.ConnectTimeout("x"), TransientError, "unreachable"),
        (httpx.ReadTimeout("x"), TransientError, "timeout"),
        (httpx.RemoteProtocolError("x"), TransientError, "connection_lost"),
        (httpx.InvalidURL("x"), ConfigurationError, "address"),
        (RuntimeError("x"), PlatformError, "platform"),
    ],
)
def test_an_exception_becomes_one_of_our_families(problem, family, code):
    found = classify(problem, NOW)
    assert type(found) is family and found.code == code
