"""What is the same for all platforms when a call goes wrong: the network, the gateways, unreadable answers."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    PlatformError,
    SignInError,
    SyncpanelError,
    TransientError,
    UnknownOutcomeError,
)

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Nothing has left this machine, so nothing can have been done."""

PERHAPS_DONE = frozenset({500, 502, 504, 520, 521, 522, 523, 524})
"""A gateway that lost its server does not know how far the server came."""

UNREADABLE = {
    "empty_answer": "{platform} sent an empty answer.",
    "html_answer": "{platform} sent a web page instead of an answer.",
    "half_answer": "{platform}'s answer breaks off in the middle.",
    "bursting_answer": "{platform} sent an answer of more parts than we can hold.",
    "unexpected_answer": "{platform} sent an answer of another shape than agreed.",
}

LONGEST_PAUSE = 86_400.0
"""Longer than any platform's longest window: what says more is a mistake, and a job must not sleep for years."""

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_EMAIL = re.compile(r"[^\s\"'\[\]<>,;:(]+@[^\s\"'\[\]<>,;:)]+")
_LONG_NUMBER = re.compile(r"\+?\d[\d ()/.-]{5,}\d")


def scrub(text: str) -> str:
    """A platform's own words without addresses and numbers of people, cut to 500 characters."""
    return _LONG_NUMBER.sub("…", _EMAIL.sub("…", text))[:500]


def is_write(problem: httpx.Response | Exception) -> bool:
    """True when the call that failed would have changed something at the platform."""
    try:
        request = problem.request  # type: ignore[union-attr]
    except (AttributeError, RuntimeError):
        return False
    return bool(request.extensions.get("is_write"))


def network_error(problem: Exception, platform: str) -> SyncpanelError:
    """A call that got no answer, or not all of it."""
    technical = type(problem).__name__
    if isinstance(problem, NEVER_SENT):
        return TransientError(f"{platform} cannot be reached.", code="unreachable", technical=technical)
    code = "timeout" if isinstance(problem, httpx.TimeoutException) else "connection_lost"
    words = "took too long to answer" if code == "timeout" else "broke off the connection"
    family = UnknownOutcomeError if is_write(problem) else TransientError
    return family(f"{platform} {words}.", code=code, technical=technical)


def unreadable(code: str, platform: str, *, after_write: bool, technical: str = "") -> SyncpanelError:
    """An answer with a good status that says nothing."""
    family = UnknownOutcomeError if after_write else TransientError
    return family(UNREADABLE[code].format(platform=platform), code=code, technical=technical)


def status_error(response: httpx.Response, platform: str, technical: str = "") -> SyncpanelError:
    """What the status alone says, when the body says no more."""
    status, technical = response.status_code, technical or f"HTTP {response.status_code}"
    if status >= 500:
        family = UnknownOutcomeError if is_write(response) and status in PERHAPS_DONE else TransientError
        return family(f"{platform} has trouble of its own at the moment.", code="platform_trouble", technical=technical)
    if 300 <= status < 400:
        return ConfigurationError(
            f"{platform} answers from another address. Check the address of this connection.",
            code="moved",
            technical=technical,
        )
    refusal, words, code = _refusal(status, is_write(response))
    return refusal(words.format(platform=platform), code=code, technical=technical)


def _refusal(status: int, writing: bool) -> tuple[type[SyncpanelError], str, str]:
    if writing and status in _HALVED:
        return BatchRefusedError, "{platform} refused what we sent.", "refused"
    return _REFUSALS.get(status, (ConfigurationError, "{platform} refused the call.", "refused_call"))


_HALVED = frozenset({400, 409, 413, 414, 422})
_REFUSALS: Mapping[int, tuple[type[SyncpanelError], str, str]] = {
    401: (SignInError, "{platform} stopped accepting our sign-in. Sign in again.", "sign_in"),
    403: (PermissionMissingError, "{platform} does not allow this connection to do that.", "permission"),
    404: (ConfigurationError, "{platform} does not have what this sync asks for.", "not_there"),
    408: (TransientError, "{platform} took too long to answer.", "timeout"),
    410: (ConfigurationError, "{platform} no longer offers this version of its interface.", "gone"),
    425: (TransientError, "{platform} has trouble of its own at the moment.", "platform_trouble"),
}


def read_retry_after(headers: Mapping[str, str], now: datetime, default: float) -> datetime:
    """When the platform wants to be asked again, a day at most; `default` in seconds if it does not say."""
    text = headers.get("retry-after", "").strip()
    seconds = float(text) if _SECONDS.fullmatch(text) else default
    return now + timedelta(seconds=min(seconds, LONGEST_PAUSE))


def unexpected(problem: Exception, platform: str) -> SyncpanelError:
    """Anything else: ours already, or a surprise that must still become one of our families."""
    if isinstance(problem, SyncpanelError):
        return problem
    if isinstance(problem, httpx.TransportError):
        return network_error(problem, platform)
    if isinstance(problem, httpx.InvalidURL):
        return ConfigurationError(f"The address of {platform} is not usable.", code="address", technical="InvalidURL")
    return PlatformError(f"{platform} did something unexpected.", technical=type(problem).__name__)
