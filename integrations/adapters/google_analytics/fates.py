"""What became of the calls of one batch, and so of each of its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from integrations.adapters.google_analytics.events import Event
from integrations.adapters.google_analytics.parcels import Parcel
from integrations.adapters.http import Answer
from integrations.exceptions import BatchRefusedError, SyncpanelError, UnknownOutcomeError
from integrations.types import Exchange, Result

NOT_SENT = "not_sent"
IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one call: an answer, an error, or nothing, since it was not begun."""

    parcel: Parcel
    outcome: Answer | SyncpanelError | None = None

    @property
    def is_received(self) -> bool:
        """Google has it."""
        return isinstance(self.outcome, Answer)

    @property
    def is_in_doubt(self) -> bool:
        """Google may have it."""
        return isinstance(self.outcome, UnknownOutcomeError)

    @property
    def problem(self) -> SyncpanelError | None:
        """Why it cannot be said that Google has it."""
        return self.outcome if isinstance(self.outcome, SyncpanelError) else None

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """The call as a person may see it."""
        if isinstance(self.outcome, Answer):
            return (self.outcome.exchange(),)
        return self.outcome.exchanges if self.outcome else ()


class Fates:
    """All calls of a batch."""

    def __init__(self, fates: Sequence[Fate]) -> None:
        self._fates = fates
        self._by_place = {place: fate for fate in fates for place in fate.parcel.places}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """In order."""
        return tuple(chain.from_iterable(fate.exchanges for fate in self._fates))

    @property
    def problem(self) -> SyncpanelError | None:
        """What the job has to deal with. Not that Google refused a call: its events come again, without the others, and are
        halved until the bad one is alone."""
        return next((one for one in self._problems() if not isinstance(one, BatchRefusedError)), None)

    def raise_if_alike(self) -> None:
        """Raises where there is one answer for the whole batch: none of it was sent, or all of it is in doubt."""
        if any(fate.is_received for fate in self._fates):
            return
        if len(self._fates) > 1 and any(fate.is_in_doubt for fate in self._fates):
            return
        problem = self.problem or next(self._problems())
        problem.exchanges = self.exchanges
        raise problem

    def judge(self, place: int, event: Event) -> Result:
        """The result of one event."""
        fate = self._by_place[place]
        if fate.is_received:
            return Result(True, event.id, created=True)
        problem = fate.problem or self.problem or next(self._problems())
        if fate.is_in_doubt:
            return Result(False, event.id, False, IN_DOUBT, problem.message, "", problem.technical, is_in_doubt=True)
        return Result(False, event.id, False, NOT_SENT, problem.message, "", problem.technical, is_transient=True)

    def _problems(self) -> Iterator[SyncpanelError]:
        return (fate.problem for fate in self._fates if fate.problem is not None)
