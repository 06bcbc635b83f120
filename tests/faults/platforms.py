"""The control API of a sandbox, wherever it runs: what arrived, what was asked, what is to go wrong."""

from typing import Any

import httpx

from integrations.sandbox.settings import Settings, knobs

READ = "/crm/"
LIST = "/objects"
WRITE = "/composite/sobjects"
DESCRIBE = "/describe"
COUNT = "/search"


class Platforms:
    """The simulated HubSpot and Salesforce behind one address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=20)

    def credentials(self) -> dict[str, Any]:
        return self.http.get("/_control/credentials").raise_for_status().json()

    def summary(self) -> dict[str, int]:
        return self.http.get("/_control/salesforce/Lead/summary").raise_for_status().json()

    def leads(self) -> list[dict[str, Any]]:
        """Every lead that is stored."""
        query = {"limit": 1_000_000}
        return self.http.get("/_control/salesforce/Lead/records", params=query).raise_for_status().json()["records"]

    def writes(self) -> int:
        return self.summary()["writes"]

    def fault(self, platform: str, route: str, kind: str, **more: Any) -> None:
        body = {"platform": platform, "route": route, "kind": kind} | more
        self.http.post("/_control/faults", json=body).raise_for_status()

    def fired(self) -> int:
        """How often the present faults have struck."""
        return sum(fault["fired"] for fault in self.http.get("/_control/faults").json()["faults"])

    def heal(self) -> None:
        self.http.delete("/_control/faults").raise_for_status()

    def set(self, **settings: Any) -> None:
        self.http.post("/_control/settings", json=settings).raise_for_status()

    def begin_anew(self, **settings: Any) -> None:
        """As a fresh sandbox with these settings, whatever was set, stored or called before. The clock goes on."""
        told = {knob.name: getattr(knob.home, knob.name) for knob in knobs(Settings())}
        self.http.post("/_control/reset", json=told | settings).raise_for_status()

    def close(self) -> None:
        self.http.close()
