"""The Google Analytics adapter: what `adapters/base.py` asks for, put together from the modules beside this one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import orjson

from integrations.adapters.auth import SignedClient, require
from integrations.adapters.base import Permits, TokenStore
from integrations.adapters.google_analytics.audiences import Audiences
from integrations.adapters.google_analytics.checks import Checks
from integrations.adapters.google_analytics.declaration import AUDIENCE, CAPABILITIES, EVENTS, LABEL, REPORT
from integrations.adapters.google_analytics.errors import classify
from integrations.adapters.google_analytics.events import build_event
from integrations.adapters.google_analytics.fields import describe_events
from integrations.adapters.google_analytics.places import (
    find_places,
    read_property,
    read_stream,
    reads_reports,
    sends_events,
)
from integrations.adapters.google_analytics.presets import PRESETS
from integrations.adapters.google_analytics.property import Property
from integrations.adapters.google_analytics.quotas import PACIFIC
from integrations.adapters.google_analytics.reports import Reports
from integrations.adapters.google_analytics.signin import has_expired, make_tokens
from integrations.adapters.google_analytics.writing import Writer
from integrations.adapters.http import PlatformClient
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, SyncpanelError
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

_EVENT_FRAME = 60
"""About what an event costs beside its fields: the brackets, and who it is about."""


def _read_clock() -> datetime:
    return datetime.now(UTC)


class GoogleAnalyticsAdapter:
    """One property, or one web stream, or both."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(
        self,
        credentials: Credentials,
        tokens: TokenStore,
        permits: Permits,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], datetime] = _read_clock,
    ) -> None:
        self._credentials = credentials
        self._settings = credentials.settings
        self._now = now
        self._places = places = find_places(credentials.settings)
        self._http = PlatformClient(LABEL, permits, self.handle_error, timeout=timeout, transport=transport)
        self._tokens = make_tokens(credentials, tokens, self._http, places.token, self.handle_error, now)
        self._property = Property(
            SignedClient(self._http, self._tokens, self.handle_error, has_expired, places.reports),
            SignedClient(self._http, self._tokens, self.handle_error, has_expired, places.admin),
            self._find_property,
        )
        self._reports = Reports(self._property, credentials.settings)
        self._audiences = Audiences(self._property, now)
        self._writer = Writer(self._http, places.collect, self._read_query, self.handle_error, timeout)

    def _find_property(self) -> str:
        if not reads_reports(self._credentials.method):
            words = "This connection only sends events. To read reports, choose another way to sign in."
            raise ConfigurationError(words, code="sends_only")
        return read_property(self._settings)

    def _read_query(self) -> Mapping[str, str]:
        secret = require(self._credentials, "api_secret", "The API secret")
        return {"measurement_id": read_stream(self._settings), "api_secret": secret}

    def check(self) -> CheckResult:
        """Each of the sides that the connection has."""
        reads = reads_reports(self._credentials.method)
        reach = f"{self._places.reports}/v1beta/properties/0/metadata" if reads else self._places.collect
        checks = Checks(
            self._credentials,
            self._http,
            self._property,
            self._writer,
            self._tokens.current,
            reach,
            self.handle_error,
        )
        lines = checks.run()
        account, account_id = self._find_account()
        return CheckResult(lines, account, account_id, {"time_zone": PACIFIC})

    def _find_account(self) -> tuple[str, str]:
        """What the connection is for. All connections to a property share its quotas."""
        try:
            if reads_reports(self._credentials.method):
                number = read_property(self._settings)
                return f"Property {number}", number
            stream = read_stream(self._settings)
        except ConfigurationError:
            return "", ""
        return f"Stream {stream}", stream

    def list_objects(self) -> Sequence[ObjectCapability]:
        """Events, if it sends; every report and every audience, if it reads."""
        found: list[ObjectCapability] = []
        if sends_events(self._settings):
            found.append(CAPABILITIES.object(EVENTS))
        if reads_reports(self._credentials.method):
            report, audience = (
                replace(CAPABILITIES.object(kind), stands_for_many=False) for kind in (REPORT, AUDIENCE)
            )
            found += [replace(report, name=one.object_name, label=one.label, noun=one.noun) for one in PRESETS]
            found += [
                replace(audience, name=f"{AUDIENCE}:{number}", label=f"Audience: {name or number}")
                for number, name in self._audiences.list_names()
            ]
        return found

    def describe(self, object_name: str) -> ObjectSchema:
        """The fields of an event from Google's documentation, those of a report from the property."""
        if object_name == EVENTS:
            return describe_events(self._settings)
        return self._reader_of(object_name).describe(object_name)

    def count(self, object_name: str, window: Window) -> int | None:
        """Of reports only: how large an audience is, its list says when it is made."""
        return self._reports.count(object_name, window) if object_name.startswith(f"{REPORT}:") else None

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """Reports by day, audiences by person."""
        return self._reader_of(object_name).fetch(object_name, cursor, window, fields)

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """By our ids; unknown ones are left out."""
        return self._reader_of(object_name).read(object_name, ids, fields)

    def _reader_of(self, object_name: str) -> Reports | Audiences:
        kind = object_name.partition(":")[0]
        if kind == REPORT:
            return self._reports
        if kind == AUDIENCE:
            return self._audiences
        words = f"{LABEL} does not give out events one by one." if kind == EVENTS else f"There is no “{object_name}”."
        raise ConfigurationError(words, code="not_there")

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """What the event alone would be sent as. RecordRejectedError when it would not be sent."""
        event = build_event(record, self._now())
        return {**orjson.loads(event.who), "events": [orjson.loads(event.body)]}

    def wire_size(self, record: FlatRecord) -> int:
        """Bytes of the fields and the frame around them."""
        return len(orjson.dumps(record, default=str)) + _EVENT_FRAME

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """One call per person. An event has no key over there, and no mode: it is added."""
        return self._writer.upload(records, self._now())

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """By the tables in `errors.py` and `quotas.py`. Never raises."""
        return classify(problem, self._now())

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()
