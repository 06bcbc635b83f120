"""One worker's permits for one group of calls: what it has in hand, what it used, how many it asks for next."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from integrations.rate_limits.allowances import Allowance, GroupAllowance
from integrations.rate_limits.bucket import HORIZON, Bucket, Call
from integrations.rate_limits.headers import Told
from integrations.rate_limits.schedule import UNKNOWN
from integrations.rate_limits.turns import Turns


@dataclass(slots=True)
class Use:
    """Permits given to one call: good from `ready_at` until `good_until`. `started` and `ended` are set as it goes."""

    ready_at: float
    good_until: float
    cost: int
    started: float = inf
    ended: float | None = None

    def start(self, now: float) -> bool:
        """The call starts now. False when the worker overslept: the permits count as used, and are void."""
        self.started = max(now, self.ready_at)
        if self.started > self.good_until:
            self.started = self.ended = now
        return self.ended is None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the lane's name at the buckets, its worker's sync, and the sync's weight."""

    holder: str
    sync: int
    weight: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing before `until`: because this limit is used up, or (None) because the platform asked for a pause."""

    until: float
    limit: Allowance | None = None
    reason: str = ""


@dataclass(slots=True)
class Lane:
    """`holder` is its name at the buckets.

    The permits in hand are moments from which each may be used, in order; none after `good_until`. Threads wait for
    their turn in `turns`.
    """

    holder: str
    allowance: GroupAllowance
    ready: deque[float] = field(default_factory=deque)
    uses: list[Use] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    refusal: Refusal | None = None
    good_until: float = 0.0
    filled_at: float = 0.0
    filled: int = 0
    want: int = 1
    turns: Turns = field(default_factory=Turns)

    def drop_stale(self, now: float) -> None:
        """Permits are not kept for later, and no refusal lasts longer than it said."""
        if now > self.good_until:
            self.ready.clear()
        if self.refusal and now >= self.refusal.until:
            self.refusal = None

    def set_back(self, now: float) -> None:
        """The clock was set back to `now`: what is in hand is void, and what was used was used just now at the latest."""
        self.ready.clear()
        self.refusal, self.filled_at = None, now
        for use in self.uses:
            use.started = min(use.started, now)
            use.good_until = 0.0
            use.ended = None if use.ended is None else min(use.ended, now)

    def pop(self, cost: int, now: float) -> Use:
        """Use that many of the permits in hand; nothing is kept where nothing is limited."""
        if not self.allowance.limits:
            return Use(now, inf, cost)
        moments = [self.ready.popleft() for _ in range(cost)]
        use = Use(max(moments[-1], now), self.good_until, cost)
        self.uses.append(use)
        return use

    def settled(self, now: float, slack: float) -> list[Use]:
        """The uses that can be reported: over, or so long under way that the platform has counted them."""
        return [use for use in self.uses if use.ended is not None or use.started + slack <= now]

    def plan_want(self, now: float) -> None:
        """How many to ask for: twice as many when the last ones did not last, else what half a second needs."""
        spent = self.filled - len(self.ready)
        elapsed = max(now - self.filled_at, 0.001)
        if not self.ready and elapsed < 1.2 * HORIZON:
            self.want = max(1, 2 * self.filled)
        else:
            self.want = max(1, round(spent / elapsed * HORIZON))

    def forget(self, uses: Sequence[Use]) -> None:
        """These uses, and what answers said, are in the books."""
        done = {id(use) for use in uses}
        self.uses = [use for use in self.uses if id(use) not in done]
        self.told = {}

    def fill(self, times: Sequence[float], now: float, good_until: float) -> None:
        """Take these permits in hand."""
        self.ready = deque(times)
        self.filled, self.filled_at, self.good_until, self.refusal = len(times), now, good_until, None

    def refuse(self, refusal: Refusal) -> None:
        """Nothing is in hand until then."""
        self.ready.clear()
        self.refusal = refusal


def report(lane: Lane, buckets: Sequence[Bucket], settled: Sequence[Use]) -> tuple[int, bool]:
    """Tell the buckets what was used and what the answers said. Returns how many permits are still under way, and
    whether there was anything to tell."""
    has_news = bool(lane.told) or any(lane.holder in bucket.holds for bucket in buckets)
    calls = [Call(use.started, use.ended) for use in settled for _ in range(use.cost)]
    done = {id(use) for use in settled}
    running = sum(use.cost for use in lane.uses if id(use) not in done)
    for bucket in buckets:
        bucket.report(lane.holder, calls, running)
        if told := lane.told.get(bucket.allowance.name):
            bucket.believe(told)
    return running, has_news


def ask(
    buckets: Sequence[Bucket], who: Asker, cost: int, want: int, running: int
) -> tuple[list[float] | Refusal, bool]:
    """Permits for at least `cost` calls, from all buckets or from none; and whether the buckets changed."""
    now = max(bucket.at for bucket in buckets)
    count = max(cost, min([want, *(_fair(b) for b in buckets if not b.allowance.is_short)]))
    offers = [bucket.times(count) for bucket in buckets]
    times = [max(moments) for moments in zip(*offers, strict=True)]
    shares = [bucket.share_times(who.sync, who.weight, count) for bucket in buckets if bucket.allowance.is_short]
    allowed = [max(moments) for moments in zip(*shares, strict=True)] or [now] * count
    if times[0] > now + HORIZON or allowed[0] > now or times[cost - 1] == UNKNOWN:
        return _refuse(buckets, [moments[cost - 1] for moments in offers], who, max(times[cost - 1], allowed[0]))
    enough = [t for t, share in zip(times, allowed, strict=True) if t <= now + HORIZON and share <= now]
    taken = times[: max(cost, len(enough))]
    short = len(taken) < want or taken[0] > now + 0.001
    for bucket in buckets:
        bucket.take(who.holder, taken, running, who.sync, who.weight, short=short)
    return taken, True


def _refuse(buckets: Sequence[Bucket], offers: Sequence[float], who: Asker, until: float) -> tuple[Refusal, bool]:
    """Nothing before `until`; soon again when only other workers could give something back."""
    slowest = buckets[max(range(len(buckets)), key=lambda i: offers[i])]
    until = slowest.at + min(1.0, slowest.allowance.window) if until == UNKNOWN else until
    changes = [bucket.wait(who.sync, who.weight, until) for bucket in buckets]
    if slowest.blocked_until >= until:
        return Refusal(until, reason=slowest.blocked_reason), any(changes)
    return Refusal(until, slowest.allowance), any(changes)


def _fair(bucket: Bucket) -> int:
    """One worker takes no more than its share of what is left of a long window; a short one is shared by time."""
    return max(1, bucket.left // (1 + len(bucket.holds)))
