"""The kinds of trouble that the demo's page can turn on, in words a person understands."""

from dataclasses import dataclass
from typing import Any

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


SWITCHES = (
    Switch(
        "salesforce-revoke",
        "Salesforce stops accepting our sign-in",
        "The job stops where it is and says so. Turn this off and press Resume: it goes on with the next batch.",
        "salesforce",
        "revoke",
    ),
    Switch(
        "salesforce-slow",
        "Salesforce is slow",
        "Every answer takes three seconds longer. The job goes on, and says that it is slower than usual.",
        "salesforce",
        "slow",
        seconds=3,
    ),
    Switch(
        "salesforce-down",
        "Salesforce is down",
        "It answers with errors. The job waits and tries again by itself; nobody is sent twice.",
        "salesforce",
        "status",
        status=503,
    ),
    Switch(
        "hubspot-hang",
        "HubSpot hangs",
        "It takes our calls and never answers. The job gives up on the call, waits, and tries again.",
        "hubspot",
        "hang",
    ),
    Switch(
        "hubspot-errors",
        "HubSpot answers with errors",
        "The job waits and tries again by itself. Everything that was read stays read.",
        "hubspot",
        "status",
        status=500,
    ),
    Switch(
        "hubspot-revoke",
        "HubSpot stops accepting our sign-in",
        "The job stops while it fetches. Turn this off and press Resume.",
        "hubspot",
        "revoke",
    ),
)
