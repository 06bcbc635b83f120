"""Runs in the sandbox: dates and times, always in UTC."""

import datetime
import re
from typing import Any

_ISO = re.compile(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:$|[T ])")
_THREE_NUMBERS = re.compile(r"^([0-9]{1,4})[./-]([0-9]{1,2})[./-]([0-9]{1,4})$")
_EPOCH = re.compile(r"^-?[0-9]{9,13}$")
_FIRST_DAY = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017
_LAST_SECOND = 253402300799


def to_datetime(value: Any, day_first: bool = True) -> str | None:
    """A point in time as 2024-03-01T10:00:00Z, from ISO text, seconds or milliseconds since 1970, or a date."""
    moment = _moment(value, day_first)
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_date(value: Any, day_first: bool = True) -> str | None:
    """A date as 2024-03-01; "1/3/2024" is 1 March, or 3 January with day_first=False. None when it is no date."""
    moment = _moment(value, day_first)
    return None if moment is None else moment.strftime("%Y-%m-%d")


def _moment(value: Any, day_first: bool) -> Any:
    if value is None or value is True or value is False:
        return None
    if isinstance(value, (int, float)):
        return _since_1970(float(value))
    text = str(value).strip()
    try:
        if _ISO.match(text):
            return _in_utc(datetime.datetime.fromisoformat(text))
        if _EPOCH.match(text):
            return _since_1970(float(text))
        return _from_three_numbers(_THREE_NUMBERS.match(text), day_first)
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: Any) -> Any:
    return moment if moment.tzinfo is None else moment.astimezone(datetime.timezone.utc)  # noqa: UP017


def _since_1970(number: float) -> Any:
    seconds = number / 1000 if abs(number) >= 100_000_000_000 else number
    if not -_LAST_SECOND < seconds <= _LAST_SECOND:
        return None
    return _FIRST_DAY + datetime.timedelta(seconds=int(seconds))


def _from_three_numbers(found: Any, day_first: bool) -> Any:
    if found is None:
        return None
    first, second, third = int(found.group(1)), int(found.group(2)), int(found.group(3))
    if len(found.group(1)) == 4:
        return datetime.datetime(first, second, third)  # noqa: DTZ001, RUF100
    if len(found.group(3)) != 4:
        return None
    day, month = (first, second) if day_first else (second, first)
    return datetime.datetime(third, month, day)  # noqa: DTZ001, RUF100
