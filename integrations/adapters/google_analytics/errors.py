"""Google's ways to say no.

https://developers.google.com/analytics/devguides/reporting/data/v1/errors
https://developers.google.com/identity/protocols/oauth2/service-account#error-codes

The Data API and the Admin API answer with {"error": {"code", "message", "status", "details"}}, the token endpoint with
{"error", "error_description"}, and where events go there is no error to read at all.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from integrations.adapters.errors import is_write, scrub, status_error, unexpected
from integrations.adapters.google_analytics.declaration import LABEL
from integrations.adapters.google_analytics.quotas import limit_error
from integrations.adapters.wire import UnreadableError, load_json
from integrations.exceptions import (
    ConfigurationError,
    PermissionMissingError,
    RateLimitedError,
    SchemaChangedError,
    SignInError,
    SyncpanelError,
)

AFTER_TROUBLE = timedelta(seconds=60)
"""Google counts its own errors against the project: after ten in an hour it answers nothing more."""

SWITCHED_OFF = "SERVICE_DISABLED"
SCOPE_MISSING = "ACCESS_TOKEN_SCOPE_INSUFFICIENT"

_ADD_VIEWER = "In Analytics under Admin, Property access management, add it as a Viewer."
PERMISSIONS: Mapping[str, str] = {
    SWITCHED_OFF: "An interface of Google Analytics is not switched on in the Google Cloud project of our sign-in. "
    "Switch it on there, and wait a few minutes.",
    SCOPE_MISSING: "Our sign-in was not given the right to read Analytics (analytics.readonly). Sign in again.",
    "": f"Our sign-in may not see this property. {_ADD_VIEWER}",
}

GRANTS: tuple[tuple[str, str], ...] = (
    ("check your iat", "Google does not accept our sign-in, because the clock of this server is wrong. Set it right."),
    ("signature", "Google does not accept the key of the service account any more. Make a new one."),
    ("account not found", "Google does not know this service account any more. Enter the key of another."),
    ("expired or revoked", "Google stopped accepting our sign-in. Sign in again and enter the new refresh token."),
)
ANY_GRANT = "Google stopped accepting our sign-in. Connect it again."
OAUTH: Mapping[str, str] = {
    "invalid_client": "Google does not accept this client ID and secret.",
    "unauthorized_client": "Google does not let this client sign in this way.",
    "invalid_scope": "Our sign-in was not given the right to read Analytics (analytics.readonly). Sign in again.",
    "deleted_client": "This OAuth client was deleted in Google Cloud. Enter another.",
}

_UNKNOWN_FIELD = re.compile(r"Field ([\w:]+) is not a valid (?:dimension|metric)")
_NOT_TOGETHER = re.compile(r"(?:remove|add) ([\w:]+)[^.]* to make the request compatible")


def classify(problem: httpx.Response | Exception, now: datetime) -> SyncpanelError:
    """Any answer or exception as one of our families. Never raises."""
    if not isinstance(problem, httpx.Response):
        return unexpected(problem, LABEL)
    body = read_body(problem)
    if isinstance(body.get("error"), str) and problem.status_code < 500:
        return _sign_in_error(body)
    error = body.get("error")
    return _answer_error(problem, error if isinstance(error, dict) else {}, now)


def read_body(response: httpx.Response) -> Mapping[str, Any]:
    """The error as Google describes it; empty when the body is something else."""
    try:
        body = load_json(response.content)
    except UnreadableError:
        return {}
    return body if isinstance(body, dict) else {}


def _sign_in_error(body: Mapping[str, Any]) -> SyncpanelError:
    word, told = str(body["error"]), str(body.get("error_description") or "").lower()
    words = OAUTH.get(word) or next((words for sign, words in GRANTS if sign in told), ANY_GRANT)
    return SignInError(words, technical=f"{word} {scrub(told)}".strip())


def _answer_error(response: httpx.Response, error: Mapping[str, Any], now: datetime) -> SyncpanelError:
    status, message = response.status_code, str(error.get("message") or "")
    technical = describe(status, error)
    if status == 429:
        return limit_error(message, now, technical)
    if is_write(response) or not error:
        return _bare_error(response, now, technical)
    if status == 401:
        return SignInError("Google stopped accepting our sign-in. Connect it again.", technical=technical)
    if status == 403:
        return PermissionMissingError(PERMISSIONS.get(_reason(error), PERMISSIONS[""]), technical=technical)
    if status == 400:
        return _request_error(message, technical)
    return _bare_error(response, now, technical)


def _bare_error(response: httpx.Response, now: datetime, technical: str) -> SyncpanelError:
    """What the status alone says. Where we only ask, its own trouble is left alone for a while."""
    if response.status_code >= 500 and not is_write(response):
        words = f"{LABEL} has trouble of its own at the moment."
        return RateLimitedError(words, retry_at=now + AFTER_TROUBLE, code="platform_trouble", technical=technical)
    return status_error(response, LABEL, technical)


def _request_error(message: str, technical: str) -> SyncpanelError:
    """A field that is not there, fields that do not go together, or something that only we can mend."""
    if found := _UNKNOWN_FIELD.search(message):
        words = f"{found[1]} does not exist in {LABEL} any more. Look at the mapping."
        return SchemaChangedError(words, technical=technical)
    if found := _NOT_TOGETHER.search(message):
        words = f"{found[1]} does not go with the other fields of this report. Look at the mapping."
        return SchemaChangedError(words, technical=technical)
    return ConfigurationError(f"{LABEL} refused the call.", code="refused_call", technical=technical)


def _reason(error: Mapping[str, Any]) -> str:
    details = error.get("details")
    found = (
        [str(one.get("reason") or "") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    )
    return next((reason for reason in found if reason in PERMISSIONS and reason), "")


def describe(status: int, error: Mapping[str, Any]) -> str:
    """The raw facts: status, Google's word for it, and its message without values of people."""
    words = [f"HTTP {status}", str(error.get("status") or ""), _reason(error), scrub(str(error.get("message") or ""))]
    return " · ".join(filter(None, words))
