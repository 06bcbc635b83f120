"""The kinds of trouble that the demo's page can turn on, in words a person understands."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from integrations.sandbox.registry import parts

CHANGE_EVERYBODY = "Change everyone in HubSpot"
CHANGE_EVERYBODY_EFFECT = (
    "Who has not changed is not sent again. Give every HubSpot contact a new job title, and the next job has to send "
    "all of them."
)


@dataclass(frozen=True, slots=True)
class Switch:
    """One kind of trouble a person can turn on: the fault the sandbox is given for it."""

    name: str
    label: str
    effect: str
    platform: str
    kind: str
    seconds: float | None = None
    status: int | None = None
    route: str = ""

    def fault(self) -> dict[str, Any]:
        """The body of `POST /_control/faults`."""
        given = {"platform": self.platform, "kind": self.kind, "seconds": self.seconds, "status": self.status}
        return {name: value for name, value in {**given, "route": self.route}.items() if value}

    def is_meant_by(self, fault: dict[str, Any]) -> bool:
        """True for the fault this switch has set."""
        return all(fault.get(name) == value for name, value in self.fault().items())


@cache
def switches() -> tuple[Switch, ...]:
    """Those of all platforms."""
    return tuple(switch for _, part in parts("switches") for switch in part.SWITCHES)
