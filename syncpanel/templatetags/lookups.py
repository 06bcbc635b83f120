"""Template filters: a value by its key, a person by the short name."""

from collections.abc import Mapping

from django import template

from syncpanel.words.people import short

register = template.Library()
register.filter("short", short)


@register.filter
def at(values: Mapping[object, object], key: object) -> object:
    """`values[key]`, or nothing when there is no such key."""
    return values.get(key, "")
