"""Two syncs that keep two connections equal, as pages show them: which belong together, and what they agree on."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from integrations.models import Agreement, Sync, TwoWay
from integrations.queries.ends import End, destination_of, encrypted, source_of

MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Both:
    """Two syncs as one: `rightward` goes from the left end to the right one, `leftward` back."""

    row: TwoWay
    left: End
    right: End

    @property
    def rightward(self) -> Sync:
        """From left to right."""
        return self.row.rightward

    @property
    def leftward(self) -> Sync:
        """From right to left."""
        return self.row.leftward

    def partner_of(self, sync_id: int) -> Sync:
        """The sync of the other direction."""
        return self.leftward if sync_id == self.row.rightward_id else self.rightward

    def name_of(self, side: str) -> str:
        """What one side ("left" or "right") is called: its platform, or its connection where both are of one platform."""
        end = self.left if side == "left" else self.right
        return end.connection if self.left.label == self.right.label else end.label


def two_ways_of(sync_ids: Iterable[int]) -> dict[int, Both]:
    """Sync → the two-way sync it is one direction of, of those that are; one query."""
    ids = set(sync_ids)
    found = _shown(Q(rightward__in=ids) | Q(leftward__in=ids))
    sides = {one.row.rightward_id: one for one in found} | {one.row.leftward_id: one for one in found}
    return {sync_id: both for sync_id, both in sides.items() if sync_id in ids}


def show_two_way(two_way_id: int | None) -> Both | None:
    """One of them, in one query; None when there is none."""
    return next(iter(_shown(Q(pk=two_way_id))), None)


def _shown(which: Q) -> list[Both]:
    related = ("rightward__source", "rightward__destination", "rightward__after", "leftward")
    rows = TwoWay.objects.filter(which).select_related(*related).defer(*encrypted("rightward__")).order_by("pk")
    return [Both(row, source_of(row.rightward), destination_of(row.rightward)) for row in rows]


def count_agreements(two_way_id: int) -> int:
    """How many are known on both sides; counting stops at MOST_COUNTED."""
    return Agreement.objects.filter(two_way=two_way_id)[:MOST_COUNTED].count()
