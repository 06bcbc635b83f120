"""How Salesforce says no; the words are in `tables.py`.

A request that is refused answers with an array of {message, errorCode, fields}; a row of a collection carries the same
with statusCode; the token endpoint answers with an object {error, error_description}.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from integrations.adapters.errors import is_write, scrub, status_error, unexpected
from integrations.adapters.salesforce.declaration import LABEL
from integrations.adapters.salesforce.tables import NOT_EXPIRED, REQUESTS, ROW_REASONS, TOKEN_ERRORS
from integrations.adapters.wire import UnreadableError, load_json
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    RateLimitedError,
    SignInError,
    SyncpanelError,
    TransientError,
)

CONCURRENT = "concurrent"
_COLUMN = re.compile(r"No such column '([\w.]+)'")
_NOT_KEY = re.compile(r"Field name provided, (\w+) is not an External ID")
_SHORT_PAUSE = timedelta(seconds=5)
_LONG_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of an error array, of a request or of a row."""

    code: str
    message: str
    fields: tuple[str, ...]


def read_problems(body: object) -> list[Problem]:
    """The entries of an error array; empty when it is something else."""
    entries = body if isinstance(body, list) else []
    return [_read_problem(entry) for entry in entries if isinstance(entry, dict)]


def _read_problem(entry: Mapping[str, Any]) -> Problem:
    fields = entry.get("fields")
    names = tuple(map(str, fields)) if isinstance(fields, list) else ()
    return Problem(str(entry.get("errorCode") or entry.get("statusCode") or ""), str(entry.get("message") or ""), names)


def read_body(response: httpx.Response) -> Any:
    """The error as JSON; None when it is something else."""
    try:
        return load_json(response.content)
    except UnreadableError:
        return None


def has_expired(status: int, body: object) -> bool:
    """True for a session that ran out."""
    problem = next(iter(read_problems(body)), Problem("", "", ()))
    return status == 401 and problem.code == "INVALID_SESSION_ID" and not problem.message.startswith(NOT_EXPIRED)


def classify(problem: httpx.Response | Exception, now: datetime) -> SyncpanelError:
    """Any answer or exception as one of our families. Never raises."""
    if not isinstance(problem, httpx.Response):
        return unexpected(problem, LABEL)
    body = read_body(problem)
    if isinstance(body, dict) and "error" in body:
        return _token_error(problem, body)
    found = next(iter(read_problems(body)), None)
    if found is None:
        return _status_error(problem)
    if found.code == "REQUEST_LIMIT_EXCEEDED" or (problem.status_code == 403 and "Limit exceeded" in found.message):
        return _limit_error(problem.status_code, found, now)
    if found.code in REQUESTS and problem.status_code < 500:
        return _request_error(problem, found)
    return _status_error(problem, _describe(problem.status_code, found))


def _status_error(response: httpx.Response, technical: str = "") -> SyncpanelError:
    if response.status_code == 420:
        return TransientError(f"{LABEL} does not answer at the moment.", technical=technical or "HTTP 420")
    return status_error(response, LABEL, technical)


def _token_error(response: httpx.Response, body: Mapping[str, Any]) -> SyncpanelError:
    word = str(body["error"])
    if response.status_code >= 500 or word not in TOKEN_ERRORS:
        return status_error(response, LABEL, f"HTTP {response.status_code} · {word[:80]}")
    return SignInError(TOKEN_ERRORS[word], technical=f"{word}: {scrub(str(body.get('error_description') or ''))}")


def _limit_error(status: int, found: Problem, now: datetime) -> SyncpanelError:
    technical = _describe(status, found)
    if CONCURRENT in found.message.lower():
        words = "Salesforce has too many calls of ours under way. We go on in a moment."
        return RateLimitedError(words, retry_at=now + _SHORT_PAUSE, technical=technical)
    words = "Salesforce's daily limit is used up. We go on when there is room again."
    return RateLimitedError(words, retry_at=now + _LONG_PAUSE, is_long=True, technical=technical)


def _request_error(response: httpx.Response, found: Problem) -> SyncpanelError:
    family, words = REQUESTS[found.code]
    if family is BatchRefusedError and not is_write(response):
        family = ConfigurationError
    if not_key := _NOT_KEY.search(found.message):
        family, words = ConfigurationError, f"{not_key[1]} is not an external ID in Salesforce. Choose another key."
    text = words.format(fields=", ".join(found.fields) or "a field", detail=tell_gone(found))
    code = ROW_REASONS.get(found.code, "") if family is BatchRefusedError else ""
    return family(text, code=code, technical=_describe(response.status_code, found))


def _describe(status: int, found: Problem) -> str:
    """The raw facts. A parser quotes the value it could not read, so its message stays out."""
    message = "" if found.code == "JSON_PARSER_ERROR" else scrub(found.message)
    return " · ".join(filter(None, (f"HTTP {status}", found.code, message)))


def tell_gone(found: Problem) -> str:
    """A field that is not there any more, or that our sign-in may not see: Salesforce hides the difference."""
    column = _COLUMN.search(found.message)
    name = column[1] if column else (found.fields[0] if found.fields else "A field")
    return f"{name} does not exist in Salesforce any more, or our sign-in may not see it. Look at the mapping."
