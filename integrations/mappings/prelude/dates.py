"""Dates, times and time zones.

Runs in the sandbox.
"""

import datetime
import re
from typing import Any

from integrations.mappings.prelude.zones import _local_offset, _zone_offset

_ISO = re.compile(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:$|[T ])")
_FRACTION = re.compile(r"([:.][0-9]{2})[.,][0-9]+")
_EPOCH = re.compile(r"^-?[0-9]{9,13}$")
_EIGHT_DIGITS = re.compile("^[0-9]{8}$")
_TIME = re.compile(
    r"[ T,]+(?:at )?([0-9]{1,2})(?:[:.]([0-9]{2}))?(?:[:.]([0-9]{2}))?(?:[.,][0-9]+)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r"(?: ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?$"
)
_THREE_NUMBERS = re.compile(r"^([0-9]{1,4})[./-] ?([0-9]{1,2})[./-] ?([0-9]{1,4})$")
_WORDS = re.compile(r"[^\s.,/-]+")
_DAY_NUMBER = re.compile(r"^([0-9]{1,2})(?:st|nd|rd|th|er)?$")
_MONTHS = (
    ("jan", "ene", "gen"),
    ("feb", "fév", "fev"),
    ("mar", "mär", "mrz", "maa"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mag", "mei"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "ott", "out"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
_EPOCH_START = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017
_LAST_SECOND = 253402300799


def to_date(value: Any, day_first: bool = True, zone: str = "UTC") -> str | None:
    """A date as 2024-03-01; "1/3/2024" is 1 March, or 3 January with day_first=False. None when it is no date.

    A point in time gives the date it is in `zone`; a date or a time without a zone stays what is written.

    In words: as a date
    >>> to_date("March 1, 2024")
    '2024-03-01'
    >>> to_date("1/3/2024", day_first=False)
    '2024-01-03'
    >>> to_date("2024-03-01T23:30:00Z", zone="Europe/Berlin")
    '2024-03-02'
    """
    found = _read_time(value, day_first)
    if found is None:
        return None
    seconds, is_point = found
    return _write_time(seconds + _zone_offset(zone, seconds) if is_point else seconds, "%Y-%m-%d")


def to_datetime(value: Any, day_first: bool = True, zone: str = "UTC") -> str | None:
    """A point in time as 2024-03-01T10:00:00Z, from ISO text, seconds or milliseconds since 1970, or a written date.

    A time without a zone is read as one in `zone`.

    In words: as a date and time
    >>> to_datetime("1709287200000")
    '2024-03-01T10:00:00Z'
    >>> to_datetime("03/01/2024 10:30 PM", day_first=False, zone="America/New_York")
    '2024-03-02T03:30:00Z'
    >>> to_datetime("soon")
    """
    seconds = _point_in_time(value, day_first, zone)
    return None if seconds is None else _write_time(seconds, "%Y-%m-%dT%H:%M:%SZ")


def to_local(value: Any, zone: str, day_first: bool = True) -> str | None:
    """A point in time as the clocks in `zone` show it: 2024-03-01T11:00:00+01:00; one without a zone is UTC.

    In words: as local time
    >>> to_local("2024-07-01T10:00:00Z", "Europe/Berlin")
    '2024-07-01T12:00:00+02:00'
    >>> to_local("1709287200000", "America/New_York")
    '2024-03-01T05:00:00-05:00'
    """
    seconds = _point_in_time(value, day_first, "UTC")
    if seconds is None:
        return None
    offset = _zone_offset(zone, seconds)
    text = _write_time(seconds + offset, "%Y-%m-%dT%H:%M:%S")
    sign, minutes = ("-", -offset // 60) if offset < 0 else ("+", offset // 60)
    return None if text is None else f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


def to_epoch_ms(value: Any, day_first: bool = True, zone: str = "UTC") -> int | None:
    """Milliseconds since 1970, as some tools want a time; a time without a zone is read as one in `zone`.

    In words: in milliseconds since 1970
    >>> to_epoch_ms("2024-03-01T10:00:00Z")
    1709287200000
    >>> to_epoch_ms("2024-03-01")
    1709251200000
    """
    seconds = _point_in_time(value, day_first, zone)
    return None if seconds is None else seconds * 1000


def format_date(value: Any, pattern: str, day_first: bool = True, zone: str = "UTC") -> str | None:
    """A date in a form of your own: %d day, %m month, %Y year, %H hour, %M minute, %B name of the month.

    In words: as a date in another form
    >>> format_date("2024-03-01", "%m/%d")
    '03/01'
    >>> format_date("2024-03-01T23:30:00Z", "%d.%m.%Y %H:%M", zone="Europe/Berlin")
    '02.03.2024 00:30'
    """
    found = _read_time(value, day_first)
    if found is None:
        return None
    seconds, is_point = found
    return _write_time(seconds + _zone_offset(zone, seconds) if is_point else seconds, pattern)


def _point_in_time(value: Any, day_first: bool, zone: str) -> int | None:
    found = _read_time(value, day_first)
    if found is None:
        return None
    seconds, is_point = found
    return seconds if is_point or zone == "UTC" else seconds - _local_offset(zone, seconds)


def _write_time(seconds: int, pattern: str) -> str | None:
    if not -62135596800 <= seconds <= _LAST_SECOND:
        return None
    return (_EPOCH_START + datetime.timedelta(seconds=seconds)).strftime(pattern)


def _read_time(value: Any, day_first: bool) -> tuple[int, bool] | None:
    """Seconds since 1970 and True; for a time without a zone, as if it were UTC, and False."""
    if value is None or value is True or value is False:
        return None
    if isinstance(value, (int, float)):
        return _since_1970(float(value))
    text = str(value).strip()
    try:
        if _EPOCH.match(text):
            return _since_1970(float(text))
        if _ISO.match(text):
            return _read_iso(text)
        return _read_written(text, day_first)
    except (ValueError, OverflowError):
        return None


def _since_1970(number: float) -> tuple[int, bool] | None:
    seconds = number / 1000 if abs(number) >= 100_000_000_000 else number
    return (int(seconds), True) if -_LAST_SECOND < seconds <= _LAST_SECOND else None


def _read_iso(text: str) -> tuple[int, bool]:
    text = _FRACTION.sub(r"\1", text)
    for word in (" UTC", " GMT", "UTC", " Z"):
        if text.endswith(word):
            text = text[: -len(word)] + "Z"
    return _count_seconds(datetime.datetime.fromisoformat(text))


def _count_seconds(moment: Any) -> tuple[int, bool]:
    is_point = moment.tzinfo is not None
    if not is_point:
        moment = moment.replace(tzinfo=datetime.timezone.utc)  # noqa: UP017
    return int((moment - _EPOCH_START).total_seconds() // 1), is_point


def _read_written(text: str, day_first: bool) -> tuple[int, bool] | None:
    """A date as people and exports write it, with or without a time behind it."""
    day = _read_day(text, day_first)
    if day is not None:
        return _count_seconds(datetime.datetime(day[0], day[1], day[2]))  # noqa: DTZ001, RUF100
    time = _TIME.search(text)
    day = _read_day(text[: time.start()], day_first) if time else None
    if day is None or time is None:
        return None
    hour, minute, second, half, zone = time.groups()
    if minute is None and half is None:
        return None
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    seconds, _ = _count_seconds(datetime.datetime(day[0], day[1], day[2], hours, int(minute or 0), int(second or 0)))  # noqa: DTZ001, RUF100
    return seconds - _read_offset(zone), zone is not None


def _read_offset(zone: str | None) -> int:
    if zone is None or zone in ("Z", "UTC", "GMT"):
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return minutes * (-60 if zone[0] == "-" else 60)


def _read_day(text: str, day_first: bool) -> tuple[int, int, int] | None:
    if _EIGHT_DIGITS.match(text):
        return int(text[:4]), int(text[4:6]), int(text[6:])
    found = _THREE_NUMBERS.match(text)
    if found is None:
        return _read_worded_day(text)
    first, second, third = int(found.group(1)), int(found.group(2)), int(found.group(3))
    if len(found.group(1)) == 4:
        return first, second, third
    if len(found.group(3)) != 4 or len(found.group(1)) > 2:
        return None
    return (third, second, first) if day_first else (third, first, second)


def _read_worded_day(text: str) -> tuple[int, int, int] | None:
    """The day of "Fri, 1st March 2024", "März 1, 2024", "01-Mar-2024", "1 de marzo de 2024"."""
    year = month = day = 0
    for word in _WORDS.findall(text.lower()):
        number = _DAY_NUMBER.match(word)
        if number and not day:
            day = int(number.group(1))
        elif len(word) == 4 and word.isdigit() and not year:
            year = int(word)
        elif not month and _month_of(word):
            month = _month_of(word)
        elif word[0].isdigit():
            return None
    return (year, month, day) if year and month and day else None


def _month_of(word: str) -> int:
    for at in range(12):
        if word.startswith(_MONTHS[at]):
            return at + 1
    return 0
