"""The calls about single members of an audience, and what came back, as a person may want to see it.

https://mailchimp.com/developer/marketing/api/list-members/
"""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.mailchimp.paths import API, WITHOUT_REQUIRED, of_list, of_member
from integrations.adapters.wire import dump_json
from integrations.exceptions import RecordRejectedError
from integrations.types import Exchange

Row = Mapping[str, Any]
Body = Mapping[str, Any]


class MemberCalls:
    """The calls about one person. Each raises a RecordRejectedError when the person is refused."""

    def __init__(self, client: SignedClient, audience_id: str) -> None:
        self._client = client
        self._audience_id = audience_id
        self.exchanges: list[Exchange] = []

    def change(self, who: str, body: Body) -> Row:
        """The member as it is now; "not_found" when nobody is there."""
        return self._write_member("PATCH", of_member(self._audience_id, who, **WITHOUT_REQUIRED), body)

    def put(self, who: str, body: Body) -> Row:
        """Changes the member, or adds it with `status_if_new`."""
        return self._write_member("PUT", of_member(self._audience_id, who, **WITHOUT_REQUIRED), body)

    def add(self, body: Body) -> Row:
        """Adds the member; "already_exists" when somebody is there."""
        return self._write_member("POST", of_list(self._audience_id, "members", **WITHOUT_REQUIRED), body)

    def tag(self, who: str, changes: Sequence[Mapping[str, str]]) -> None:
        """Adds tags and takes tags away."""
        self._write("POST", of_member(self._audience_id, who, "tags"), {"tags": list(changes)})

    def archive(self, who: str) -> None:
        """Takes the member out of the audience; Mailchimp keeps it, and a person can bring it back there."""
        self._write("DELETE", of_member(self._audience_id, who), None)

    def _write_member(self, method: str, path: str, body: Body) -> Row:
        answer = self._write(method, path, body)
        with answer.shown_in_errors():
            row = self._client.http.read_json(answer)
            if not is_member(row):
                raise self._client.http.unexpected(answer)
        found: Row = row
        return found

    def _write(self, method: str, path: str, body: Body | None) -> Answer:
        try:
            answer = self._client.write(method, path, API, b"" if body is None else dump_json(body))
        except RecordRejectedError as problem:
            self.exchanges += problem.exchanges
            raise
        self.exchanges.append(answer.exchange())
        return answer


def is_member(row: object) -> bool:
    """What every answer about a member has."""
    return isinstance(row, dict) and bool(row.get("id")) and isinstance(row.get("status"), str)
