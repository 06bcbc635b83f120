"""Many members in one call, for syncs that write the status on purpose.

https://mailchimp.com/developer/marketing/api/lists/batch-subscribe-or-unsubscribe/

The call answers 200 whatever becomes of each; three lists tell, by address. Who is in none of them was not answered.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.errors import scrub
from integrations.adapters.http import Answer
from integrations.adapters.mailchimp.calls import MemberCalls, Row, is_member
from integrations.adapters.mailchimp.members import Member, check_fields, write_tags
from integrations.adapters.mailchimp.paths import API, WITHOUT_REQUIRED, of_list
from integrations.adapters.mailchimp.record_errors import explain_field, explain_text, refuse
from integrations.adapters.mailchimp.rows import find_id
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.adapters.wire import dump_json
from integrations.exceptions import RecordRejectedError
from integrations.types import Exchange, Result

SECONDS = 60.0
"""A hundred people in one call take longer than one."""


class Poster:
    """Sends the members of one audience together."""

    def __init__(self, client: SignedClient, audience_id: str, side_by_side: SideBySide) -> None:
        self._client = client
        self._audience_id = audience_id
        self._side_by_side = side_by_side

    def post(self, members: Mapping[int, Member]) -> tuple[dict[int, Result], list[Exchange]]:
        """Results by place in the batch, and the calls."""
        answer = self._send(members)
        with answer.shown_in_errors():
            told = dict(read_outcome(self._read(answer)))
        results: dict[int, Result] = {}
        found: dict[int, Row] = {}
        for place, member in members.items():
            row, result = told.get(member.address.lower(), (None, refuse("no_answer")))
            results[place] = result
            if row is not None:
                check_fields(member, row)
                found[place] = row
        return results, [answer.exchange(), *self._tag(members, found, results)]

    def _send(self, members: Mapping[int, Member]) -> Answer:
        rows = [
            {**member.body, "status": member.status, **({"tags": list(member.tags)} if member.tags else {})}
            for member in members.values()
        ]
        path = of_list(self._audience_id, **WITHOUT_REQUIRED, skip_duplicate_check="true")
        body = dump_json({"members": rows, "update_existing": True})
        return self._client.call("POST", path, API, body=body, is_write=True, timeout=SECONDS)

    def _read(self, answer: Answer) -> Mapping[str, Any]:
        body = self._client.http.read_json(answer)
        lists = (
            [body.get(name) for name in ("new_members", "updated_members", "errors")] if isinstance(body, dict) else []
        )
        if not lists or not all(isinstance(one, list) for one in lists):
            raise self._client.http.unexpected(answer)
        found: Mapping[str, Any] = body
        return found

    def _tag(
        self, members: Mapping[int, Member], found: Mapping[int, Row], results: dict[int, Result]
    ) -> list[Exchange]:
        """Tags in the call itself count for new people only."""
        changes = {place: write_tags(members[place], row) for place, row in found.items()}
        places = [place for place, needed in changes.items() if needed]
        tasks = [partial(self._tag_one, members[place], changes[place]) for place in places]
        exchanges: list[Exchange] = []
        for place, (refused, made) in zip(places, self._side_by_side.run(tasks), strict=True):
            results[place] = refused or results[place]
            exchanges += made
        return exchanges

    def _tag_one(self, member: Member, changes: list[dict[str, str]]) -> tuple[Result | None, list[Exchange]]:
        calls = MemberCalls(self._client, self._audience_id)
        try:
            calls.tag(member.who, changes)
        except RecordRejectedError as problem:
            return refuse(problem.code, problem.field, problem.technical), calls.exchanges
        return None, calls.exchanges


def read_outcome(body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Row | None, Result]]]:
    """Address → the member as it is now, if it arrived, and the result. The errors come last: they outweigh."""
    for name, created in (("updated_members", False), ("new_members", True)):
        for row in body[name]:
            if is_member(row) and isinstance(row.get("email_address"), str):
                yield row["email_address"].strip().lower(), (row, Result(True, find_id(row), created))
    for error in body["errors"]:
        if isinstance(error, dict):
            yield str(error.get("email_address") or "").strip(' "').lower(), (None, read_error(error))


def read_error(error: Mapping[str, Any]) -> Result:
    """Why one of many was refused."""
    words = str(error.get("error") or "")
    code, field = explain_text(words)
    if not code and error.get("field"):
        code, field = explain_field(str(error["field"]), str(error.get("field_message") or words))
    technical = " · ".join(filter(None, (str(error.get("error_code") or ""), words)))
    return refuse(code or "refused", field, scrub(technical))
