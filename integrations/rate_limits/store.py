"""Buckets in the database: one row each, changed by compare-and-set on `version`.

Right on SQLite and PostgreSQL alike, with any number of processes and hosts; no row is ever locked while one thinks.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import F

from integrations.exceptions import EngineError
from integrations.models import Connection, RateBucket
from integrations.rate_limits.allowances import Allowance, account_owner
from integrations.rate_limits.bucket import Bucket

Result = TypeVar("Result")
TRIES = 200


class _ChangedMeanwhileError(Exception):
    """Another process was quicker."""


@contextmanager
def own_connection() -> Iterator[None]:
    """Close the database connection again if this thread opened it here: nobody else would."""
    was_open = connection.connection is not None
    try:
        yield
    finally:
        if not was_open and not connection.in_atomic_block:
            connection.close()


def change_buckets(
    allowances: Sequence[Allowance], now: float, change: Callable[[Sequence[Bucket]], tuple[Result, bool]]
) -> Result:
    """Read the buckets, advance them, let `change` work on them, and write them if it says so; again when another
    process was quicker. `change` may run several times."""
    for _ in range(TRIES):
        rows = _rows(allowances)
        buckets = [read_bucket(row, allowance) for row, allowance in zip(rows, allowances, strict=True)]
        for bucket in buckets:
            bucket.advance(now)
        result, is_changed = change(buckets)
        if not is_changed or _write(rows, buckets):
            return result
    raise EngineError("The rate limiter's rows change too often to be written.", code="rate_rows")


def read_bucket(row: RateBucket, allowance: Allowance) -> Bucket:
    """The bucket as it was written last; the platform's own word on its limit goes before the policy's."""
    bucket = Bucket(allowance, int(row.reported_limit or allowance.permits))
    bucket.read_state(row.state)
    if row.blocked_until:
        bucket.blocked_until, bucket.blocked_reason = row.blocked_until.timestamp(), row.blocked_reason
    return bucket


def lift_pauses(connections: Iterable[Connection]) -> None:
    """A person says that these platforms take calls again: what they asked us to wait for is over. If not, they say so
    again at the next call. What has been used stays used."""
    owners = {owner for one in connections for owner in (one.pk, account_owner(one))}
    paused = RateBucket.objects.filter(connection_id__in=owners, blocked_until__isnull=False)
    for pk in paused.order_by("pk").values_list("pk", flat=True):
        RateBucket.objects.filter(pk=pk).update(blocked_until=None, blocked_reason="", version=F("version") + 1)


def _rows(allowances: Sequence[Allowance]) -> list[RateBucket]:
    """The rows in the order of `allowances`; those missing are made."""
    wanted = [(allowance.owner_id, allowance.name) for allowance in allowances]
    found = _select(wanted)
    if missing := [key for key in wanted if key not in found]:
        RateBucket.objects.bulk_create(
            [RateBucket(connection_id=owner, name=name) for owner, name in missing], ignore_conflicts=True
        )
        found = _select(wanted)
    return [found[key] for key in wanted]


def _select(wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], RateBucket]:
    owners, names = {owner for owner, _ in wanted}, {name for _, name in wanted}
    rows = RateBucket.objects.filter(connection_id__in=owners, name__in=names)
    return {(row.connection_id, row.name): row for row in rows}


def _write(rows: Sequence[RateBucket], buckets: Sequence[Bucket]) -> bool:
    """All or none. In the order of the keys, so that two writers never wait for each other."""
    try:
        with transaction.atomic():
            for row, bucket in sorted(zip(rows, buckets, strict=True), key=lambda pair: pair[0].pk):
                _compare_and_set(row, bucket)
    except _ChangedMeanwhileError:
        return False
    return True


def _compare_and_set(row: RateBucket, bucket: Bucket) -> None:
    told = bucket.told
    blocked = bucket.blocked_until > bucket.at
    changed = RateBucket.objects.filter(pk=row.pk, version=row.version).update(
        version=row.version + 1,
        state=bucket.to_state(),
        used=bucket.used + bucket.held + bucket.foreign,
        limit=bucket.permits,
        blocked_until=moment(bucket.blocked_until) if blocked else None,
        blocked_reason=bucket.blocked_reason[:200] if blocked else "",
        reported_limit=told.limit if told else row.reported_limit,
        reported_remaining=told.limit - told.used if told else row.reported_remaining,
        reported_at=moment(told.at) if told else row.reported_at,
    )
    if not changed:
        raise _ChangedMeanwhileError


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
