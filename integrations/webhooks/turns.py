"""Work that one worker at a time does: a turn is taken by one conditional UPDATE, and every later write carries its token.

No database lock is held meanwhile. Who dies with a turn loses it after seconds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from integrations.exceptions import LostLeaseError
from integrations.models import Turn
from integrations.orchestrator import clocks

LEASE = timedelta(seconds=15)
"""Longer than one chunk of work and the wait for the database."""


@dataclass(frozen=True, slots=True)
class Held:
    """A turn that is ours. `losses`: so many workers in a row were gone before they gave it back."""

    name: str
    token: int
    losses: int

    def renew(self, *, losses: int | None = None) -> None:
        """Inside the transaction that writes what was done. LostLeaseError when another has the turn by now."""
        values = {"until": timezone.now() + LEASE} | ({} if losses is None else {"losses": losses})
        if not Turn.objects.filter(name=self.name, token=self.token).update(**values):
            raise LostLeaseError(f"Another worker has the turn “{self.name}” now.")

    def give_back(self) -> None:
        """The next one may."""
        Turn.objects.filter(name=self.name, token=self.token).update(until=None)


def take_turn(name: str, now: datetime | None = None) -> Held | None:
    """None while another worker has it, or this host's clock is wrong."""
    if clocks.watch.is_wrong():
        return None
    now = now or timezone.now()
    turn, _ = Turn.objects.get_or_create(name=name)
    if turn.until is not None and turn.until >= now:
        return None
    losses = turn.losses + (turn.until is not None)
    same = Turn.objects.filter(name=name, token=turn.token, until=turn.until)  # given back meanwhile, it was no loss
    if not same.update(token=F("token") + 1, until=now + LEASE, losses=losses):
        return None
    return Held(name, turn.token + 1, losses)
