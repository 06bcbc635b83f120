"""One limit's books: what was called, what is held by workers, what other tools used. Pure: no database, no clock.

Why no window ever holds more than the platform allows: a permit counts from the moment it is handed out (it is *held*),
and after the call until one full window past the call's end, or past its start plus `slack`, whichever is first. The
platform counts a call somewhere between those two, so what it has in its window we still have in ours.
Why little is lost: a worker is handed permits for the next half second, each with the moment from which it is free.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from integrations.rate_limits.allowances import Allowance
from integrations.rate_limits.headers import Told
from integrations.rate_limits.schedule import free_times, paced_times

HORIZON = 0.5
"""Permits are handed out for this many seconds ahead."""
STAND_STILL = 5.0
"""A clock that is behind by less stands still until it has caught up; by more, it was set back."""
LATE_ANSWERS = 1.0
"""An answer tells how many calls counted this long ago at most."""
LINGER = 0.5
"""A sync that had to wait counts as waiting this much longer."""
BELIEVED = 3600.0
"""What other tools used is asked again after this long at most."""
WIDENED = 3600.0
"""A platform that counted differently from us is met with more slack for this long."""


@dataclass(slots=True)
class Hold:
    """Permits a worker was handed and has not reported. At `until` they count as used."""

    count: int
    until: float


@dataclass(slots=True)
class Turn:
    """One sync at the bucket: it competes until `waiting_until`, and its share allows the next call at `next_at`."""

    weight: int
    waiting_until: float = 0.0
    next_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made; `ended` is None while it is under way."""

    started: float
    ended: float | None


