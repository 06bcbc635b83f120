"""When silence is unusual: worked out from how a connection's calls came until now, the nights and weekends included."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import F, Q

from integrations.models import WebhookAddress, WebhookDelivery

LOOKED_AT = 200
ENOUGH = 20
"""Fewer calls say nothing about what is usual."""
KNOWN_AFTER = timedelta(days=1)
"""Nor does less than a day: nobody has seen a night yet."""
AT_LEAST = timedelta(minutes=30)
TIMES_USUAL = 12
LONGER_BY = 1.25
SAME_HOURS = timedelta(hours=3)
DAY = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=1)


def measure_gaps(now: datetime) -> None:
    """For the beat: of every connection that was called since this was last worked out."""
    old = Q(gaps_known_at__lt=F("last_received_at")) & Q(gaps_known_at__lt=now - AGAIN_AFTER)
    called = Q(gaps_known_at=None) | old
    for address in WebhookAddress.objects.filter(called, last_received_at__isnull=False).defer("token"):
        measure(address, now)


def measure(address: WebhookAddress, now: datetime) -> None:
    """Work out what is usual, and until when nothing may come in."""
    assert address.last_received_at is not None
    usual = usual_gap(_last_moments(address.pk)) if _is_known_long_enough(address.pk, now) else None
    quiet_after = None
    if usual is not None:
        quiet_after = address.last_received_at + patience(usual, address.silences, address.last_received_at)
    WebhookAddress.objects.filter(pk=address.pk).update(gaps_known_at=now, usual_gap=usual, quiet_after=quiet_after)


def usual_gap(moments: Sequence[datetime]) -> float | None:
    """Nine of ten calls, newest first, came after no more seconds than this; None while there are too few."""
    if len(moments) < ENOUGH:
        return None
    gaps = sorted((newer - older).total_seconds() for newer, older in pairwise(moments))
    return max(0.0, gaps[int(0.9 * (len(gaps) - 1))])


def patience(usual: float, silences: Sequence[Sequence[object]], began: datetime) -> timedelta:
    """How long a silence that began then may last: at this time of this weekday as long as before, and a quarter longer; until
    such a weekday was seen, as long as on the others. One at a time of the day when there was none is soon unusual."""
    known = [(datetime.fromisoformat(str(at)), timedelta(seconds=float(str(length)))) for at, length in silences]
    alike = [one for one in known if _is_same_hour(one[0], began)]
    weekday = [one for one in alike if one[0].weekday() == began.weekday()] or alike
    longest = max((length for _, length in weekday), default=timedelta(0))
    return max(AT_LEAST, TIMES_USUAL * timedelta(seconds=usual), LONGER_BY * longest)


def _is_same_hour(one: datetime, other: datetime) -> bool:
    apart = abs(one - other) % DAY
    return min(apart, DAY - apart) <= SAME_HOURS


def _is_known_long_enough(connection_id: int, now: datetime) -> bool:
    first = (
        WebhookDelivery.objects.filter(connection=connection_id).order_by("pk").values_list("received_at", flat=True)
    )
    return any(now - received_at >= KNOWN_AFTER for received_at in first[:1])


def _last_moments(connection_id: int) -> list[datetime]:
    last = WebhookDelivery.objects.filter(connection=connection_id).order_by("-pk")
    return list(last.values_list("received_at", flat=True)[:LOOKED_AT])
