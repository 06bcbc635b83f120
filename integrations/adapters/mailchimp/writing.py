"""Writing members, one call for each who is there: the profile only, by the hash of the address, or by contact id.

Who is not there is added by a second call, which says what new people become (`status_if_new`). So a sync of profiles never
touches what people agreed to, and tells exactly who is new. Repeating a batch changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.mailchimp.audiences import Audiences, Group
from integrations.adapters.mailchimp.calls import MemberCalls, Row
from integrations.adapters.mailchimp.consent import ARCHIVED, OPT_IN_NEEDED, PENDING, SUBSCRIBED, Consent
from integrations.adapters.mailchimp.declaration import ADDRESS, CONTACT_ID, LABEL
from integrations.adapters.mailchimp.members import Member, build_member, check_fields, write_tags
from integrations.adapters.mailchimp.posting import Poster
from integrations.adapters.mailchimp.record_errors import EXISTS, NOT_FOUND, NOT_REMOVABLE, refuse
from integrations.adapters.mailchimp.rows import find_id
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, RecordRejectedError
from integrations.reasons import sentence
from integrations.types import Exchange, FlatRecord, Result, UploadOutcome

Settled = tuple[Result, list[Exchange]]
FindConsent = Callable[[str], Consent]
GONE = frozenset({NOT_FOUND, NOT_REMOVABLE})


class Writer:
    """Writes the members of one connection's audiences. Holds nothing between batches, so threads may share it."""

    def __init__(
        self, client: SignedClient, audiences: Audiences, find_consent: FindConsent, side_by_side: SideBySide
    ) -> None:
        self._client = client
        self._audiences = audiences
        self._find_consent = find_consent
        self._side_by_side = side_by_side

    def upload(self, audience_id: str, records: Sequence[FlatRecord], mode: SyncMode, key: str) -> UploadOutcome:
        """All calls of one batch, a few at one time. Raises when a call fails for another reason than its person: then the
        whole batch is sent again, which does no harm."""
        check_key(mode, key)
        members, settled = build_members(records, key, partial(self._audiences.group, audience_id))
        posted, single = self._divide(audience_id, members, mode, key)
        exchanges: list[Exchange] = []
        if posted:
            poster = Poster(self._client, audience_id, self._side_by_side)
            results, exchanges = poster.post(posted)
            settled |= results
        tasks = [partial(self._send, audience_id, member, mode, key) for member in single.values()]
        for place, (result, made) in zip(single, self._side_by_side.run(tasks), strict=True):
            settled[place] = result
            exchanges += made
        return UploadOutcome([settled[place] for place in range(len(records))], tuple(exchanges))

    def _divide(
        self, audience_id: str, members: Mapping[int, Member], mode: SyncMode, key: str
    ) -> tuple[dict[int, Member], dict[int, Member]]:
        """Those whose status is written on purpose go out in one call, where no look at what is over there is needed."""
        if mode is not SyncMode.UPSERT or key != ADDRESS or not any(member.status for member in members.values()):
            return {}, dict(members)
        consent = self._find_consent(audience_id)
        posted = {
            place: member
            for place, member in members.items()
            if consent.may_send_at_once(member.status) and "marketing_permissions" not in member.body
        }
        return posted, {place: member for place, member in members.items() if place not in posted}

    def _send(self, audience_id: str, member: Member, mode: SyncMode, key: str) -> Settled:
        calls = MemberCalls(self._client, audience_id)
        sending = Sending(calls, member, partial(self._find_consent, audience_id))
        try:
            return sending.run(mode, key), calls.exchanges
        except RecordRejectedError as problem:
            return reject(problem, mode), calls.exchanges

    def archive(self, audience_id: str, ids: Sequence[str]) -> UploadOutcome:
        """One call each. Who is archived already, or cannot be, since mail to them bounces or they never confirmed, is done."""
        done = self._side_by_side.run([partial(self._archive, audience_id, one) for one in ids])
        if any(call.status == 404 for _, made in done for call in made):
            self._audiences.find(audience_id)  # from an audience that is gone nobody was archived
        return UploadOutcome([result for result, _ in done], tuple(call for _, made in done for call in made))

    def _archive(self, audience_id: str, member_id: str) -> Settled:
        calls = MemberCalls(self._client, audience_id)
        try:
            calls.archive(member_id)
        except RecordRejectedError as problem:
            if problem.code not in GONE:
                return reject(problem, SyncMode.UPDATE), calls.exchanges
        return Result(True, member_id), calls.exchanges