@dataclass(slots=True)
class Bucket:
    """The state of one limit of one connection. All times are seconds since 1970; every change advances it first."""

    allowance: Allowance
    permits: int
    at: float = 0.0
    log: dict[float, int] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    turns: dict[int, Turn] = field(default_factory=dict)
    foreign: int = 0
    foreign_until: float = 0.0
    pace_at: float = 0.0
    widened: int = 0
    widened_at: float = 0.0
    blocked_until: float = 0.0
    blocked_reason: str = ""
    told: Told | None = None

    STATE: ClassVar[tuple[str, ...]] = ("at", "foreign", "foreign_until", "pace_at", "widened", "widened_at")

    def advance(self, now: float) -> None:
        """Move to `now`. Time never runs backwards here: a clock that does gets nothing until it has caught up."""
        if now < self.at - STAND_STILL:
            self._set_back(now - self.at)
        self.at = max(self.at, now)
        for holder in [holder for holder, hold in self.holds.items() if hold.until <= self.at]:
            hold = self.holds.pop(holder)
            self._count(hold.until + self.slack, hold.count)
        self.log = {end: n for end, n in self.log.items() if end > self.at - LATE_ANSWERS}
        self.turns = {s: t for s, t in self.turns.items() if max(t.waiting_until, t.next_at) > self.at}
        if self.foreign_until <= self.at:
            self.foreign = 0

    @property
    def used(self) -> int:
        """Our own calls in the present window."""
        return sum(n for end, n in self.log.items() if end > self.at)

    @property
    def held(self) -> int:
        """Permits that workers have in hand."""
        return sum(hold.count for hold in self.holds.values())

    @property
    def left(self) -> int:
        """What we may still call in this window; negative when the platform says we are over."""
        ours, everyone = self.used + self.held, self.used + self.held + self.foreign
        return min(self.allowance.own(self.permits) - ours, self.permits - everyone)

    @property
    def slack(self) -> float:
        """How much later than its start a call may be counted: 2 % of the window, more after a refusal."""
        window = self.allowance.window
        return float(min(min(0.02 * window, 0.2) * 2.0**self.widened, 0.2 * window))

    @property
    def rate(self) -> float:
        """Our calls per second when the window is used evenly."""
        return self.allowance.own(self.permits) / self.allowance.window

    def report(self, holder: str, calls: Iterable[Call], running: int) -> None:
        """A worker tells which of its permits it used; all others but the `running` ones it gives back.

        What it reports after its hold ran out has been counted already.
        """
        hold = self.holds.pop(holder, None)
        if hold is None:
            return
        told = 0
        for call in calls:
            late = call.started + self.slack
            self._count(late if call.ended is None else min(call.ended, late), 1)
            told += 1
        self.pace_at -= max(0, hold.count - told - running) / self.rate
        if running:
            self.holds[holder] = Hold(running, hold.until)

    def times(self, count: int) -> list[float]:
        """When the next `count` permits are free, in order; UNKNOWN for those that other workers have in hand."""
        ends = sorted((end, n) for end, n in self.log.items() if end > self.at)
        own = self.allowance.own(self.permits)
        floor = max(self.at, self.blocked_until)
        found = [
            free_times(count, self.at, own - self.held - self.used, ends),
            free_times(count, self.at, self.permits - self.held - self.used - self.foreign, self._all(ends)),
        ]
        if self.allowance.is_short:
            burst = max(1.0, self.allowance.window / 10)
            found.append(paced_times(count, max(self.pace_at, self.at) - burst, self.rate))
        return [max(floor, *moments) for moments in zip(*found, strict=True)]

    def share_times(self, sync: int, weight: int, count: int) -> list[float]:
        """When the sync's share allows the next `count`; at once while no other sync waits."""
        rate = self._share(sync, weight)
        if rate is None:
            return [self.at] * count
        turn = self.turns.get(sync) or Turn(weight)
        return paced_times(count, max(turn.next_at, self.at) - HORIZON, rate)

    def take(self, holder: str, times: Sequence[float], running: int, sync: int, weight: int, *, short: bool) -> None:
        """Hand out permits for these moments. `short`: the sync wanted more or had to wait, so it competes."""
        grace = 1.0 if self.allowance.is_short else 60.0
        self.holds[holder] = Hold(running + len(times), round(max(times[-1], self.at) + grace, 3))
        if not self.allowance.is_short:
            return
        self.pace_at = max(self.pace_at, self.at) + len(times) / self.rate
        turn = self.turns.setdefault(sync, Turn(weight))
        turn.weight = weight
        if (rate := self._share(sync, weight)) is not None:
            turn.next_at = max(turn.next_at, self.at) + len(times) / rate
        turn.waiting_until = (times[-1] if short else self.at) + LINGER

    def wait(self, sync: int, weight: int, until: float) -> bool:
        """The sync waits for its turn; False when that was known already."""
        if not self.allowance.is_short:
            return False
        turn = self.turns.setdefault(sync, Turn(weight))
        if turn.waiting_until >= until:
            return False
        turn.weight, turn.waiting_until = weight, until + LINGER
        return True

    def believe(self, told: Told) -> None:
        """An answer said so: what it counts beyond our own calls was made by other tools.

        In a short window an answer is seldom newer than our books, so it can only lower what is left; a long window
        follows the platform both ways.
        """
        self.permits, self.told = told.limit, told
        if self._is_from_yesterday(told.at):
            return
        if self.allowance.is_short:
            self.foreign = max(0, told.used - sum(self.log.values()) - self.held)
        else:
            self.foreign = told.used - self.used
        self.foreign_until = self.at + min(self.allowance.window, BELIEVED)

    def pause(self, until: float, reason: str) -> None:
        """Nothing before `until`. In a short window the platform counted closer together than we did: more slack."""
        self.blocked_until, self.blocked_reason = max(self.blocked_until, until), reason
        if self.allowance.is_short:
            fresh = self.at - self.widened_at < WIDENED
            self.widened, self.widened_at = (min(self.widened, 9) + 1 if fresh else 1), self.at

    def to_state(self) -> dict[str, Any]:
        """Everything but the blocking, as JSON."""
        state: dict[str, Any] = {name: getattr(self, name) for name in self.STATE}
        state["log"] = sorted(self.log.items())
        state["holds"] = {holder: [hold.count, hold.until] for holder, hold in self.holds.items()}
        state["turns"] = {str(s): [t.weight, t.waiting_until, t.next_at] for s, t in self.turns.items()}
        return state

    def read_state(self, state: dict[str, Any]) -> None:
        """The opposite of `to_state`; {} is a bucket never used."""
        for name in self.STATE:
            setattr(self, name, state.get(name, 0))
        self.log = dict(state.get("log", ()))
        self.holds = {holder: Hold(*hold) for holder, hold in state.get("holds", {}).items()}
        self.turns = {int(sync): Turn(*turn) for sync, turn in state.get("turns", {}).items()}
        if self.at - self.widened_at > WIDENED:
            self.widened = 0

    def _count(self, stamp: float, calls: int) -> None:
        end = self.allowance.end_of(stamp)
        self.log[end] = self.log.get(end, 0) + calls

    def _all(self, ends: list[tuple[float, int]]) -> list[tuple[float, int]]:
        """Our calls and other tools', by the moment they stop counting."""
        return sorted([*ends, (self.foreign_until, self.foreign)]) if self.foreign > 0 else ends

    def _share(self, sync: int, weight: int) -> float | None:
        """Calls per second that are this sync's while others wait; None while none does."""
        others = sum(t.weight for s, t in self.turns.items() if s != sync and t.waiting_until > self.at)
        return self.rate * weight / (weight + others) if others else None

    def _is_from_yesterday(self, told_at: float) -> bool:
        """Near midnight an answer may still count the day before; the platform's clock may be a little behind."""
        return self.allowance.resets == "midnight" and self.allowance.end_of(told_at - 60) <= self.at

    def _set_back(self, seconds: float) -> None:
        """The clock was set back: everything keeps its age. Midnights stay where they are."""
        self.at += seconds
        if self.allowance.resets == "rolling":
            self.log = {round(end + seconds, 3): n for end, n in self.log.items()}
            self.blocked_until += seconds
        self.foreign_until += seconds
        self.pace_at += seconds
        self.widened_at += seconds
        for hold in self.holds.values():
            hold.until += seconds
        for turn in self.turns.values():
            turn.waiting_until += seconds
            turn.next_at += seconds
