"""Members as flat records, and which parts of a member must be asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.adapters.mailchimp.audiences import Audiences
from integrations.adapters.mailchimp.declaration import CONTACT_ID, LABEL
from integrations.adapters.mailchimp.fields import GROUP, PATHS, PERMISSION, is_merge_field, split_name
from integrations.adapters.records import RowShape
from integrations.adapters.wire import join_choices
from integrations.types import FlatRecord, MalformedRecord

Row = Mapping[str, Any]
Pick = Callable[[Row], Any]

ALWAYS = ("id", CONTACT_ID, "status", "last_changed")
_SHAPE = RowShape(LABEL, CONTACT_ID)


def find_id(row: Row) -> str:
    """What a member is known by here. The contact id stays when the address changes; the hash of the address does not."""
    return str(row.get(CONTACT_ID) or row.get("id") or "")


class Shape:
    """The fields asked for, of the members of one audience."""

    def __init__(self, audiences: Audiences, audience_id: str, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self._picks = {name: _make_pick(audiences, audience_id, name) for name in self.fields}
        self.parts = tuple(dict.fromkeys([*ALWAYS, *filter(None, map(_part_of, self.fields))]))

    def flatten(self, rows: Sequence[Any], size: int) -> tuple[list[FlatRecord], list[MalformedRecord]]:
        """The records of an answer of `size` bytes, and what in it is not a usable record."""
        return _SHAPE.flatten([self._pick(row) for row in rows], self.fields, size)

    def _pick(self, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        return {**{name: pick(row) for name, pick in self._picks.items()}, CONTACT_ID: find_id(row)}


def _part_of(name: str) -> str:
    """The part of a member that a field is in; empty for what cannot be read."""
    first, second = split_name(name)
    if second and first == GROUP:
        return "interests"
    if second and first == PERMISSION:
        return "marketing_permissions"
    if name in PATHS:
        return PATHS[name][0]
    return "merge_fields" if is_merge_field(name) else ""


def _make_pick(audiences: Audiences, audience_id: str, name: str) -> Pick:
    first, second = split_name(name)
    if name == "tags":
        return _pick_tags
    if second and first == GROUP:
        return _pick_choices(audiences.group(audience_id, second).choices)
    if second and first == PERMISSION:
        return _pick_permission(second)
    if name in PATHS:
        return _pick_path(PATHS[name])
    return _pick_path(("merge_fields", first, second) if second else ("merge_fields", first))


def _pick_path(path: tuple[str, ...]) -> Pick:
    """An empty text is no value."""
    *outer, last = path

    def pick(row: Row) -> Any:
        for name in outer:
            inner = row.get(name)
            if not isinstance(inner, dict):
                return None
            row = inner
        value = row.get(last)
        return None if value == "" else value

    return pick


def _pick_tags(row: Row) -> str | None:
    tags = row.get("tags")
    names = [str(tag.get("name")) for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return join_choices(names) or None


def _pick_choices(choices: Mapping[str, str]) -> Pick:
    def pick(row: Row) -> str | None:
        chosen = row.get("interests")
        if not isinstance(chosen, dict):
            return None
        return join_choices([name for name, choice_id in choices.items() if chosen.get(choice_id)]) or None

    return pick


def _pick_permission(permission_id: str) -> Pick:
    def pick(row: Row) -> bool | None:
        given = row.get("marketing_permissions")
        for one in given if isinstance(given, list) else []:
            if isinstance(one, dict) and one.get("marketing_permission_id") == permission_id:
                return bool(one.get("enabled"))
        return None

    return pick
