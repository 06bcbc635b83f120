"""Large loads: one remote batch of many calls, which Mailchimp carries out in its own time and order.

https://mailchimp.com/developer/marketing/api/batch-operations/

The calls are those of a small load, except that nobody looks first: people are put, never asked for. Sent again after a
crash a batch is carried out again, which changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from integrations.adapters.auth import SignedClient
from integrations.adapters.errors import unreadable
from integrations.adapters.http import Answer, Ask
from integrations.adapters.mailchimp.audiences import Audiences
from integrations.adapters.mailchimp.consent import Consent
from integrations.adapters.mailchimp.declaration import LABEL
from integrations.adapters.mailchimp.judging import Judge
from integrations.adapters.mailchimp.members import Member, write_tags
from integrations.adapters.mailchimp.paths import (
    API,
    BATCHES,
    DOWNLOAD,
    WITHOUT_REQUIRED,
    of_list,
    of_member,
    read_audience,
)
from integrations.adapters.mailchimp.result_files import read_results
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.adapters.mailchimp.writing import build_members, check_key
from integrations.adapters.wire import UnreadableError, dump_json
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError, ConfigurationError
from integrations.types import FlatRecord, UploadOutcome

FINISHED = "finished"
SECONDS = 60.0
MOST_PACKED = 64_000_000
TAGS = "tags"
"""Behind the place of a person: the operation that changes the tags."""

Ticket = Mapping[str, str]
Operation = dict[str, Any]


class Batches:
    """Loads the members of one connection's audiences as remote batches."""

    def __init__(
        self,
        client: SignedClient,
        audiences: Audiences,
        find_consent: Callable[[str], Consent],
        side_by_side: SideBySide,
    ) -> None:
        self._client = client
        self._audiences = audiences
        self._find_consent = find_consent
        self._side_by_side = side_by_side

    def begin(self, object_name: str, mode: SyncMode, key: str) -> Ticket:
        """Nothing is opened: Mailchimp takes a batch as a whole."""
        check_key(mode, key)
        read_audience(object_name)
        return {"mode": mode.value}

    def send(self, ticket: Ticket, object_name: str, records: Sequence[FlatRecord], key: str) -> Ticket:
        """Hands in the operations of all people that can be sent; without any, no batch."""
        audience_id = read_audience(object_name)
        consent = self._find_consent(audience_id)
        members, _ = build_members(records, key, partial(self._audiences.group, audience_id))
        plan = Plan(audience_id, SyncMode(ticket["mode"]), consent)
        operations = [one for place, member in members.items() for one in plan.operations(place, member)]
        if not operations:
            return {**ticket, "id": ""}
        body = dump_json({"operations": operations})
        answer = self._client.call("POST", BATCHES, API, body=body, is_write=True, timeout=SECONDS)
        with answer.shown_in_errors():
            batch = self._read_batch(answer)
        return {**ticket, "id": str(batch["id"]), "at": str(batch.get("submitted_at") or "")}

    def poll(self, ticket: Ticket, object_name: str, records: Sequence[FlatRecord], key: str) -> UploadOutcome | None:
        """None while Mailchimp works on it. The link to the results lasts ten minutes: each look brings a new one."""
        told: dict[str, Mapping[str, Any]] = {}
        answer = self._ask(ticket)
        if answer is not None:
            batch = self._read_batch(answer)
            if batch["status"] != FINISHED:
                return None
            told = self._download(answer, str(batch.get("response_body_url") or ""))
        exchanges = () if answer is None else (answer.exchange(),)
        audience_id = read_audience(object_name)
        members, settled = build_members(records, key, partial(self._audiences.group, audience_id))
        judge = Judge(self._client, audience_id, ticket, partial(self._find_consent, audience_id))
        tasks = [
            partial(judge.judge, member, told.get(str(place)), told.get(f"{place}-{TAGS}"))
            for place, member in members.items()
        ]
        settled |= dict(zip(members, self._side_by_side.run(tasks), strict=True))
        return UploadOutcome([settled[place] for place in range(len(records))], exchanges)

    def _ask(self, ticket: Ticket) -> Answer | None:
        """None for a batch that was stopped, or is older than a week: what it did nobody can tell."""
        if not ticket.get("id"):
            return None
        try:
            return self._client.call("GET", f"{BATCHES}/{ticket['id']}", API)
        except ConfigurationError as problem:
            if problem.code != "not_there":
                raise
            return None

    def abort(self, ticket: Ticket) -> None:
        """What was done by then Mailchimp does not tell any more; a batch that has ended stays as it is."""
        if not ticket.get("id"):
            return
        try:
            self._client.write("DELETE", f"{BATCHES}/{ticket['id']}", API, b"")
        except (BatchRefusedError, ConfigurationError) as problem:
            if problem.code not in ("not_there", "refused", "refused_call"):
                raise

    def _download(self, answer: Answer, url: str) -> dict[str, Mapping[str, Any]]:
        """The results by operation. From elsewhere, and without our sign-in; never less encrypted than the rest."""
        if urlsplit(url).scheme not in {"https", urlsplit(answer.ask.url).scheme}:
            raise self._client.http.unexpected(answer)
        packed = self._client.http.send(Ask("GET", url, DOWNLOAD, timeout=SECONDS, most_bytes=MOST_PACKED))
        if packed.status != 200:
            raise self._client.refuse(packed)
        try:
            return {str(row.get("operation_id")): row for row in read_results(packed.body)}
        except UnreadableError as problem:
            raise unreadable(problem.code, LABEL, after_write=False) from problem

    def _read_batch(self, answer: Answer) -> Mapping[str, Any]:
        body = self._client.http.read_json(answer)
        if not isinstance(body, dict) or not body.get("id") or not isinstance(body.get("status"), str):
            raise self._client.http.unexpected(answer)
        return body


class Plan:
    """The operations of one batch."""

    def __init__(self, audience_id: str, mode: SyncMode, consent: Consent) -> None:
        self._audience_id = audience_id
        self._mode = mode
        self._consent = consent

    def operations(self, place: int, member: Member) -> Iterator[Operation]:
        """One for the person, and one for the tags of those who may be there already."""
        method, path, body = self._main(member)
        yield {
            "method": method,
            "path": path,
            "params": WITHOUT_REQUIRED,
            "operation_id": str(place),
            "body": dump_json(body).decode(),
        }
        changes = write_tags(member, None) if self._mode is not SyncMode.CREATE else []
        if changes:
            path = _relative(of_member(self._audience_id, member.who, "tags"))
            text = dump_json({"tags": changes}).decode()
            yield {"method": "POST", "path": path, "operation_id": f"{place}-{TAGS}", "body": text}

    def _main(self, member: Member) -> tuple[str, str, dict[str, Any]]:
        status = self._consent.of_new(member.status or member.status_if_new)
        tags = {"tags": list(member.tags)} if member.tags else {}
        at_once = {"status": member.status} if self._consent.may_send_at_once(member.status) else {}
        if self._mode is SyncMode.CREATE:
            return "POST", _relative(of_list(self._audience_id, "members")), {**member.body, "status": status, **tags}
        path = _relative(of_member(self._audience_id, member.who))
        if self._mode is SyncMode.UPDATE:
            return "PATCH", path, {**member.body, **at_once}
        return "PUT", path, {**member.body, "status_if_new": status, **at_once, **tags}


def _relative(path: str) -> str:
    """Paths in a batch are those behind the version."""
    return path.removeprefix("/3.0")
