"""Mapping record by record, after a limit stopped a whole batch: each record has its own time, and only it can fail."""

import threading
import time
from collections.abc import Sequence

import orjson

from integrations import reasons
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.outcomes import Limits, MappedBatch, MappingFailure
from integrations.mappings.reading import read_batch
from integrations.mappings.session import LimitTripError, Session, Sessions
from integrations.types import FlatRecord

_TOLERABLE_SHARE = 20


class TripTally:
    """Counts the records that trip a limit. MappingBrokenError when that is no longer about single records.

    Namely: so many in a row, more than one in twenty once there are `enough`, or any after so many `seconds` from now.
    Shared by the threads of one runner.
    """

    def __init__(self, in_a_row: int, enough: int = 60, seconds: float = float("inf")) -> None:
        self._until = time.monotonic() + seconds
        self._most_in_a_row = in_a_row
        self._enough = enough
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._trips = 0
        self._records = 0

    def note_fine(self, records: int = 1) -> None:
        """So many records passed."""
        with self._lock:
            self._in_a_row = 0
            self._records += records

    def note_trip(self, technical: str, code: str = "mapping_too_slow") -> None:
        """One record tripped a limit."""
        with self._lock:
            self._in_a_row += 1
            self._trips += 1
            self._records += 1
            too_many = self._trips >= self._enough and self._trips * _TOLERABLE_SHARE > self._records
            if self._in_a_row >= self._most_in_a_row or too_many or time.monotonic() > self._until:
                how = "breaks off" if code == "mapping_crashed" else "does not finish"
                raise MappingBrokenError(f"The mapping code {how} for record after record.", technical=technical)


class CarefulRun:
    """Maps one batch record by record. A record that takes the sandbox down, or stalls in it, gets a second try."""

    def __init__(self, sessions: Sessions, limits: Limits, tally: TripTally) -> None:
        self._sessions = sessions
        self._limits = limits
        self._tally = tally
        self._session: Session | None = None
        self.trips = 0

    def map_records(self, records: Sequence[FlatRecord], stop: threading.Event) -> MappedBatch:
        """One outcome per record; an incomplete batch, which nobody may use, when `stop` is set meanwhile."""
        batch = MappedBatch()
        share = self._limits.batch_output_bytes // max(len(records), 1)
        try:
            for at, record in enumerate(records):
                if stop.is_set():
                    break
                self._add(batch, at, orjson.dumps([record]).decode(), share)
        finally:
            self._end_session()
        return batch

    def _add(self, batch: MappedBatch, at: int, record_json: str, share: int) -> None:
        try:
            one = self._map_one(record_json)
        except LimitTripError as trip:
            self.trips += 1
            batch.outputs.append(None)
            batch.failed[at] = MappingFailure(trip.code, reasons.sentence(trip.code), trip.technical)
            self._tally.note_trip(trip.technical, trip.code)
            return
        self._tally.note_fine()
        batch.size += one.size
        if one.size > share and batch.size > self._limits.batch_output_bytes:
            code = "mapping_output_too_large"
            one = MappedBatch(
                [None], failed={0: MappingFailure(code, reasons.sentence(code), f"{one.size} characters")}
            )
        batch.outputs += one.outputs
        batch.left_out |= {at + alone: why for alone, why in one.left_out.items()}
        batch.failed |= {at + alone: failure for alone, failure in one.failed.items()}

    def _map_one(self, record_json: str) -> MappedBatch:
        try:
            return self._try_one(record_json)
        except LimitTripError as trip:
            if trip.code != "mapping_crashed" and not trip.is_stall:
                raise
        return self._try_one(record_json)

    def _try_one(self, record_json: str) -> MappedBatch:
        if self._session is None:
            self._session = self._sessions.start(self._limits.record_seconds)
        try:
            one = read_batch(self._session.map_records(record_json), record_json, self._session)
        except LimitTripError:
            self._end_session()
            raise
        if len(one.outputs) != 1:
            raise LimitTripError("mapping_crashed", "The sandbox did not answer for one record.")
        return one

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
