"""How Segment says no, as tables. Its three interfaces and its sign-in have a shape each.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#errors
https://segment.com/docs/unify/profile-api/#errors
https://docs.segmentapis.com/tag/Error-Handling
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from integrations.adapters.errors import LONGEST_PAUSE, is_write, read_retry_after, scrub, status_error, unexpected
from integrations.adapters.segment.names import LABEL
from integrations.adapters.wire import UnreadableError, load_json
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    RateLimitedError,
    RecordRejectedError,
    SignInError,
    SyncpanelError,
    TransientError,
)
from integrations.reasons import sentence

SIGN_IN_STATUSES = frozenset({400, 401, 403, 511})
"""After these the vendor's own library forgets its OAuth token."""

# the word in `error` when no token is given -> what a person does
SIGN_IN: Mapping[str, str] = {
    "invalid_client": "Segment does not accept the app ID, the key ID or the private key.",
    "invalid_grant": "Segment does not accept the app ID, the key ID or the private key.",
    "unauthorized_client": "Segment does not let this OAuth application send events.",
    "invalid_scope": "The OAuth application needs the scope tracking_api:write.",
    "invalid_request": "Segment does not accept the way we sign in.",
    "access_denied": "Segment does not let this OAuth application send events.",
}
CLOCK_WORDS = ("token is expired", "token used before issued")
WRONG_CLOCK = "The clock of this server is wrong, so Segment does not accept the sign-in. Set it right."

PASSING = frozenset({408, 410, 425, 460})
"""The vendor's own library tries again after these, 410 among them."""

FINAL = frozenset({501, 505})
"""... and not after these, other than after all else above 500."""

SHORT_PAUSE = 1.0
BUSY = "Segment asked us to slow down. We speed up again by ourselves."


def read_body(response: httpx.Response) -> dict[str, Any]:
    """The error as Segment describes it; empty when the body is something else."""
    try:
        body = load_json(response.content)
    except UnreadableError:
        return {}
    return body if isinstance(body, dict) else {}


def read_error(body: Mapping[str, Any]) -> tuple[str, str]:
    """(word, message), whichever interface answered."""
    error = body.get("error")
    errors = body.get("errors")
    if isinstance(error, dict):
        return str(error.get("code") or ""), str(error.get("message") or "")
    if isinstance(error, str):
        return error, str(body.get("error_description") or "")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("type") or ""), str(errors[0].get("message") or "")
    return str(body.get("code") or ""), str(body.get("message") or "")


def classify(problem: httpx.Response | Exception, now: datetime) -> SyncpanelError:
    """Any answer or exception as one of our families. Never raises."""
    if not isinstance(problem, httpx.Response):
        return unexpected(problem, LABEL)
    word, message = read_error(read_body(problem))
    technical = describe(problem, word, message)
    status = problem.status_code
    if status == 429:
        return RateLimitedError(BUSY, retry_at=read_pause(problem.headers, now), technical=technical)
    if status < 500 and word in SIGN_IN:
        wrong_clock = message.lower() in CLOCK_WORDS
        return SignInError(WRONG_CLOCK if wrong_clock else SIGN_IN[word], technical=technical)
    if status == 404 and word == "not_found":
        return RecordRejectedError(sentence("not_found", "", LABEL), code="not_found", technical=technical)
    return _by_status(problem, technical)


def _by_status(response: httpx.Response, technical: str) -> SyncpanelError:
    status = response.status_code
    if status in PASSING:
        return TransientError(
            f"{LABEL} has trouble of its own at the moment.", code="platform_trouble", technical=technical
        )
    if status in FINAL:
        return ConfigurationError(f"{LABEL} refused the call.", code="refused_call", technical=technical)
    if status == 413:
        return _too_large(response, technical)
    if status == 511 or (status == 403 and is_write(response)):
        return SignInError(f"{LABEL} stopped accepting our sign-in. Sign in again.", technical=technical)
    if status == 403:
        words = f"{LABEL} does not let this token do that. Give it the right in {LABEL}, or make another one."
        return PermissionMissingError(words, technical=technical)
    return status_error(response, LABEL, technical)


def _too_large(response: httpx.Response, technical: str) -> SyncpanelError:
    if is_write(response):
        return BatchRefusedError(sentence("too_large", "", LABEL), code="too_large", technical=technical)
    return status_error(response, LABEL, technical)


def read_pause(headers: Mapping[str, str], now: datetime) -> datetime:
    """Until when to wait. `X-RateLimit-Reset` is seconds with one interface and a date with another."""
    if headers.get("retry-after"):
        return read_retry_after(headers, now, SHORT_PAUSE)
    told = headers.get("x-ratelimit-reset", "").strip()
    if told.isascii() and told.isdigit():
        return now + timedelta(seconds=min(float(told), LONGEST_PAUSE))
    try:
        moment = parsedate_to_datetime(told)
    except (TypeError, ValueError, IndexError):
        return now + timedelta(seconds=SHORT_PAUSE)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    return min(max(moment, now + timedelta(seconds=SHORT_PAUSE)), now + timedelta(seconds=LONGEST_PAUSE))


def describe(response: httpx.Response, word: str, message: str) -> str:
    """The raw facts without values, and the number the vendor's support asks for."""
    number = response.headers.get("request-id", "")
    parts = [f"HTTP {response.status_code}", word, scrub(message), f"request id {number[:80]}" if number else ""]
    return " · ".join(filter(None, parts))
