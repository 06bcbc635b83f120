"""The HubSpot adapter: what `adapters/base.py` asks for, put together from the modules beside this one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import orjson

from integrations.adapters.auth import SignedClient
from integrations.adapters.base import Permits, TokenStore
from integrations.adapters.checking import Step, run_steps
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.hubspot.archiving import Archiver
from integrations.adapters.hubspot.counting import build_groups
from integrations.adapters.hubspot.declaration import BASE_URL, CAPABILITIES, LABEL
from integrations.adapters.hubspot.errors import classify
from integrations.adapters.hubspot.finding import Finder
from integrations.adapters.hubspot.objects import Catalogue, read_label
from integrations.adapters.hubspot.paths import ACCOUNT, CRM, Paths
from integrations.adapters.hubspot.reading import Reader
from integrations.adapters.hubspot.schema import build_schema
from integrations.adapters.hubspot.signin import has_expired, make_tokens
from integrations.adapters.hubspot.values import to_properties
from integrations.adapters.hubspot.writing import Writer
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError, SyncpanelError
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

LABELS = {one.name: one.label for one in CAPABILITIES.objects}
_INPUT_FRAME = 120
"""About what an input costs beside its properties: the key again, the trace id, the brackets."""


class HubSpotAdapter:
    """One HubSpot account."""

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
        self._base_url = (credentials.settings.get("base_url") or BASE_URL).rstrip("/")
        self._paths = Paths(credentials.settings.get("api_version") or "v3")
        self._http = PlatformClient(LABEL, permits, self.handle_error, timeout=timeout, transport=transport)
        signed = make_tokens(credentials, tokens, self._http, self._base_url, self.handle_error)
        self._client = SignedClient(self._http, signed, self.handle_error, has_expired, self._base_url)
        self._reader = Reader(self._client, self._paths)
        self._writer = Writer(self._client, self._paths)
        self._finder = Finder(self._reader)
        self._archiver = Archiver(self._client, self._paths, self._reader)
        self._catalogue = Catalogue(self._client, self._paths)

    def check(self) -> CheckResult:
        """Reach it, sign in, read, may write."""
        found: dict[str, Any] = {}
        contacts = self._paths.objects("contacts")
        steps = (
            Step("Reach HubSpot", self._reach, "Check the address."),
            Step("Sign in", lambda: found.update(self._client.get(ACCOUNT, CRM)), ""),
            Step(
                "Read a contact",
                lambda: self._client.get(f"{contacts}?limit=1", CRM),
                "We need crm.objects.contacts.read.",
            ),
            Step("May write contacts", self._try_writing, "We need crm.objects.contacts.write."),
        )
        lines = run_steps(steps, self.handle_error)
        portal = str(found.get("portalId") or "")
        facts = {"time_zone": found["timeZone"]} if found.get("timeZone") else {}
        return CheckResult(lines, f"Account {portal}" if portal else "", portal, facts)

    def _reach(self) -> None:
        """Any answer but a gateway's will do."""
        answer = self._http.send(Ask("GET", f"{self._base_url}{ACCOUNT}", CRM))
        if answer.status >= 500:
            raise self.handle_error(answer.response())

    def _try_writing(self) -> None:
        """An upsert of nobody: refused as empty by those who may write, and as forbidden to those who may not."""
        try:
            self._client.write("POST", f"{self._paths.objects('contacts')}/batch/upsert", CRM, b'{"inputs":[]}')
        except BatchRefusedError:
            return

    def list_objects(self) -> Sequence[ObjectCapability]:
        """The usual objects, and the custom ones of the account."""
        return self._catalogue.list_objects()

    def describe(self, object_name: str) -> ObjectSchema:
        """The object's properties, as the account sees them."""
        properties = self._reader.properties(object_name)
        if object_name in LABELS:
            return build_schema(object_name, LABELS[object_name], properties)
        found = self._catalogue.find_schema(object_name)
        return build_schema(
            object_name, read_label(found) or object_name, properties, found.get("requiredProperties") or ()
        )

    def count(self, object_name: str, window: Window) -> int | None:
        """By the search, which lags by seconds; None with conditions that it compares in another way."""
        if not window.conditions:
            return self._reader.count(object_name, window)
        groups = build_groups(window.conditions, self._reader.described(object_name))
        return None if groups is None else self._reader.count(object_name, window, groups)

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """Everything by the list, what changed by the search."""
        return self._reader.fetch(object_name, cursor, window, fields)

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """By record id; unknown ones are left out."""
        return self._reader.read(object_name, ids, fields)

    def find_records(
        self, object_name: str, field: str, values: Sequence[str], fields: Sequence[str]
    ) -> Sequence[FlatRecord]:
        """What is unique directly, all else by the search."""
        return self._finder.find(object_name, field, values, fields)

    def archive_records(self, object_name: str, ids: Sequence[str], *, trace: str) -> UploadOutcome:
        """Into HubSpot's recycle bin, for 90 days."""
        return self._archiver.archive(object_name, ids)

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """All values as strings; None clears a property."""
        return to_properties(record)

    def wire_size(self, record: FlatRecord) -> int:
        """Bytes of the properties and the frame around them."""
        return len(orjson.dumps(record, default=str)) + _INPUT_FRAME

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """One batch call; results matched by trace id."""
        return self._writer.upload(object_name, records, SyncMode(mode), key, trace)

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """By the tables in `errors.py`. Never raises."""
        return classify(problem, datetime.now(UTC))

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()
