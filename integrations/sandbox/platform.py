"""What the front door and the control API expect of a simulated platform."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from integrations.sandbox.faults import Fault
from integrations.sandbox.field_changes import Change
from integrations.sandbox.outgoing import Manner, Subscription
from integrations.sandbox.scene import Scene
from integrations.sandbox.sender import Sender
from integrations.sandbox.wire import Answer, Call, Refusal, Route

Chosen = int | list[str]
"""Which records: the first so many, or these ids."""


class Platform(ABC):
    """One vendor: its paths, its sign-in and limits, its words for saying no."""

    name: ClassVar[str]
    unknown_paths: ClassVar[tuple[str, ...]] = ()
    """Patterns of paths that are its own even where it serves nothing."""

    @abstractmethod
    def __init__(self, scene: Scene) -> None: ...

    @property
    @abstractmethod
    def routes(self) -> Sequence[Route]: ...

    @abstractmethod
    def admit(self, call: Call, route: Route) -> dict[str, str]:
        """Sign-in and limits; returns the headers that every answer carries, raises Refusal."""

    @abstractmethod
    def make_failure(self, fault: Fault) -> Answer:
        """The body this vendor sends with the status of the fault."""

    @abstractmethod
    def make_not_found(self, call: Call) -> Answer: ...

    @abstractmethod
    def expire_tokens(self) -> None: ...

    @abstractmethod
    def set_daily_used(self, used: int) -> None: ...

    @abstractmethod
    def summarise(self, object_name: str) -> dict[str, int]:
        """Raises KeyError for an object there is not."""

    @abstractmethod
    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Records as stored from number `after` on, and where the next page begins."""

    @property
    def extra_latency_ms(self) -> float:
        """It takes so much longer than the others."""
        return 0

    def occupy(self, call: Call) -> AbstractContextManager[Answer | None]:
        """Held from when a call has come in until it is answered, or given up by who made it. An answer instead of None turns
        it away: some platforms count the calls under way."""
        return nullcontext()

    def touch(self, object_name: str, chosen: Chosen, values: dict[str, Any]) -> list[str]:
        """Changes records as somebody at the platform would, not counted as writes; returns their ids. Raises KeyError for an
        object there is not, and ValueError where nobody changes anything by hand."""
        raise ValueError(f"Nobody changes {object_name} by hand.")

    def change_field(self, object_name: str, change: Change) -> None:
        """Changes a field as an administrator would. Raises KeyError for an object or a field there is not, and ValueError
        where fields are what they are."""
        raise ValueError(f"Nobody changes the fields of {object_name}.")

    def make_manner(self, subscription: Subscription) -> Manner:
        """How it calls that subscriber. Raises ValueError where it calls nobody, or for options it does not know."""
        raise ValueError(f"{self.name} calls nobody.")

    async def subscribe(self, subscription: Subscription, sender: Sender) -> int:
        """From now on that address is called; some platforms first look whether somebody is there. ValueError when not."""
        return sender.subscribe(subscription, self.make_manner(subscription))

    def serve(self, call: Call, route: Route) -> Answer:
        try:
            headers = self.admit(call, route)
        except Refusal as refusal:
            return refusal.answer
        try:
            answer = route.handler(call)
        except Refusal as refusal:
            answer = refusal.answer
        answer.headers.update(headers)
        return answer
