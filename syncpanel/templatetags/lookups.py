"""Template filter: a value by its key."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def at(values: Mapping[object, object], key: object) -> object:
    """`values[key]`, or nothing when there is no such key."""
    return values.get(key, "")
