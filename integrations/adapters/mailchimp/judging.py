"""What became of each person of a large load, from the answer to each operation."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.mailchimp.calls import MemberCalls, Row, is_member
from integrations.adapters.mailchimp.consent import Consent
from integrations.adapters.mailchimp.errors import TITLES, describe
from integrations.adapters.mailchimp.members import Member
from integrations.adapters.mailchimp.record_errors import NOT_FOUND, explain, refuse
from integrations.adapters.mailchimp.writing import Sending, reject
from integrations.adapters.wire import UnreadableError, load_json
from integrations.enums import SyncMode
from integrations.exceptions import RecordRejectedError
from integrations.types import Result

Told = Mapping[str, Any]


class Judge:
    """Judges the people of one remote batch; `at` is when Mailchimp took it in, by its own clock."""

    def __init__(
        self, client: SignedClient, audience_id: str, ticket: Mapping[str, str], find_consent: Callable[[], Consent]
    ) -> None:
        self._client = client
        self._audience_id = audience_id
        self._mode = SyncMode(ticket["mode"])
        self._at = read_moment(ticket.get("at", ""))
        self._find_consent = find_consent

    def judge(self, member: Member, told: Told | None, told_tags: Told | None) -> Result:
        """Nothing told counts as not sent, and is sent again."""
        if told is None:
            return refuse("no_answer", is_transient=True)
        status, body = read_told(told)
        if not 200 <= status < 300:
            return self._refuse(status, body)
        if not is_member(body):
            return refuse("no_answer", technical=f"HTTP {status}", is_transient=True)
        result = self._settle(member, body)
        if not result.ok or told_tags is None:
            return result
        return self._add_tags(result, *read_told(told_tags))

    def _settle(self, member: Member, row: Row) -> Result:
        sending = Sending(MemberCalls(self._client, self._audience_id), member, self._find_consent)
        try:
            return sending.settle(self._mode, row, created=self._is_new(row), with_tags=False)
        except RecordRejectedError as problem:
            return reject(problem, self._mode)

    def _is_new(self, row: Row) -> bool:
        """Nothing says it outright: who signed up before the batch was taken in was there."""
        if self._mode is not SyncMode.UPSERT:
            return self._mode is SyncMode.CREATE
        times = [read_moment(str(row.get(name) or "")) for name in ("timestamp_signup", "timestamp_opt")]
        latest = max((time for time in times if time is not None), default=None)
        return latest is not None and self._at is not None and latest >= self._at

    def _add_tags(self, result: Result, status: int, body: Any) -> Result:
        """Whoever was added by the batch got the tags with it, whether or not that came first."""
        if 200 <= status < 300 or (status == 404 and result.created):
            return result
        return self._refuse(status, body)

    def _refuse(self, status: int, body: Any) -> Result:
        """Raises what concerns everybody: the sign-in, the account, the audience."""
        problem = body if isinstance(body, dict) else {}
        technical = describe(status, problem)
        if found := TITLES.get(str(problem.get("title") or "")):
            family, code, words = found
            raise family(words, code=code, technical=technical)
        if status in (429, 403) or status >= 500:
            return refuse("no_answer", technical=technical, is_transient=True)
        if status == 404 and self._mode is not SyncMode.UPDATE:
            self._find_consent()  # raises when it is the audience that is gone
            return refuse("no_answer", technical=technical, is_transient=True)
        code, field = explain(status, problem)
        code = code or (NOT_FOUND if status == 404 else "refused")
        return reject(RecordRejectedError("", field=field, code=code, technical=technical), self._mode)


def read_told(told: Told) -> tuple[int, Any]:
    """The status of an operation and its answer, which is JSON in a text; None for what cannot be read."""
    status = told.get("status_code")
    try:
        body = load_json(str(told.get("response") or "").encode("utf-8", "surrogatepass"))
    except UnreadableError:
        body = None
    return (status if isinstance(status, int) else 0), body


def read_moment(text: str) -> datetime | None:
    """A time as Mailchimp writes it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
