"""Two workers that want one slot at the same moment: one has it."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from integrations.models import RateSlot
from integrations.rate_limits.allowances import SlotAllowance
from integrations.rate_limits.slots import take_slot
from tests.factories import make_connection

WORKERS, ROUNDS = 6, 15


@pytest.mark.parametrize("state", ["free", "ended"])
def test_a_slot_wanted_by_many_at_once_goes_to_one(each_db, state):
    allowance = SlotAllowance("long_calls", "limit", make_connection("salesforce").pk, 1, 60.0)
    now = timezone.now()
    for _ in range(ROUNDS):
        RateSlot.objects.all().delete()
        if state == "ended":
            RateSlot.objects.create(
                connection_id=allowance.owner_id,
                name="long_calls",
                slot=0,
                holder="dead",
                expires_at=now - timedelta(1),
            )
        assert len(compete(allowance, now.timestamp())) == 1


def compete(allowance: SlotAllowance, now: float) -> list[int]:
    """The slots that were handed out to threads that all asked at once."""
    start = threading.Barrier(WORKERS)
    taken: list[int] = []

    def work(holder: str) -> None:
        connections["default"].ensure_connection()
        start.wait()
        slot = take_slot(allowance, holder, now)
        if slot is not None:
            taken.append(slot)
        connections["default"].close()

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken
