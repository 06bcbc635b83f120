"""A mapped record as Mailchimp takes it: the profile, and apart from it what it says about consent and tags.

https://mailchimp.com/developer/marketing/api/list-members/add-or-update-list-member/
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from integrations.adapters.mailchimp.audiences import Group
from integrations.adapters.mailchimp.declaration import ADDRESS, CONTACT_ID, LABEL
from integrations.adapters.mailchimp.fields import (
    GROUP,
    NEEDED_PARTS,
    PATHS,
    PERMISSION,
    WRITABLE,
    is_merge_field,
    split_name,
)
from integrations.adapters.mailchimp.paths import hash_address
from integrations.adapters.wire import join_choices
from integrations.exceptions import RecordRejectedError, SchemaChangedError
from integrations.reasons import sentence
from integrations.types import FlatRecord

FindGroup = Callable[[str], Group]
Body = dict[str, Any]
_APART = frozenset({"status", "status_if_new", "tags", "tags_to_remove"})


@dataclass(frozen=True, slots=True)
class Member:
    """One person on the way. `who` is how the person is addressed; `body` the profile, without consent and tags."""

    who: str
    address: str
    body: Body
    status: str = ""
    status_if_new: str = ""
    tags: tuple[str, ...] = ()
    tags_to_remove: tuple[str, ...] = ()

    @property
    def merge_tags(self) -> frozenset[str]:
        """The merge fields that are written."""
        return frozenset(self.body.get("merge_fields", ()))


def build_member(record: FlatRecord, key: str, find_group: FindGroup) -> Member:
    """RecordRejectedError for what only concerns this person, SchemaChangedError for a field there is not."""
    address = str(record.get(ADDRESS) or "").strip()
    who = hash_address(address) if key == ADDRESS else str(record.get(key) or "").strip()
    return Member(
        who=who,
        address=address,
        body=build_body(record, find_group),
        status=_text(record.get("status")),
        status_if_new=_text(record.get("status_if_new")),
        tags=split_choices(record.get("tags")),
        tags_to_remove=split_choices(record.get("tags_to_remove")),
    )


def build_body(record: FlatRecord, find_group: FindGroup) -> Body:
    """The profile in Mailchimp's shape; "" clears a merge field."""
    body: Body = {}
    merges: Body = {}
    for name, value in record.items():
        if name in _APART or name == CONTACT_ID:
            continue
        if name in WRITABLE:
            _put_standard(body, name, value)
        elif not _put_special(body, name, value, find_group):
            _put_merge(merges, name, value)
    if merges:
        body["merge_fields"] = {tag: _close_address(tag, value) for tag, value in merges.items()}
    return body


def _put_standard(body: Body, name: str, value: Any) -> None:
    """Of these only the language and the VIP mark can be taken away again."""
    if name == "vip":
        value = _is_true(value)
    elif value in (None, "") and name != "language":
        return
    *outer, last = PATHS[name]
    for part in outer:
        body = body.setdefault(part, {})
    body[last] = float(value) if outer else _plain(value)


def _put_special(body: Body, name: str, value: Any, find_group: FindGroup) -> bool:
    """A group or a permission; False for anything else."""
    kind, one = split_name(name)
    if kind == GROUP and one:
        body.setdefault("interests", {}).update(_choose(find_group(one), name, value))
    elif kind == PERMISSION and one:
        given = {"marketing_permission_id": one, "enabled": _is_true(value)}
        body.setdefault("marketing_permissions", []).append(given)
    else:
        return False
    return True


def _choose(group: Group, name: str, value: Any) -> dict[str, bool]:
    """All choices of the group: those named are set, the others are not."""
    if not group.choices:
        raise missing_field(name)
    chosen = split_choices(value)
    if not set(chosen) <= group.choices.keys():
        raise RecordRejectedError(sentence("not_in_list", name, LABEL), field=name, code="not_in_list")
    return {choice_id: choice in chosen for choice, choice_id in group.choices.items()}


def _put_merge(merges: Body, name: str, value: Any) -> None:
    if not is_merge_field(name):
        raise missing_field(name)
    tag, part = split_name(name)
    if part:
        merges.setdefault(tag, {})[part] = _plain(value)
    else:
        merges[tag] = _plain(value)


def _close_address(tag: str, value: Any) -> Any:
    """An address without any part is cleared; one that lacks a part Mailchimp needs is held here, with its name."""
    if not isinstance(value, dict):
        return value
    if not any(value.values()):
        return ""
    for part in NEEDED_PARTS:
        if not value.get(part):
            name = f"{tag}:{part}"
            raise RecordRejectedError(sentence("required_missing", name, LABEL), field=name, code="required_missing")
    return value


def missing_field(name: str) -> SchemaChangedError:
    """A field that the audience does not have: Mailchimp would pass over it without a word."""
    return SchemaChangedError(f"{name} does not exist in {LABEL} any more. Look at the mapping.", technical=name)


def check_fields(member: Member, row: Mapping[str, Any]) -> None:
    """SchemaChangedError when Mailchimp passed over a field: it does so without a word when the audience has it no more."""
    kept = row.get("merge_fields")
    gone = sorted(member.merge_tags - kept.keys()) if isinstance(kept, dict) else []
    if gone:
        raise missing_field(gone[0])


def split_choices(value: Any) -> tuple[str, ...]:
    """Several choices in one text with ";" between them, or as a list."""
    parts: Iterable[Any] = value if isinstance(value, list | tuple) else str(value or "").split(";")
    return tuple(dict.fromkeys(text for text in (str(part).strip() for part in parts) if text))


def _plain(value: Any) -> Any:
    """A value JSON can carry; nothing is the empty text, which clears."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return join_choices(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _text(value: Any) -> str:
    return str(value or "").strip()


def _is_true(value: Any) -> bool:
    return str(value).strip().lower() == "true"


def write_tags(member: Member, has: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The changes of tags that are needed, seen what a member has; all of them when that is not known."""
    names, is_whole = _known_tags(has)
    add = [tag for tag in member.tags if not is_whole or tag not in names]
    remove = [tag for tag in member.tags_to_remove if not is_whole or tag in names]
    changes = [{"name": tag, "status": "active"} for tag in add]
    return changes + [{"name": tag, "status": "inactive"} for tag in remove if tag not in member.tags]


def _known_tags(row: Mapping[str, Any] | None) -> tuple[frozenset[str], bool]:
    """A member shows fifty of its tags at most."""
    tags = row.get("tags") if row is not None else None
    if row is None or not isinstance(tags, list):
        return frozenset(), False
    names = frozenset(str(tag.get("name")) for tag in tags if isinstance(tag, dict))
    return names, int(row.get("tags_count") or 0) <= len(tags)
