"""What an administrator at a platform does to its fields, through the control API: take one away, rename it, make it another."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

Change = dict[str, Any]
"""{"name": …} and one of {"remove": true}, {"restore": true}, {"rename": "Other__c"}, {"set": {…}}: the platform's own words."""
F = TypeVar("F", bound=Any)


def change_fields(held: dict[str, F], at_first: Mapping[str, F], change: Change) -> None:
    """Changes `held` in place; `at_first` is what "restore" goes back to. KeyError or ValueError for what there is not."""
    name = change["name"]
    if change.get("restore"):
        held[name] = at_first[name]
    elif change.get("remove"):
        del held[name]
    elif "rename" in change:
        held[change["rename"]] = replace(held.pop(name), name=change["rename"])
    elif "set" in change:
        held[name] = _set(held[name], change["set"])
    else:
        raise ValueError("Say remove, restore, rename or set.")


def _set(field: F, values: dict[str, Any]) -> F:
    """Lists become what the field has: tuples, of tuples where they hold lists."""
    if unknown := values.keys() - {one.name for one in fields(field)}:
        raise ValueError(f"A field has no {sorted(unknown)}.")
    return replace(field, **{name: _as_tuples(value) for name, value in values.items()})


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
