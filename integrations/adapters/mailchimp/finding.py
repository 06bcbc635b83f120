"""Members by their id or their address, one call each: Mailchimp has no other way to look somebody up exactly.

https://mailchimp.com/developer/marketing/api/list-members/get-member-info/
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.mailchimp.audiences import Audiences
from integrations.adapters.mailchimp.consent import ARCHIVED
from integrations.adapters.mailchimp.declaration import ADDRESS, CONTACT_ID, EMAIL_ID, LABEL
from integrations.adapters.mailchimp.paths import API, hash_address, of_list, of_member
from integrations.adapters.mailchimp.rows import Shape
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.exceptions import ConfigurationError
from integrations.types import FlatRecord

NOT_THERE = "not_there"
Found = tuple[Any, int]


class Finder:
    """Looks members of one connection's audiences up. Who is archived is not in the audience."""

    def __init__(self, client: SignedClient, audiences: Audiences, side_by_side: SideBySide) -> None:
        self._client = client
        self._audiences = audiences
        self._side_by_side = side_by_side

    def read(self, audience_id: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """By contact id, or by the hash of the address, which is all that a webhook tells. Unknown ones are left out."""
        shape = Shape(self._audiences, audience_id, fields)
        tasks = [partial(self._ask, audience_id, one, shape) for one in dict.fromkeys(ids) if one]
        return self._collect(audience_id, shape, self._side_by_side.run(tasks))

    def find(self, audience_id: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """ConfigurationError for a field Mailchimp does not look people up by."""
        if field == CONTACT_ID:
            return self.read(audience_id, values, fields)
        if field == ADDRESS:
            return self.read(audience_id, list(map(hash_address, values)), fields)
        if field != EMAIL_ID:
            words = f"{LABEL} finds people by their email address only. Choose that to tell who is who."
            raise ConfigurationError(words, code="cannot_find", technical=field)
        shape = Shape(self._audiences, audience_id, fields)
        tasks = [partial(self._ask_list, audience_id, one, shape) for one in dict.fromkeys(values) if one]
        return self._collect(audience_id, shape, self._side_by_side.run(tasks))

    def _collect(self, audience_id: str, shape: Shape, found: Sequence[Found | None]) -> list[FlatRecord]:
        """If somebody is missing the audience is asked for: where it is gone, nobody is missing from it."""
        if None in found:
            self._audiences.find(audience_id)
        there = [one for one in found if one is not None and not _is_archived(one[0])]
        return [record for row, size in there for record in shape.flatten([row], size)[0]]

    def _ask(self, audience_id: str, who: str, shape: Shape) -> Found | None:
        try:
            answer = self._client.call("GET", of_member(audience_id, who, fields=",".join(shape.parts)), API)
        except ConfigurationError as problem:
            if problem.code == NOT_THERE:
                return None
            raise
        return self._read_member(answer, self._client.http.read_json(answer))

    def _ask_list(self, audience_id: str, email_id: str, shape: Shape) -> Found | None:
        query = {EMAIL_ID: email_id, "count": 1, "fields": ",".join(f"members.{part}" for part in shape.parts)}
        answer = self._client.call("GET", of_list(audience_id, "members", **query), API)
        body = self._client.http.read_json(answer)
        rows = body.get("members") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise self._client.http.unexpected(answer)
        return self._read_member(answer, rows[0]) if rows else None

    def _read_member(self, answer: Answer, row: Any) -> Found:
        if not isinstance(row, dict) or not row.get("id"):
            raise self._client.http.unexpected(answer)
        return row, len(answer.body)


def _is_archived(row: Any) -> bool:
    return bool(row.get("status") == ARCHIVED)
