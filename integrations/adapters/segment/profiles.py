"""Looking up single people and companies, where the workspace has Unify. There is no list of all of them.

https://segment.com/docs/unify/profile-api/
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from integrations.adapters.auth import SignedClient
from integrations.adapters.segment.fields import ANONYMOUS_ID, GROUP_ID, USER_ID
from integrations.adapters.segment.flattening import flatten
from integrations.adapters.segment.names import GROUPS, LABEL, USERS
from integrations.adapters.segment.places import PROFILES, traits_of_profile
from integrations.exceptions import ConfigurationError, RecordRejectedError, TransientError
from integrations.types import FlatRecord

TRAITS_A_PAGE = 200
MOST_PAGES = 100

# object -> (collection, the kinds of ids one may be known by, and the field each fills)
_WAYS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    USERS: ("users", (("user_id", USER_ID), ("anonymous_id", ANONYMOUS_ID))),
    GROUPS: ("accounts", (("group_id", GROUP_ID),)),
}
NOT_ASKED_FOR = "To look up people in Segment, the connection needs a space ID and a Profile API token."


class Profiles:
    """One space."""

    def __init__(self, client: SignedClient, space: str) -> None:
        self._client = client
        self._space = space

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """One call for each, and one more for those who have no user ID. Unknown ones are left out."""
        if object_name not in _WAYS:
            raise ConfigurationError(
                f"{LABEL} does not give out {object_name}. They arrive by webhook.", code="not_read"
            )
        collection, ways = _WAYS[object_name]
        found = (self._find(collection, ways, one) for one in dict.fromkeys(ids))
        return [_show(record, fields) for record in found if record is not None]

    def _find(self, collection: str, ways: Sequence[tuple[str, str]], one: str) -> FlatRecord | None:
        for kind, field in ways:
            traits = self._traits(traits_of_profile(self._space, collection, kind, one))
            if traits is not None:
                return {"id": one, field: one, **flatten(traits)}
        return None

    def try_it(self) -> None:
        """Asks for somebody who is not there. Raises when the token or the space is wrong."""
        self._traits(traits_of_profile(self._space, "users", "user_id", "syncpanel-connection-test"))

    def _traits(self, path: str) -> dict[str, Any] | None:
        """All traits of a profile, page by page; None when there is no such profile."""
        found: dict[str, Any] = {}
        following = ""
        for _ in range(MOST_PAGES):
            query = {"limit": TRAITS_A_PAGE, **({"next": following} if following else {})}
            try:
                body = self._client.get(f"{path}?{urlencode(query)}", PROFILES)
            except RecordRejectedError:
                return None
            traits, cursor = (body.get("traits"), body.get("cursor")) if isinstance(body, dict) else (None, None)
            if not isinstance(traits, dict):
                raise TransientError(f"{LABEL} sent an answer of another shape than agreed.", code="unexpected_answer")
            found |= traits
            if not isinstance(cursor, dict) or not cursor.get("has_more"):
                return found
            following = str(cursor.get("next") or "")
        raise TransientError(f"{LABEL} keeps sending us back to the same place.", code="cursor_stuck")


def _show(record: FlatRecord, fields: Sequence[str]) -> FlatRecord:
    return {"id": record["id"], **{name: record.get(name) for name in fields}} if fields else record
