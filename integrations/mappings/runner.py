"""Runs mapping code over batches of records, in sandbox processes beside ours.

A batch normally takes one call into the sandbox. When a limit stops that call, the batch is done again record by
record, each with its own time, so that only the records at fault fail. What is guaranteed:

- every record of a batch has exactly one outcome, whatever the code does;
- nothing goes from one batch to the next: each starts in a fresh session, in a process that is used again. Within a
  batch, records share a session; `checks.py` refuses code that could keep something from one record to the next;
- what a record, and what a batch, may take of time, memory and output is bounded by `Limits`;
- code that trips a limit for record after record raises MappingBrokenError within seconds, not hours.
"""

import threading
import time
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import orjson

from integrations.exceptions import EngineError
from integrations.mappings.careful import CarefulRun, TripTally
from integrations.mappings.outcomes import Limits, MappedBatch, MappingFailure
from integrations.mappings.reading import read_batch
from integrations.mappings.session import LimitTripError, Sessions
from integrations.types import FlatRecord

__all__ = ["Limits", "MappedBatch", "MappingFailure", "MappingRunner"]


class MappingRunner:
    """One mapping's code, ready to run. A context manager; entering raises MappingBrokenError if the code cannot load.

    `map_batch` may be called from several threads; up to `processes` batches run at the same time.
    """

    def __init__(self, code: str, *, processes: int = 2, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._processes = processes
        self._sessions = Sessions(code, processes, self.limits)
        self._tally = TripTally(self.limits.trips_in_a_row, self.limits.trips, self.limits.trip_seconds)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="mapping")
        self._is_careful = False

    def __enter__(self) -> "MappingRunner":
        self._sessions.__enter__()
        try:
            self._sessions.start(self.limits.batch_seconds).close()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._sessions.__exit__(*problem)

    def map_batch(self, records_json: bytes | str) -> MappedBatch:
        """Map a JSON array of flat records. MappingBrokenError when the code as a whole does not work."""
        return self._map(records_json, threading.Event())

    def map_many(self, batches: Iterable[bytes | str]) -> Generator[MappedBatch, None, None]:
        """The batches' results in order, worked ahead by one batch per sandbox process.

        `batches` is read in the caller's thread, a little ahead of the results. Closing the generator drops the rest.
        """
        stop = threading.Event()
        ahead: deque[Future[MappedBatch]] = deque()
        try:
            for records_json in batches:
                ahead.append(self._threads.submit(self._map, records_json, stop))
                if len(ahead) > self._processes:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            stop.set()
            for future in ahead:
                future.cancel()

    def _map(self, records_json: bytes | str, stop: threading.Event) -> MappedBatch:
        text = records_json if isinstance(records_json, str) else records_json.decode()
        if not self._is_careful:
            try:
                return self._map_at_once(text)
            except LimitTripError:
                self._is_careful = True
        return self._map_carefully(text, stop)

    def _map_at_once(self, text: str) -> MappedBatch:
        with self._sessions.start(self.limits.batch_seconds) as session:
            batch = read_batch(session.map_records(text), text, session)
        self._tally.note_fine(len(batch.outputs))
        return batch

    def _map_carefully(self, text: str, stop: threading.Event) -> MappedBatch:
        """Stays the way to go until a batch passes without a trip, and in the time a batch has."""
        started = time.monotonic()
        careful = CarefulRun(self._sessions, self.limits, self._tally)
        batch = careful.map_records(_parse(text), stop)
        self._is_careful = careful.trips > 0 or time.monotonic() - started > self.limits.batch_seconds
        return batch


def _parse(text: str) -> list[FlatRecord]:
    try:
        records = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise EngineError("A batch of records cannot be read.", technical=exc.msg) from exc
    if not isinstance(records, list):
        raise EngineError("A batch of records is not a list.")
    return records
