"""Fetching: each page becomes one row, with the cursor after it, in one transaction. A crash re-reads what was not stored.

One thread reads ahead while this one stores; pages that came in meanwhile share a commit.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from integrations import reasons
from integrations.adapters.base import Adapter
from integrations.enums import FailureKind, Kind, Stage
from integrations.exceptions import EngineError, SchemaChangedError, TransientError
from integrations.models import SourcePage, Sync
from integrations.models.blobs import pack
from integrations.orchestrator.failures import Failure, hold
from integrations.orchestrator.names import note_names
from integrations.orchestrator.schemas import described
from integrations.orchestrator.work import Work
from integrations.types import Cursor, FlatRecord, MalformedRecord, Page

AHEAD = 16
FIELDS_FRESH_FOR = timedelta(minutes=5)
COMMIT_EVERY = 0.1
STOP_WAIT = 2.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page ready to be stored."""

    page: Page
    blob: bytes


def run(work: Work) -> None:
    """Fetch until the source ends or the slice does."""
    reader = Reader(work)
    try:
        for fetched in reader.groups():
            store(work, fetched, reader.expected)
            work.went_well(work.sync.source)
            if work.job.stage != Stage.FETCHING or work.must_stop():
                return
    finally:
        reader.stop()


def store(
    work: Work,
    fetched: list[Fetched],
    expected: int | None,
    take: Callable[[], None] = lambda: None,
    told: Mapping[str, int] | None = None,
) -> None:
    """One commit: the pages, the malformed records, the cursor after the last page, and the stage's end with the last.
    `take` marks what the pages came from, `told` is what else the event says."""
    now = timezone.now()
    cursor = fetched[-1].page.next_cursor
    with work.change() as change:
        first = change.state.pages
        rows = [_row(work, item, first + index, now) for index, item in enumerate(fetched)]
        SourcePage.objects.bulk_create(rows)
        take()
        _note_names(work, fetched)
        held, repeated = _hold_malformed(work, fetched, first, now)
        count = sum(row.count for row in rows)
        add = {"pages": len(rows), "fetched": count, "invalid": held, "failures_open": held, "duplicate": repeated}
        data: dict[str, Any] = {**(told or {}), "add": {name: number for name, number in add.items() if number}}
        if expected is not None and change.state.expected is None:
            data["expected"] = expected
        change.append(Kind.JOB_PAGE_FETCHED, cursor=cursor or {}, **data)
        if cursor is None:
            change.append(Kind.JOB_FETCHED)


def _note_names(work: Work, fetched: Sequence[Fetched]) -> None:
    if field := work.source_can.called_by:
        note_names(work.sync.pk, field, [record for item in fetched for record in item.page.records])


def _row(work: Work, item: Fetched, number: int, now: Any) -> SourcePage:
    page = item.page
    return SourcePage(
        job_id=work.job.pk,
        number=number,
        count=len(page.records) + len(page.malformed),
        records=item.blob,
        cursor_after=page.next_cursor,
        fetched_at=now,
    )


def _hold_malformed(work: Work, fetched: list[Fetched], first: int, now: Any) -> tuple[int, int]:
    """Hold what is not a usable record; returns how many were new, and how many repeat one already held."""
    label = work.source.capabilities.label
    failures = [
        _malformed(bad, first + index, place, label)
        for index, item in enumerate(fetched)
        for place, bad in enumerate(item.page.malformed)
    ]
    held = hold(work.job, failures, now)
    work.supersede([failure.source_id for failure in held], now)
    return len(held), len(failures) - len(held)


def _malformed(bad: MalformedRecord, page_number: int, place: int, platform_label: str) -> Failure:
    return Failure(
        source_id=bad.id or f"page {page_number + 1}, record {place + 1}",
        kind=FailureKind.INVALID,
        code=bad.code,
        title=reasons.title(bad.code, "", platform_label),
        message=bad.message,
        technical=bad.text,
        page_number=page_number,
    )


