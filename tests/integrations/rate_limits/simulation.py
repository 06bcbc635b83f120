"""Many workers and one platform on one made-up clock: who called when, as the platform counts it."""

import heapq
import json
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count

from integrations.rate_limits.allowances import Allowance, GroupAllowance
from integrations.rate_limits.bucket import Bucket
from integrations.rate_limits.lane import Asker, Lane, Refusal, Use, ask, report

START = 1_794_000_000.0


@dataclass
class FakeClock:
    """A clock that moves when somebody sleeps, or when told."""

    now: float = START
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def most_in_any(window: float, moments: Iterable[float]) -> int:
    """The largest number of moments in any interval of that length."""
    inside: deque[float] = deque()
    most = 0
    for moment in sorted(moments):
        inside.append(moment)
        while inside[0] <= moment - window:
            inside.popleft()
        most = max(most, len(inside))
    return most


@dataclass(frozen=True)
class Worker:
    """Calls in a loop: each call takes `latency`, then it thinks for `pause`. `dies_at`: never heard of again."""

    sync: int = 1
    weight: int = 5
    latency: Callable[[], float] = lambda: 0.0
    pause: Callable[[], float] = lambda: 0.0
    dies_at: float = float("inf")


class Simulation:
    """Works the real lanes and buckets; only the clock and the row are made up (the row goes through JSON)."""

    def __init__(self, allowance: Allowance, seed: int = 1) -> None:
        self.allowance = allowance
        self.counted: list[float] = []
        self.by_sync: dict[int, int] = {}
        self.writes = 0
        self._row: dict[str, object] = {}
        self._random = random.Random(seed)

    def run(self, workers: list[Worker], seconds: float) -> None:
        order = count()
        lanes = [Lane(f"w{n}", GroupAllowance((self.allowance,))) for n in range(len(workers))]
        events = [(self._random.random(), next(order), n) for n in range(len(workers))]
        heapq.heapify(events)
        while events and events[0][0] <= seconds:
            at, _, n = heapq.heappop(events)
            if at < workers[n].dies_at:
                heapq.heappush(events, (self._step(workers[n], lanes[n], START + at) - START, next(order), n))

    def _step(self, worker: Worker, lane: Lane, now: float) -> float:
        """One look at the lane; returns when the worker looks again."""
        lane.drop_stale(now)
        if lane.refusal is None and not lane.ready:
            self._refill(worker, lane, now)
        if lane.refusal:
            return max(lane.refusal.until, now + 0.001)
        use = lane.pop(1, now)
        assert use.start(use.ready_at)
        took = worker.latency()
        self._count(worker, use, took)
        use.ended = use.started + took
        return use.ended + max(worker.pause(), 1e-6)

    def _count(self, worker: Worker, use: Use, took: float) -> None:
        """The platform counts the call somewhere between its start and its answer, within the slack."""
        bucket = Bucket(self.allowance, self.allowance.permits)
        self.counted.append(use.started + self._random.random() * min(took, bucket.slack))
        self.by_sync[worker.sync] = self.by_sync.get(worker.sync, 0) + 1

    def _refill(self, worker: Worker, lane: Lane, now: float) -> None:
        bucket = Bucket(self.allowance, self.allowance.permits)
        bucket.read_state(json.loads(json.dumps(self._row)))
        bucket.advance(now)
        lane.plan_want(now)
        # A use that is not over at `now` is told as under way, as a thread's is.
        uses = [replace(use, ended=None if use.ended > now else use.ended) for use in lane.uses]
        lane.uses = uses
        settled = lane.settled(now, bucket.slack)
        running, _ = report(lane, [bucket], settled)
        answer, _ = ask([bucket], Asker(lane.holder, worker.sync, worker.weight), 1, lane.want, running)
        lane.forget(settled)
        if isinstance(answer, Refusal):
            lane.refuse(answer)
        else:
            lane.fill(answer, now, bucket.holds[lane.holder].until)
        self._row = bucket.to_state()
        self.writes += 1
