"""Delivers calls as vendors do: written at the moment they leave, repeated on a ladder, now and then twice or out of order."""

import asyncio
import random
from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import aiohttp

from integrations.sandbox.faults import FaultTable, Kind
from integrations.sandbox.outgoing import Manner, Message, Subscription, Verdict
from integrations.sandbox.settings import Settings

NO_ANSWER = 0
FLOOD = 100
"""So many times everything is told while a fault has it so."""
REORDER_SECONDS = 0.5
REMEMBERED_TIMES = 100_000
COUNTED = ("told", "sent", "acknowledged", "acknowledged_happenings", "retried", "doubled", "given_up", "dropped")


@dataclass(frozen=True, slots=True, order=True)
class Parcel:
    """One call's happenings, and when its next attempt is due by the clock of the event loop."""

    due: float
    number: int
    happenings: Sequence[Any] = field(compare=False)
    attempt: int = field(default=0, compare=False)


@dataclass(slots=True)
class Round:
    """One subscriber's post: what waits for a call, which calls wait for their next attempt, and what became of the rest."""

    subscription: Subscription
    manner: Manner
    waiting: deque[Any] = field(default_factory=deque)
    later: list[Parcel] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    times: "array[float]" = field(default_factory=lambda: array("d"))
    walker: "asyncio.Task[None] | None" = None
    calls: "set[asyncio.Task[None]]" = field(default_factory=set)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def end_call(self, call: "asyncio.Task[None]") -> None:
        self.calls.discard(call)
        self.stirred.set()

    def describe(self) -> dict[str, Any]:
        """`sent` are calls on the wire, repetitions included; `acknowledged`, `given_up` and `dropped` are their ends."""
        times = sorted(self.times)
        return {
            "id": self.subscription.id,
            "platform": self.subscription.platform,
            "url": self.subscription.url,
            "waiting": len(self.waiting),
            "to_repeat": len(self.later),
            "in_flight": len(self.calls),
            **{name: self.counts[name] for name in COUNTED},
            "p99_ms": round(times[len(times) * 99 // 100] * 1_000, 1) if times else None,
        }


class Sender:
    """Lives in the event loop of the sandbox; a platform tells it what happened, and who subscribed is called."""

    def __init__(self, settings: Settings, faults: FaultTable) -> None:
        self._settings = settings
        self._faults = faults
        self._rounds: dict[int, Round] = {}
        self._last_id = 0
        self._last_parcel = 0
        self._dice = random.Random(settings.seed)
        self._session: aiohttp.ClientSession | None = None

    def subscribe(self, subscription: Subscription, manner: Manner) -> int:
        self._last_id += 1
        subscription.id = self._last_id
        self._rounds[subscription.id] = Round(subscription, manner)
        return subscription.id

    def unsubscribe(self, subscription_id: int | None = None) -> int:
        """Ends one subscription, or all, and the calls under way; returns how many."""
        doomed = [one for one in self._rounds if subscription_id in (None, one)]
        for one in doomed:
            self._end(self._rounds.pop(one))
        return len(doomed)

    def has_subscribers(self, platform: str) -> bool:
        return any(one.subscription.platform == platform for one in self._rounds.values())

    def tell(
        self, platform: str, happening: Any, is_wanted: Callable[[Subscription], bool] = lambda subscription: True
    ) -> None:
        """Something happened at the platform; all whom it interests will be called."""
        for one in self._rounds.values():
            if one.subscription.platform == platform and is_wanted(one.subscription):
                times = FLOOD if self._faults.on_calls(platform, Kind.FLOOD) else 1
                one.counts["told"] += times
                one.waiting.extend([happening] * times)
                one.stirred.set()
                if one.walker is None or one.walker.done():
                    one.walker = asyncio.get_running_loop().create_task(self._walk(one))

    def describe(self) -> dict[str, Any]:
        subscribers = [one.describe() for one in self._rounds.values()]
        names = ("sent", "acknowledged", "retried", "given_up")
        return {**{name: sum(one[name] for one in subscribers) for name in names}, "subscribers": subscribers}

    async def probe(self, url: str) -> int:
        """Looks whether somebody is there; the status, 0 when nobody answered."""
        try:
            async with self._client().get(url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return NO_ANSWER

    async def close(self) -> None:
        self.unsubscribe()
        if self._session is not None:
            await self._session.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._settings.webhook_in_flight)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _end(self, one: Round) -> None:
        one.waiting.clear()
        one.later.clear()
        for task in (one.walker, *one.calls):
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    async def _walk(self, one: Round) -> None:
        """Starts a call for everything that waits, never more at once than the vendor would."""
        await asyncio.sleep(one.manner.gather)
        while one.waiting or one.later or one.calls:
            if silence := self._faults.on_calls(one.subscription.platform, Kind.SILENT):
                await self._faults.wait_until_lifted(silence, None)
            one.stirred.clear()
            is_free = len(one.calls) < min(one.manner.in_flight, self._settings.webhook_in_flight)
            parcel = self._pick(one) if is_free else None
            if parcel is None:
                await self._rest(one, is_free)
                continue
            call = asyncio.get_running_loop().create_task(self._deliver(one, parcel))
            one.calls.add(call)
            call.add_done_callback(one.end_call)

    async def _rest(self, one: Round, is_free: bool) -> None:
        """Until something happens or a repetition is due."""
        now = asyncio.get_running_loop().time()
        seconds = max(one.later[0].due - now, 0) if one.later and is_free else None
        with suppress(TimeoutError):
            await asyncio.wait_for(one.stirred.wait(), seconds)

    def _pick(self, one: Round) -> Parcel | None:
        """What is to be delivered next: a repetition that is due, or what has gathered."""
        now = asyncio.get_running_loop().time()
        if one.later and one.later[0].due <= now:
            return heappop(one.later)
        if not one.waiting:
            return None
        most = min(one.manner.most, self._settings.webhook_most or one.manner.most)
        happenings = [one.waiting.popleft() for _ in range(min(most, len(one.waiting)))]
        delay = 0.0
        if self._settings.webhook_reorder:
            self._dice.shuffle(happenings)
            delay = self._dice.random() * REORDER_SECONDS
        parcel = self._pack(one, happenings, now + delay)
        if self._dice.random() < self._settings.webhook_duplicates:
            one.counts["doubled"] += 1
            heappush(one.later, self._pack(one, happenings, now + delay))
        if delay:
            heappush(one.later, parcel)
            return None
        return parcel

    def _pack(self, one: Round, happenings: Sequence[Any], due: float, attempt: int = 0) -> Parcel:
        self._last_parcel += 1
        return Parcel(due, self._last_parcel, happenings, attempt)

    async def _deliver(self, one: Round, parcel: Parcel) -> None:
        message = one.manner.write(one.subscription, parcel.happenings, parcel.attempt)
        if message is None:
            one.counts["dropped"] += 1
            return
        if self._faults.on_calls(one.subscription.platform, Kind.FORGED):
            message = forge(message)
        verdict = one.manner.judge(*await self._call(one, message))
        if verdict is Verdict.REPEAT:
            self._put_off(one, parcel)
        elif verdict is Verdict.TAKEN:
            one.counts["acknowledged"] += 1
            one.counts["acknowledged_happenings"] += len(parcel.happenings)
        else:
            one.counts["dropped"] += 1
        if verdict is Verdict.UNSUBSCRIBE:
            self.unsubscribe(one.subscription.id)

    def _put_off(self, one: Round, parcel: Parcel) -> None:
        if parcel.attempt >= len(one.manner.ladder):
            one.counts["given_up"] += 1
            return
        wait = one.manner.ladder[parcel.attempt] / self._settings.webhook_pace
        due = asyncio.get_running_loop().time() + wait
        one.counts["retried"] += 1
        heappush(one.later, self._pack(one, parcel.happenings, due, parcel.attempt + 1))

    async def _call(self, one: Round, message: Message) -> tuple[int, bytes]:
        one.counts["sent"] += 1
        timeout = aiohttp.ClientTimeout(total=one.manner.seconds)
        clock = asyncio.get_running_loop().time
        started = clock()
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._client().post(
                one.subscription.url, data=message.body, headers=message.headers, timeout=timeout, allow_redirects=False
            ) as answer:
                body = await answer.read()
                if len(one.times) < REMEMBERED_TIMES:
                    one.times.append(clock() - started)
                return answer.status, body
        return NO_ANSWER, b""


def forge(message: Message) -> Message:
    """The same call, by somebody who does not know the secret."""
    proofs = {name: value[::-1] for name, value in message.headers.items() if _proves(name)}
    return Message(message.body, {**message.headers, **proofs})


def _proves(header: str) -> bool:
    return header == "Authorization" or ("Signature" in header and not header.endswith("Version"))
