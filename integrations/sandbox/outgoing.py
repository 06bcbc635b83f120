"""What passes between a platform that has news and the sender that delivers them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol


class Verdict(Enum):
    """What an answer means to the vendor who called."""

    TAKEN = "taken"
    REPEAT = "repeat"
    DROP = "drop"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Message:
    """One call as it goes out."""

    body: bytes
    headers: dict[str, str]


@dataclass(slots=True)
class Subscription:
    """Somebody who wants to be called. `options` are the platform's own."""

    platform: str
    url: str
    secret: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    id: int = 0


class Manner(Protocol):
    """How a platform calls: how much it says at once, how long it waits, what it does when nobody listens.

    `most` happenings go into one call, which wait `gather` seconds for each other. `ladder` is the waits before each
    repetition, in the vendor's seconds; after the last one the call is given up.
    """

    most: int
    gather: float
    seconds: float
    ladder: Sequence[float]
    in_flight: int

    def write(self, subscription: Subscription, happenings: Sequence[Any], attempt: int) -> Message | None:
        """The call as it is at this moment; `attempt` counts from 0. None when there is nothing left to say."""

    def judge(self, status: int, body: bytes) -> Verdict:
        """What the answer means; status 0 when there was none."""
