"""Two syncs as one: which pairs of fields go which way, seen from the direction a job works in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from integrations.enums import Way, Winner
from integrations.mappings.merging import Agreed, Flow, Pair, Wins
from integrations.models import Agreement, Sync, TwoWay
from integrations.models.blobs import pack, unpack

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction of a two-way sync. `side`: where its source is. `by_age` names the pairs the newer record wins."""

    row: TwoWay
    side: str
    pairs: tuple[Pair, ...]
    by_age: frozenset[str]

    @property
    def partner_id(self) -> int:
        """The sync of the other direction."""
        return self.row.leftward_id if self.side == LEFT else self.row.rightward_id

    @property
    def asks(self) -> bool:
        """One of the two directions puts conflicts on the Fix-it list; the other leaves them to it."""
        return self.side == LEFT

    @property
    def column(self) -> str:
        """The column of an agreement that holds the id here."""
        return "left_id" if self.side == LEFT else "right_id"

    @property
    def column_there(self) -> str:
        """The one that holds the id there."""
        return "right_id" if self.side == LEFT else "left_id"

    def ids(self, here: str, there: str) -> dict[str, str]:
        """The columns of an agreement."""
        return {"left_id": here, "right_id": there} if self.side == LEFT else {"left_id": there, "right_id": here}

    def pairs_at(self, here: datetime | None, there: datetime | None) -> tuple[Pair, ...]:
        """The pairs, with who wins where the newer one does. Where nobody knows which is newer, a person is asked."""
        if not self.by_age or here is None or there is None:
            return self.pairs
        wins = Wins.HERE if here >= there else Wins.THERE
        return tuple(replace(pair, wins=wins) if pair.name in self.by_age else pair for pair in self.pairs)

    def read(self, values: bytes | memoryview) -> dict[str, Agreed]:
        """What both sides agreed on, seen from here."""
        agreed = {name: Agreed(*one) for name, one in (unpack(values) or {}).items()}
        return agreed if self.side == LEFT else {name: one.turned() for name, one in agreed.items()}

    def write(self, agreed: Mapping[str, Agreed]) -> bytes:
        """The same as it is kept."""
        seen = agreed if self.side == LEFT else {name: one.turned() for name, one in agreed.items()}
        return pack({name: [one.here, one.there, one.sent_here, one.sent_there] for name, one in seen.items()})

    def decided(self, decisions: Mapping[str, str]) -> dict[str, Wins]:
        """What a person said, seen from here."""
        return {name: Wins.HERE if side == self.side else Wins.THERE for name, side in decisions.items()}


def leg_of(sync: Sync) -> Leg | None:
    """The direction that this sync is; None for a sync of one way only."""
    row = TwoWay.objects.filter(Q(rightward=sync) | Q(leftward=sync)).first()
    if row is None:
        return None
    side = LEFT if row.rightward_id == sync.pk else RIGHT
    pairs = tuple(_pair(plain, side, row.wins) for plain in row.pairs)
    by_age = frozenset(name_of(one) for one in row.pairs if (one.get("wins") or row.wins) == Winner.NEWER)
    return Leg(row, side, pairs, by_age)


def both_directions(sync_id: int) -> tuple[int, ...]:
    """The two syncs of which this is one, the one from left to right first; only itself when it goes one way."""
    row = TwoWay.objects.filter(Q(rightward=sync_id) | Q(leftward=sync_id)).first()
    return (row.rightward_id, row.leftward_id) if row else (sync_id,)


def name_of(plain: Mapping[str, Any]) -> str:
    """What a pair is called in agreements: the same from both sides."""
    return f"{plain['left']} {plain['right']}"


def _pair(plain: Mapping[str, Any], side: str, wins: str) -> Pair:
    here, there = (plain["left"], plain["right"]) if side == LEFT else (plain["right"], plain["left"])
    return Pair(name_of(plain), here, there, _flow(plain["way"], side), _wins(plain.get("wins") or wins, side))


def _flow(way: str, side: str) -> Flow:
    if way == Way.BOTH:
        return Flow.BOTH
    return Flow.OUT if (way == Way.RIGHT) == (side == LEFT) else Flow.IN


def _wins(wins: str, side: str) -> Wins:
    if wins in {Winner.ASK, Winner.NEWER}:
        return Wins.ASK
    return Wins.HERE if wins == side else Wins.THERE


def rename_agreements(two_way_id: int, column: str, old: str, new: str) -> None:
    """A record is known by another id now. Where the new id is known already, what was agreed under the old one is done with."""
    rows = Agreement.objects.filter(two_way=two_way_id)
    if rows.filter(**{column: new}).exists():
        rows.filter(**{column: old}).delete()
    else:
        rows.filter(**{column: old}).update(**{column: new})


def lock_agreements(two_way_id: int) -> None:
    """Inside a transaction. Agreements are read, removed and written anew by both directions, and by people who decide: one
    after the other.

    Before the lock of any job, never after it. A job's change locks older jobs too, whose failed records it is done with, and
    a decision locks just those; so this lock comes first on either way.
    """
    TwoWay.objects.select_for_update().filter(pk=two_way_id).first()


def forget_agreements(leg: Leg, ids: list[str]) -> None:
    """Of these records of this side, who are gone on both sides."""
    Agreement.objects.filter(two_way=leg.row, **{f"{leg.column}__in": ids}).delete()


def agreements_of(leg: Leg, ids: list[str], *, there: bool = False) -> dict[str, Agreement]:
    """Agreements by the id here, or by the id there."""
    column = leg.column_there if there else leg.column
    rows = Agreement.objects.filter(two_way=leg.row, **{f"{column}__in": ids})
    return {getattr(row, column): row for row in rows}
