"""What is left of each connection's limits, who uses them, and where the day will end. Six queries, however many rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count

from integrations.exceptions import ConfigurationError
from integrations.models import Connection, RateBucket, RateSlot
from integrations.queries.rate_uses import DayView, UseView, days_of, midnight, uses_today
from integrations.rate_limits.allowances import Allowance, account_owners, limits_of, slots_of, tier_of
from integrations.rate_limits.bucket import Bucket
from integrations.rate_limits.registry import UNLIMITED, Policy, policy
from integrations.rate_limits.schedule import UNKNOWN
from integrations.rate_limits.slots import WAITING
from integrations.rate_limits.store import moment, read_bucket

State = Literal["ok", "warn", "waiting"]
WARN_PERCENT = 80
SECONDS_BEFORE_FORECAST = 3600

Rows = Mapping[tuple[int, str], RateBucket]
"""Buckets by owner and name."""


@dataclass(frozen=True, slots=True)
class LimitView:
    """One limit now. `used` counts other tools' calls too, as far as the platform told; `left` is ours to use.

    `forecast` is the percentage the window ends at if today goes on as it began (None: too early, or a short window).
    `continues_at` is set while it waits, `resets_at` for limits that start again at a fixed time.
    """

    name: str
    label: str
    window_seconds: float
    used: int
    others: int
    limit: int
    left: int
    state: State
    reason: str = ""
    continues_at: datetime | None = None
    resets_at: datetime | None = None
    forecast: int | None = None

    @property
    def percent(self) -> int:
        """How much is used, 0 to 100."""
        return min(100, round(100 * self.used / self.limit)) if self.limit else 0

    @property
    def is_daily(self) -> bool:
        """True for the limits that decide how the day goes."""
        return self.window_seconds >= 3600


@dataclass(frozen=True, slots=True)
class SlotView:
    """One concurrency limit now."""

    label: str
    used: int
    slots: int


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """One card of the page. `problem` says why no limits can be shown, as one sentence."""

    connection: Connection
    platform_label: str
    tier_label: str
    is_unlimited: bool
    has_policy: bool
    problem: str
    limits: tuple[LimitView, ...]
    slots: tuple[SlotView, ...]
    uses: tuple[UseView, ...]
    days: tuple[DayView, ...]

    @property
    def calls_today(self) -> int:
        """By all syncs of this panel."""
        return sum(use.calls for use in self.uses)

    @property
    def daily(self) -> LimitView | None:
        """The limit that decides how the day goes, if there is one."""
        return next((limit for limit in self.limits if limit.is_daily), None)

    @property
    def short(self) -> tuple[LimitView, ...]:
        """The limits one waits out in seconds."""
        return tuple(limit for limit in self.limits if not limit.is_daily)


def connection_limits(now: datetime, connection_id: int | None = None) -> tuple[ConnectionLimits, ...]:
    """A card per connection, by name; only one with `connection_id`."""
    connections = _connections()
    owners = account_owners(connections)
    shown = [one for one in connections if connection_id in {None, one.pk}]
    ids = [one.pk for one in shown]
    rows = _buckets({*ids, *(owners[pk] for pk in ids)})
    slots = _slots_in_use({*(owners[pk] for pk in ids), *ids}, now)
    uses, days = uses_today(ids, now), days_of(ids, now)
    return tuple(_card(one, owners[one.pk], rows, slots, uses[one.pk], days[one.pk], now) for one in shown)


def daily_limits(now: datetime) -> tuple[tuple[Connection, LimitView], ...]:
    """For the overview: the daily limit of every connection that has one and was used, fullest first. Two queries."""
    connections = _connections()
    owners = account_owners(connections)
    rows = _buckets(owners.keys())
    found = []
    for one in connections:
        limits = _limits(one, policy(one.platform), owners[one.pk])
        daily = next((limit for limit in limits if limit.window >= 3600), None)
        if daily and (daily.owner_id, daily.name) in rows:
            found.append((one, _view(daily, rows, 0.0, now)))
    return tuple(sorted(found, key=lambda pair: -pair[1].percent))


def _connections() -> Sequence[Connection]:
    return list(Connection.objects.defer("secrets", "token").order_by("name"))


def _card(
    connection: Connection,
    owner: int,
    rows: Rows,
    slots: Mapping[tuple[int, str], int],
    uses: tuple[UseView, ...],
    days: tuple[DayView, ...],
    now: datetime,
) -> ConnectionLimits:
    rules = policy(connection.platform)
    pace = sum(use.calls for use in uses) / max((now - midnight(now)).total_seconds(), 1.0)
    tier, problem = _tier(connection, rules)
    known = rules if tier else None
    bounds = slots_of(connection, known, owner) if known else ()
    return ConnectionLimits(
        connection=connection,
        platform_label=rules.label if rules else connection.platform,
        tier_label=rules.tiers[tier] if rules and tier else "",
        is_unlimited=connection.tier == UNLIMITED,
        has_policy=rules is not None,
        problem=problem,
        limits=tuple(_view(limit, rows, pace, now) for limit in _limits(connection, known, owner)),
        slots=tuple(SlotView(b.label, slots.get((b.owner_id, b.name), 0), b.slots) for b in bounds),
        uses=uses,
        days=days,
    )


def _tier(connection: Connection, rules: Policy | None) -> tuple[str, str]:
    """The tier that limits the connection, "" for none; and what is wrong with it, as one sentence."""
    if rules is None or connection.tier == UNLIMITED:
        return "", ""
    try:
        return tier_of(connection, rules), ""
    except ConfigurationError as exc:
        return "", exc.message


def _limits(connection: Connection, rules: Policy | None, owner: int) -> tuple[Allowance, ...]:
    """None where nothing limits, nor for a wrong tier: the connection's own card says so."""
    tier, _ = _tier(connection, rules)
    return limits_of(connection, rules, owner) if rules and tier else ()


