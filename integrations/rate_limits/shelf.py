"""The slots of one worker: taken for a call, and where the policy allows it kept for the next one for moments.

Taking a slot and giving it back are two writes; with many short calls they would take longer than the calls.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError

from integrations.exceptions import QuotaWaitError, TransientError
from integrations.rate_limits.allowances import SlotAllowance
from integrations.rate_limits.clock import Clock
from integrations.rate_limits.slots import give_back, stop_waiting, take_slot, wait_openly
from integrations.rate_limits.store import moment, own_connection
from integrations.rate_limits.words import all_in_use

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
RETRY_SECONDS = 5.0
IDLE_SECONDS = 1.0
TIMEOUT = "timeout"
"""The code of a call that got no answer in time."""


@dataclass(frozen=True, slots=True)
class Held:
    """A slot that is ours, since when it is, and since when nothing was done with it."""

    limit: SlotAllowance
    slot: int
    holder: str
    since: float
    idle_since: float = 0.0


class Shelf:
    """Threads share it. Nothing is kept that the policy does not allow to be kept."""

    def __init__(self, worker: str, platform: str, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._worker = worker
        self._platform = platform
        self._clock = clock
        self._sleep = sleep
        self._kept: list[Held] = []
        self._waits: dict[tuple[int, str], SlotAllowance] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    @contextmanager
    def hold(self, limits: Sequence[SlotAllowance], deadline: float) -> Iterator[None]:
        """One slot of each limit until the block ends; QuotaWaitError when one has none free by `deadline`."""
        if not limits:
            yield
            return
        taken: list[Held] = []
        timed_out = False
        try:
            for limit in limits:
                taken.append(self._take(limit, deadline))
            yield
        except TransientError as problem:
            timed_out = problem.code == TIMEOUT
            raise
        finally:
            for held in taken:
                if not (timed_out and held.limit.keeps_after_timeout):
                    self._put(held)

    def close(self) -> None:
        """Give everything back."""
        with self._lock:
            kept, self._kept = self._kept, []
            waits, self._waits = self._waits, {}
        for held in kept:
            give_back(held.limit, held.slot, held.holder)
        for limit in waits.values():
            self._stop_waiting(limit)

    def _take(self, limit: SlotAllowance, deadline: float) -> Held:
        while True:
            now = self._clock()
            held = self._take_kept(limit, now) or self._ask(limit, now)
            if held is not None:
                return held
            if now + POLL_SECONDS > deadline:
                words = all_in_use(self._platform, limit.label)
                raise QuotaWaitError(words, retry_at=moment(now + RETRY_SECONDS))
            self._sleep(POLL_SECONDS)

    def _take_kept(self, limit: SlotAllowance, now: float) -> Held | None:
        self._clear(now)
        with self._lock:
            found = next((held for held in self._kept if held.limit == limit), None)
            if found is not None:
                self._kept.remove(found)
            return found

    def _ask(self, limit: SlotAllowance, now: float) -> Held | None:
        """One thread at a time: all want the same, and the first that finds none free knows it for all."""
        if not self._asking.acquire(timeout=POLL_SECONDS):
            return None
        try:
            holder = f"{self._worker}:{secrets.token_hex(6)}"
            with own_connection():
                slot = take_slot(limit, holder, now)
                if slot is None:
                    self._waits[limit.owner_id, limit.name] = limit
                    wait_openly(limit, holder, now)
                elif self._waits.pop((limit.owner_id, limit.name), None):
                    stop_waiting(limit, self._worker)
        finally:
            self._asking.release()
        return None if slot is None else Held(limit, slot, holder, now)

    def _put(self, held: Held) -> None:
        now = self._clock()
        if now - held.since < held.limit.reuse_seconds:
            with self._lock:
                self._kept.append(Held(held.limit, held.slot, held.holder, held.since, now))
        else:
            give_back(held.limit, held.slot, held.holder)
        self._clear(now)

    def _clear(self, now: float) -> None:
        """What was kept long enough, or for nothing, goes back."""
        with self._lock:
            stale = [
                held
                for held in self._kept
                if now - held.since >= held.limit.reuse_seconds or now - held.idle_since >= IDLE_SECONDS
            ]
            self._kept = [held for held in self._kept if held not in stale]
        for held in stale:
            give_back(held.limit, held.slot, held.holder)

    def _stop_waiting(self, limit: SlotAllowance) -> None:
        try:
            with own_connection():
                stop_waiting(limit, self._worker)
        except DatabaseError:
            logger.warning("Waiting for %s could not be ended; it ends by itself.", limit.name)
