"""What one connection may do: the policy's limits for its tier, less the share it leaves to other tools."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.exceptions import ConfigurationError
from integrations.models import Connection
from integrations.rate_limits.registry import UNLIMITED, Headers, Policy

TICKS = 200
"""A window's calls are kept in so many steps; a call counts up to one step too long."""
ROUNDING = 0.001
"""Two times of today that are a window apart may differ by a little less once they are floats."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limit as it binds one connection. `owner_id` is the connection whose row all that share the limit use."""

    name: str
    label: str
    owner_id: int
    permits: int
    window: float
    resets: Literal["rolling", "midnight"] = "rolling"
    reserve_percent: int = 0
    zone: str = "UTC"
    headers: Headers | None = None

    @property
    def is_short(self) -> bool:
        """A limit one can wait out: it is paced, and shared out between syncs."""
        return self.window <= 60

    def own(self, permits: int) -> int:
        """What is ours of so many permits; never less than one."""
        return max(1, permits * (100 - self.reserve_percent) // 100)

    def end_of(self, stamp: float) -> float:
        """Until when a call made at `stamp` counts (seconds since 1970)."""
        if self.resets == "midnight":
            return next_midnight(stamp, self.zone)
        step = self.window / TICKS
        return round(ceil(stamp / step) * step + self.window + ROUNDING, 3)


@dataclass(frozen=True, slots=True)
class SlotAllowance:
    """One concurrency limit as it binds one connection."""

    name: str
    label: str
    owner_id: int
    slots: int
    lease_seconds: float
    keeps_after_timeout: bool = False
    reuse_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupAllowance:
    """Everything that limits the calls of one group."""

    limits: tuple[Allowance, ...] = ()
    slots: tuple[SlotAllowance, ...] = ()


def allowances(connection: Connection, policy: Policy | None) -> dict[str, GroupAllowance]:
    """Per group of endpoints. Empty when nothing is limited; ConfigurationError when the tier is unknown."""
    if policy is None or connection.tier == UNLIMITED:
        return {}
    owner = account_owner(connection)
    limits = {limit.name: limit for limit in limits_of(connection, policy, owner)}
    slots = {bound.name: bound for bound in slots_of(connection, policy, owner)}
    return {
        name: GroupAllowance(
            tuple(limits[key] for key in group.limits if key in limits),
            tuple(slots[key] for key in group.concurrency if key in slots),
        )
        for name, group in policy.groups.items()
    }


def limits_of(connection: Connection, policy: Policy, owner: int) -> tuple[Allowance, ...]:
    """The limits of the connection's tier; `owner` keeps those that the whole account shares."""
    tier = tier_of(connection, policy)
    return tuple(
        Allowance(
            name=name,
            label=limit.label,
            owner_id=owner if limit.scope == "account" else connection.pk,
            permits=permits,
            window=limit.window_seconds,
            resets=limit.resets,
            reserve_percent=connection.reserve_percent,
            zone=account_zone(connection),
            headers=limit.headers,
        )
        for name, limit in policy.limits.items()
        if (permits := limit.permits[tier]) is not None
    )


def slots_of(connection: Connection, policy: Policy, owner: int) -> tuple[SlotAllowance, ...]:
    """The concurrency limits of the connection's tier."""
    tier = tier_of(connection, policy)
    return tuple(
        SlotAllowance(
            name,
            bound.label,
            owner if bound.scope == "account" else connection.pk,
            slots,
            bound.lease_seconds,
            bound.keeps_after_timeout,
            bound.reuse_seconds,
        )
        for name, bound in policy.concurrency.items()
        if (slots := bound.slots[tier]) is not None
    )


def tier_of(connection: Connection, policy: Policy) -> str:
    """The connection's tier, or the platform's default; ConfigurationError when there is no such tier."""
    if connection.tier and connection.tier not in policy.tiers:
        raise ConfigurationError(
            f"{connection.name} is set to the tier “{connection.tier}”, which {policy.label} does not have. "
            f"Choose one of {', '.join(policy.tiers)}.",
            code="rate_tier",
        )
    return connection.tier or policy.default_tier


def account_owner(connection: Connection) -> int:
    """The first connection to the same account: its rows hold the limits the whole account shares. Which account it is
    a test of the connection finds out; until then it shares with nobody."""
    if not connection.account_id:
        return connection.pk
    same = Connection.objects.filter(platform=connection.platform, account_id=connection.account_id)
    first = same.order_by("pk").values_list("pk", flat=True).first()
    return first or connection.pk


def account_owners(connections: Iterable[Connection]) -> dict[int, int]:
    """`account_owner` of every connection there is, without a query."""
    first: dict[tuple[str, str], int] = {}
    found = {}
    for one in sorted(connections, key=lambda c: c.pk):
        found[one.pk] = first.setdefault((one.platform, one.account_id), one.pk) if one.account_id else one.pk
    return found


def account_zone(connection: Connection) -> str:
    """The time zone the platform's days begin in: as the platform said, or as set, else UTC."""
    facts = connection.last_check.get("facts") or {}
    zone = str(connection.settings.get("time_zone") or facts.get("time_zone") or "UTC")
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def next_midnight(stamp: float, zone: str) -> float:
    """The first midnight after `stamp` in that zone (seconds since 1970)."""
    local = datetime.fromtimestamp(stamp, UTC).astimezone(ZoneInfo(zone))
    tomorrow = (local + timedelta(days=1)).date()
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone)).timestamp()
