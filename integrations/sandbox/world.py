"""Everything one running sandbox knows."""

import re
from collections import Counter
from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.faults import FaultTable
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.platform import Platform
from integrations.sandbox.salesforce.org import Org
from integrations.sandbox.settings import Settings


class World:
    """The platforms and what they share: settings, time, faults, and the count of requests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.faults = FaultTable(settings.seed)
        self.counts: Counter[tuple[str, str, str, int]] = Counter()
        self.platforms: dict[str, Platform] = {}
        self.reset()

    def reset(self) -> None:
        """Back to how a fresh sandbox with these settings begins; the clock goes on."""
        self.faults.delete()
        self.counts.clear()
        self.portal = Portal(self.settings, self.clock)
        self.org = Org(self.settings, self.clock, self.portal.stores.people.companies)
        self.platforms.update({self.portal.name: self.portal, self.org.name: self.org})

    def describe_requests(self) -> dict[str, Any]:
        routes = [
            {"platform": platform, "method": method, "route": _name(route), "status": status, "count": count}
            for (platform, method, route, status), count in sorted(self.counts.items())
        ]
        return {"total": self.counts.total(), "routes": routes}


def _name(path: str) -> str:
    """The path without the patterns of its variable parts: /services/data/v{version}/limits."""
    return re.sub(r":[^{}]+}", "}", path)
