"""The limiter's sentences: which limit, and when it goes on."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from integrations.rate_limits.allowances import Allowance


def used_up(platform: str, allowance: Allowance, until: float, now: float) -> str:
    """“HubSpot's daily limit is used up; it starts again at 00:00.”"""
    goes_on = "starts again" if allowance.resets == "midnight" else "goes on"
    return f"{possessive(platform)} {allowance.label} is used up; it {goes_on} at {clock_time(until, now)}."


def asked_to_wait(platform: str, reason: str, until: float, now: float) -> str:
    """The platform's own reason, or that it asked us to wait; and when we ask again."""
    what = reason.strip().rstrip(".") or f"{platform} asks us to wait"
    return f"{what}. Next try at {clock_time(until, now)}."


def all_in_use(platform: str, label: str) -> str:
    """No slot is free."""
    return f"{possessive(platform)} {label} is reached; it goes on when a call has ended."


def possessive(name: str) -> str:
    """HubSpot's, Google Analytics'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def clock_time(moment: float, now: float) -> str:
    """A time of day in the panel's time zone; seconds only when it is soon, else rounded up to the minute."""
    at = datetime.fromtimestamp(moment, UTC)
    if moment - now < 60:
        return timezone.localtime(at).strftime("%H:%M:%S")
    if at.second or at.microsecond:
        at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return timezone.localtime(at).strftime("%H:%M")
