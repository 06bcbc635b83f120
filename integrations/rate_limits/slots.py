"""Concurrency limits: leased slots, one row each. A slot whose holder died is free again when its lease ends.

Who finds none free says so with a row of its own; while it waits, workers that hold more than their share take no further
ones. `shelf.py` keeps slots between the calls of one worker.
"""

import logging
import secrets
from collections.abc import Iterable, Sequence

from django.db import DatabaseError, IntegrityError, transaction

from integrations.models import RateSlot
from integrations.rate_limits.allowances import SlotAllowance
from integrations.rate_limits.store import moment, own_connection

logger = logging.getLogger(__name__)

WAITING = 10_000
"""Rows from this number on are no slots: each says that a worker waits for one."""
WAITING_SECONDS = 10.0
"""Longer than a job that found no slot in time takes to come again."""


def take_slot(allowance: SlotAllowance, holder: str, now: float) -> int | None:
    """A free slot's number, held until it is given back or its lease ends; None when all are in use, or the free ones are
    for others. A holder is "<worker>:<anything>"."""
    found = _rows(allowance)
    if _must_leave_some(found, allowance, holder, now):
        return None
    rows = {row.slot: row for row in found}
    for slot in range(allowance.slots):
        row = rows.get(slot)
        if row is None:
            taken = _take_new(allowance, slot, holder, now + allowance.lease_seconds)
        else:
            taken = row.expires_at <= moment(now) and _take_over(row, allowance, holder, now)
        if taken:
            return slot
    return None


def wait_openly(allowance: SlotAllowance, holder: str, now: float) -> None:
    """Tell the others that this worker waits, unless it has its share."""
    found = [row for row in _rows(allowance) if row.expires_at > moment(now)]
    worker = _worker(holder)
    mark = next((row for row in found if row.slot >= WAITING and _worker(row.holder) == worker), None)
    if mark is not None:
        RateSlot.objects.filter(pk=mark.pk).update(expires_at=moment(now + WAITING_SECONDS))
    elif _held_by(worker, found) < _share(worker, found, allowance):
        _take_new(allowance, WAITING + secrets.randbelow(20_000), holder, now + WAITING_SECONDS)


def stop_waiting(allowance: SlotAllowance, worker: str) -> None:
    """This worker has what it wants, or gave up."""
    marks = RateSlot.objects.filter(connection_id=allowance.owner_id, name=allowance.name, slot__gte=WAITING)
    marks.filter(holder__startswith=f"{worker}:").delete()


def give_back(allowance: SlotAllowance, slot: int, holder: str) -> None:
    """Free the slot if it is still ours. Never raises: the call it was for is done, and the lease ends by itself."""
    try:
        with own_connection():
            RateSlot.objects.filter(
                connection_id=allowance.owner_id, name=allowance.name, slot=slot, holder=holder
            ).delete()
    except DatabaseError:
        logger.warning("Slot %s of %s could not be given back; its lease ends by itself.", slot, allowance.name)


def _rows(allowance: SlotAllowance) -> list[RateSlot]:
    return list(RateSlot.objects.filter(connection_id=allowance.owner_id, name=allowance.name))


def _must_leave_some(found: Iterable[RateSlot], allowance: SlotAllowance, holder: str, now: float) -> bool:
    worker, live = _worker(holder), [row for row in found if row.expires_at > moment(now)]
    somebody_waits = any(row.slot >= WAITING and _worker(row.holder) != worker for row in live)
    return somebody_waits and _held_by(worker, live) >= _share(worker, live, allowance)


def _share(worker: str, live: Sequence[RateSlot], allowance: SlotAllowance) -> int:
    workers = {_worker(row.holder) for row in live} | {worker}
    return max(1, allowance.slots // len(workers))


def _held_by(worker: str, live: Iterable[RateSlot]) -> int:
    return sum(row.slot < WAITING and _worker(row.holder) == worker for row in live)


def _worker(holder: str) -> str:
    return holder.partition(":")[0]


def _take_new(allowance: SlotAllowance, slot: int, holder: str, until: float) -> bool:
    try:
        with transaction.atomic():
            RateSlot.objects.create(
                connection_id=allowance.owner_id,
                name=allowance.name,
                slot=slot,
                holder=holder,
                expires_at=moment(until),
            )
    except IntegrityError:  # another process took it first
        return False
    return True


def _take_over(row: RateSlot, allowance: SlotAllowance, holder: str, now: float) -> bool:
    """The lease has ended: whoever changes it first has the slot."""
    ended = RateSlot.objects.filter(pk=row.pk, holder=row.holder, expires_at=row.expires_at)
    return bool(ended.update(holder=holder, expires_at=moment(now + allowance.lease_seconds)))
