"""Permits to call a platform, shared by all workers on all hosts through the database.

A worker is handed permits for the next half second at a time (`bucket.py` says how and why that is safe), so it writes
about twice a second however fast it calls, and not at all when nothing limits it. Short waits are slept, longer ones
raise QuotaWaitError.

Threads may share one `ConnectionPermits`. Whichever thread finds nothing in hand asks the database, under the lock; a
database connection it had to open for that is closed at once, so threads need no clean-up of their own.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import DatabaseError

from integrations.adapters.deadline import seconds_left
from integrations.exceptions import EngineError, QuotaWaitError
from integrations.models import Connection, Sync
from integrations.rate_limits.allowances import Allowance, GroupAllowance, allowances
from integrations.rate_limits.bucket import STAND_STILL, Bucket
from integrations.rate_limits.clock import Clock, SharedClock, shared_clock
from integrations.rate_limits.headers import read_headers
from integrations.rate_limits.lane import Asker, Lane, Refusal, Use, ask, report
from integrations.rate_limits.registry import Policy, policy
from integrations.rate_limits.shelf import Shelf
from integrations.rate_limits.store import change_buckets, moment, own_connection
from integrations.rate_limits.uses import UseCounter
from integrations.rate_limits.words import asked_to_wait, used_up

logger = logging.getLogger(__name__)

DEFAULT_WEIGHT = 5
FLUSH_SECONDS = 2.0
UNLIMITED_FLUSH_SECONDS = 30.0
SHORT_PAUSE_SECONDS = 60.0
RESET_MARGIN = 30.0
"""The platform's midnight may be a little later than ours; one call too early would cost another day."""


