"""Template filters: a value by its key, a person by the short name, when a sync starts."""

from collections.abc import Mapping

from django import template

from syncpanel.words.people import short
from syncpanel.words.timing import explain_timing

register = template.Library()
register.filter("short", short)
register.filter("timing", explain_timing)


@register.filter
def at(values: Mapping[object, object], key: object) -> object:
    """`values[key]`, or nothing when there is no such key."""
    return values.get(key, "")
