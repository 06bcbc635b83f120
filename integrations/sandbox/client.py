"""A tiny client of the control API, for the page with the switches."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from integrations.sandbox.switches import Switch, switches

TIMEOUT = 5.0
EVERYBODY = 10**9


class SandboxAwayError(Exception):
    """The sandbox does not answer, or not with what it should."""


class SandboxRefusedError(SandboxAwayError):
    """It answers, and has not what it was asked for."""


@dataclass(frozen=True, slots=True)
class SandboxClient:
    """One call each; SandboxAwayError when the sandbox cannot be reached or refuses."""

    url: str

    def turn_on(self, switch: Switch) -> None:
        """Once is enough: a switch that is on stays as it is."""
        if switch.name not in self.switched_on():
            self._ask("POST", "faults", switch.fault())

    def turn_off(self, switch: Switch) -> None:
        """Lift the fault of this switch; calls that hang on it are let go."""
        for fault in self._faults():
            if switch.is_meant_by(fault):
                self._ask("DELETE", f"faults?id={int(fault['id'])}")

    def turn_all_off(self) -> None:
        """Everything back to normal."""
        self._ask("DELETE", "faults")

    def switched_on(self) -> set[str]:
        """The names of the switches that are on."""
        faults = self._faults()
        return {switch.name for switch in switches() if any(switch.is_meant_by(fault) for fault in faults)}

    def change_everybody(self, job_title: str) -> int:
        """Gives every contact of the simulated HubSpot this job title; how many there are. Takes seconds for a large portal."""
        changes = {"count": EVERYBODY, "properties": {"jobtitle": job_title}}
        return len(self._ask("POST", "hubspot/contacts/touch", changes, seconds=60)["ids"])

    def subscribe(self, platform: str, url: str, **wishes: Any) -> None:
        """From now on this platform calls that address; what about, and signed how, is up to the platform."""
        self._ask("POST", f"{platform}/webhooks", {"url": url, **wishes})

    def holdings(self, platform: str, object_name: str) -> dict[str, int]:
        """What a simulated platform holds: "stored", "keys_written_once", "keys_written_more", "rejected" …; empty when it
        does not count that object."""
        try:
            found: dict[str, int] = self._ask("GET", f"{platform}/{quote(object_name)}/summary")
        except SandboxRefusedError:
            return {}
        return found

    def credentials(self) -> dict[str, dict[str, Any]]:
        """What to type into a connection form, per platform. Good for nothing but the sandbox."""
        found: dict[str, dict[str, Any]] = self._ask("GET", "credentials")
        return found

    def _faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", "faults")["faults"]
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None, seconds: float = TIMEOUT) -> Any:
        where = urlsplit(self.url)
        line = HTTPConnection(where.hostname or "127.0.0.1", where.port or 80, timeout=seconds)
        try:
            line.request(method, f"/_control/{path}", json.dumps(body) if body is not None else None)
            answer = line.getresponse()
            text = answer.read()
            if answer.status >= 400:
                raise SandboxRefusedError(f"The sandbox answered with {answer.status}.")
            return json.loads(text or b"{}")
        except (OSError, HTTPException, ValueError) as problem:
            raise SandboxAwayError("The sandbox does not answer.") from problem
        finally:
            line.close()
