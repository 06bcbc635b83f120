"""What the front door and the control API expect of a simulated platform."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from integrations.sandbox.faults import Fault
from integrations.sandbox.wire import Answer, Call, Refusal, Route


class Platform(ABC):
    """One vendor: its paths, its sign-in and limits, its words for saying no."""

    name: str

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
