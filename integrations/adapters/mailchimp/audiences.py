"""What an audience looks like: its merge fields, groups, tags and permissions, and whether it asks everyone to confirm.

https://mailchimp.com/developer/marketing/api/lists/
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from integrations.adapters.auth import SignedClient
from integrations.adapters.mailchimp.paths import API, LISTS, name_object, of_list, with_query
from integrations.types import ObjectCapability

T = TypeVar("T")
Row = Mapping[str, Any]

PAGE = 500
MOST_PAGES = 200
_LIST_FIELDS = ("id", "name", "double_optin", "marketing_permissions")


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience. `asks_all`: who signs up is asked by mail to confirm it."""

    id: str
    name: str
    asks_all: bool
    has_permissions: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group of choices ("interests") of an audience. `choices`: what we call each -> its id."""

    id: str
    title: str
    is_single: bool
    choices: Mapping[str, str]


class Audiences:
    """The audiences of an account, each asked for once per adapter."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], Any] = {}

    def find(self, audience_id: str) -> Audience:
        """ConfigurationError when it is not there."""

        def ask() -> Audience:
            row = self._client.get(of_list(audience_id, fields=",".join(_LIST_FIELDS)), API)
            return _read_audience(row if isinstance(row, dict) else {}, audience_id)

        return self._once(("audience", audience_id), ask)

    def list_all(self) -> list[Audience]:
        """All of the account."""
        fields = ",".join([*(f"lists.{name}" for name in _LIST_FIELDS), "total_items"])
        rows = self._rows(LISTS, "lists", {"fields": fields})
        return [_read_audience(row, str(row["id"])) for row in rows if row.get("id")]

    def group(self, audience_id: str, group_id: str) -> Group:
        """One group by its id; without choices when it is gone."""
        known = {group.id: group for group in self.groups(audience_id)}
        return known.get(group_id) or Group(group_id, group_id, False, {})

    def groups(self, audience_id: str) -> Sequence[Group]:
        """All groups with their choices."""
        return self._once(("groups", audience_id), lambda: list(self._ask_groups(audience_id)))

    def _ask_groups(self, audience_id: str) -> Iterator[Group]:
        for row in self._rows(of_list(audience_id, "interest-categories"), "categories", {}):
            group_id = str(row.get("id") or "")
            path = of_list(audience_id, f"interest-categories/{group_id}/interests")
            choices = {_name_choice(one): str(one.get("id")) for one in self._rows(path, "interests", {})}
            is_single = str(row.get("type")) in ("radio", "dropdown")
            yield Group(group_id, str(row.get("title") or group_id), is_single, choices)

    def merge_fields(self, audience_id: str) -> list[Row]:
        """As Mailchimp describes them; the address is not among them."""
        return list(self._rows(of_list(audience_id, "merge-fields"), "merge_fields", {}))

    def tags(self, audience_id: str) -> list[str]:
        """The names of all tags in use."""
        return [str(row.get("name")) for row in self._rows(of_list(audience_id, "tag-search"), "tags", {}, pages=1)]

    def permissions(self, audience_id: str) -> list[Row]:
        """The marketing permissions: nothing describes them but the members, so one is looked at."""
        if not self.find(audience_id).has_permissions:
            return []
        query = {"count": 1, "fields": "members.marketing_permissions"}
        body = self._client.get(of_list(audience_id, "members", **query), API)
        rows = body.get("members") if isinstance(body, dict) else None
        first = rows[0].get("marketing_permissions") if rows and isinstance(rows[0], dict) else None
        return [one for one in first or [] if isinstance(one, dict) and one.get("marketing_permission_id")]

    def _rows(
        self, path: str, name: str, query: Mapping[str, Any], pages: int = MOST_PAGES
    ) -> Iterator[dict[str, Any]]:
        """The rows of a list, page by page, until as many have come as it says it has."""
        offset = 0
        for _ in range(pages):
            answer = self._client.call("GET", with_query(path, {**query, "count": PAGE, "offset": offset}), API)
            body = self._client.http.read_json(answer)
            rows = body.get(name) if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise self._client.http.unexpected(answer)
            yield from (row for row in rows if isinstance(row, dict))
            offset += len(rows)
            if not rows or offset >= int(body.get("total_items") or 0):
                return

    def _once(self, key: tuple[str, ...], ask: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._known:
                self._known[key] = ask()
            found: T = self._known[key]
            return found


def describe_each(audiences: Sequence[Audience], kind: ObjectCapability) -> list[ObjectCapability]:
    """An object per audience, able to do what `kind` can."""
    return [replace(kind, name=name_object(one.id), label=one.name, stands_for_many=False) for one in audiences]


def _read_audience(row: Row, audience_id: str) -> Audience:
    name = str(row.get("name") or audience_id)
    return Audience(audience_id, name, bool(row.get("double_optin")), bool(row.get("marketing_permissions")))


def _name_choice(row: Row) -> str:
    """Its name; the id where the name holds what separates several choices."""
    name, choice_id = str(row.get("name") or "").strip(), str(row.get("id"))
    return choice_id if not name or ";" in name else name
