"""Template filters: numbers, times and nouns as people say them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from integrations.enums import Stage, Status

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.filter
def count(value: float | None) -> str:
    """47000 → "47,000"; None → "0"."""
    return f"{round(value or 0):,}"


@register.filter
def nouns(value: int | None, noun: str | tuple[str, str]) -> str:
    """1, "person,people" → "1 person"; 47000 → "47,000 people". The noun may be an object's declared pair."""
    return f"{count(value)} {noun_for(value, noun)}"


@register.filter
def noun_for(value: int | None, noun: str | tuple[str, str]) -> str:
    """Only the word: "person" or "people"."""
    singular, plural = noun.split(",") if isinstance(noun, str) else noun
    return singular if value == 1 else plural


@register.filter
def percent(part: float | None, whole: float | None) -> float:
    """`part` of `whole` as 0 to 100; 0 of nothing is 0."""
    return 100.0 * (part or 0) / whole if whole else 0.0


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """0.2 → "under 1 s", 42 → "42 s", 1560 → "26 min", 4800 → "1 h 20 min", 200000 → "2 days"."""
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    whole = max(0, round(seconds or 0))
    if not whole and (seconds or 0) > 0:
        return "under 1 s"
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    if whole < 2 * DAY:
        minutes = whole % HOUR // MINUTE
        return f"{whole // HOUR} h {minutes} min" if minutes else f"{whole // HOUR} h"
    return f"{whole // DAY} days"


@register.filter
def about(seconds: float | None) -> str:
    """An estimate, rounded so that it promises no more than it knows: "less than a minute", "about 35 min"."""
    whole = max(0, round(seconds or 0))
    if whole < MINUTE:
        return "less than a minute"
    step = MINUTE if whole < 10 * MINUTE else 5 * MINUTE
    return f"about {duration(round(whole / step) * step)}"


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, with the full time on hover: "26 min ago", "yesterday 18:04", "3 Nov 18:04"; None → "never"."""
    if moment is None:
        return "never"
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return _time(moment, "just now")
    return _time(moment, f"{duration(seconds)} ago") if seconds < 6 * HOUR else clock(moment)


@register.filter
def clock(moment: datetime | None) -> SafeString | str:
    """The time of day, with the day when it is not today: "09:52", "yesterday 18:04", "3 Nov 18:04"."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (local.date() - today).days
    day = {0: "", -1: "yesterday ", 1: "tomorrow "}.get(days)
    if day is None:
        day = f"{local.day} {local:%b} " if local.year == today.year else f"{local.day} {local:%b %Y} "
    return _time(moment, f"{day}{local:%H:%M}")


@register.filter
def until(moment: datetime | None) -> SafeString | str:
    """How long from now: "in 4 min", or "now" once it has come."""
    if moment is None:
        return ""
    seconds = (moment - timezone.now()).total_seconds()
    return _time(moment, f"in {duration(seconds)}" if seconds > 0 else "now")


def _time(moment: datetime, words: str) -> SafeString:
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%d %b %Y %H:%M:%S %Z}", words
    )


@register.filter
def stage_word(stage: str) -> str:
    """The stage as the stepper says it."""
    return str(Stage(stage).label)


@register.filter
def status_word(status: str) -> str:
    """The status as a pill says it."""
    return str(Status(status).label)


@register.filter
def person(actor: str, people: Mapping[str, str]) -> str:
    """The name of whoever did something; of people who left, what they signed in with."""
    return people.get(actor, actor)
