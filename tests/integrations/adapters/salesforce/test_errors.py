"""Salesforce's ways to say no, and the family each belongs to."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from integrations.adapters.salesforce.errors import classify, has_expired
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

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def answer(status, body=None, is_write=True, content=None):
    request = httpx.Request("PATCH", "https://acme.my.salesforce.com/x", extensions={"is_write": is_write})
    return httpx.Response(status, content=orjson.dumps(body) if content is None else content, request=request)


def error(code, message="No.", *fields):
    return [{"message": message, "errorCode": code, "fields": list(fields)}]


def oauth(word, description="d"):
    return {"error": word, "error_description": description}


NO_COLUMN = "No such column 'Gone__c' on entity 'Contact'. If you are attempting to use a custom field…"
NOT_KEY = "Field name provided, Email is not an External ID or indexed field for Lead"
PARSER = "Cannot deserialize instance of double from VALUE_STRING value ann@example.org at [line:1, column:5]"
LOCKED = "unable to obtain exclusive access to this record"

WRITES = [
    ("expired", 401, error("INVALID_SESSION_ID", "Session expired or invalid"), SignInError, "sign_in"),
    ("header", 401, error("INVALID_AUTH_HEADER"), SignInError, "sign_in"),
    ("401 of another kind", 401, None, SignInError, "sign_in"),
    ("refresh revoked", 400, oauth("invalid_grant", "expired access/refresh token"), SignInError, "sign_in"),
    ("wrong secret", 401, oauth("invalid_client"), SignInError, "sign_in"),
    ("wrong key", 400, oauth("invalid_client_id"), SignInError, "sign_in"),
    ("user disabled", 400, oauth("inactive_user"), SignInError, "sign_in"),
    ("token endpoint down", 503, oauth("server_error"), TransientError, "platform_trouble"),
    ("daily limit", 403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), RateLimitedError, "rate_limited"),
    ("api disabled", 403, error("API_DISABLED_FOR_ORG"), PermissionMissingError, "permission"),
    ("no access", 403, error("INSUFFICIENT_ACCESS"), PermissionMissingError, "permission"),
    ("403 of another kind", 403, None, PermissionMissingError, "permission"),
    ("column gone", 400, error("INVALID_FIELD", NO_COLUMN), SchemaChangedError, "schema_changed"),
    ("column read-only", 400, error("INVALID_FIELD_FOR_INSERT_UPDATE", "m", "X__c"), SchemaChangedError, "schema_changed"),
    ("key is no key", 400, error("INVALID_FIELD", NOT_KEY), ConfigurationError, "configuration"),
    ("object gone", 400, error("INVALID_TYPE"), ConfigurationError, "configuration"),
    ("object gone", 404, error("NOT_FOUND"), ConfigurationError, "configuration"),
    ("bad query", 400, error("MALFORMED_QUERY"), ConfigurationError, "configuration"),
    ("version retired", 410, error("UNSUPPORTED_API_VERSION"), ConfigurationError, "configuration"),
    ("unreadable value", 400, error("JSON_PARSER_ERROR", PARSER), BatchRefusedError, "wrong_type"),
    ("too many", 400, error("INVALID_INPUT"), BatchRefusedError, "batch_refused"),
    ("new word", 400, error("BRAND_NEW"), BatchRefusedError, "refused"),
    ("full", 400, error("STORAGE_LIMIT_EXCEEDED"), ConfigurationError, "configuration"),
    ("locked", 409, error("UNABLE_TO_LOCK_ROW", LOCKED), TransientError, "platform_trouble"),
    ("slow query", 400, error("QUERY_TIMEOUT"), TransientError, "platform_trouble"),
    ("420", 420, None, TransientError, "platform_trouble"),
    ("500", 500, error("UNKNOWN_EXCEPTION"), UnknownOutcomeError, "platform_trouble"),
    ("502", 502, None, UnknownOutcomeError, "platform_trouble"),
    ("503", 503, error("SERVER_UNAVAILABLE"), TransientError, "platform_trouble"),
    ("412", 412, None, ConfigurationError, "refused_call"),
    ("415", 415, None, ConfigurationError, "refused_call"),
    ("moved", 302, None, ConfigurationError, "moved"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "family", "code"), [row[1:] for row in WRITES], ids=[r[0] for r in WRITES])
def test_a_refused_write_belongs_to_its_family(status, body, family, code):
    found = classify(answer(status, body), NOW)
    assert type(found) is family and found.code == code
    assert found.message.endswith(".") and "@" not in found.message + found.technical


@pytest.mark.parametrize("code", ["JSON_PARSER_ERROR", "INVALID_INPUT"])
def test_a_refused_read_is_a_matter_of_configuration(code):
    assert type(classify(answer(400, error(code), is_write=False), NOW)) is ConfigurationError


@pytest.mark.parametrize(
    ("message", "wait", "is_long"),
    [
        ("TotalRequests Limit exceeded.", timedelta(hours=1), True),
        ("ConcurrentRequests (Concurrent API Requests) Limit exceeded.", timedelta(seconds=5), False),
        ("ConcurrentPerOrgLongTxn Limit exceeded", timedelta(seconds=5), False),
    ],
)
def test_the_daily_limit_and_the_concurrent_one_are_told_apart(message, wait, is_long):
    found = classify(answer(403, error("REQUEST_LIMIT_EXCEEDED", message)), NOW)
    assert found.retry_at == NOW + wait and found.is_long is is_long


def test_a_column_that_is_gone_is_named():
    assert "Gone__c" in classify(answer(400, error("INVALID_FIELD", NO_COLUMN)), NOW).message


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        (401, "INVALID_SESSION_ID", "Session expired or invalid", True),
        (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API", False),
        (401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", False),
        (401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", False),
        (403, "INVALID_SESSION_ID", "Session expired or invalid", False),
    ],
)
def test_only_a_session_that_ran_out_is_worth_a_new_token(status, code, message, expected):
    assert has_expired(status, error(code, message)) is expected


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 420, 429, 500, 503, 599])
@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"[1]", b"[[]]", b'"x"', b"<html>", b"{}", b'{"error":5}', b'[{"errorCode":5,"fields":"x"}]', b"\xff"],
)  # fmt: skip
def test_any_answer_becomes_one_of_our_families(status, content):
    for is_write in (True, False):
        found = classify(answer(status, content=content, is_write=is_write), NOW)
        assert isinstance(found, SyncpanelError) and found.message.endswith(".")