@dataclass(slots=True)
class Sending:
    """One person being sent, call by call."""

    calls: MemberCalls
    member: Member
    find_consent: Callable[[], Consent]

    def run(self, mode: SyncMode, key: str) -> Result:
        """Raises RecordRejectedError when the person is refused."""
        if mode is SyncMode.CREATE:
            return self._add()
        try:
            row = self.calls.change(self.member.who, self.member.body)
        except RecordRejectedError as problem:
            if problem.code != NOT_FOUND:
                raise
            # Nobody there, or no such audience: asking for it tells which.
            consent = self.find_consent()
            return self._put(consent) if mode is SyncMode.UPSERT else refuse(NOT_FOUND, key)
        return self.settle(mode, row)

    def _add(self) -> Result:
        status = self.find_consent().of_new(self.member.status or self.member.status_if_new)
        row = self.calls.add({**self.member.body, "status": status, **self._first_tags()})
        check_fields(self.member, row)
        return Result(True, find_id(row), created=True)

    def _put(self, consent: Consent) -> Result:
        status = consent.of_new(self.member.status or self.member.status_if_new)
        row = self.calls.put(self.member.who, {**self.member.body, "status_if_new": status, **self._first_tags()})
        check_fields(self.member, row)
        return Result(True, find_id(row), created=True)

    def _first_tags(self) -> dict[str, Any]:
        return {"tags": list(self.member.tags)} if self.member.tags else {}

    def settle(self, mode: SyncMode, row: Row, *, created: bool = False, with_tags: bool = True) -> Result:
        """The rest for somebody who is there: the status, where the mapping writes one, and the tags."""
        check_fields(self.member, row)
        was_archived = row["status"] == ARCHIVED
        if was_archived and mode is SyncMode.UPDATE and not self.member.status:
            return refuse(NOT_FOUND)  # out of the audience is out of reach of a sync that only updates
        if self.member.status or was_archived:
            row = self._settle_status(row)
        if with_tags and (changes := write_tags(self.member, row)):
            self.calls.tag(self.member.who, changes)
        return Result(True, find_id(row), created or was_archived)

    def _settle_status(self, row: Row) -> Row:
        decision = self.find_consent().decide(str(row["status"]), self.member.status, self.member.status_if_new)
        code = decision.refuse
        if decision.write:
            row = self.calls.change(self.member.who, {"status": decision.write})
            code = judge_status(decision.write, str(row["status"]))
        if code:
            raise RecordRejectedError(sentence(code, "", LABEL), code=code)
        return row


def build_members(
    records: Sequence[FlatRecord], key: str, find_group: Callable[[str], Group]
) -> tuple[dict[int, Member], dict[int, Result]]:
    """The people to send by their place in the batch, and what became of those who never leave."""
    members: dict[int, Member] = {}
    settled: dict[int, Result] = {}
    for place, record in enumerate(records):
        try:
            member = build_member(record, key, find_group)
        except RecordRejectedError as problem:
            settled[place] = reject(problem, SyncMode.UPDATE)
            continue
        if member.who:
            members[place] = member
        else:
            settled[place] = refuse("missing_key", key)
    return members, settled


def check_key(mode: SyncMode, key: str) -> None:
    """ConfigurationError for a key Mailchimp cannot find people by."""
    if key == ADDRESS or (key == CONTACT_ID and mode is SyncMode.UPDATE):
        return
    words = f"{LABEL} tells people apart by their address only. Choose the email address as the key."
    raise ConfigurationError(words, code="key_not_unique", technical=key)


def judge_status(wanted: str, current: str) -> str:
    """Why a status did not become what was asked for; empty when it did."""
    if wanted == current:
        return ""
    return OPT_IN_NEEDED if wanted in (SUBSCRIBED, PENDING) else "refused"


def reject(problem: RecordRejectedError, mode: SyncMode) -> Result:
    """The result of a refusal. A new address that somebody else in the audience has is not an "already there"."""
    code, field = problem.code, problem.field
    if code == EXISTS and mode is not SyncMode.CREATE:
        code, field = "duplicate_value", ADDRESS
    return refuse(code, field, problem.technical)
