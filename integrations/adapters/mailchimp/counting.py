"""Counting members with conditions, where Mailchimp's own filters mean the same as ours."""

from collections.abc import Sequence
from typing import Any

from integrations.adapters.mailchimp.fields import STATUSES
from integrations.enums import Operator
from integrations.types import Condition

_CHOICES = {"status": frozenset(STATUSES), "email_type": frozenset({"html", "text"})}


def find_filters(conditions: Sequence[Condition]) -> dict[str, Any] | None:
    """The query for members for which all conditions hold; None when no query says exactly that."""
    filters: dict[str, Any] = {}
    for condition in conditions:
        found = _filter(condition)
        if found is None or found.keys() & filters.keys():
            return None
        filters |= found
    return filters


def _filter(condition: Condition) -> dict[str, Any] | None:
    value = condition.value.strip().casefold()
    if condition.operator != Operator.IS:
        return None
    if condition.field == "vip" and value == "true":
        return {"vip_only": "true"}
    return {condition.field: value} if value in _CHOICES.get(condition.field, ()) else None