def _view(allowance: Allowance, rows: Rows, pace: float, now: datetime) -> LimitView:
    """The bucket moved on to now, in memory only."""
    row = rows.get((allowance.owner_id, allowance.name))
    bucket = read_bucket(row, allowance) if row else Bucket(allowance, allowance.permits)
    bucket.advance(now.timestamp())
    used = bucket.used + bucket.held + bucket.foreign
    paused = bucket.blocked_until > bucket.at
    is_waiting = paused or (not allowance.is_short and bucket.left <= 0)
    forecast = _forecast(bucket, used, pace)
    return LimitView(
        name=allowance.name,
        label=allowance.label,
        window_seconds=allowance.window,
        used=max(0, used),
        others=max(0, bucket.foreign),
        limit=bucket.permits,
        left=max(0, bucket.left),
        state="waiting" if is_waiting else _state(bucket, used, forecast),
        reason=bucket.blocked_reason if paused else "",
        continues_at=_continues_at(bucket) if is_waiting else None,
        resets_at=moment(allowance.end_of(bucket.at)) if allowance.resets == "midnight" else None,
        forecast=forecast,
    )


def _continues_at(bucket: Bucket) -> datetime | None:
    """None when it depends on what workers give back."""
    at = bucket.times(1)[0]
    return None if at == UNKNOWN else moment(at)


def _state(bucket: Bucket, used: int, forecast: int | None) -> State:
    """A short window that is full is doing its work; a long one that fills up is worth a look."""
    if bucket.allowance.is_short:
        return "ok"
    return "warn" if 100 * used >= WARN_PERCENT * bucket.permits or (forecast or 0) >= 100 else "ok"


def _forecast(bucket: Bucket, used: int, pace: float) -> int | None:
    """A limit that resets: what is used, grown over the whole day. A rolling one: a day at today's pace (calls/s)."""
    allowance = bucket.allowance
    if allowance.is_short or not bucket.permits:
        return None
    if allowance.resets == "rolling":
        return round(100 * max(pace * allowance.window, used) / bucket.permits) if pace else None
    elapsed = allowance.window - (allowance.end_of(bucket.at) - bucket.at)
    if elapsed < SECONDS_BEFORE_FORECAST or used <= 0:
        return None
    return round(100 * used * allowance.window / elapsed / bucket.permits)


def _buckets(owners: Iterable[int]) -> Rows:
    rows = RateBucket.objects.filter(connection_id__in=list(owners))
    return {(row.connection_id, row.name): row for row in rows}


def _slots_in_use(owners: Iterable[int], now: datetime) -> dict[tuple[int, str], int]:
    live = RateSlot.objects.filter(connection_id__in=list(owners), expires_at__gt=now, slot__lt=WAITING)
    counted = live.values_list("connection_id", "name").annotate(calls=Count("pk"))
    return {(owner, name): calls for owner, name, calls in counted}
