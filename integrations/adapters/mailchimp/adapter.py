"""The Mailchimp adapter: what `adapters/base.py` asks for, put together from the modules beside this one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

import httpx
import orjson

from integrations.adapters.auth import SignedClient
from integrations.adapters.base import Permits, TokenStore
from integrations.adapters.checking import Step, run_steps
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.mailchimp import schema
from integrations.adapters.mailchimp.audiences import Audiences, describe_each
from integrations.adapters.mailchimp.batches import Batches
from integrations.adapters.mailchimp.consent import Consent
from integrations.adapters.mailchimp.counting import find_filters
from integrations.adapters.mailchimp.declaration import CAPABILITIES, LABEL, LEAVE
from integrations.adapters.mailchimp.errors import classify
from integrations.adapters.mailchimp.finding import Finder
from integrations.adapters.mailchimp.members import build_body
from integrations.adapters.mailchimp.paths import ACCOUNT, API, PING, read_audience
from integrations.adapters.mailchimp.reading import Reader
from integrations.adapters.mailchimp.side_by_side import SideBySide
from integrations.adapters.mailchimp.signin import find_address, make_tokens
from integrations.adapters.mailchimp.writing import Writer
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, PermissionMissingError, SyncpanelError
from integrations.types import (
    Capabilities,
    CheckResult,
    Credentials,
    Cursor,
    FlatRecord,
    ObjectCapability,
    ObjectSchema,
    Page,
    UploadOutcome,
    Window,
)

_FRAME = 40
"""About what a person costs beside the fields: names of the parts, and the brackets."""
_READERS = frozenset({"viewer", "author"})
"""Roles that may look at an audience and not change it."""


class MailchimpAdapter:
    """One Mailchimp account."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(
        self,
        credentials: Credentials,
        tokens: TokenStore,
        permits: Permits,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = credentials.settings
        self._base_url = find_address(credentials)
        self._http = PlatformClient(LABEL, permits, self.handle_error, timeout=timeout, transport=transport)
        signed = make_tokens(credentials)
        self._client = SignedClient(self._http, signed, self.handle_error, lambda _: False, self._base_url)
        self._side_by_side = SideBySide()
        self._audiences = Audiences(self._client)
        self._reader = Reader(self._client, self._audiences)
        self._finder = Finder(self._client, self._audiences, self._side_by_side)
        shared = self._client, self._audiences, self._find_consent, self._side_by_side
        self._writer, self._batches = Writer(*shared), Batches(*shared)

    def _find_consent(self, audience_id: str) -> Consent:
        new_people = self._settings.get("new_people") or "subscribed"
        archived_people = self._settings.get("archived_people") or LEAVE
        return Consent(self._audiences.find(audience_id), new_people, archived_people)

    def check(self) -> CheckResult:
        """Reach it, sign in, find an audience, may change people."""
        found: dict[str, Any] = {}
        steps = (
            Step("Reach Mailchimp", self._reach, "Check the address."),
            Step("Sign in", lambda: found.update(self._client.get(ACCOUNT, API)), ""),
            Step("Find an audience", self._find_audience, "Make one in Mailchimp, or use the key of another user."),
            Step("May change people", lambda: _check_role(found), "Give its user the role Manager or Admin."),
        )
        lines = run_steps(steps, self.handle_error)
        facts = {name: found[name] for name in ("role", "total_subscribers") if found.get(name) not in (None, "")}
        if found.get("account_timezone"):
            facts["time_zone"] = found["account_timezone"]
        account = str(found.get("account_name") or found.get("login_name") or "")
        return CheckResult(lines, account, str(found.get("account_id") or ""), facts)

    def _reach(self) -> None:
        """Any answer but a gateway's will do."""
        answer = self._http.send(Ask("GET", f"{self._base_url}{PING}", API))
        if answer.status >= 500:
            raise self.handle_error(answer.response())

    def _find_audience(self) -> None:
        if not self._audiences.list_all():
            raise ConfigurationError("This account has no audience that we can see.", code="no_audience")

    def list_objects(self) -> Sequence[ObjectCapability]:
        """The members of each audience."""
        return describe_each(self._audiences.list_all(), CAPABILITIES.object("members"))

    def describe(self, object_name: str) -> ObjectSchema:
        """The fields every member has, and those of the audience."""
        return schema.describe(self._audiences, self._audiences.find(read_audience(object_name)))

    def count(self, object_name: str, window: Window) -> int | None:
        """By the list's own count; None with conditions that its filters cannot express."""
        filters = find_filters(window.conditions)
        return None if filters is None else self._reader.count(read_audience(object_name), window, **filters)

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """By the time of the last change, the oldest first."""
        audience_id = read_audience(object_name)
        return self._reader.fetch(audience_id, cursor, window, fields or self._all_fields(object_name))

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """By contact id or hash of the address; those who are unknown or archived are left out."""
        return self._finder.read(read_audience(object_name), ids, fields or self._all_fields(object_name))

    def find_records(
        self, object_name: str, field: str, values: Sequence[str], fields: Sequence[str]
    ) -> Sequence[FlatRecord]:
        """By address or an id of it; ConfigurationError for any other field."""
        return self._finder.find(read_audience(object_name), field, values, fields)

    def _all_fields(self, object_name: str) -> Sequence[str]:
        return [field.name for field in self.describe(object_name).fields if field.readable]

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """The profile, without what is sent apart from it: status and tags."""
        return build_body(record, partial(self._audiences.group, read_audience(object_name)))

    def wire_size(self, record: FlatRecord) -> int:
        """Bytes of the fields and the frame around them."""
        return len(orjson.dumps(record, default=str)) + _FRAME

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """One call for each who is there, two for each who is new; together where the status is written on purpose."""
        return self._writer.upload(read_audience(object_name), records, SyncMode(mode), key)

    def archive_records(self, object_name: str, ids: Sequence[str], *, trace: str) -> UploadOutcome:
        """Mailchimp keeps who is archived, and a person can bring them back there."""
        return self._writer.archive(read_audience(object_name), ids)

    def begin_bulk(self, object_name: str, mode: SyncMode, key: str) -> Mapping[str, str]:
        """What a batch is for; Mailchimp opens none before it has all."""
        return self._batches.begin(object_name, SyncMode(mode), key)

    def send_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> Mapping[str, str]:
        """Hands the batch in; the ticket then has its number."""
        return self._batches.send(ticket, object_name, records, key)

    def poll_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> UploadOutcome | None:
        """The outcome of every person from the archive of results, or None while Mailchimp works on it."""
        return self._batches.poll(ticket, object_name, records, key)

    def abort_bulk(self, ticket: Mapping[str, str]) -> None:
        """Calls that Mailchimp has not come to stay undone."""
        self._batches.abort(ticket)

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """By the tables in `errors.py`. Never raises."""
        return classify(problem, datetime.now(UTC))

    def close(self) -> None:
        """End the threads and close pooled connections."""
        self._side_by_side.close()
        self._http.close()


def _check_role(account: Mapping[str, Any]) -> None:
    """Asked of the account: nothing is written to find out."""
    if str(account.get("role") or "").lower() in _READERS:
        raise PermissionMissingError("Our sign-in may not change people.")
