"""Sending events: one call per person, and what became of each event when a call fails.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events

An event that is sent twice counts twice, and the call of an event tells nothing but that it was received. So a call is
never repeated here. When one fails, no further call is begun, and the outcome says of each event which of three it is:
received, perhaps received (a person decides), or never sent (it goes out again).

The first call of a batch goes alone. While Google hangs, one call is in doubt and not all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlencode

from integrations.adapters.errors import unreadable
from integrations.adapters.google_analytics.declaration import LABEL
from integrations.adapters.google_analytics.events import Event, build_event
from integrations.adapters.google_analytics.fates import Fate, Fates
from integrations.adapters.google_analytics.parcels import Parcel, pack_parcels
from integrations.adapters.google_analytics.places import COLLECT
from integrations.adapters.http import Answer, Ask, ErrorTable, PlatformClient
from integrations.exceptions import RecordRejectedError, SyncpanelError
from integrations.types import FlatRecord, Result, UploadOutcome

COLLECT_PATH = "/mp/collect"
AT_ONCE = 12
"""Calls of one batch that are under way together. Google names no limit; more than our pool keeps open would cost more."""
SECONDS = 10.0
"""For one call: Google answers before it looks at what was sent, and a batch must end long before its worker's lease."""

ReadQuery = Callable[[], Mapping[str, str]]
"""The measurement ID and the secret; SignInError or ConfigurationError when they are not there."""


class Writer:
    """Sends the events of one connection. Holds nothing between calls, so threads may share it."""

    def __init__(
        self, http: PlatformClient, host: str, read_query: ReadQuery, handle_error: ErrorTable, timeout: float
    ) -> None:
        self._http = http
        self._host = host
        self.read_query = read_query
        self._handle_error = handle_error
        self._timeout = min(timeout, SECONDS)

    def upload(self, records: Sequence[FlatRecord], now: datetime) -> UploadOutcome:
        """One result per record. Raises when none of it was sent, and when all of it is in doubt."""
        settled: dict[int, Result] = {}
        events: dict[int, Event] = {}
        for place, record in enumerate(records):
            try:
                events[place] = build_event(record, now)
            except RecordRejectedError as refusal:
                settled[place] = Result(False, code=refusal.code, message=refusal.message, field=refusal.field)
        if not events:
            return UploadOutcome([settled[place] for place in range(len(records))])
        fates = Fates(self._send_all(pack_parcels(events.items())))
        fates.raise_if_alike()
        settled |= {place: fates.judge(place, event) for place, event in events.items()}
        return UploadOutcome([settled[place] for place in range(len(records))], fates.exchanges, fates.problem)

    def send(self, body: bytes, path: str = COLLECT_PATH, *, is_write: bool = True) -> Answer:
        """One call. Whatever is not a 2xx is one of our errors, and so is a web page: then a stranger answered."""
        ask = Ask(
            "POST",
            f"{self._host}{path}?{urlencode(self.read_query())}",
            COLLECT,
            body,
            is_write=is_write,
            timeout=self._timeout,
        )
        answer = self._http.send(ask)
        with answer.shown_in_errors():
            if not 200 <= answer.status < 300:
                raise self._handle_error(answer.response())
            if answer.body.lstrip()[:1] == b"<":
                raise unreadable("html_answer", LABEL, after_write=is_write, technical=f"HTTP {answer.status}")
        return answer

    def _send_all(self, parcels: Sequence[Parcel]) -> list[Fate]:
        """The first alone, then several at a time; after the first that fails no further one is begun."""
        first, *others = parcels
        fates = [self._try(first)]
        if isinstance(fates[0].outcome, SyncpanelError) or not others:
            return fates + [Fate(parcel) for parcel in others]
        stopped: list[SyncpanelError] = []

        def send(parcel: Parcel) -> Fate:
            fate = Fate(parcel) if stopped else self._try(parcel)
            if isinstance(fate.outcome, SyncpanelError):
                stopped.append(fate.outcome)
            return fate

        with ThreadPoolExecutor(min(AT_ONCE, len(others)), thread_name_prefix="events") as pool:
            return fates + list(pool.map(send, others))

    def _try(self, parcel: Parcel) -> Fate:
        try:
            return Fate(parcel, self.send(parcel.body))
        except SyncpanelError as problem:
            return Fate(parcel, problem)
