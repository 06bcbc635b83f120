"""The Salesforce adapter: what `adapters/base.py` asks for, put together from the modules beside this one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import orjson

from integrations.adapters.auth import SignedClient
from integrations.adapters.base import Permits, TokenStore
from integrations.adapters.checking import Step, run_steps
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.salesforce.archiving import Archiver
from integrations.adapters.salesforce.bulk import BulkLoader
from integrations.adapters.salesforce.counting import write_conditions
from integrations.adapters.salesforce.declaration import API_VERSION, CAPABILITIES, LABEL
from integrations.adapters.salesforce.errors import classify
from integrations.adapters.salesforce.finding import Finder
from integrations.adapters.salesforce.names import bare
from integrations.adapters.salesforce.objects import Catalogue
from integrations.adapters.salesforce.paths import API, USER, VERSIONS, Paths
from integrations.adapters.salesforce.reading import Reader
from integrations.adapters.salesforce.schema import build_schema
from integrations.adapters.salesforce.signin import has_expired, make_tokens, read_address
from integrations.adapters.salesforce.values import to_wire
from integrations.adapters.salesforce.writing import Writer
from integrations.enums import SyncMode
from integrations.exceptions import PermissionMissingError, SyncpanelError
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

_ROW_FRAME = 40
"""About what a row costs beside its fields: its type and the brackets."""


class SalesforceAdapter:
    """One Salesforce org."""

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
        self._credentials = credentials
        self._paths = Paths(credentials.settings.get("api_version") or API_VERSION)
        self._http = PlatformClient(LABEL, permits, self.handle_error, timeout=timeout, transport=transport)
        signed = make_tokens(credentials, tokens, self._http, self.handle_error)
        self._client = SignedClient(self._http, signed, self.handle_error, has_expired, "")
        self._reader = Reader(self._client, self._paths)
        self._writer = Writer(self._client, self._paths, self._reader)
        self._finder = Finder(self._reader)
        self._archiver = Archiver(self._client, self._paths)
        self._catalogue = Catalogue(self._client, self._paths)
        self._bulk = BulkLoader(self._client, self._paths)

    def check(self) -> CheckResult:
        """Reach it, sign in, read, may write."""
        found: dict[str, Any] = {}
        limits = f"{self._paths.base}/limits"
        steps = (
            Step("Reach Salesforce", self._reach, "Check the My Domain address."),
            Step("Sign in", lambda: found.update(self._client.get(limits, API)), ""),
            Step("Read a lead", self._try_reading, "Give its user the right to read leads."),
            Step("May write leads", self._try_writing, "Give its user the right to create and edit leads."),
        )
        lines = run_steps(steps, self.handle_error)
        user = self._find_user() if lines[1].ok else {}
        return CheckResult(
            lines, str(user.get("preferred_username") or ""), str(user.get("organization_id") or ""), found
        )

    def _reach(self) -> None:
        """The list of versions is open to everybody."""
        answer = self._http.send(Ask("GET", f"{read_address(self._credentials)}{VERSIONS}", API))
        if answer.status != 200:
            raise self.handle_error(answer.response())
        self._http.read_json(answer)

    def _try_reading(self) -> None:
        self._reader.ask("SELECT Id FROM Lead LIMIT 1")

    def _try_writing(self) -> None:
        """Asked of the description: nothing is written to find out."""
        found = self._reader.describe("Lead")
        if not (found.get("createable") and found.get("updateable")):
            raise PermissionMissingError("Our sign-in may not write leads.")

    def _find_user(self) -> Mapping[str, Any]:
        """Who we are; an app without the scope for that still works, and so does one that is slow to say."""
        try:
            user = self._client.get(USER, API)
        except SyncpanelError:
            return {}
        return user if isinstance(user, dict) else {}

    def list_objects(self) -> Sequence[ObjectCapability]:
        """The org's objects that hold what people work with, as far as our sign-in may use them."""
        return self._catalogue.list_objects()

    def describe(self, object_name: str) -> ObjectSchema:
        """The object's fields, and the external ids of the objects it refers to."""
        return build_schema(object_name, self._reader.describe(bare(object_name)), self._reader.describe)

    def count(self, object_name: str, window: Window) -> int | None:
        """By COUNT(), which costs one call; None with conditions that SOQL compares in another way."""
        name = bare(object_name)
        told = write_conditions(window.conditions, self._reader.described(name)) if window.conditions else []
        return None if told is None else self._reader.count(name, window, told)

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """Everything by id, what changed by time and id."""
        return self._reader.fetch(bare(object_name), cursor, window, fields)

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """By record id; unknown ones are left out."""
        return self._reader.read(bare(object_name), ids, fields)

    def find_records(
        self, object_name: str, field: str, values: Sequence[str], fields: Sequence[str]
    ) -> Sequence[FlatRecord]:
        """By SOQL."""
        return self._finder.find(bare(object_name), field, values, fields)

    def archive_records(self, object_name: str, ids: Sequence[str], *, trace: str) -> UploadOutcome:
        """Into Salesforce's recycle bin, for 15 days."""
        return self._archiver.archive(ids)

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """Lookups as nested objects; None clears a field."""
        return to_wire(record)

    def wire_size(self, record: FlatRecord) -> int:
        """Bytes of the fields and the frame around them."""
        return len(orjson.dumps(record, default=str)) + _ROW_FRAME

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """One collections call; results by position."""
        return self._writer.upload(bare(object_name), records, SyncMode(mode), key)

    def begin_bulk(self, object_name: str, mode: SyncMode, key: str) -> Mapping[str, str]:
        """Open a Bulk API 2.0 job; the ticket is its id."""
        return self._bulk.begin(bare(object_name), SyncMode(mode), key)

    def send_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> Mapping[str, str]:
        """Put the records into the job and close it; repeated after a crash it does no harm."""
        self._bulk.send(ticket, records)
        return ticket

    def poll_bulk(
        self, ticket: Mapping[str, str], object_name: str, records: Sequence[FlatRecord], key: str
    ) -> UploadOutcome | None:
        """The outcome of every record, joined on the key, or None while Salesforce works on it."""
        return self._bulk.poll(ticket, records, key)

    def abort_bulk(self, ticket: Mapping[str, str]) -> None:
        """Rows that Salesforce has not come to stay undone."""
        self._bulk.abort(ticket)

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """By the tables in `tables.py`. Never raises."""
        return classify(problem, datetime.now(UTC))

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()
