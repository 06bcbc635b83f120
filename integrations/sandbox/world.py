"""Everything one running sandbox knows."""

import re
from collections import Counter
from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.faults import FaultTable
from integrations.sandbox.generate import People
from integrations.sandbox.platform import Platform
from integrations.sandbox.registry import platform_classes
from integrations.sandbox.scene import Scene
from integrations.sandbox.sender import Sender
from integrations.sandbox.settings import Settings


class World:
    """The platforms and what they share: settings, time, faults, and the count of requests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.faults = FaultTable(settings.seed)
        self.sender = Sender(settings, self.faults)
        self.counts: Counter[tuple[str, str, str, int]] = Counter()
        self.platforms: dict[str, Platform] = {}
        self.reset()

    def reset(self) -> None:
        """Back to how a fresh sandbox with these settings begins; the clock goes on."""
        self.faults.delete()
        self.counts.clear()
        self.sender.unsubscribe()
        told = self.settings
        scene = Scene(told, self.clock, People(told.seed, told.contacts, told.oddness), self.sender)
        self.platforms.update({kind.name: kind(scene) for kind in platform_classes()})

    def describe_requests(self) -> dict[str, Any]:
        routes = [
            {"platform": platform, "method": method, "route": _name(route), "status": status, "count": count}
            for (platform, method, route, status), count in sorted(self.counts.items())
        ]
        return {"total": self.counts.total(), "routes": routes}


def _name(path: str) -> str:
    """The path without the patterns of its variable parts: /services/data/v{version}/limits."""
    return re.sub(r":[^{}]+}", "}", path)