class Reader:
    """Reads pages ahead in a thread. An error is raised here after the pages before it were handed out."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.adapter = work.source
        self.expected: int | None = None
        self._queue: queue.Queue[Fetched | Exception] = queue.Queue(AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True, name="read-ahead")
        self._cursor: Cursor = dict(work.job.cursor)
        self._is_new = work.job.pages == 0 and work.job.expected is None
        self._handed_out_at = 0.0

    def groups(self) -> Iterator[list[Fetched]]:
        """Pages as they come in, those of the same tenth of a second together; ends after the last page."""
        self._thread.start()
        while True:
            items = self._together()
            pages = [item for item in items if isinstance(item, Fetched)]
            if pages:
                yield pages
            problem = next((item for item in items if isinstance(item, Exception)), None)
            if problem is not None:
                raise problem

    def stop(self) -> None:
        """End the thread; one that hangs in a read is left to its timeout, it can do no harm."""
        self._stopped.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._thread.join(STOP_WAIT)

    def _together(self) -> list[Fetched | Exception]:
        """The next item, and what else comes before it is time for the next commit."""
        items = [self._next()]
        until = self._handed_out_at + COMMIT_EVERY
        while len(items) < AHEAD and not _is_last(items[-1]):
            try:
                items.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        self._handed_out_at = time.monotonic()
        return items

    def _next(self) -> Fetched | Exception:
        while True:
            try:
                return self._queue.get(timeout=1.0)
            except queue.Empty:
                self.work.heart.check()
                if self.work.must_stop_waiting():
                    return StoppedReadingError("Reading was interrupted.")

    def _read(self) -> None:
        try:
            self._read_pages()
        except Exception as problem:  # handed to the thread that stores
            self._put(problem)
        finally:
            connection.close()

    def _read_pages(self) -> None:
        name, window = self.work.sync.source_object, self.work.window
        if self._is_new:
            check_fields(self.work.sync, self.adapter, self.work.fields_in_use)
            self.expected = self.adapter.count(name, window)
        fields = self.work.source_fields
        cursor: Cursor | None = self._cursor
        while cursor is not None and not self._stopped.is_set():
            page = self.adapter.fetch_records(name, cursor, window, fields)
            if page.next_cursor is not None and page.next_cursor == cursor:
                raise TransientError(f"{self.adapter.capabilities.label}'s list does not move on.", code="cursor_stuck")
            self._put(make_fetched(page, self.adapter.capabilities.label))
            cursor = page.next_cursor

    def _put(self, item: Fetched | Exception) -> None:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return


def check_fields(sync: Sync, adapter: Adapter, fields: Sequence[str]) -> None:
    """SchemaChangedError when the mapping reads a field there is not: some platforms pass over it without a word, and for
    everybody it would be empty. A part of another object ("Account.Name") is left to the platform."""
    asked = {field for field in fields if field != "id" and "." not in field}
    for fresh_for in (FIELDS_FRESH_FOR, timedelta(0)):
        if not asked:
            return
        schema = described(sync.source, sync.source_object, adapter, fresh_for=fresh_for)
        if schema.extra_fields:
            return
        asked -= {field.name for field in schema.fields}
    if asked:
        first, label = min(asked), adapter.capabilities.label
        raise SchemaChangedError(
            f"{first} does not exist in {label}, or our sign-in may not see it. Look at the mapping.",
            technical=", ".join(sorted(asked)),
        )


def make_fetched(page: Page, label: str) -> Fetched:
    """The page ready to be stored. A record that cannot be written down is held, and the others go on."""
    try:
        return Fetched(page, pack(page.records))
    except TypeError:
        good = [record for record in page.records if _can_be_packed(record)]
        bad = [_too_deep(record, label) for record in page.records if not _can_be_packed(record)]
        return Fetched(replace(page, records=good, malformed=(*page.malformed, *bad)), pack(good))


def _can_be_packed(record: FlatRecord) -> bool:
    try:
        pack(record)
    except TypeError:
        return False
    return True


def _too_deep(record: FlatRecord, label: str) -> MalformedRecord:
    words = f"{label} sent a record with too many lists inside lists."
    return MalformedRecord(str(record.get("id", "")), "malformed_record", words, ", ".join(record))


def _is_last(item: Fetched | Exception) -> bool:
    return isinstance(item, Exception) or item.page.next_cursor is None


class StoppedReadingError(EngineError):
    """The slice ends while a read is still under way; nothing is wrong."""

    code = "stopped_reading"
