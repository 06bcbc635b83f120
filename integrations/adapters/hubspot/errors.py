"""How HubSpot says no, as tables. https://developers.hubspot.com/docs/api-reference/error-handling

The status and the `category` decide. The only message that is read is the list of properties inside
"Property values were not valid: [...]", which is JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from integrations.adapters.errors import is_write, read_retry_after, scrub, status_error, unexpected
from integrations.adapters.hubspot.declaration import LABEL
from integrations.adapters.wire import UnreadableError, load_json
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    RateLimitedError,
    SchemaChangedError,
    SignInError,
    SyncpanelError,
)
from integrations.reasons import sentence

EXPIRED = "EXPIRED_AUTHENTICATION"

# error word of one property -> our reason
PROPERTY_REASONS: Mapping[str, str] = {
    "INVALID_EMAIL": "invalid_email",
    "INVALID_INTEGER": "invalid_number",
    "INVALID_LONG": "invalid_number",
    "INVALID_NUMBER": "invalid_number",
    "INVALID_DATE": "invalid_date",
    "INVALID_OPTION": "not_in_list",
    "INVALID_BOOLEAN": "wrong_type",
    "REQUIRED_PROPERTY": "required_missing",
    "PROPERTY_VALUE_TOO_LONG": "too_long",
    "GDPR_BLOCKED": "deleted",
    "CONFLICTING_UNIQUE_VALUE": "duplicate_value",
}

# ... and those that are about the mapping, not about one record
SCHEMA_WORDS: Mapping[str, str] = {
    "PROPERTY_DOESNT_EXIST": "{field} does not exist in HubSpot any more. Look at the mapping.",
    "READ_ONLY_VALUE": "HubSpot does not let anyone write {field}. Take it out of the mapping.",
    "READ_ONLY": "HubSpot does not let anyone write {field}. Take it out of the mapping.",
}

# category of a refused record -> our reason
ROW_REASONS: Mapping[str, str] = {
    "CONFLICT": "duplicate_value",
    "OBJECT_NOT_FOUND": "not_found",
    "VALIDATION_ERROR": "invalid_value",
}

# policyName of a 429 -> seconds to wait, is it long, what we say. The day ends at midnight of the account, which the
# answer does not name: we look again every hour.
LIMITS: Mapping[str, tuple[float, bool, str]] = {
    "TEN_SECONDLY_ROLLING": (10, False, "HubSpot asked us to slow down. We speed up again by ourselves."),
    "SECONDLY": (1, False, "HubSpot asked us to slow down. We speed up again by ourselves."),
    "DAILY": (3600, True, "HubSpot's daily limit is used up. We go on when it starts anew."),
}

# 401 and failed sign-ins: the word in `category`, `status` or `error` -> what a person does
SIGN_IN: Mapping[str, str] = {
    EXPIRED: "HubSpot's sign-in has expired. Connect it again.",
    "INVALID_AUTHENTICATION": "HubSpot stopped accepting our sign-in. Connect it again.",
    "BAD_REFRESH_TOKEN": "HubSpot stopped accepting our sign-in. Connect it again.",
    "BAD_CLIENT_ID": "HubSpot does not know this client ID.",
    "BAD_CLIENT_SECRET": "HubSpot does not accept this client secret.",
    "BAD_GRANT_TYPE": "HubSpot does not accept this way to sign in.",
    "BAD_AUTH_CODE": "HubSpot stopped accepting our sign-in. Connect it again.",
    "invalid_grant": "HubSpot stopped accepting our sign-in. Connect it again.",
    "invalid_client": "HubSpot does not accept this client ID and secret.",
}

_INVALID_VALUES = "Property values were not valid: "
_NOT_UNIQUE = "non-unique"
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class PropertyProblem:
    """One property of one record that HubSpot does not take."""

    name: str
    word: str


def read_body(response: httpx.Response) -> dict[str, Any]:
    """The error as HubSpot describes it; empty when the body is something else."""
    try:
        body = load_json(response.content)
    except UnreadableError:
        return {}
    return body if isinstance(body, dict) else {}


def read_properties(message: object) -> list[PropertyProblem]:
    """The properties an error message lists."""
    if not isinstance(message, str) or not message.startswith(_INVALID_VALUES):
        return []
    try:
        found = load_json(message[len(_INVALID_VALUES) :].encode())
    except UnreadableError:
        return []
    problems = found if isinstance(found, list) else []
    return [PropertyProblem(str(p.get("name", "")), str(p.get("error", ""))) for p in problems if isinstance(p, dict)]


def find_schema_error(message: object) -> SchemaChangedError | None:
    """The error that stops the sync, if a property is gone or read-only."""
    for problem in read_properties(message):
        if problem.word in SCHEMA_WORDS:
            words = SCHEMA_WORDS[problem.word].format(field=problem.name)
            return SchemaChangedError(words, technical=f"{problem.word} {problem.name}")
    return None


def classify(problem: httpx.Response | Exception, now: datetime) -> SyncpanelError:
    """Any answer or exception as one of our families. Never raises."""
    if not isinstance(problem, httpx.Response):
        return unexpected(problem, LABEL)
    body = read_body(problem)
    status = problem.status_code
    if status in (429, 477, 423):
        return _limit_error(problem, body, now)
    if status in (400, 401) and (error := _sign_in_error(body)):
        return error
    if status == 403:
        return _permission_error(body)
    if status < 500 and is_write(problem) and body and (error := _write_error(body)):
        return error
    return status_error(problem, LABEL, describe(status, body))


def describe(status: int, body: Mapping[str, Any]) -> str:
    """The raw facts without values: status, category, correlation id; the message only where it has no values."""
    words = [f"HTTP {status}", str(body.get("category") or body.get("status") or "")]
    if problems := read_properties(body.get("message")):
        words += [f"{p.word} {p.name}" for p in problems]
    elif body.get("message"):
        words.append(scrub(str(body["message"])))
    return " · ".join([*filter(None, words), f"correlation id {body.get('correlationId', 'unknown')}"])


def _limit_error(response: httpx.Response, body: Mapping[str, Any], now: datetime) -> SyncpanelError:
    technical = describe(response.status_code, body)
    if response.status_code == 423:
        words = "HubSpot is busy with these records."
        return RateLimitedError(words, retry_at=now + timedelta(seconds=2), code="locked", technical=technical)
    if response.status_code == 477:
        words = "HubSpot is moving this account to another data centre. We go on when that is done."
        retry_at = read_retry_after(response.headers, now, _HOUR)
        return RateLimitedError(words, retry_at=retry_at, is_long=True, code="migrating", technical=technical)
    seconds, is_long, words = LIMITS.get(str(body.get("policyName")), LIMITS["TEN_SECONDLY_ROLLING"])
    retry_at = read_retry_after(response.headers, now, seconds)
    return RateLimitedError(words, retry_at=retry_at, is_long=is_long, technical=technical)


def _sign_in_error(body: Mapping[str, Any]) -> SyncpanelError | None:
    word = next((str(body[key]) for key in ("category", "status", "error") if str(body.get(key)) in SIGN_IN), "")
    return SignInError(SIGN_IN[word], technical=word) if word else None


def _permission_error(body: Mapping[str, Any]) -> SyncpanelError:
    scopes = ", ".join(sorted(_missing_scopes(body)))
    words = f"HubSpot does not allow this: the scope {scopes} is missing." if scopes else "HubSpot does not allow this."
    return PermissionMissingError(f"{words} Grant it in HubSpot.", technical=describe(403, body))


def _missing_scopes(body: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for error in body.get("errors") or []:
        context = error.get("context") if isinstance(error, dict) else None
        for scopes in (context or {}).values():
            found.update(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else None
    return found


def _write_error(body: Mapping[str, Any]) -> SyncpanelError | None:
    """A batch refused as a whole: because of the mapping, the key, or something in one of its records."""
    message = body.get("message")
    if error := find_schema_error(message):
        return error
    if _NOT_UNIQUE in str(message):
        words = "HubSpot does not take this field as the key, because it is not unique. Choose another key."
        return ConfigurationError(words, code="key_not_unique", technical=describe(400, body))
    code, field = explain(body)
    if not code:
        return None
    return BatchRefusedError(sentence(code, field, LABEL), code=code, technical=describe(400, body))


def explain(error: Mapping[str, Any]) -> tuple[str, str]:
    """Our reason and the property of a refused record; ("", "") when the error names no category."""
    for problem in read_properties(error.get("message")):
        return PROPERTY_REASONS.get(problem.word, "invalid_value"), problem.name
    category = str(error.get("category") or "")
    return (ROW_REASONS.get(category, "refused"), "") if category else ("", "")