class ConnectionPermits:
    """The permits of one worker for one connection, on behalf of one sync (0: of none). Implements `Permits`."""

    def __init__(
        self,
        connection: Connection,
        *,
        sync_id: int = 0,
        max_sleep: float = 5.0,
        clock: Clock = shared_clock,
        sleep: Callable[[float], None] = time.sleep,
        rules: Policy | None = None,
    ) -> None:
        self._connection = connection
        self._sync_id = sync_id
        self._max_sleep = max_sleep
        self._clock = clock
        self._sleep = sleep
        self._policy = rules or policy(connection.platform)
        self._name = secrets.token_hex(6)
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._groups: dict[str, GroupAllowance] | None = None
        self._weight: int | None = None
        self._latest = self._flushed_at = clock()
        self._uses = UseCounter(connection.pk, sync_id)
        self._shelf = Shelf(self._name, self._label, clock, sleep)

    @contextmanager
    def permit(self, group: str, cost: int = 1) -> Iterator[None]:
        """The right to make one call that counts as `cost`. Sleeps up to `max_sleep`, or as long as a person still waits;
        QuotaWaitError beyond."""
        deadline = self._clock() + seconds_left(self._max_sleep)
        lane = self._lane(group)
        with self._shelf.hold(lane.allowance.slots, deadline):
            use = self._acquire(lane, cost, deadline)
            try:
                yield
            finally:
                use.ended = max(self._clock(), use.started)

    def learn(self, group: str, headers: Mapping[str, str], status: int) -> None:
        """Keep what an answer says about the limits; it goes into the books with the next permits."""
        lane = self._lane(group)
        for limit in lane.allowance.limits:
            if limit.headers and (told := read_headers(headers, limit.headers, self._clock())):
                lane.told[limit.name] = told

    def pause(self, group: str, seconds: float, reason: str) -> None:
        """No call of this group for so long, by any worker. A long pause stops all that share the longest limit."""
        lane = self._lane(group)
        with self._lock, own_connection():
            until = self._now() + seconds
            if target := _paused_limit(lane.allowance.limits, seconds):
                change_buckets([target], self._latest, lambda buckets: _pause(buckets, until, reason))
            lane.refuse(Refusal(until, reason=reason))

    def close(self) -> None:
        """Give back what is in hand and write the uses. Never raises: permits expire by themselves."""
        self._shelf.close()
        try:
            with self._lock, own_connection():
                for lane in self._lanes.values():
                    self._give_back(lane)
                self._uses.flush()
        except DatabaseError:
            logger.warning("Permits of connection %s could not be given back; they expire.", self._connection.pk)

    def _lane(self, group: str) -> Lane:
        if group in self._lanes:
            return self._lanes[group]
        with self._lock:
            if self._groups is None:
                with own_connection():
                    self._groups = allowances(self._connection, self._policy)
            if self._groups and group not in self._groups:
                raise EngineError(f"The rate limits of {self._connection.platform} have no group “{group}”.")
            return self._lanes.setdefault(
                group, Lane(f"{self._name}:{group}", self._groups.get(group, GroupAllowance()))
            )

    def _acquire(self, lane: Lane, cost: int, deadline: float) -> Use:
        """Wait for this thread's turn, then for `cost` permits, and use them. The call may start when this returns."""
        with lane.turns.turn(seconds_left(self._max_sleep)) as is_our_turn:
            if not is_our_turn:
                now = self._clock()
                limit = next(iter(lane.allowance.limits), None)
                raise self._quota_wait(lane.refusal or Refusal(now + 1.0, limit), now)
            while True:
                now, answer = self._try(lane, cost, deadline)
                if isinstance(answer, Refusal):
                    self._sleep(max(answer.until - now, 0.001))
                    continue
                if answer.ready_at > now:
                    self._sleep(answer.ready_at - now)
                if answer.start(self._clock()):
                    self._uses.add(cost, now)
                    return answer

    def _try(self, lane: Lane, cost: int, deadline: float) -> tuple[float, Use | Refusal]:
        """The permits, or until when to sleep; QuotaWaitError when that is after `deadline`."""
        with self._lock:
            now = self._now()
            self._flush_uses(now, FLUSH_SECONDS if lane.allowance.limits else UNLIMITED_FLUSH_SECONDS)
            refusal = self._refuse(lane, cost, now, deadline)
            if refusal is None:
                return now, lane.pop(cost, now)
        if refusal.until > deadline:
            raise self._quota_wait(refusal, now)
        return now, refusal

    def _refuse(self, lane: Lane, cost: int, now: float, deadline: float) -> Refusal | None:
        """See to it that `cost` permits are in hand, good before `deadline`; why not, if not."""
        lane.drop_stale(now)
        if lane.refusal or not lane.allowance.limits:
            return lane.refusal
        if len(lane.ready) < cost:
            with own_connection():
                if isinstance(self._clock, SharedClock):
                    self._clock.align()
                self._ask_database(lane, cost, self._now())
        if lane.refusal is None and lane.ready[cost - 1] > deadline:
            return Refusal(lane.ready[cost - 1], lane.allowance.limits[0])
        return lane.refusal

    def _ask_database(self, lane: Lane, cost: int, now: float) -> None:
        """Report what was used, and take the next permits or a refusal in hand."""
        who = Asker(lane.holder, self._sync_id, self._sync_weight())
        lane.plan_want(now)

        def exchange(buckets: Sequence[Bucket]) -> tuple[tuple[list[float] | Refusal, list[Use], float], bool]:
            for bucket in buckets:
                _check_cost(bucket, cost)
            settled = lane.settled(now, max(bucket.slack for bucket in buckets))
            running, has_news = report(lane, buckets, settled)
            answer, is_changed = ask(buckets, who, cost, max(cost, lane.want), running)
            holds = [bucket.holds[who.holder].until for bucket in buckets if who.holder in bucket.holds]
            return (answer, settled, min(holds, default=now)), has_news or is_changed

        answer, settled, good_until = change_buckets(lane.allowance.limits, now, exchange)
        lane.forget(settled)
        if isinstance(answer, Refusal):
            lane.refuse(answer)
        else:
            lane.fill(answer, now, good_until)

    def _give_back(self, lane: Lane) -> None:
        """Report everything; a call still under way counts as made now."""
        if not lane.allowance.limits:
            return
        for use in lane.uses:
            use.ended = use.ended or use.started + STAND_STILL
        uses = list(lane.uses)
        change_buckets(lane.allowance.limits, self._now(), lambda buckets: report(lane, buckets, uses))
        lane.forget(uses)
        lane.ready.clear()

    def _sync_weight(self) -> int:
        """The sync's priority: twice the priority, twice the share."""
        if self._weight is None:
            priority = Sync.objects.filter(pk=self._sync_id).values_list("priority", flat=True).first()
            self._weight = DEFAULT_WEIGHT if priority is None else max(1, priority)
        return self._weight

    def _now(self) -> float:
        """The clock, except that it never runs backwards; set back by much, nothing in hand is good any more."""
        now = self._clock()
        if now < self._latest - STAND_STILL:
            self._latest = now
            for lane in self._lanes.values():
                lane.set_back(now)
        self._latest = max(self._latest, now)
        return self._latest

    def _flush_uses(self, now: float, every: float) -> None:
        """Before a call, never after it: a database fault must not hide what the call did."""
        if abs(now - self._flushed_at) >= every:
            self._flushed_at = now
            with own_connection():
                self._uses.flush()

    def _quota_wait(self, refusal: Refusal, now: float) -> QuotaWaitError:
        until = refusal.until
        if refusal.limit is None:
            return QuotaWaitError(asked_to_wait(self._label, refusal.reason, until, now), retry_at=moment(until))
        margin = RESET_MARGIN if refusal.limit.resets == "midnight" else 0.0
        return QuotaWaitError(used_up(self._label, refusal.limit, until, now), retry_at=moment(until + margin))

    @property
    def _label(self) -> str:
        return self._policy.label if self._policy else self._connection.name


def _paused_limit(limits: Sequence[Allowance], seconds: float) -> Allowance | None:
    """A short pause concerns the shortest limit, a long one the longest."""
    chosen = min if seconds <= SHORT_PAUSE_SECONDS else max
    return chosen(limits, key=lambda limit: limit.window, default=None)


def _pause(buckets: Sequence[Bucket], until: float, reason: str) -> tuple[None, bool]:
    for bucket in buckets:
        bucket.pause(until, reason)
    return None, True


def _check_cost(bucket: Bucket, cost: int) -> None:
    """EngineError for a call that could wait for ever."""
    if cost > bucket.allowance.own(bucket.permits):
        raise EngineError(f"A call that counts as {cost} can never fit into the {bucket.allowance.label}.")
