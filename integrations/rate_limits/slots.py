"""Concurrency limits: leased slots, one row each. A slot whose holder died is free again when its lease ends."""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, transaction

from integrations.exceptions import QuotaWaitError
from integrations.models import RateSlot
from integrations.rate_limits.allowances import SlotAllowance
from integrations.rate_limits.clock import Clock
from integrations.rate_limits.store import moment, own_connection
from integrations.rate_limits.words import all_in_use

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
RETRY_SECONDS = 5.0


@contextmanager
def hold_slots(
    limits: Sequence[SlotAllowance], platform: str, deadline: float, clock: Clock, sleep: Callable[[float], None]
) -> Iterator[None]:
    """One slot of each limit until the block ends; QuotaWaitError when one has none free by `deadline`."""
    if not limits:
        yield
        return
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(6)}"
    taken: list[tuple[SlotAllowance, int]] = []
    try:
        for limit in limits:
            taken.append((limit, _wait_for_slot(limit, platform, holder, deadline, clock, sleep)))
        yield
    finally:
        for limit, slot in taken:
            give_back(limit, slot, holder)


def _wait_for_slot(
    limit: SlotAllowance, platform: str, holder: str, deadline: float, clock: Clock, sleep: Callable[[float], None]
) -> int:
    while True:
        now = clock()
        with own_connection():
            slot = take_slot(limit, holder, now)
        if slot is not None:
            return slot
        if now + POLL_SECONDS > deadline:
            raise QuotaWaitError(all_in_use(platform, limit.label), retry_at=moment(now + RETRY_SECONDS))
        sleep(POLL_SECONDS)


def take_slot(allowance: SlotAllowance, holder: str, now: float) -> int | None:
    """A free slot's number, held until it is given back or its lease ends; None when all are in use."""
    rows = {row.slot: row for row in RateSlot.objects.filter(connection_id=allowance.owner_id, name=allowance.name)}
    for slot in range(allowance.slots):
        row = rows.get(slot)
        if row is None:
            taken = _take_new(allowance, slot, holder, now)
        else:
            taken = row.expires_at <= moment(now) and _take_over(row, allowance, holder, now)
        if taken:
            return slot
    return None


def give_back(allowance: SlotAllowance, slot: int, holder: str) -> None:
    """Free the slot if it is still ours. Never raises: the call it was for is done, and the lease ends by itself."""
    try:
        with own_connection():
            RateSlot.objects.filter(
                connection_id=allowance.owner_id, name=allowance.name, slot=slot, holder=holder
            ).delete()
    except DatabaseError:
        logger.warning("Slot %s of %s could not be given back; its lease ends by itself.", slot, allowance.name)


def _take_new(allowance: SlotAllowance, slot: int, holder: str, now: float) -> bool:
    try:
        with transaction.atomic():
            RateSlot.objects.create(
                connection_id=allowance.owner_id,
                name=allowance.name,
                slot=slot,
                holder=holder,
                expires_at=moment(now + allowance.lease_seconds),
            )
    except IntegrityError:  # another process took it first
        return False
    return True


def _take_over(row: RateSlot, allowance: SlotAllowance, holder: str, now: float) -> bool:
    """The lease has ended: whoever changes it first has the slot."""
    ended = RateSlot.objects.filter(pk=row.pk, holder=row.holder, expires_at=row.expires_at)
    return bool(ended.update(holder=holder, expires_at=moment(now + allowance.lease_seconds)))
