"""How Mailchimp says no. https://mailchimp.com/developer/marketing/docs/errors/

Errors are problem documents; `title` is what stays the same. A call about one person that is refused because of that person
is a RecordRejectedError; `record_errors.py` finds the words for it.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from integrations.adapters.errors import is_write, scrub, status_error, unexpected
from integrations.adapters.mailchimp.declaration import LABEL
from integrations.adapters.mailchimp.record_errors import NOT_FOUND, explain
from integrations.adapters.wire import UnreadableError, load_json
from integrations.exceptions import (
    ConfigurationError,
    PermissionMissingError,
    PlatformError,
    RateLimitedError,
    RecordRejectedError,
    SignInError,
    SyncpanelError,
)
from integrations.reasons import sentence

Family = type[SyncpanelError]

OUR_FAULT = "Mailchimp did not understand our call. Tell whoever runs Syncpanel: the technical message says more."

# title of the problem -> the family, our code, what a person does
TITLES: Mapping[str, tuple[Family, str, str]] = {
    "API Key Invalid": (SignInError, "", "Mailchimp does not accept this key. Enter a new one in the connection."),
    "API Key Missing": (SignInError, "", "Mailchimp does not accept this key. Enter a new one in the connection."),
    "Wrong Datacenter": (
        ConfigurationError,
        "address",
        "This key belongs to another data centre of Mailchimp. Check the address of this connection.",
    ),
    "User Disabled": (
        ConfigurationError,
        "account_blocked",
        "Mailchimp has switched this account off. Sign in to Mailchimp to see why.",
    ),
    "ComplianceRelated": (
        ConfigurationError,
        "account_blocked",
        "Mailchimp is reviewing this account and takes nothing meanwhile. Sign in to Mailchimp to see why.",
    ),
    "User action not permitted": (
        PermissionMissingError,
        "",
        "Mailchimp does not allow this: the user needs the role Manager or Admin. Change it in Mailchimp.",
    ),
    "Forbidden": (
        PermissionMissingError,
        "",
        "Mailchimp does not allow this connection to do that. Check the user's role in Mailchimp.",
    ),
    "JSON Parse Exception": (PlatformError, "our_fault", OUR_FAULT),
    "Invalid Action": (PlatformError, "our_fault", OUR_FAULT),
    "RequestedFieldsInvalid": (PlatformError, "our_fault", OUR_FAULT),
    "InvalidMethodOverride": (PlatformError, "our_fault", OUR_FAULT),
}

_BUSY_SECONDS = 10.0
_MEMBER = re.compile(r"/members(/[^/]+(/tags)?)?$")
_ABOUT_A_RECORD = frozenset({400, 404, 405})


def read_body(response: httpx.Response) -> dict[str, Any]:
    """The problem as Mailchimp describes it; empty when the body is something else."""
    try:
        body = load_json(response.content)
    except UnreadableError:
        return {}
    return body if isinstance(body, dict) else {}


def classify(problem: httpx.Response | Exception, now: datetime) -> SyncpanelError:
    """Any answer or exception as one of our families. Never raises."""
    if not isinstance(problem, httpx.Response):
        return unexpected(problem, LABEL)
    body, status = read_body(problem), problem.status_code
    technical = describe(status, body)
    if status == 429 or (status == 403 and not body):
        return _busy(now, technical)
    if found := TITLES.get(str(body.get("title") or "")):
        family, code, words = found
        return family(words, code=code, technical=technical)
    if status in _ABOUT_A_RECORD and (error := _record_error(problem, body, technical)):
        return error
    return status_error(problem, LABEL, technical)


def describe(status: int, body: Mapping[str, Any]) -> str:
    """The raw facts without values: status, title, detail, the fields it names, and the number of the call."""
    words = [f"HTTP {status}", str(body.get("title") or ""), scrub(str(body.get("detail") or ""))]
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            words.append(scrub(f"{error.get('field')}: {error.get('message')}"))
    words.append(f"instance {body['instance']}" if body.get("instance") else "")
    return " · ".join(filter(None, words))[:1_000]


def _busy(now: datetime, technical: str) -> SyncpanelError:
    """Mailchimp never says when to come back."""
    words = "Mailchimp has too many calls under way. We go on in a moment."
    return RateLimitedError(words, retry_at=now + timedelta(seconds=_BUSY_SECONDS), technical=technical)


def _record_error(response: httpx.Response, body: Mapping[str, Any], technical: str) -> SyncpanelError | None:
    """None when the call was about a whole audience, or nothing is said about the person."""
    request = response.request if is_write(response) else None
    if request is None or not is_about_one(request):
        return None
    code, field = explain(response.status_code, body)
    if not code or (code == NOT_FOUND and _adds(request)):
        return None
    return RecordRejectedError(sentence(code, field, LABEL), field=field, code=code, technical=technical)


def _adds(request: httpx.Request) -> bool:
    """A call that needs nobody to be there: what it does not find is the audience."""
    return request.method == "PUT" or request.url.path.endswith("/members")


def is_about_one(request: httpx.Request) -> bool:
    """Was the call about one member of an audience?"""
    return _MEMBER.search(request.url.path) is not None
