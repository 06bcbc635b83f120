"""Which events leave together: those that are about the same browser and person, 25 and 130 kB at most."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.adapters.google_analytics.declaration import BYTES_A_CALL, EVENTS_A_CALL
from integrations.adapters.google_analytics.events import FRAME, Event


@dataclass(slots=True)
class Parcel:
    """The events of one call, with their places in the batch."""

    who: bytes
    places: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    size: int = FRAME

    def fits(self, event: Event) -> bool:
        """May this one go with it, too?"""
        return len(self.bodies) < EVENTS_A_CALL and self.size + len(event.body) + 1 <= BYTES_A_CALL

    def add(self, place: int, event: Event) -> None:
        """One more, which fits."""
        self.places.append(place)
        self.bodies.append(event.body)
        self.size += len(event.body) + 1

    @property
    def body(self) -> bytes:
        """What is sent."""
        return b'%s,"events":[%s]}' % (self.who[:-1], b",".join(self.bodies))


def pack_parcels(events: Iterable[tuple[int, Event]]) -> list[Parcel]:
    """In the order in which the first event of each comes; events of one person stay in their order."""
    parcels: list[Parcel] = []
    open_ones: dict[bytes, Parcel] = {}
    for place, event in events:
        parcel = open_ones.get(event.who)
        if parcel is None or not parcel.fits(event):
            parcel = open_ones[event.who] = Parcel(event.who, size=FRAME + len(event.who))
            parcels.append(parcel)
        parcel.add(place, event)
    return parcels
