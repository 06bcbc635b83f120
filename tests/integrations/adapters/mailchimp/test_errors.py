"""Mailchimp's ways to say no, and the family each belongs to."""

from datetime import UTC, datetime

import httpx
import orjson
import pytest

from integrations.adapters.mailchimp.errors import classify
from integrations.adapters.mailchimp.record_errors import explain, explain_field, read_field
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
from integrations.reasons import TITLES
from tests.integrations.adapters.mailchimp.conftest import problem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = "https://us21.api.mailchimp.com/3.0/lists/abc/members/0123"
LIST = "https://us21.api.mailchimp.com/3.0/lists/abc"
COMPLIANCE = (
    "ann@x.io is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed."
)
BUSY = "ann@x.io has signed up to a lot of lists very recently; we're not allowing more signups for now"


def answer(status, body=None, *, method="PATCH", url=ONE, is_write=True, content=None):
    request = httpx.Request(method, url, extensions={"is_write": is_write})
    content = orjson.dumps(body) if content is None else content
    return httpx.Response(status, content=content, request=request)


def invalid(field, message, detail="Your merge fields were invalid."):
    return problem(400, "Invalid Resource", detail, [{"field": field, "message": message}])


CALLS = [
    ("key gone", *problem(401, "API Key Invalid"), SignInError, "sign_in"),
    ("no key", *problem(401, "API Key Missing"), SignInError, "sign_in"),
    ("401 of another kind", 401, {}, SignInError, "sign_in"),
    ("suspended", *problem(403, "User Disabled"), ConfigurationError, "account_blocked"),
    ("data centre", *problem(403, "Wrong Datacenter"), ConfigurationError, "address"),
    ("role", *problem(403, "User action not permitted"), PermissionMissingError, "permission"),
    ("forbidden", *problem(403, "Forbidden"), PermissionMissingError, "permission"),
    ("under review", *problem(503, "ComplianceRelated"), ConfigurationError, "account_blocked"),
    ("ten connections", *problem(429, "Too Many Requests"), RateLimitedError, "rate_limited"),
    ("internal", *problem(500, "Internal Server Error"), UnknownOutcomeError, "platform_trouble"),
    ("503", 503, None, TransientError, "platform_trouble"),
    ("JSON", *problem(400, "JSON Parse Exception"), PlatformError, "our_fault"),
    ("action", *problem(400, "Invalid Action"), PlatformError, "our_fault"),
    ("fields", *problem(422, "RequestedFieldsInvalid"), PlatformError, "our_fault"),
    ("override", *problem(422, "InvalidMethodOverride"), PlatformError, "our_fault"),
    ("bad request", *problem(400, "Bad Request"), BatchRefusedError, "refused"),
    ("too long an address", 414, None, BatchRefusedError, "refused"),
    ("upgrade", 426, None, ConfigurationError, "refused_call"),
    ("moved", 301, None, ConfigurationError, "moved"),
    ("compliance", *problem(400, "Member In Compliance State", COMPLIANCE), RecordRejectedError, "needs_opt_in"),
    ("forgotten", *problem(400, "Forgotten Email Not Subscribed"), RecordRejectedError, "forgotten"),
    ("exists", *problem(400, "Member Exists"), RecordRejectedError, "already_exists"),
    ("everywhere", *problem(400, "Invalid Resource", BUSY), RecordRejectedError, "later"),
    ("not there", *problem(404, "Resource Not Found"), RecordRejectedError, "not_found"),
    ("not removable", *problem(405, "Method Not Allowed"), RecordRejectedError, "not_removable"),
    ("resource", *problem(400, "Invalid Resource", "Odd."), RecordRejectedError, "refused"),
    ("field", *invalid("FNAME", "Odd."), RecordRejectedError, "invalid_value"),
]


@pytest.mark.parametrize(("status", "body", "family", "code"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_an_answer_to_a_write_about_one_person_has_its_family(status, body, family, code):
    error = classify(answer(status, body), NOW)
    assert type(error) is family and error.code == code
    assert error.message.endswith(".") and "@" not in f"{error.message} {error.technical}"


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("content", [b"", b"<html>no</html>"])
def test_an_overloaded_edge_without_words_is_waited_for(status, content):
    error = classify(answer(status, content=content), NOW)
    assert isinstance(error, RateLimitedError) and not error.is_long
    assert 0 < (error.retry_at - NOW).total_seconds() <= 10


def test_a_gateway_that_gave_up_may_have_done_it():
    error = classify(answer(502, content=b"<html>502</html>"), NOW)
    assert type(error) is UnknownOutcomeError


@pytest.mark.parametrize(
    ("method", "url"), [("PUT", ONE), ("POST", f"{LIST}/members"), ("POST", LIST), ("GET", f"{LIST}/members")]
)
def test_what_an_addition_or_a_list_does_not_find_is_the_audience(method, url):
    error = classify(answer(*problem(404, "Resource Not Found"), method=method, url=url, is_write=method != "GET"), NOW)
    assert type(error) is ConfigurationError and error.code == "not_there"


def test_a_refused_call_about_many_says_nothing_of_one():
    error = classify(answer(*problem(400, "Invalid Resource"), method="POST", url=LIST), NOW)
    assert type(error) is BatchRefusedError


def test_the_facts_are_kept_without_the_address():
    error = classify(answer(*invalid("BIRTHDAY", "Please enter a valid date", "ann@x.io is odd")), NOW)
    assert error.field == "BIRTHDAY" and error.code == "invalid_date"
    assert "BIRTHDAY: Please enter a valid date" in error.technical and "instance i-1" in error.technical


@pytest.mark.parametrize("problem", [ValueError("x"), httpx.ReadTimeout("t"), SignInError("A sentence.")])
def test_anything_else_is_one_of_ours_too(problem):
    assert isinstance(classify(problem, NOW), SyncpanelError)


@pytest.mark.parametrize(
    "body", [[], "x", {"errors": "x"}, {"errors": [1]}, {"title": None, "detail": 7}, {"title": {}}]
)
def test_a_problem_of_another_shape_does_no_harm(body):
    assert isinstance(classify(answer(400, body), NOW), SyncpanelError)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("This value should not be blank.", "required_missing"),
        ("Please enter a value", "required_missing"),
        ("Please enter a complete address", "required_missing"),
        ("Please enter the date", "invalid_date"),
        ("Please enter a month (01-12) and a day (01-31)", "invalid_date"),
        ("Please enter a number", "invalid_number"),
        ("Please enter a valid phone number", "invalid_value"),
        ("Please enter a valid zip code", "invalid_value"),
        ("Please enter a valid URL", "invalid_value"),
        ("Value must be one of: Ms, Mr", "not_in_list"),
        ("This value is not a valid email.", "invalid_email"),
        ("This value is too long. It should have 50 characters or less.", "too_long"),
        (BUSY, "later"),
        ("Nobody has seen this before", "invalid_value"),
    ],
)
def test_the_words_about_one_field_have_a_reason(message, code):
    assert explain_field("merge_fields.FNAME", message) == (code, "FNAME")
    assert code in TITLES


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("merge_fields.FNAME", "FNAME"),
        ("ADDRESS.zip", "ADDRESS:zip"),
        ("email address", "email_address"),
        ("EMAIL", "email_address"),
        ("status", "status"),
    ],
)
def test_mailchimps_names_of_fields_become_ours(name, ours):
    assert read_field(name) == ours


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("Please provide a valid email address.", ("invalid_email", "email_address")),
        ("ann@x.io looks fake or invalid, please enter a real email address.", ("invalid_email", "email_address")),
        (COMPLIANCE, ("needs_opt_in", "")),
        ("ann@x.io was permanently deleted and cannot be re-imported.", ("forgotten", "")),
        (BUSY, ("later", "email_address")),
    ],
)
def test_the_words_of_a_detail_have_a_reason(detail, told):
    assert explain(400, {"title": "Invalid Resource", "detail": detail}) == told
